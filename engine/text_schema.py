"""The form of every file under `rules/texts` and `rules/reference` (pydantic).

What a form marks as a condition or as sources is read and checked by `engine/text_reading.py`; texts with fields in braces may only use the
fields that are filled in.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, RootModel

from engine.schema import CONDITION_MARK, ConditionText, CriterionForm, FactForm, Form, Provenance, Text, ThresholdForm
from engine.templates import only_fields

SOURCE_FIELDS = ("source", "text_source", "sources", "procedure_class_sources", "always_add_sources", "default_sources", "safety_net_sources")
"""Fields that hold ids of `rules/sources.csv`."""
THRESHOLD_WORDS = ("within", "warning", "correct_first", "goal")
"""Fields of bleeding texts whose names in braces are thresholds."""
Sources = Annotated[list[Text], Field(min_length=1)]
Mark = Literal["read", "read in part", "secondary", "recalled", "project", "header"]


def is_condition(metadata: list[Any]) -> bool:
    """Whether a field of a form holds a condition."""
    return any(getattr(mark, "json_schema", None) == CONDITION_MARK for mark in metadata)


# reference/bands.yaml

class BandRowForm(Form):
    grade: Text
    label: Text
    when: ConditionText
    text: Text


class BandForm(Form):
    id: Text
    label: Text
    item: Text
    source: Text
    provenance: Provenance
    note: str = ""
    rows: Annotated[list[BandRowForm], Field(min_length=1)]


class ScoreBandForm(Form):
    score: Text
    source: Text
    provenance: Provenance
    note: str = ""
    rows: Annotated[list[BandRowForm], Field(min_length=1)]


class BandsFile(Form):
    thresholds: dict[str, ThresholdForm] = {}
    score_bands: list[ScoreBandForm] = []
    bands: Annotated[list[BandForm], Field(min_length=1)]


# reference/bleeding.yaml

class SpanForm(Form):
    start: Annotated[float, Field(alias="from")]
    end: Annotated[float, Field(alias="to")]


class HoldForm(Form):
    words: Text
    remark: str = ""
    doses: SpanForm | None = None
    days: SpanForm | None = None
    hours: SpanForm | None = None


class RestartForm(Form):
    words: Text
    hours: SpanForm | None = None


class SourceIntervalForm(Form):
    hold: HoldForm
    restart: RestartForm


class DefaultIntervalForm(Form):
    words: Text
    per: Literal["sir", "asra", "both"]
    doses: float | None = None
    days: float | None = None
    hours: float | None = None
    restart: Text
    note: str = ""


class IntervalRowForm(Form):
    id: Text
    when: ConditionText
    sir: SourceIntervalForm
    asra: SourceIntervalForm
    default: DefaultIntervalForm
    sources: Sources
    provenance: Provenance


class DrugForm(Form):
    code: Text
    name: Text
    outside_table_when: ConditionText = None
    clearance_blank_row: str = ""
    no_interval_when: ConditionText = None
    no_interval_text: str = ""
    information: str = ""
    sources: list[Text] = []
    provenance: Provenance | None = None
    rows: list[IntervalRowForm]


class LaboratoryForm(Form):
    id: Text
    test: Text
    item: Text
    shown_when: ConditionText = None
    hidden_when: ConditionText = None
    correct_first_when: ConditionText
    warning_when: ConditionText = None
    within: Text
    warning: str = ""
    correct_first: Text
    sources: Sources
    provenance: Provenance


class SourceYearsForm(Form):
    sir: Text
    asra: Text


class HowToPrintForm(Form):
    sentence: Annotated[Text, AfterValidator(only_fields("hold", "source"))]
    always_add: Text
    always_add_sources: Sources
    always_add_provenance: Provenance
    always_add_note: str = ""
    columns: Text
    default: Text
    default_sources: Sources
    default_provenance: Provenance
    default_note: str = ""
    shown_only: Text


class BleedingRuleForm(Form):
    text: Text
    applies_to: list[Text] = []
    sources: Sources
    provenance: Provenance
    note: str = ""


class BleedingRulesForm(Form):
    clearance_blank: BleedingRuleForm
    outside_table: BleedingRuleForm
    ranges: BleedingRuleForm
    restart: BleedingRuleForm
    several_drugs: BleedingRuleForm
    years: BleedingRuleForm


class BleedingFile(Form):
    title: Text
    procedure_class: Text
    procedure_class_sources: Sources
    release_note: Text
    source_years: SourceYearsForm
    checked: Text
    sign_off: Text
    thresholds: dict[str, ThresholdForm]
    laboratory_limits: Annotated[list[LaboratoryForm], Field(min_length=1)]
    laboratory_notes: list[FactForm]
    how_to_print: HowToPrintForm
    anticoagulants: Annotated[list[DrugForm], Field(min_length=1)]
    rules: BleedingRulesForm
    restart_conflict: BleedingRuleForm
    antiplatelets: Annotated[list[DrugForm], Field(min_length=1)]
    not_asked: list[FactForm]
    reversal: FactForm


# texts/bleeding_plan.yaml

class PlanSentencesForm(Form):
    doses_in_days: Annotated[Text, AfterValidator(only_fields("words", "days"))]
    words_only: Annotated[Text, AfterValidator(only_fields("source", "words"))]
    restart: Annotated[Text, AfterValidator(only_fields("source", "words"))]
    default: Annotated[Text, AfterValidator(only_fields("hold", "source", "restart"))]
    longest: Annotated[Text, AfterValidator(only_fields("hold", "drug"))]
    longest_incomplete: Annotated[Text, AfterValidator(only_fields("drugs"))]


class ConditionalText(Form):
    when: ConditionText
    text: Text


class LaboratoryStatesForm(Form):
    within: Text
    warning: Text
    correct_first: Text
    outside: Text
    undecided: Text
    not_recorded: Text


class GoalForm(Form):
    code: Text
    goal: Text


class BleedingPlanFile(Form):
    title: Text
    indicated: Text
    not_indicated: Text
    infection_or_tumour_open: Text
    set_aside_note: Text
    sentences: PlanSentencesForm
    hold_status: list[ConditionalText]
    hold_status_blank: Text
    laboratory_states: LaboratoryStatesForm
    laboratory_undecided: Text
    goals: list[GoalForm]


# texts/score_lines.yaml

class ScoreLinesFile(Form):
    unknown: Annotated[Text, AfterValidator(only_fields("items"))]
    total: Annotated[Text, AfterValidator(only_fields("points", "lowest", "highest"))]
    blank: Annotated[Text, AfterValidator(only_fields("items"))]
    crosses: Annotated[Text, AfterValidator(only_fields("lowest", "highest", "bands"))]
    settled: Text


# texts/next_steps.yaml

class TimeForm(Form):
    id: Text
    words: Text


class TriggerStepForm(Form):
    code: Text
    refer_to: Text
    how_fast: Text
    order: list[Text] = []


class MissingOrderForm(Form):
    item: Text
    order: Text
    sources: Sources
    provenance: Provenance


class PathwayTextForm(Form):
    code: Text
    text: Text


class NextStepsFile(Form):
    title: Text
    lead: Text
    times: Annotated[list[TimeForm], Field(min_length=1)]
    triggers: Annotated[list[TriggerStepForm], Field(min_length=1)]
    order_for_missing: list[MissingOrderForm] = []
    pathways: Annotated[list[PathwayTextForm], Field(min_length=1)]


# texts/aftercare.yaml

class SwitchedOffForm(Form):
    code: Text
    when: Text
    text: Text
    sources: Sources
    provenance: Provenance


class TopicFactForm(Form):
    topic: Text
    when: ConditionText = None
    text: Text
    background: str = ""
    sources: Sources
    provenance: Provenance
    note: str = ""


class SafetyNetForm(Form):
    text: Text
    sources: Sources
    provenance: Provenance
    telephone_route: Text


class AftercareTitlesForm(Form):
    work_up: Text
    treatment_facts: Text


class AftercareFile(Form):
    title: Text
    lead: Text
    shown_when: ConditionText
    section_titles: AftercareTitlesForm
    thresholds: dict[str, ThresholdForm] = {}
    criteria: Annotated[list[CriterionForm], Field(min_length=1)]
    switched_off: list[SwitchedOffForm] = []
    work_up: list[FactForm]
    treatment_facts: list[TopicFactForm]
    follow_up: list[FactForm]
    after_procedure: list[FactForm] = []
    safety_net: SafetyNetForm


# texts/procedure_information.yaml

class InformationSectionForm(Form):
    id: Text
    title: Text
    figures_from: str = ""
    text: Annotated[list[FactForm], Field(min_length=1)]


class ProcedureInformationFile(Form):
    title: Text
    lead: Text
    confirmed_by_a_clinician: bool
    sections: Annotated[list[InformationSectionForm], Field(min_length=1)]
    preparation: Annotated[list[TopicFactForm], Field(min_length=1)]


# texts/patient_information.yaml

PatientText = Annotated[Text, AfterValidator(only_fields("levels", "procedure", "telephone_route"))]


class ItemFieldForm(Form):
    item: Text
    words: Annotated[Text, AfterValidator(only_fields("value"))]
    blank: str


class ChoiceFieldForm(Form):
    choices: dict[str, Text]
    blank: Text


class TextFieldForm(Form):
    text: Literal["telephone_route"]


class PatientFieldsForm(Form):
    levels: ItemFieldForm
    procedure: ChoiceFieldForm
    telephone_route: TextFieldForm


class PatientParagraphForm(Form):
    text: PatientText
    sources: Sources
    provenance: Provenance


class PatientPathwayForm(Form):
    code: Text
    procedure_sections: bool = False
    paragraphs: Annotated[list[PatientParagraphForm], Field(min_length=1)]


class PatientPreparationForm(Form):
    procedure_sections: bool = False
    paragraphs: Annotated[list[PatientParagraphForm], Field(min_length=1)]


class PatientBoneHealthForm(Form):
    title: Text
    when: ConditionText
    paragraphs: Annotated[list[PatientParagraphForm], Field(min_length=1)]


class PatientInformationFile(Form):
    title: Text
    lead: Text
    confirmed_by_a_clinician: bool
    fields_: Annotated[PatientFieldsForm, Field(alias="fields")]
    pathways: Annotated[list[PatientPathwayForm], Field(min_length=1)]
    preparation: PatientPreparationForm
    bone_health: PatientBoneHealthForm
    safety_net_title: Text
    safety_net: PatientText
    safety_net_sources: Sources
    safety_net_provenance: Provenance


# texts/evidence.yaml

class DissentForm(Form):
    when: ConditionText
    text: Text
    sources: Sources
    provenance: Provenance
    rule: str = ""


class DisplayFactForm(Form):
    id: Text
    text: Text
    sources: Sources
    provenance: Provenance
    note: str = ""


class BenefitForm(Form):
    when: ConditionText = None
    trial: Text
    design: Text
    result: Text
    sources: Sources
    provenance: Provenance


class HarmForm(Form):
    when: ConditionText = None
    shown: Literal["with_a_positive_answer", "always"] = "with_a_positive_answer"
    risk: Text
    figure: Text
    note: str = ""
    sources: Sources
    provenance: Provenance


class ConditionFactForm(Form):
    condition: Text
    when: ConditionText
    text: Text
    sources: Sources
    provenance: Provenance
    note: str = ""


class EvidenceFile(Form):
    dissent_note: DissentForm
    display_facts: Annotated[list[DisplayFactForm], Field(min_length=1)]
    benefit: list[BenefitForm]
    harm: list[HarmForm]
    not_shown: list[HarmForm] = []
    condition_facts: list[ConditionFactForm]


# reference/medicare_regions.yaml

class PolicyTextForm(Form):
    provenance: Provenance
    source: Text


class RegionMapForm(Form):
    provenance: Provenance
    note: str = ""
    recalled_states: list[Text]


class RegionForm(Form):
    code: Text
    lcd: Text
    contractor: Text
    states: Annotated[list[Text], Field(min_length=1)]
    lcd_text: PolicyTextForm
    map: RegionMapForm
    policy_name: Text
    text: Text


class PriorAuthorisationForm(Form):
    id: Text
    name: Text
    states: Annotated[list[Text], Field(min_length=1)]
    cpt_codes: list[Text]
    start: Text
    duration: Text
    source: Text
    provenance: Provenance
    mark: Text
    text: Text


class MedicareRegionsFile(Form):
    recalled_text: Text
    blank_code: Text
    blank_text: Text
    regions: Annotated[list[RegionForm], Field(min_length=1)]
    prior_authorisation: PriorAuthorisationForm


# reference/code_lists.yaml

class CptCodeForm(Form):
    code: Text
    procedure: Literal["kyphoplasty", "vertebroplasty"]
    role: Literal["primary", "further_level"]
    primary_codes: list[Text] = []
    meaning: Text


class CptForm(Form):
    source: Text
    provenance: Provenance
    note: str = ""
    codes: list[CptCodeForm]


class EarlierListForm(Form):
    source: Text
    provenance: Provenance
    date: Text
    note: str = ""
    missing_codes: list[Text] = []


class CodeGroupForm(Form):
    id: Text
    label: Text
    rule: Text
    one_of: Text
    and_one_of: str = ""


class SwitchedOffCodesForm(Form):
    provenance: Provenance
    note: str = ""
    codes: list[Text]


class Icd10Form(Form):
    list_version: Text
    source: Text
    provenance: Provenance
    mark: Text
    earlier_lists: list[EarlierListForm] = []
    groups: list[CodeGroupForm]
    switched_off: SwitchedOffCodesForm


class CodeListForm(Form):
    codes: list[Text] = []
    prefixes: list[Text] = []


class CodeWarningForm(Form):
    id: Text
    when: ConditionText
    while_blank: str = ""
    names: list[Text]
    text: Text
    source: Text
    provenance: Provenance


class CodeListsFile(Form):
    checked: Text
    cpt: CptForm
    icd10_cm: Icd10Form
    lists: dict[str, CodeListForm]
    article_lists: Annotated[list[Text], Field(min_length=1)]
    code_in_no_list: Text
    warnings: list[CodeWarningForm]


# reference/conflicts.yaml

class BodyForm(Form):
    id: Text
    label: Text
    packs: list[Text]


class CellForm(Form):
    stated_class: Annotated[str, Field(alias="class")] = ""
    other_class: str = ""
    text: str = ""
    text_source: str = ""
    text_provenance: Provenance | None = None
    recalled: bool = False
    recalled_text: str = ""


class AxisForm(Form):
    id: Text
    label: Text
    cells: dict[str, CellForm]


class ConflictTableForm(Form):
    bodies: list[BodyForm]
    axes: list[AxisForm]


class MatrixColumnForm(Form):
    id: Text
    label: Text
    source: Text


class MatrixGateForm(Form):
    when: str = ""
    gate: str = ""
    warning: bool = False


class MatrixRowForm(Form):
    id: Text
    label: Text
    cells: dict[str, CellForm]
    pathway: list[MatrixGateForm]


class ContraindicationMatrixForm(Form):
    classes: dict[str, Text]
    columns: list[MatrixColumnForm]
    rows: list[MatrixRowForm]


class ConflictsFile(Form):
    conflict_table: ConflictTableForm
    contraindication_matrix: ContraindicationMatrixForm


# reference/positions.yaml, reference/screening_counts.yaml, texts/trial_panel.yaml

class PositionForm(Form):
    id: Text
    sources: Sources
    mark: Mark
    text: Text


class PositionsFile(Form):
    positions: list[PositionForm]


class ScreeningStepForm(Form):
    reason: Text
    count: int


class ScreeningFigureForm(Form):
    trial: str = ""
    group: str = ""
    words: Text
    count: int | None = None
    of: int | None = None
    value: float | None = None
    unit: str = ""


class ScreeningForm(Form):
    id: Text
    trial: str = ""
    name: Text
    sources: Sources
    provenance: Provenance
    screened: int | None = None
    steps: list[ScreeningStepForm] = []
    steps_add_up: bool | None = None
    figures: list[ScreeningFigureForm] = []
    use: Text


class ScreeningCountsFile(Form):
    screening_counts: list[ScreeningForm]


class TrialPanelFile(Form):
    title: Text
    question: Text
    lead: Text
    verdict_words: dict[str, Text]
    not_checked_in_any: list[Text]
    readings: list[FactForm]


# Any other file of texts: the words of a view. Every end of the tree is a text.

class WordsFile(RootModel[dict[str, Any]]):
    """Words of a view, as that view arranges them."""


FORMS: dict[str, type[Form]] = {
    "reference/bands.yaml": BandsFile,
    "reference/bleeding.yaml": BleedingFile,
    "reference/code_lists.yaml": CodeListsFile,
    "reference/conflicts.yaml": ConflictsFile,
    "reference/medicare_regions.yaml": MedicareRegionsFile,
    "reference/positions.yaml": PositionsFile,
    "reference/screening_counts.yaml": ScreeningCountsFile,
    "texts/aftercare.yaml": AftercareFile,
    "texts/bleeding_plan.yaml": BleedingPlanFile,
    "texts/evidence.yaml": EvidenceFile,
    "texts/next_steps.yaml": NextStepsFile,
    "texts/patient_information.yaml": PatientInformationFile,
    "texts/procedure_information.yaml": ProcedureInformationFile,
    "texts/score_lines.yaml": ScoreLinesFile,
    "texts/trial_panel.yaml": TrialPanelFile,
}
"""Files that a rule set must have, by path under `rules/`. A further file under `rules/texts` is a `WordsFile`."""

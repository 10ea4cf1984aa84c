"""The form of every file under `rules/texts`, and the list of all files with a form; texts with fields in braces may only use
the fields that are filled in. What a form marks as a condition or as sources is read and checked by `engine/text_reading.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, RootModel

from engine.bleeding_schema import BleedingFile, BleedingPlanFile
from engine.reference_schema import BandsFile, CodeListsFile, ConflictsFile, MedicareRegionsFile, PositionsFile, ScreeningCountsFile
from engine.schema import ConditionText, CriterionForm, FactForm, Form, Provenance, Text, ThresholdForm
from engine.templates import only_fields
from engine.text_marks import Sources

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


# texts/trial_panel.yaml

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

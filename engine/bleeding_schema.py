"""The form of the files behind the bleeding plan: `rules/reference/bleeding.yaml` and `rules/texts/bleeding_plan.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engine.schema import ConditionText, FactForm, Form, Provenance, Text, ThresholdForm
from engine.templates import only_fields
from engine.text_marks import Sources

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

"""The form of the knowledge files (pydantic). What the conditions in them mean is read by `engine/condition_reader.py`.

A JSON Schema for editors is generated from these models (`python -m engine schema`), so there is one description of the form.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Provenance = Literal["read", "secondary", "recalled", "project"]
CONDITION_MARK = {"x-condition": True}
"""Replaced by a reference to the schema of conditions in the generated JSON Schema (`engine/json_schema.py`)."""
ConditionText = Annotated[Any, WithJsonSchema(CONDITION_MARK)]
Text = Annotated[str, Field(min_length=1)]


class Form(BaseModel):
    """A misspelt key is an error everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupForm(Form):
    id: Text
    label: Text
    help: str = ""


class SafetyForm(Form):
    when: ConditionText
    unless_recorded: str | None = None


class ItemForm(Form):
    name: Text
    type: Literal["number", "integer", "boolean", "category", "category_list", "text", "text_list"]
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    codes: list[Text] = []
    code_labels: dict[str, Text] = {}
    label: Text
    question: Text
    help: str = ""
    group: Text
    relevant_when: ConditionText = None
    safety_critical: SafetyForm | None = None
    changeability: Literal["fixed", "with_time", "with_treatment", "by_measuring"]
    milestone: bool = False
    pattern: str | None = None


class DerivedForm(Form):
    name: Text
    type: Literal["integer", "boolean", "category", "category_list"]
    codes: list[Text] = []
    code_labels: dict[str, Text] = {}
    label: Text
    made_of: Annotated[list[Text], Field(alias="from", min_length=1)]
    how: Text
    made_from: dict[str, list[Text]] = {}


class VocabularyFile(Form):
    groups: Annotated[list[GroupForm], Field(min_length=1)]
    items: Annotated[list[ItemForm], Field(min_length=1)]
    derived: list[DerivedForm] = []


class SetsFile(Form):
    sets: dict[str, Annotated[list[Text], Field(min_length=1)]]


class ThresholdForm(Form):
    code: str = ""
    item: Text
    value: float
    sources: Annotated[list[Text], Field(min_length=1)]
    provenance: Provenance
    checked: Text
    note: str = ""


class CitationForm(Form):
    id: Text
    section: str = ""
    stated_class: Annotated[str, Field(alias="class")] = ""


class CriterionForm(Form):
    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
    code: str = ""
    says: Text
    says_not: Text
    when: ConditionText
    cleared_when: ConditionText = None
    sources: Annotated[list[CitationForm], Field(min_length=1)]
    provenance: Provenance
    careful_direction: bool = False
    restates: bool = False
    note: str = ""
    tell: str = ""
    next_step: str = ""


class ThresholdsFile(Form):
    thresholds: dict[str, ThresholdForm]


class CriteriaFile(Form):
    thresholds: dict[str, ThresholdForm] = {}
    criteria: Annotated[list[CriterionForm], Field(min_length=1)]


class GateBranchForm(Form):
    branch: Text
    criteria: Annotated[list[CriterionForm], Field(min_length=1)]


class GateFile(Form):
    code: Text
    branches: list[GateBranchForm] = []
    otherwise: bool = False
    tell: str = ""
    next_step: str = ""
    indication: str | None = None
    note: str = ""


class ChoiceForm(Form):
    procedure: Text
    when: list[Text] = []
    unless: list[Text] = []
    otherwise: bool = False


class FactForm(Form):
    text: Text
    sources: list[Text] = []
    provenance: Provenance


class ProcedureChoiceFile(Form):
    criteria: list[CriterionForm]
    choice: list[ChoiceForm]
    facts: list[FactForm] = []


class BranchForm(Form):
    verdict: Literal["supports", "optional", "opposes", "not_applicable"]
    when: str | None = None
    otherwise: bool = False
    text: str = ""
    variants: list[str] = []


class VerdictsForm(Form):
    procedures: Annotated[list[Literal["kyphoplasty", "vertebroplasty"]], Field(alias="for", min_length=1)]
    branches: Annotated[list[BranchForm], Field(min_length=1)]


class PackFile(Form):
    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    order: int
    name: Text
    title: Text
    body: Text
    year: str
    jurisdiction: Text
    question: Literal["coverage", "clinical", "trial"]
    enabled: bool
    provenance: Provenance
    source: Text
    checked: Text
    mark: str = ""
    dates: str = ""
    strength: str = ""
    scope: Text
    missing_data: Text
    leaves_open: ConditionText | None = None
    thresholds: dict[str, ThresholdForm] = {}
    criteria: list[CriterionForm] = []
    verdicts: Annotated[list[VerdictsForm], Field(min_length=1)]
    notes: list[str] = []
    not_checked: list[str] = []
    switched_off: list[str] = []
    variants: list[Any] = []
    ratings: list[Any] = []
    design: str = ""
    completeness: str = ""
    best_verdict: str = ""


class PointsRowForm(Form):
    points: int
    when: ConditionText


class PointsParameterForm(Form):
    id: Text
    label: Text
    rows: Annotated[list[PointsRowForm], Field(min_length=1)]
    floor: int | None = None
    note: str = ""


class PointsTableFile(Form):
    id: Text
    name: Text
    source: Text
    provenance: Provenance
    unknown_while_blank: list[Text]
    blank_points: Literal[0, "0"] = 0
    thresholds: dict[str, ThresholdForm] = {}
    parameters: Annotated[list[PointsParameterForm], Field(min_length=1)]
    note: str = ""
    checked: str = ""
    switched_off: list[str] = []
    notes: list[str] = []

"""The form of every other file under `rules/reference` (the bleeding intervals have a module of their own)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.schema import ConditionText, Form, Provenance, Text, ThresholdForm
from engine.text_marks import Mark, Sources

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


# reference/positions.yaml, reference/screening_counts.yaml

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

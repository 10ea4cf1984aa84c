"""The knowledge behind the advice, in memory: the forms of `rules/texts` and `rules/reference` with their conditions read.

In these forms every field that held a written condition holds the frozen condition, and every threshold name in braces its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine import bleeding_schema, reference_schema, text_schema
from engine.conditions import Condition
from engine.ruleset import RegisteredThreshold
from engine.schema import Form
from engine.text_marks import is_condition

CODE_LISTS = "icd10_code_lists"
"""The item that conditions of `reference/code_lists.yaml` ask: the lists into which the recorded codes fall."""


@dataclass(frozen=True, eq=False)
class AdviceRules:
    """One checked form for each file. `thresholds` are those of these files, by `file stem.name`."""

    bands: reference_schema.BandsFile
    bleeding: bleeding_schema.BleedingFile
    code_lists: reference_schema.CodeListsFile
    conflicts: reference_schema.ConflictsFile
    medicare_regions: reference_schema.MedicareRegionsFile
    positions: reference_schema.PositionsFile
    screening_counts: reference_schema.ScreeningCountsFile
    aftercare: text_schema.AftercareFile
    bleeding_plan: bleeding_schema.BleedingPlanFile
    evidence: text_schema.EvidenceFile
    next_steps: text_schema.NextStepsFile
    patient_information: text_schema.PatientInformationFile
    procedure_information: text_schema.ProcedureInformationFile
    score_lines: text_schema.ScoreLinesFile
    trial_panel: text_schema.TrialPanelFile
    thresholds: Mapping[str, RegisteredThreshold]

    def conditions(self) -> Iterator[Condition]:
        """Every condition that is asked of a patient; those of the score bands are asked of totals."""
        for value in vars(self).values():
            for part in [*value.bands] if isinstance(value, reference_schema.BandsFile) else [value]:
                if isinstance(part, Form):
                    yield from conditions_in(part)


def code_list_names(form: reference_schema.CodeListsFile) -> tuple[str, ...]:
    """The codes of the item `icd10_code_lists`."""
    return (*form.lists, form.code_in_no_list)


def conditions_in(form: Form) -> Iterator[Condition]:
    """Every condition of one form whose conditions are read."""
    for name, information in type(form).model_fields.items():
        value = getattr(form, name)
        if value is not None and is_condition(information.metadata):
            yield value
        for part in parts_of(value):
            yield from conditions_in(part)


def parts_of(value: object) -> tuple[Form, ...]:
    """The forms that a field holds: itself, or the entries of a list or a mapping."""
    entries = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
    return tuple(entry for entry in entries if isinstance(entry, Form))

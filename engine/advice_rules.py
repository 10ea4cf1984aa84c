"""The knowledge behind the advice, in memory: the forms of `rules/texts` and `rules/reference` with their conditions read.

In these forms every field that held a written condition holds the frozen condition, and every threshold name in braces its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine import text_schema as forms
from engine.conditions import Condition
from engine.ruleset import RegisteredThreshold
from engine.schema import Form

CODE_LISTS = "icd10_code_lists"
"""The item that conditions of `reference/code_lists.yaml` ask: the lists into which the recorded codes fall."""


@dataclass(frozen=True, eq=False)
class AdviceRules:
    """One checked form for each file. `thresholds` are those of these files, by `file stem.name`."""

    bands: forms.BandsFile
    bleeding: forms.BleedingFile
    code_lists: forms.CodeListsFile
    conflicts: forms.ConflictsFile
    medicare_regions: forms.MedicareRegionsFile
    positions: forms.PositionsFile
    screening_counts: forms.ScreeningCountsFile
    aftercare: forms.AftercareFile
    bleeding_plan: forms.BleedingPlanFile
    evidence: forms.EvidenceFile
    next_steps: forms.NextStepsFile
    patient_information: forms.PatientInformationFile
    procedure_information: forms.ProcedureInformationFile
    score_lines: forms.ScoreLinesFile
    trial_panel: forms.TrialPanelFile
    thresholds: Mapping[str, RegisteredThreshold]

    def conditions(self) -> Iterator[Condition]:
        """Every condition that is asked of a patient; those of the score bands are asked of totals."""
        for value in vars(self).values():
            for part in [*value.bands] if isinstance(value, forms.BandsFile) else [value]:
                if isinstance(part, Form):
                    yield from conditions_in(part)


def code_list_names(form: forms.CodeListsFile) -> tuple[str, ...]:
    """The codes of the item `icd10_code_lists`."""
    return (*form.lists, form.code_in_no_list)


def conditions_in(form: Form) -> Iterator[Condition]:
    """Every condition of one form whose conditions are read."""
    for name, information in type(form).model_fields.items():
        value = getattr(form, name)
        if value is not None and forms.is_condition(information.metadata):
            yield value
        for part in parts_of(value):
            yield from conditions_in(part)


def parts_of(value: object) -> tuple[Form, ...]:
    """The forms that a field holds: itself, or the entries of a list or a mapping."""
    entries = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
    return tuple(entry for entry in entries if isinstance(entry, Form))

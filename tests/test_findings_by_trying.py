"""Findings about criteria and branches against brute force: on generated rules every patient is written out and evaluated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest

from engine import conditions as c
from engine.column_building import columns_from_patients
from engine.columns import Column, Columns
from engine.findings_criteria import CriterionFindings
from engine.findings_patients import FindingPatients
from engine.findings_words import FindingWords
from engine.patient_space import PatientSpace
from engine.planes import evaluate
from engine.program import Program, compile_program
from tests.generated_lists import CODES, LISTS, NUMBERS, GeneratedList
from tests.small_rules import RULES, rules_of


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_on_generated_criteria_the_findings_are_those_of_brute_force(first):
    """What is found about criteria and branches is what writing out all patients shows."""
    compared, kinds = 0, set()
    for seed in range(first, first + 30):
        generated = GeneratedList(seed)
        if not {"levels_planned", "fracture_levels"} & set(generated.names):
            tried = _Tried(generated)
            by_diagrams, by_trying = tried.by_diagrams(), tried.by_trying()
            assert by_diagrams == by_trying, f"seed {seed}: {generated.decision}"
            compared += 1
            kinds |= {kind for kind, *_ in by_trying}
    assert compared >= 10 and len(kinds) >= 4, (compared, kinds)


class _Tried:
    """One generated list: which criteria and branches have which finding, by diagrams and by writing out every patient."""

    def __init__(self, generated: GeneratedList) -> None:
        branches = tuple(
            branch if branch.condition is None else replace(branch, condition=c.CriterionRef(f"small.{branch.name}"))
            for branch in generated.decision.branches
        )
        self.decision = replace(generated.decision, branches=branches)
        extra = rules_of({f"small.{branch.name}": "{hospitalised: yes}" for branch in branches if branch.condition}).criteria
        own = {id: replace(criterion, when=branch.condition) for (id, criterion), branch in zip(extra.items(), generated.decision.branches)}
        self.rules = replace(generated.rules, criteria={**generated.rules.criteria, **own})
        self.ids = tuple(own)

    def by_diagrams(self) -> set[tuple[str, ...]]:
        patients = FindingPatients(PatientSpace(self.rules, self.decision, map(c.CriterionRef, self.ids)))
        looking = CriterionFindings(patients, FindingWords(self.rules))
        own = {(finding.kind, id, "" if finding.is_contradictory else finding.about) for id in self.ids for finding in looking.of_criterion(id)}
        return {*own, *(("branch", finding.about) for finding in looking.of_branches(self.decision))}

    def by_trying(self) -> set[tuple[str, ...]]:
        when = {id: self.rules.criteria[id].when for id in self.ids}
        program = compile_program(self.rules, [*self.ids, *self.rules.contradictions], when.values())
        evaluation = evaluate(program, self.rules.vocabulary, self._everyone(program))
        rows = evaluation.columns.rows
        sides = {node: tuple(np.broadcast_to(side, (rows,)) for side in evaluation.planes[step]) for node, step in program.condition_steps.items()}
        coherent = ~np.any([np.broadcast_to(evaluation.criterion(id).met, (rows,)) for id in self.rules.contradictions], axis=0)
        shown: set[tuple[str, ...]] = set()
        left = coherent
        for id, node in when.items():
            met, _ = sides[node]
            shown |= {(kind, id, about) for kind, about in _of_tree(node, sides, coherent, FindingWords(self.rules))}
            if (met & coherent).any() and not (met & left).any():
                shown.add(("branch", f"branch {id.removeprefix('small.')}"))
            left = left & ~met
        return shown if left.any() else {*shown, ("branch", f"branch {self.decision.branches[-1].name}")}

    def _everyone(self, program: Program) -> Columns:
        names = sorted(frozenset().union(*program.reads))
        tried = [_values(name) for name in names if name not in ("levels_planned", "fracture_levels")]
        names = [name for name in names if name not in ("levels_planned", "fracture_levels")]
        sizes = [len(values) + 1 for values in tried]
        assert math.prod(sizes) < 3_000_000
        places = np.indices(sizes).reshape(len(sizes), -1)
        columns = {}
        for name, values, place in zip(names, tried, places):
            stored = columns_from_patients(RULES.vocabulary, [{name: value} for value in values]).by_item[name].values
            recorded = place < len(values)
            columns[name] = Column(stored[np.where(recorded, place, 0)], recorded)
        return Columns(places.shape[1] if sizes else 1, columns)


Sides = Mapping[c.Condition, tuple[np.ndarray, np.ndarray]]


def _of_tree(criterion: c.Condition, sides: Sides, coherent: np.ndarray, words: FindingWords) -> Iterator[tuple[str, str]]:
    """Kind and part of what is to be found in one criterion, from the rows in which each node is met and not met."""
    never = {node: tuple(not (side & coherent).any() for side in both) for node, both in sides.items()}
    if any(never[criterion]):
        yield from ((kind, "") for kind, is_never in zip(("never_met", "never_fails"), never[criterion]) if is_never)
        if never[criterion][0] and isinstance(criterion, c.All | c.AtLeast):
            yield "contradictory_parts", ""
        return
    for node in c.walk(criterion):
        if isinstance(node, c.Not):
            continue
        if never[node][0]:
            yield ("contradictory_parts", "") if isinstance(node, c.All | c.AtLeast) else ("part_never_met", words.part(node))
        elif never[node][1]:
            yield "part_never_fails", words.part(node)
        elif isinstance(node, c.All | c.Any):
            kind = "redundant_requirement" if isinstance(node, c.All) else "redundant_alternative"
            met = [sides[part][0] for part in node.parts]
            yield from ((kind, words.part(part)) for place, part in enumerate(node.parts) if _adds_nothing(node, met, place, coherent))


def _adds_nothing(node: c.All | c.Any, met: list[np.ndarray], place: int, coherent: np.ndarray) -> bool:
    """Where leaving out a part changes no row in which it could."""
    others = [other for position, other in enumerate(met) if position != place]
    if isinstance(node, c.All):
        return not (np.all(others, axis=0) & ~met[place] & coherent).any()
    return bool((met[place] & coherent).any()) and not (met[place] & ~np.any(others, axis=0) & coherent).any()


def _values(name: str) -> list[object]:
    """Values that meet each comparison of the generated rules in each way, and numbers on both sides of those they are compared with."""
    item = RULES.vocabulary[name]
    if name in LISTS:
        return [tuple(chosen) for size in range(4) for chosen in itertools.combinations(("mri", "bone_scan", "xray"), size)]
    if not item.is_number:
        return list(item.codes)
    weeks = {*NUMBERS["symptom_duration_weeks"], *NUMBERS["conservative_weeks"], *(days / 7 for days in NUMBERS["imaging_age_days"])}
    step = 1 if item.type == "integer" else 0.01
    if name in ("symptom_duration_weeks", "conservative_weeks", "imaging_age_days"):
        marks = [round(week * 7) if name == "imaging_age_days" else week for week in weeks]
    else:
        marks = NUMBERS[name]
    beside = {mark + by for mark in [*marks, item.minimum, item.maximum] for by in (-step, 0, step)}
    return sorted({float(min(max(number, item.minimum), item.maximum)) for number in beside})


def test_generated_rules_ask_items_that_are_written_out():
    assert set(CODES) < set(RULES.vocabulary.names) and {"mri", "bone_scan", "xray"} < set(RULES.vocabulary["imaging_done"].codes)

"""Gaps and overlaps of bands, and numbers that fall between two comparisons of one pack.

Every band and comparison has one truth in each cell of its item (or at each total of a score), so that looking at each cell is looking at
every value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine import conditions as c
from engine.cells import cells_of
from engine.column_building import restored
from engine.columns import Column, Columns
from engine.findings_words import Finding, FindingWords
from engine.planes import compare, evaluate
from engine.points import PointsTotals, conditions_over_totals
from engine.program import compile_program
from engine.reference_schema import BandForm, BandRowForm, ScoreBandForm
from engine.ruleset import DecisionList, RuleSet
from engine.values import Value
from engine.vocabulary import Item


def band_findings(rules: RuleSet, words: FindingWords) -> Iterator[Finding]:
    """Values of bands and totals of scores that lie in no band, or in more than one."""
    for band in rules.advice.bands.bands:
        yield from _of_band(rules, band, words)
    for scored in rules.advice.bands.score_bands:
        yield from _of_score(rules, scored, words)


def _of_band(rules: RuleSet, band: BandForm, words: FindingWords) -> Iterator[Finding]:
    program = compile_program(rules, (), [row.when for row in band.rows])
    item = rules.vocabulary[band.item]
    values = cells_of(program, rules.vocabulary, item, range(len(program.steps))).values
    evaluation = evaluate(program, rules.vocabulary, Columns(len(values), {item.name: Column(values, np.ones(len(values), bool))}))
    met = [np.broadcast_to(evaluation.planes[program.condition_steps[row.when]].met, values.shape) for row in band.rows]
    yield from _not_in_one(band.id, band.item, [restored(item, value) for value in values], met, band.rows, words)


def _of_score(rules: RuleSet, scored: ScoreBandForm, words: FindingWords) -> Iterator[Finding]:
    """The bands of a score over every total between the lowest and the highest."""
    _, _, lowest, highest = PointsTotals(rules, rules.points_tables[scored.score]).of(Columns(1, {}))
    totals = np.arange(lowest[0], highest[0] + 1)
    met = conditions_over_totals(rules, [row.when for row in scored.rows], totals)
    yield from _not_in_one(f"{scored.score}_band", scored.score, totals.tolist(), met, scored.rows, words)


def _not_in_one(
    id: str, item: str, values: Sequence[Value], met: Sequence[np.ndarray], rows: Sequence[BandRowForm], words: FindingWords,
) -> Iterator[Finding]:
    """One finding for each value (of a cell) that does not lie in exactly one band."""
    for place, value in enumerate(values):
        holding = [row.label for row, plane in zip(rows, met) if plane[place]]
        fields = {"item": words.label(item), "value": value if isinstance(value, str) else words.number(item, value)}
        if not holding:
            yield words.finding("band_gap", [id], {item: value}, fields["value"], **fields)
        elif len(holding) > 1:
            yield words.finding("band_overlap", [id], {item: value}, fields["value"], count=len(holding), bands=", ".join(holding), **fields)


# Comparisons of a pack

class _Covered(NamedTuple):
    """The cells in which one comparison, read as it is used, holds."""

    comparison: c.Compare
    denied: bool
    cells: np.ndarray


def comparison_findings(rules: RuleSet, decision: DecisionList, words: FindingWords) -> Iterator[Finding]:
    """Numbers between two comparisons of one item, of which none covers them: values that fall between two branches unnoticed.

    What lies between two limits that are both required ('at least 50 and at most 90') is what the rule asks for, and no gap.
    """
    conditions = [branch.condition for branch in decision.branches if branch.condition is not None]
    program = compile_program(rules, (), conditions)
    used = dict.fromkeys(use for condition in conditions for use in _uses(rules, condition, False))
    for name in dict.fromkeys(comparison.item for comparison, _ in used):
        item = rules.vocabulary[name]
        values = cells_of(program, rules.vocabulary, item, range(len(program.steps))).values
        covered = [
            _Covered(leaf, denied, compare(values, leaf.operator, leaf.threshold.value) != denied) for leaf, denied in used if leaf.item == name
        ]
        for first, last in _gaps(np.any([use.cells for use in covered], axis=0)):
            below, above = _at(covered, first - 1), _at(covered, last + 1)
            if not (below.denied and above.denied):
                yield _between(decision.name, item, restored(item, values[first]), below, above, words)


def _between(name: str, item: Item, value: float, below: _Covered, above: _Covered, words: FindingWords) -> Finding:
    fields = {"item": words.label(item.name), "value": words.number(item.name, value), "below": _named(words, below), "above": _named(words, above)}
    return words.finding("comparison_gap", [name], {item.name: value}, f"{item.name} {value:g}", **fields)


def _uses(rules: RuleSet, condition: c.Condition, denied: bool) -> Iterator[tuple[c.Compare, bool]]:
    """Every comparison with a number, and whether it is used the other way round."""
    match condition:
        case c.Compare():
            yield condition, denied
        case c.Not(part):
            yield from _uses(rules, part, not denied)
        case c.CriterionRef(id):
            criterion = rules.criteria[id]
            cleared = denied and criterion.cleared_when is not None
            yield from _uses(rules, criterion.cleared_when if cleared else criterion.when, denied and not cleared)
        case _:
            for part in c.parts_of(condition):
                yield from _uses(rules, part, denied)


def _gaps(covered: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last place of each run that is not covered and lies between two that are."""
    places = np.flatnonzero(covered)
    for before, after in zip(places, places[1:]):
        if after > before + 1:
            yield int(before + 1), int(after - 1)


def _at(covered: Iterable[_Covered], place: int) -> _Covered:
    """The comparison that holds there; one that is used directly before one whose failure is."""
    return min((use for use in covered if use.cells[place]), key=lambda use: use.denied)


def _named(words: FindingWords, use: _Covered) -> str:
    return words.part(c.Not(use.comparison) if use.denied else use.comparison)

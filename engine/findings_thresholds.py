"""Packs that ask the same but for one number: criteria of different packs, and whole decision lists.

Two conditions have one shape when they are written alike after the criteria of the pack's own are put in their places, with the parts of
'all', 'any' and 'at least' in one order. One threshold is left open at a time; what then reads the same differs in that number only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine import conditions as c
from engine.diagrams import FALSE, TRUE
from engine.findings_patients import FindingPatients
from engine.findings_words import Finding, FindingWords, Kind
from engine.patient_space import PatientSpace
from engine.ruleset import DecisionList, Pack, RuleSet
from engine.symbolic import Pair, possible_outcomes

OPEN = "_"
"""Stands for the number that is left open."""


class _Asked(NamedTuple):
    """One criterion or list with one threshold left open."""

    pack: str
    id: str
    value: float


class _Open(NamedTuple):
    """What is written alike: the item and the comparison of the open number, and the whole shape."""

    item: str
    operator: str
    shape: str


def threshold_findings(rules: RuleSet, packs: Iterable[Pack], words: FindingWords) -> Iterator[Finding]:
    """Findings in which at least one of these packs takes part."""
    wanted = {pack.id for pack in packs}
    lists = {verdicts.decision.name: verdicts.decision for pack in rules.packs.values() for verdicts in pack.verdicts}
    of_lists = _apart(_written_lists(rules), wanted)
    of_criteria = _apart(_written_criteria(rules), wanted)
    ids = dict.fromkeys(asked.id for _, group in of_criteria for asked in _extremes(group))
    named = dict.fromkeys(asked.id for _, group in of_lists for asked in _extremes(group))
    branches = [branch.condition for name in named for branch in lists[name].branches if branch.condition is not None]
    if not ids and not named:
        return
    patients = FindingPatients(PatientSpace(rules, DecisionList("thresholds", (), (), ""), [*map(c.CriterionRef, ids), *branches]))
    for opened, group in of_lists:
        example = _differing_answers(patients, *(lists[asked.id] for asked in _extremes(group)))
        yield _finding("packs_one_threshold_apart", opened, group, example, words)
    for opened, group in of_criteria:
        example = _differing_states(patients, *(asked.id for asked in _extremes(group)))
        yield _finding("one_threshold_apart", opened, group, example, words)


def _finding(kind: Kind, opened: _Open, group: list[_Asked], example: dict[str, object] | None, words: FindingWords) -> Finding:
    values = "; ".join(f"{asked.id} {words.number(opened.item, asked.value)}" for asked in group)
    asked_of_all = f"{words.label(opened.item)}, {words.comparison(opened.operator)}"
    return words.finding(kind, [asked.id for asked in group], example, asked=asked_of_all, values=values)


def _extremes(group: list[_Asked]) -> tuple[_Asked, _Asked]:
    return min(group, key=lambda asked: asked.value), max(group, key=lambda asked: asked.value)


def _apart(written: Iterable[tuple[_Open, _Asked]], wanted: set[str]) -> list[tuple[_Open, list[_Asked]]]:
    """What is written alike in different packs with different numbers."""
    groups: dict[_Open, list[_Asked]] = defaultdict(list)
    for opened, asked in written:
        groups[opened].append(asked)
    return [(opened, group) for opened, group in groups.items() if wanted & {asked.pack for asked in group} and _differs_between_packs(group)]


def _differs_between_packs(group: list[_Asked]) -> bool:
    return any(one.pack != other.pack and one.value != other.value for one in group for other in group)


# Examples

def _differing_states(patients: FindingPatients, first: str, second: str) -> dict[str, object] | None:
    """A patient who meets one criterion and fails the other."""
    d, one, other = patients.diagrams, patients.space.pair(c.CriterionRef(first)), patients.space.pair(c.CriterionRef(second))
    return patients.example(d.both(patients.coherent, d.either(d.both(one.met, other.not_met), d.both(one.not_met, other.met))))


def _differing_answers(patients: FindingPatients, first: DecisionList, second: DecisionList) -> dict[str, object] | None:
    """A patient for whom an outcome is possible in one list and not in the other."""
    d = patients.diagrams
    one, other = (possible_outcomes(d, decision, _branches(patients, decision)) for decision in (first, second))
    return patients.example(d.both(patients.coherent, d.some(d.both(one[outcome], d.negated(other[outcome])) for outcome in one)))


def _branches(patients: FindingPatients, decision: DecisionList) -> list[Pair]:
    return [Pair(TRUE, FALSE) if branch.condition is None else patients.space.pair(branch.condition) for branch in decision.branches]


# Shapes

def _written_criteria(rules: RuleSet) -> Iterator[tuple[_Open, _Asked]]:
    for pack in rules.packs.values():
        for id in pack.criteria:
            criterion = rules.criteria[id]
            conditions = [criterion.when, *([criterion.cleared_when] if criterion.cleared_when is not None else [])]
            yield from _opened(rules, pack, id, [("", condition) for condition in conditions])


def _written_lists(rules: RuleSet) -> Iterator[tuple[_Open, _Asked]]:
    for pack in rules.packs.values():
        for verdicts in pack.verdicts:
            branches = [(branch.outcome, branch.condition or c.Always()) for branch in verdicts.decision.branches]
            yield from _opened(rules, pack, verdicts.decision.name, branches)


def _opened(rules: RuleSet, pack: Pack, id: str, parts: list[tuple[str, c.Condition]]) -> Iterator[tuple[_Open, _Asked]]:
    """The parts with each of their thresholds left open in turn."""
    comparisons = {leaf.threshold.name: leaf for _, condition in parts for leaf in _comparisons(rules, pack, condition)}
    for name, leaf in comparisons.items():
        shape = " | ".join(f"{label} {_written(rules, pack, condition, name)}" for label, condition in parts)
        item = leaf.item if isinstance(leaf, c.Compare) else leaf.table
        yield _Open(item, leaf.operator, shape), _Asked(pack.id, id, leaf.threshold.value)


def _comparisons(rules: RuleSet, pack: Pack, condition: c.Condition) -> Iterator[c.Compare | c.PointsCompare]:
    """The comparisons with numbers that are the pack's own."""
    for node in c.walk(condition):
        if isinstance(node, c.Compare | c.PointsCompare):
            yield node
        elif isinstance(node, c.CriterionRef) and node.id in pack.criteria:
            criterion = rules.criteria[node.id]
            for part in filter(None, (criterion.when, criterion.cleared_when)):
                yield from _comparisons(rules, pack, part)


def _written(rules: RuleSet, pack: Pack, condition: c.Condition, opened: str) -> str:
    """A condition as one text in which the order of parts plays no role."""
    def parts(conditions: Iterable[c.Condition]) -> str:
        return ", ".join(sorted(_written(rules, pack, part, opened) for part in conditions))
    match condition:
        case c.Compare(of, operator, threshold) | c.PointsCompare(of, operator, threshold):
            return f"{of} {operator} {OPEN if threshold.name == opened else threshold.value}"
        case c.OneOf(item, codes) | c.IncludesAny(item, codes) | c.AllWithin(item, codes):
            return f"{type(condition).__name__} {item} {sorted(codes)}"
        case c.All(inner) | c.Any(inner):
            return f"{type(condition).__name__}({parts(inner)})"
        case c.AtLeast(count, inner):
            return f"AtLeast {count}({parts(inner)})"
        case c.Not(part):
            return f"Not({parts([part])})"
        case c.CriterionRef(id) if id in pack.criteria:
            criterion = rules.criteria[id]
            cleared = "" if criterion.cleared_when is None else f", cleared when {parts([criterion.cleared_when])}"
            return parts([criterion.when]) + cleared
    return repr(condition)

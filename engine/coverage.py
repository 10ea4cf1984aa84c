"""How far the cases cover the rules: what a case says counts, not what happens to be true of its patient.

Asked of every criterion: a case in which it is met, one in which it is not met and, where that can occur, one in which it is
unknown. Of every verdict of every pack, `undecided` included where it can occur: one case. Of every pathway: three. Of every
threshold that a criterion compares with: the value itself and its neighbours, each in a case that expects something of a criterion,
pathway or verdict that rests on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine import conditions as c
from engine.cases import Case
from engine.column_building import columns_from_patients
from engine.points import PointsTotals
from engine.ruleset import MORE_INFORMATION, Criterion, DecisionList, RuleSet
from engine.truth import Truth

CASES_FOR_A_PATHWAY = 3
STEP, WHOLE_STEP = 0.01, 1.0
SELECTORS = ("policy_region",)
"""Derived items that are always recorded: their blank has a code of its own."""


@dataclass(frozen=True)
class Share:
    """One line of the coverage: how much of it has cases, and the names of what has none."""

    name: str
    wanted: int
    missing: tuple[str, ...]

    @property
    def covered(self) -> int:
        return self.wanted - len(self.missing)

    @property
    def complete(self) -> bool:
        return not self.missing

    def __str__(self) -> str:
        percent = 100 * self.covered / self.wanted if self.wanted else 100
        return f"{self.name}: {self.covered} of {self.wanted} ({percent:.1f} %)"


@dataclass(frozen=True)
class Coverage:
    """Coverage of criteria, verdicts, pathways and thresholds by cases."""

    cases: int
    shares: tuple[Share, ...]

    @property
    def complete(self) -> bool:
        return all(share.complete for share in self.shares)


def coverage(rules: RuleSet, cases: Sequence[Case]) -> Coverage:
    """What these cases cover of these rules."""
    wanted = {
        "criteria": (_wanted_states(rules), _said_of_criteria(rules, cases)),
        "verdicts": (
            _wanted_verdicts(rules),
            Counter(f"{column}: {verdict}" for case in cases for column, verdict in case.expected.verdicts.items()),
        ),
        "pathways": (_wanted_pathways(rules), _said_of_pathways(cases)),
        "thresholds": (_wanted_boundaries(rules), _said_of_thresholds(rules, cases)),
    }
    return Coverage(
        len(cases), tuple(Share(name, len(asked), tuple(one for one in asked if one not in said)) for name, (asked, said) in wanted.items())
    )


# Criteria


def _wanted_states(rules: RuleSet) -> list[str]:
    two_valued = {id for id, criterion in rules.criteria.items() if _is_two_valued(rules, criterion)}
    fixed = {id for id, criterion in rules.criteria.items() if isinstance(criterion.when, c.Always)}
    states = (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN)
    return [
        f"{id}: {state.value}" for id in rules.criteria for state in states
        if not (state is Truth.UNKNOWN and id in two_valued) and not (state is not Truth.MET and id in fixed)
    ]


def _is_two_valued(rules: RuleSet, criterion: Criterion) -> bool:
    """Never unknown: what does not hold is cleared (contradictions, K4), or only selectors and milestones are read."""
    if criterion.cleared_when is not None:
        return isinstance(criterion.cleared_when, c.Always)
    return _always_known(rules, criterion.when)


def _always_known(rules: RuleSet, condition: c.Condition) -> bool:
    match condition:
        case c.Always() | c.MilestoneReached():
            return True
        case c.OneOf(item, _):
            return item in SELECTORS
        case c.CriterionRef(id):
            return _is_two_valued(rules, rules.criteria[id])
        case _:
            parts = c.parts_of(condition)
            return bool(parts) and all(_always_known(rules, part) for part in parts)


def _said_of_criteria(rules: RuleSet, cases: Iterable[Case]) -> set[str]:
    said: set[str] = set()
    listed = {"triggered": rules.triggers, "warnings": rules.warnings, "contradictions": rules.contradictions}
    for case in cases:
        said |= {f"{id}: {state}" for id, state in case.expected.criteria.items()}
        for what, ids in listed.items():
            codes = getattr(case.expected, what)
            said |= {f"{id}: {Truth.MET.value}" for id in ids if codes is not None and _code(rules, id) in codes}
    return said


def _code(rules: RuleSet, id: str) -> str:
    return rules.criteria[id].code or id


# Verdicts and pathways


def _wanted_verdicts(rules: RuleSet) -> list[str]:
    return [
        f"{verdicts.column}: {code}"
        for pack in rules.packs.values()
        for verdicts in pack.verdicts
        for code in _possible_answers(rules, verdicts.decision)
    ]


def _possible_answers(rules: RuleSet, decision: DecisionList) -> tuple[str, ...]:
    """The outcomes, and the unsettled answer where two are named and a branch can be unknown."""
    can_be_open = any(branch.condition is not None and not _always_known(rules, branch.condition) for branch in decision.branches)
    return (*decision.outcomes, decision.unsettled) if len(decision.outcomes) > 1 and can_be_open else decision.outcomes


def _wanted_pathways(rules: RuleSet) -> list[str]:
    return [_numbered(code, number) for code in (*rules.pathway.outcomes, MORE_INFORMATION) for number in range(1, CASES_FOR_A_PATHWAY + 1)]


def _said_of_pathways(cases: Iterable[Case]) -> set[str]:
    counts = Counter(case.expected.pathway for case in cases if case.expected.pathway is not None)
    return {_numbered(code, number) for code, count in counts.items() for number in range(1, count + 1)}


def _numbered(code: str, number: int) -> str:
    return f"{code}: case {number} of at least {CASES_FOR_A_PATHWAY}"


# Thresholds


def boundaries(rules: RuleSet, name: str) -> tuple[float, ...]:
    """The value of a threshold and its neighbours, as far as the item's range and type allow them."""
    entry = rules.thresholds[name]
    value = entry.threshold.value
    if entry.item not in rules.vocabulary:  # the points of a score
        return value - WHOLE_STEP, value, value + WHOLE_STEP
    item = rules.vocabulary[entry.item]
    step = WHOLE_STEP if item.type == "integer" else STEP
    near = (round(value - step, 2), value, round(value + step, 2))
    return tuple(x for x in near if (item.minimum is None or x >= item.minimum) and (item.maximum is None or x <= item.maximum))


def _wanted_boundaries(rules: RuleSet) -> list[str]:
    compared = frozenset().union(*_thresholds_by_criterion(rules).values())
    return [_at(name, value) for name in rules.thresholds if name in compared for value in boundaries(rules, name)]


def _at(name: str, value: float) -> str:
    return f"{name} at {value:g}"


def _said_of_thresholds(rules: RuleSet, cases: Sequence[Case]) -> set[str]:
    by_criterion = _thresholds_by_criterion(rules)
    by_answer = {decision.name: _thresholds_behind(decision, by_criterion) for decision in rules.decision_lists(tuple(rules.packs.values()))}
    said: set[str] = set()
    for case, numbers in zip(cases, _numbers(rules, cases)):
        expected = case.expected
        names = set().union(*(by_criterion[id] for id in _criteria_spoken_of(rules, case)), *(by_answer[column] for column in expected.verdicts))
        if expected.pathway is not None or expected.possible_pathways is not None:
            names |= by_answer[rules.pathway.name]
        said |= {_at(name, numbers[item]) for name in names if (item := rules.thresholds[name].item) in numbers}
    return said


def _criteria_spoken_of(rules: RuleSet, case: Case) -> Iterator[str]:
    """The criteria named, and those that could be on a complete list of codes."""
    expected = case.expected
    yield from expected.criteria
    for codes, ids in ((expected.triggered, rules.triggers), (expected.warnings, rules.warnings), (expected.contradictions, rules.contradictions)):
        yield from ids if codes is not None else ()
    if expected.procedure is not None:
        for choice in rules.procedure_choice:
            yield from (*choice.when, *choice.unless)


def _thresholds_behind(decision: DecisionList, by_criterion: Mapping[str, frozenset[str]]) -> frozenset[str]:
    nodes = (node for branch in decision.branches if branch.condition is not None for node in c.walk(branch.condition))
    return frozenset().union(*(by_criterion[node.id] for node in nodes if isinstance(node, c.CriterionRef)))


def _thresholds_by_criterion(rules: RuleSet) -> dict[str, frozenset[str]]:
    """The thresholds that each criterion compares with, itself or through others and through scores."""
    found: dict[str, frozenset[str]] = {}

    def of_condition(condition: c.Condition) -> Iterator[str]:
        for node in c.walk(condition):
            match node:
                case c.CriterionRef(id):
                    yield from of_criterion(id)
                case c.Compare(_, _, threshold):
                    yield threshold.name
                case c.PointsCompare(table, _, threshold):
                    yield threshold.name
                    for parameter in rules.points_tables[table].parameters:
                        for row in parameter.rows:
                            yield from of_condition(row.when)

    def of_criterion(id: str) -> frozenset[str]:
        if id not in found:
            criterion = rules.criteria[id]
            cleared = of_condition(criterion.cleared_when) if criterion.cleared_when is not None else ()
            found[id] = frozenset((*of_condition(criterion.when), *cleared))
        return found[id]

    for id in rules.criteria:
        of_criterion(id)
    return found


def _numbers(rules: RuleSet, cases: Sequence[Case]) -> list[dict[str, float]]:
    """The recorded numbers of each case, the derived number of levels and known scores by item."""
    numbers = [{name: value for name, value in case.patient.items() if isinstance(value, float)} for case in cases]
    for of_case, case in zip(numbers, cases):
        if "levels_planned" not in of_case and "fracture_levels" in case.patient:
            of_case["levels_planned"] = float(len(case.patient["fracture_levels"]))
    columns = columns_from_patients(rules.vocabulary, [case.patient for case in cases])
    for name, table in rules.points_tables.items():
        totals = PointsTotals(rules, table).of(columns)
        for of_case, known, points in zip(numbers, totals.known, totals.points):
            of_case |= {name: float(points)} if known else {}
    return numbers

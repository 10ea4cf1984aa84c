"""The smallest changes of one patient as values that a view can show: item, value now, value it would have to take, kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.assessing import in_words
from engine.cells import Cells
from engine.column_building import columns_from_patients, restored
from engine.decisions import decide_one
from engine.evaluator import Evaluator
from engine.planes import evaluate_one
from engine.ruleset import DecisionList
from engine.smallest_change import Change, ChangeSet, contradicted
from engine.values import Value, text_form
from engine.vocabulary import Item

ENDLESS_DECIMALS = 5


@dataclass(frozen=True)
class ChangeFinding:
    """One item of a set: what is recorded, what it would have to be, and how it can come about."""

    item: str
    label: str
    kind: str
    now: str
    then: str


@dataclass(frozen=True)
class ChangeSetFinding:
    """Items that together lead to another answer."""

    answer: str
    label: str
    kinds: tuple[str, ...]
    changes: tuple[ChangeFinding, ...]


def what_would_change(
    evaluator: Evaluator, recorded: Mapping[str, Value], lists: Iterable[str] | None = None
) -> dict[str, tuple[ChangeSetFinding, ...]]:
    """For each decision list asked for (by name; all by default), the smallest sets of changes that lead to another settled answer."""
    wanted = set(lists) if lists is not None else {decision.name for decision in evaluator.decisions}
    columns = columns_from_patients(evaluator.rules.vocabulary, [recorded])
    evaluation = evaluate_one(evaluator.program, evaluator.rules.vocabulary, columns)
    patient, found = contradicted(evaluator.rules, columns), {}
    for decision in evaluator.decisions:
        if decision.name in wanted:
            possible, _ = decide_one(decision, evaluation)
            answer = possible[0] if len(possible) == 1 else decision.unsettled
            sets = evaluator.smallest_change(decision).of(patient, answer)
            found[decision.name] = tuple(_set_finding(evaluator, decision, recorded, change_set) for change_set in sets)
    return found


def _set_finding(evaluator: Evaluator, decision: DecisionList, recorded: Mapping[str, Value], change_set: ChangeSet) -> ChangeSetFinding:
    kind = "pathway" if decision is evaluator.rules.pathway else "verdict"
    cells = evaluator.smallest_change(decision).space.space.cells
    changes = tuple(_finding(evaluator, recorded, change, cells[change.item]) for change in change_set.changes)
    return ChangeSetFinding(change_set.answer, evaluator.rules.label(kind, change_set.answer), change_set.kinds, changes)


def _finding(evaluator: Evaluator, recorded: Mapping[str, Value], change: Change, cells: Cells) -> ChangeFinding:
    vocabulary = evaluator.rules.vocabulary
    item = vocabulary[change.item]
    return ChangeFinding(
        item.name,
        item.label,
        change.kind,
        in_words(vocabulary, item.name, recorded.get(item.name)),
        _cell_in_words(evaluator, item, cells, change.then),
    )


def _cell_in_words(evaluator: Evaluator, item: Item, cells: Cells, cell: int) -> str:
    """A code with its label, an example of a list, or the stretch of a number with signs."""
    if not item.is_number:
        return in_words(evaluator.rules.vocabulary, item.name, restored(item, cells.values[cell]))
    ends = []
    if cell > 0:
        value, after = cells.cuts[cell - 1]
        ends.append(f"{'>' if after else '≥'} {_border(item, value)}")
    if cell < len(cells.cuts):
        value, after = cells.cuts[cell]
        ends.append(f"{'≤' if after else '<'} {_border(item, value)}")
    return f"{' and '.join(ends)} {item.unit}".strip()


def _border(item: Item, value: float) -> str:
    """A border as people write it; one that comes from another unit (a day as a part of a week) has no end of decimals."""
    text = text_form(item, value)
    return text if len(text.partition(".")[2]) < ENDLESS_DECIMALS else f"{value:.2g}"

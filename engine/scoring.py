"""A cohort: every patient's answers as columns, computed by the columnar evaluator. No row knows of another one.

Columns and their order are those of `interfaces.md`, 'What score writes'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.coded import Coded, joined, listed, same_for_all, spread
from engine.columns import Column, Columns
from engine.decisions import Decided, decide_evaluated
from engine.evaluator import Evaluator, evaluator_for
from engine.planes import Evaluation, evaluate
from engine.ruleset import AUGMENTATION, Pack, RuleSet

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_SLICE = 1 << 16
"""So many patients are evaluated at a time, so that memory is bounded."""

CORRECT_FIRST = "correct_first"
_PROCEDURE_ORDER = ("vertebroplasty", "kyphoplasty")


def score(
    frame: pd.DataFrame,
    rules: RuleSet | None = None,
    guidelines: Iterable[str] | None = None,
    trials: bool = False,
    assume: Iterable[str] = (),
) -> pd.DataFrame:
    """Score every row of a frame whose columns are named as in the data dictionary; a pure function, row by row independent.

    frame: any types (text, float64, nullable, categorical, Arrow); columns that are absent are not recorded for anyone.
    guidelines, trials, assume: as in `assess`. Returns a frame with the same index; every column is text as in the output file
    (an empty text for none), but `of_score_points`, which is Int64. Raises UnusableCall when the frame has no known column or a
    guideline or an assumption does not exist. An invalid value counts as not recorded and its item is named in `invalid_items`.
    """
    from engine.assumptions import apply_assumptions, parse_assumptions
    from engine.column_building import columns_from_frame
    from engine.loading import load_rules

    rules = rules or load_rules()
    evaluator = evaluator_for(rules, guidelines, trials)
    assumptions = parse_assumptions(assume, rules.vocabulary)
    columns, invalid_cells = columns_from_frame(rules.vocabulary, frame)
    invalid = masks_of_positions(((cell.item, cell.position) for cell in invalid_cells), columns.rows)
    assumed = apply_assumptions(rules.vocabulary, columns, assumptions, invalid, np.zeros(columns.rows, bool))
    texts = {name: assumption_cell(rules, name, value) for name, value in assumptions.items()}
    scored = score_columns(evaluator, assumed.columns, invalid=invalid, assumed={texts[name]: assumed.where[name] for name in assumptions})
    return _frame(frame, scored, rules)


def score_columns(
    evaluator: Evaluator,
    columns: Columns,
    invalid: Mapping[str, np.ndarray] | None = None,
    assumed: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Coded]:
    """All output columns but `record_id`, by name and in order.

    invalid: item name to the rows whose value could not be read; assumed: entry of `assumed_items` to the rows that rest on it.
    """
    parts = [
        _score_slice(evaluator, _rows(columns, rows), _masks_at(invalid, rows), _masks_at(assumed, rows))
        for rows in _slices(columns.rows)
    ]
    return {name: joined([part[name] for part in parts]) for name in parts[0]}


def output_columns(evaluator: Evaluator) -> tuple[str, ...]:
    """The names of the output columns after `record_id`, in order."""
    return tuple(score_columns(evaluator, Columns(0, {})))


def masks_of_positions(found: Iterable[tuple[str, int]], rows: int) -> dict[str, np.ndarray]:
    """For each name, a mask of the positions it was found at."""
    masks: dict[str, np.ndarray] = {}
    for name, position in found:
        masks.setdefault(name, np.zeros(rows, bool))[position] = True
    return masks


def assumption_cell(rules: RuleSet, name: str, value: object) -> str:
    """An entry of `assumed_items`."""
    from engine.assumptions import assumption_text

    return assumption_text(rules.vocabulary, name, value)


def pathway_answers(evaluator: Evaluator, columns: Columns) -> Coded:
    """The pathway alone."""
    pathway = evaluator.rules.pathway
    evaluation = evaluate(evaluator.next_item(pathway).program, evaluator.rules.vocabulary, columns)
    return _answer(decide_evaluated(pathway, evaluation))


def _slices(rows: int) -> Iterator[slice]:
    yield from (slice(start, min(start + ROWS_PER_SLICE, rows)) for start in range(0, max(rows, 1), ROWS_PER_SLICE))


def _rows(columns: Columns, rows: slice | np.ndarray) -> Columns:
    by_item = {name: Column(column.values[rows], column.recorded[rows]) for name, column in columns.by_item.items()}
    count = len(range(columns.rows)[rows]) if isinstance(rows, slice) else len(rows)
    return Columns(count, by_item)


def _masks_at(masks: Mapping[str, np.ndarray] | None, rows: slice) -> dict[str, np.ndarray]:
    return {name: mask[rows] for name, mask in (masks or {}).items()}


def _score_slice(evaluator: Evaluator, columns: Columns, invalid: Mapping[str, np.ndarray], assumed: Mapping[str, np.ndarray]) -> dict[str, Coded]:
    rules, rows = evaluator.rules, columns.rows
    evaluation = evaluate(evaluator.program, rules.vocabulary, columns)
    decided = decide_evaluated(rules.pathway, evaluation)
    missing, next_item = _still_needed(evaluator, columns, decided)
    scored = {
        "pathway": _answer(decided),
        "procedure": _procedure(rules, evaluation, decided),
        "possible_pathways": listed(decided.decision.outcomes, list(decided.possible.T), rows),
        "deciding_criteria": _deciding(rules, evaluation, decided),
        "triggered_criteria": _met(rules, evaluation, rules.triggers),
        "warnings": _met(rules, evaluation, rules.warnings),
        "contradictions": _met(rules, evaluation, rules.contradictions),
        "missing_items": missing,
        "next_item": next_item,
        "assumed_items": listed(list(assumed), list(assumed.values()), rows),
    }
    for pack in evaluator.packs:
        scored |= _pack_columns(evaluator, pack, evaluation)
    scored["invalid_items"] = listed(*_in_form_order(rules, invalid), rows)
    return scored


def _answer(decided: Decided) -> Coded:
    texts = (*decided.decision.outcomes, decided.decision.unsettled)
    return Coded(np.where(decided.settled < 0, len(texts) - 1, decided.settled), texts)


def _codes(rules: RuleSet, ids: Iterable[str]) -> list[str]:
    return [rules.criteria[id].code or id for id in ids]


def _met(rules: RuleSet, evaluation: Evaluation, ids: Sequence[str]) -> Coded:
    return listed(_codes(rules, ids), [evaluation.criterion(id).met for id in ids], evaluation.columns.rows)


def _deciding(rules: RuleSet, evaluation: Evaluation, decided: Decided) -> Coded:
    """The met criteria of the first branch that is met; none for 'otherwise'."""
    ids, masks = [], []
    for position, branch in enumerate(rules.pathway.branches):
        first = decided.first_triggered == position
        ids += branch.criteria
        masks += [evaluation.criterion(id).met & first for id in branch.criteria]
    return listed(_codes(rules, ids), masks, evaluation.columns.rows)


def _procedure(rules: RuleSet, evaluation: Evaluation, decided: Decided) -> Coded:
    """With augmentation, or with part B of `correct_first`: the first choice whose conditions are met; unknown favours nothing."""
    outcomes = rules.pathway.outcomes
    part_a = next(branch for branch in rules.pathway.branches if branch.outcome == CORRECT_FIRST)
    preparation_only = decided.settled == outcomes.index(CORRECT_FIRST)
    for id in part_a.criteria:
        preparation_only = preparation_only & ~evaluation.criterion(id).met
    open_ = (decided.settled == outcomes.index(AUGMENTATION)) | preparation_only
    codes = np.zeros(evaluation.columns.rows, np.intp)
    for position, choice in enumerate(rules.procedure_choice, start=1):
        chosen = open_
        for id in choice.when:
            chosen = chosen & evaluation.criterion(id).met
        for id in choice.unless:
            chosen = chosen & ~evaluation.criterion(id).met
        codes[chosen] = position
        open_ = open_ & ~chosen
    return Coded(codes, ("", *(choice.procedure for choice in rules.procedure_choice)))


def _still_needed(evaluator: Evaluator, columns: Columns, decided: Decided) -> tuple[Coded, Coded]:
    """Missing items and the next item, asked only of patients whose pathway is not settled."""
    where = np.flatnonzero(decided.settled < 0)
    if len(where) == 0:
        return same_for_all("", columns.rows), same_for_all("", columns.rows)
    open_ = _rows(columns, where)
    pathway = evaluator.rules.pathway
    asks = evaluator.next_item(pathway)
    evaluation = evaluate(asks.program, evaluator.rules.vocabulary, open_)
    missing = evaluator.missing(pathway).of(evaluation.by_name, open_.rows)
    next_item = asks.of(evaluation, decide_evaluated(pathway, evaluation), missing)
    texts = ("", *asks.answers)
    place = {None: 0, **{text: position for position, text in enumerate(texts) if text}}
    codes = np.array([place[name] for name in next_item], np.intp)
    return (
        spread(listed(list(missing), list(missing.values()), open_.rows), where, columns.rows),
        spread(Coded(codes, texts), where, columns.rows),
    )


def _pack_columns(evaluator: Evaluator, pack: Pack, evaluation: Evaluation) -> dict[str, Coded]:
    ordered = sorted(pack.verdicts, key=lambda verdicts: _PROCEDURE_ORDER.index(verdicts.procedures[0]) if len(pack.verdicts) > 1 else 0)
    columns = {verdicts.column: _answer(decide_evaluated(verdicts.decision, evaluation)) for verdicts in ordered}
    if pack.id in evaluator.points_totals:
        columns |= _points_columns(evaluator, pack.id, evaluation.columns)
    return columns


def _points_columns(evaluator: Evaluator, table: str, columns: Columns) -> dict[str, Coded]:
    """Total and range; both empty where the table's own rule leaves the total unknown."""
    import pandas as pd

    totals = evaluator.points_totals[table].of(columns)
    where = np.flatnonzero(totals.known)
    points, distinct = pd.factorize(totals.points[where])
    lowest, highest = totals.lowest[where], totals.highest[where]
    span = 1 + int(highest.max() - lowest.min()) if len(where) else 1
    ranges, keys = pd.factorize(lowest * span + (highest - lowest))
    return {
        f"{table}_points": spread(Coded(points, tuple(str(value) for value in distinct)), where, columns.rows),
        f"{table}_range": spread(Coded(ranges, tuple(f"{key // span}..{key // span + key % span}" for key in keys)), where, columns.rows),
    }


def _in_form_order(rules: RuleSet, masks: Mapping[str, np.ndarray]) -> tuple[list[str], list[np.ndarray]]:
    names = [name for name in rules.vocabulary.names if name in masks]
    return names, [masks[name] for name in names]


def _frame(frame: pd.DataFrame, scored: Mapping[str, Coded], rules: RuleSet) -> pd.DataFrame:
    import pandas as pd

    columns = {"record_id": pd.array(_record_ids(frame, rules), dtype="str")}
    for name, column in scored.items():
        columns[name] = pd.array(column.cells(), dtype="str")
    for table in rules.points_tables:
        if f"{table}_points" in columns:
            texts = pd.Series(columns[f"{table}_points"])
            columns[f"{table}_points"] = pd.array(pd.to_numeric(texts.where(texts != ""), errors="raise"), dtype="Int64")
    return pd.DataFrame(columns, index=frame.index)


def _record_ids(frame: pd.DataFrame, rules: RuleSet) -> tuple[str, ...]:
    from engine.header import match_header
    from engine.reading import record_ids_from

    position = match_header(list(frame.columns), rules.vocabulary, where="The frame").record_id_position
    if position is None:
        return tuple(str(row) for row in range(1, len(frame) + 1))
    return record_ids_from(frame.iloc[:, position])

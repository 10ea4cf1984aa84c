"""How far guidelines agree over a cohort, and which criteria cause most of their disagreement.

Two columns are compared where they answer the same kind of question (coverage, clinical, trial) and speak of a common procedure:
coverage and clinical packs are never merged into one figure, and a verdict on vertebroplasty is not held against one on kyphoplasty.
A row counts for a pair when both verdicts are settled and both packs apply; the others are counted apart by their reason.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.coded import Coded
from engine.columns import Column, Columns
from engine.comparison import (
    FAVOURABLE_FIRST,
    NOT_APPLICABLE,
    UNDECIDED,
    Parting,
    all_pairs,
    borders_of,
    reasons_against,
    settled_parting,
    verdict_columns,
)
from engine.deciding import Decided, Fact, decided_rows
from engine.decisions import decide_evaluated
from engine.evaluator import Evaluator
from engine.planes import Evaluation, evaluate
from engine.ruleset import DecisionList, RuleSet, Verdicts

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_SLICE = 1 << 15
_VERDICTS = (*FAVOURABLE_FIRST, UNDECIDED, NOT_APPLICABLE)


@dataclass(frozen=True)
class PairAgreement:
    """Two verdict columns over a cohort of `rows` patients; rows = compared + not_applicable + undecided.

    table: how many compared rows have each pair of verdicts (left, right), both in the order of `FAVOURABLE_FIRST`.
    not_applicable: at least one pack does not apply; undecided: both may apply and at least one is undecided.
    """

    question: str
    left: str
    right: str
    rows: int
    not_applicable: int
    undecided: int
    table: tuple[tuple[int, ...], ...]

    @property
    def compared(self) -> int:
        """The denominator: both settled, both applicable."""
        return sum(map(sum, self.table))

    @property
    def same(self) -> int:
        return sum(self.table[place][place] for place in range(len(self.table)))

    @property
    def share(self) -> float:
        """The share of compared rows with the same verdict; nan when none is compared."""
        return self.same / self.compared if self.compared else math.nan

    @property
    def kappa(self) -> float:
        return kappa_of(self.table)

    def __add__(self, other: PairAgreement) -> PairAgreement:
        """The same two columns over the rows of both."""
        table = tuple(tuple(map(sum, zip(*rows))) for rows in zip(self.table, other.table))
        counts = (self.rows + other.rows, self.not_applicable + other.not_applicable, self.undecided + other.undecided)
        return PairAgreement(self.question, self.left, self.right, *counts, table)

    def as_json(self) -> dict[str, object]:
        """Plain types for JSON; figures that are not defined are None."""
        figures = {"compared": self.compared, "same": self.same, "share": self.share, "kappa": self.kappa}
        return {**asdict(self), **{name: None if math.isnan(value) else value for name, value in figures.items()}}


@dataclass(frozen=True)
class Cause:
    """One criterion of the side that is held back, the criterion of the other side beside it, and how often they part there.

    rows: patients counted once for each pair of columns. Where nothing holds the side back (`no_condition`) there is no criterion, and
    `column` names the side that says the same of everyone; otherwise `column` is empty.
    """

    question: str
    kind: str
    detail: str
    asked: str
    """The item or score that the parting question is about."""
    criterion: str
    other_criterion: str
    column: str
    rows: int
    pairs: tuple[tuple[str, str], ...]
    """(held back, other), most frequent first."""


def kappa_of(table: Iterable[Iterable[int]]) -> float:
    """Cohen's kappa, unweighted (J. Cohen, Educational and Psychological Measurement 20, 1960, 37 to 46): (p_o - p_e) / (1 - p_e).

    p_o is the share on the diagonal of a square table of counts, p_e the sum over verdicts of the product of both margins' shares.
    nan where it is not defined: no rows, or p_e = 1 (both always give the same single verdict). Worked out in whole numbers.
    """
    counts = [list(row) for row in table]
    total, observed = sum(map(sum, counts)), sum(row[place] for place, row in enumerate(counts))
    by_chance = sum(sum(row) * sum(other[place] for other in counts) for place, row in enumerate(counts))
    if total * total == by_chance:  # also when there are no rows
        return math.nan
    return (total * observed - by_chance) / (total * total - by_chance)


def agreement(evaluator: Evaluator, scored: pd.DataFrame) -> tuple[PairAgreement, ...]:
    """Agreement of every comparable pair over a scored cohort: a frame with the verdict columns of `score`, texts or categories."""
    columns = verdict_columns(evaluator)
    codes = {column: _verdict_codes(column, scored[column]) for column in columns}
    return tuple(_pair(question, left, right, codes[left], codes[right]) for question, left, right in comparable_pairs(evaluator))


def _verdict_codes(column: str, verdicts: pd.Series) -> np.ndarray:
    """Places in `_VERDICTS` (int8). Raises ValueError for anything that is no verdict."""
    import pandas as pd

    codes = pd.Categorical(verdicts, categories=list(_VERDICTS)).codes
    if (codes < 0).any():
        raise ValueError(f"{column} holds something else than verdicts")
    return codes


def counted_pair(question: str, left: str, right: str, one: Coded, other: Coded) -> PairAgreement:
    """The same for two columns as `score_columns` makes them."""
    return _pair(question, left, right, _places(one), _places(other))


def _places(verdicts: Coded) -> np.ndarray:
    return np.array([_VERDICTS.index(text) for text in verdicts.texts], np.intp)[verdicts.codes]


def comparable_pairs(evaluator: Evaluator) -> Iterator[tuple[str, str, str]]:
    """(question, left, right) for columns of different packs with one question and a common procedure."""
    columns = verdict_columns(evaluator)
    for left, right in all_pairs(columns):
        (pack, verdicts), (other_pack, other) = columns[left], columns[right]
        if pack is not other_pack and pack.question == other_pack.question and set(verdicts.procedures) & set(other.procedures):
            yield pack.question, left, right


def _pair(question: str, left: str, right: str, one: np.ndarray, other: np.ndarray) -> PairAgreement:
    cells = np.bincount(one.astype(np.intp) * len(_VERDICTS) + other, minlength=len(_VERDICTS) ** 2).reshape(len(_VERDICTS), len(_VERDICTS))
    settled = len(FAVOURABLE_FIRST)
    applicable = int(cells[: settled + 1, : settled + 1].sum())
    table = tuple(tuple(row) for row in cells[:settled, :settled].tolist())
    return PairAgreement(question, left, right, len(one), len(one) - applicable, applicable - sum(map(sum, table)), table)


def matrix(pairs: Iterable[PairAgreement], question: str, figure: str) -> pd.DataFrame:
    """One figure ('share', 'kappa', 'same', 'compared') of all pairs of one question as a symmetric frame; nan where there is no pair."""
    import pandas as pd

    own = [pair for pair in pairs if pair.question == question]
    names = list(dict.fromkeys(name for pair in own for name in (pair.left, pair.right)))
    frame = pd.DataFrame(math.nan, index=names, columns=names)
    for pair in own:
        frame.loc[pair.left, pair.right] = frame.loc[pair.right, pair.left] = getattr(pair, figure)
    return frame


# What causes the disagreement

def causes(evaluator: Evaluator, columns: Columns) -> tuple[Cause, ...]:
    """The criteria on which compared rows with different verdicts part (`engine/comparison.py`), most frequent first by question.

    The walk down the decision lists is done once for each group of rows with the same states, the parting once for each pair of groups.
    """
    counted: Counter[tuple[str, Parting, str, str]] = Counter()
    for start in range(0, columns.rows, ROWS_PER_SLICE):
        counted.update(count_partings(evaluator, _slice(columns, slice(start, start + ROWS_PER_SLICE))))
    return merged_causes(counted)


def _slice(columns: Columns, rows: slice) -> Columns:
    by_item = {name: Column(column.values[rows], column.recorded[rows]) for name, column in columns.by_item.items()}
    return Columns(len(range(columns.rows)[rows]), by_item)


def count_partings(evaluator: Evaluator, columns: Columns) -> Counter[tuple[str, Parting, str, str]]:
    rules = evaluator.rules
    evaluation = evaluate(evaluator.program, rules.vocabulary, columns)
    sides = {column: _Side(rules, verdicts, evaluation) for column, (_, verdicts) in verdict_columns(evaluator).items()}
    counted: Counter[tuple[str, Parting, str, str]] = Counter()
    for question, left, right in comparable_pairs(evaluator):
        for held, other in ((left, right), (right, left)):
            for parting, rows in _partings(rules, sides[held], sides[other]):
                counted[question, parting, held, other] += rows
    return counted


class _Side:
    """One column over a slice of rows: its verdicts, and for each row what decided, where it is settled and applies."""

    def __init__(self, rules: RuleSet, verdicts: Verdicts, evaluation: Evaluation) -> None:
        self.decision: DecisionList = verdicts.decision
        settled = decide_evaluated(self.decision, evaluation).settled
        ranks = np.array([FAVOURABLE_FIRST.index(outcome) if outcome in FAVOURABLE_FIRST else -1 for outcome in self.decision.outcomes] + [-1])
        self.ranks = ranks[settled]  # -1, not settled, takes the last place
        rows = np.flatnonzero(self.ranks >= 0)
        self._places = np.full(len(settled), -1, np.intp)
        self._places[rows], found = decided_rows(rules, self.decision, evaluation, rows)
        self.borders = _numbered(found, borders_of)
        self.reasons = {answer: _numbered(found, lambda decided, answer=answer: _reasons(decided, answer)) for answer in FAVOURABLE_FIRST}

    def facts_of(self, numbered: tuple[np.ndarray, list[tuple[Fact, ...]]], rows: np.ndarray) -> np.ndarray:
        """For these rows the place of their facts in a numbered list."""
        return numbered[0][self._places[rows]]


def _reasons(decided: Decided, answer: str) -> tuple[Fact, ...]:
    held = decided.answer in FAVOURABLE_FIRST and FAVOURABLE_FIRST.index(decided.answer) > FAVOURABLE_FIRST.index(answer)
    return reasons_against(decided, answer) if held else ()


def _numbered(found: list[Decided], facts_of) -> tuple[np.ndarray, list[tuple[Fact, ...]]]:
    """Every distinct tuple of facts once, and for each group of rows the place of its own."""
    place_of: dict[tuple[Fact, ...], int] = {}
    places = np.array([place_of.setdefault(facts_of(decided), len(place_of)) for decided in found], np.intp)
    return places, list(place_of)


def _partings(rules: RuleSet, held: _Side, other: _Side) -> Iterator[tuple[Parting, int]]:
    for rank, answer in enumerate(FAVOURABLE_FIRST):
        rows = np.flatnonzero((other.ranks == rank) & (held.ranks > rank))
        if len(rows) == 0:
            continue
        reasons, borders = held.reasons[answer], other.borders
        both = held.facts_of(reasons, rows) * len(borders[1]) + other.facts_of(borders, rows)
        for pair, count in zip(*(part.tolist() for part in np.unique(both, return_counts=True))):
            why, beside = reasons[1][pair // len(borders[1])], borders[1][pair % len(borders[1])]
            yield settled_parting(rules, why, beside, other.decision), count


def merged_causes(counted: Mapping[tuple[str, Parting, str, str], int]) -> tuple[Cause, ...]:
    rows: Counter[tuple[str, ...]] = Counter()
    pairs: dict[tuple[str, ...], Counter[tuple[str, str]]] = {}
    for (question, parting, held, other), count in counted.items():
        key = (question, parting.kind, parting.detail, *_named(parting), "" if parting.fact is not None else held)
        rows[key] += count
        pairs.setdefault(key, Counter())[held, other] += count
    causes_ = [Cause(*key, count, tuple(pair for pair, _ in pairs[key].most_common())) for key, count in rows.items()]
    return tuple(sorted(causes_, key=lambda cause: (cause.question, -cause.rows, cause.criterion, cause.other_criterion)))


def _named(parting: Parting) -> tuple[str, str, str]:
    question = parting.fact.question if parting.fact is not None else None
    asked = "" if question is None else getattr(question, "item", getattr(question, "table", ""))
    return asked, parting.fact.criterion if parting.fact is not None else "", parting.other.criterion if parting.other is not None else ""

"""The figures of a scored cohort as one value for `.summary.json`: counts and shares with their denominators, no value of any patient."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.agreement import PairAgreement, comparable_pairs, counted_pair
from engine.coded import LIST_SEPARATOR, Coded
from engine.columns import Column, Columns
from engine.evaluator import Evaluator
from engine.planes import evaluate
from engine.ruleset import MORE_INFORMATION


class Summary:
    """Adds up batches of scored rows."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._undecided = 0
        self._missing: Counter[str] = Counter()
        self._settling: Counter[str] = Counter()
        self._pairs: dict[tuple[str, str], PairAgreement] = {}

    def add(self, columns: Columns, scored: Mapping[str, Coded]) -> None:
        """columns and scored: the same rows, before and after `score_columns`."""
        self._add_questions(columns, scored)
        for question, left, right in comparable_pairs(self._evaluator):
            pair = counted_pair(question, left, right, scored[left], scored[right])
            self._pairs[left, right] = pair if (left, right) not in self._pairs else self._pairs[left, right] + pair

    def _add_questions(self, columns: Columns, scored: Mapping[str, Coded]) -> None:
        where = np.flatnonzero(scored["pathway"].cells() == MORE_INFORMATION)
        if not len(where):
            return
        missing = _entries(scored["missing_items"], where)
        asks = self._evaluator.next_item(self._evaluator.rules.pathway)
        part = Columns(len(where), {name: Column(column.values[where], column.recorded[where]) for name, column in columns.by_item.items()})
        settling = asks.settling(evaluate(asks.program, self._evaluator.rules.vocabulary, part), missing)
        self._undecided += len(where)
        self._missing.update({item: int(rows.sum()) for item, rows in missing.items()})
        self._settling.update({item: int(rows.sum()) for item, rows in settling.items()})

    def questions(self) -> list[dict[str, object]]:
        """Each missing item, how many undecided rows lack it, and how many of them it alone would settle; most settling first."""
        names = sorted(self._missing, key=lambda name: (-self._settling[name], -self._missing[name], self._evaluator.rules.vocabulary[name].order))
        return [{"item": name, "missing_in": self._missing[name], "would_settle": self._settling[name]} for name in names]

    @property
    def undecided(self) -> int:
        return self._undecided

    def agreement(self) -> tuple[PairAgreement, ...]:
        return tuple(self._pairs.values())

    def facts(self, counts: Mapping[str, object]) -> dict[str, object]:
        """counts: those of the manifest."""
        return {
            "rows": counts["rows"],
            "pathways": counts["pathways"],
            "verdicts": counts["verdicts"],
            "assumptions": counts["assumptions"],
            "undecided": self.undecided,
            "what_recording_would_settle": self.questions(),
            "agreement": [pair.as_json() for pair in self.agreement()],
        }


def write_summary(path: Path, facts: Mapping[str, object]) -> None:
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _entries(column: Coded, where: np.ndarray) -> dict[str, np.ndarray]:
    """For each entry that occurs in a column of lists, in which of these rows it stands."""
    entries = [frozenset(text.split(LIST_SEPARATOR)) - {""} for text in column.texts]
    codes = column.codes[where]
    names = sorted(frozenset().union(*entries))
    return {name: np.array([name in listed for listed in entries])[codes] for name in names}

"""Scores line by line: points, blanks, the range that the blanks allow, and whether it crosses a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.advice_findings import ScoreFinding, ScoreLine
from engine.columns import Columns
from engine.points import PointsTotals, conditions_over_totals
from engine.program import compile_program
from engine.reference_schema import BandRowForm, ScoreBandForm
from engine.ruleset import PointsParameter, PointsTable, RuleSet
from engine.situation import cite
from engine.text_schema import ScoreLinesFile
from engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class _Line:
    """One parameter, its points, and the items it reads."""

    parameter: PointsParameter
    totals: PointsTotals
    items: tuple[str, ...]

    def of(self, columns: Columns) -> ScoreLine:
        _, points, lowest, highest = self.totals.of(columns)
        is_open = lowest[0] != highest[0]
        blank = tuple(item for item in self.items if is_open and not _is_recorded(columns, item))
        return ScoreLine(self.parameter.id, self.parameter.label, int(points[0]), int(lowest[0]), int(highest[0]), blank)


class ScoreSheet:
    """One score of a rule set. Made once."""

    def __init__(self, rules: RuleSet, bands: ScoreBandForm) -> None:
        table = rules.points_tables[bands.score]
        self._table, self._bands, self._words = table, bands, rules.advice.score_lines
        self._vocabulary = rules.vocabulary
        self._lines = [_line(rules, table, parameter) for parameter in table.parameters]
        self._source = cite(rules, [bands.source])[0]
        _, _, lowest, highest = PointsTotals(rules, table).of(Columns(1, {}))
        self._band_of = _bands_by_total(rules, table, bands, int(lowest[0]), int(highest[0]))

    def of(self, columns: Columns) -> ScoreFinding:
        """The score of one patient (columns of length 1)."""
        lines = tuple(line.of(columns) for line in self._lines)
        points, lowest, highest = (sum(getattr(line, name) for line in lines) for name in ("points", "lowest", "highest"))
        unknown = tuple(item for item in self._table.unknown_while_blank if not _is_recorded(columns, item))
        possible = tuple(dict.fromkeys(self._band_of[total].label for total in range(lowest, highest + 1)))
        band = None if unknown else self._band_of[points]
        return ScoreFinding(
            id=self._table.id, name=self._table.name, points=None if unknown else points, lowest=lowest, highest=highest, lines=lines,
            band=band.grade if band else "", band_label=band.label if band else "", band_text=band.text if band else "",
            possible_bands=possible, crosses_a_limit=len(possible) > 1,
            summary=_summary(self._words, self._vocabulary, lines, unknown, (points, lowest, highest), possible),
            notes=(self._bands.note,), source=self._source, provenance=self._bands.provenance,
        )


def _summary(words: ScoreLinesFile, vocabulary: Vocabulary, lines: tuple[ScoreLine, ...], unknown: tuple[str, ...],
             numbers: tuple[int, int, int], possible: tuple[str, ...]) -> tuple[str, ...]:
    points, lowest, highest = numbers
    blank = [item for line in lines for item in line.blank_items if item not in unknown]
    if unknown:
        sentences = [words.unknown.format(items=_labels(vocabulary, unknown))]
    else:
        sentences = [words.total.format(points=points, lowest=lowest, highest=highest)]
    if blank:
        sentences.append(words.blank.format(items=_labels(vocabulary, dict.fromkeys(blank))))
    if len(possible) > 1:
        sentences.append(words.crosses.format(lowest=lowest, highest=highest, bands=", ".join(possible)))
    elif blank:
        sentences.append(words.settled)
    return tuple(sentences)


def _labels(vocabulary: Vocabulary, items: object) -> str:
    return ", ".join(vocabulary[item].label for item in items)


def _is_recorded(columns: Columns, item: str) -> bool:
    return item in columns.by_item and bool(columns.by_item[item].recorded[0])


def _line(rules: RuleSet, table: PointsTable, parameter: PointsParameter) -> _Line:
    program = compile_program(rules, (), [row.when for row in parameter.rows])
    read = frozenset().union(*program.reads)
    items = tuple(name for name in rules.vocabulary.names if name in read)
    return _Line(parameter, PointsTotals(rules, replace(table, parameters=(parameter,), unknown_while_blank=())), items)


def _bands_by_total(rules: RuleSet, table: PointsTable, bands: ScoreBandForm, lowest: int, highest: int) -> dict[int, BandRowForm]:
    """The band of every total there can be: the conditions of the bands over totals instead of patients."""
    totals = np.arange(lowest, highest + 1)
    met = conditions_over_totals(rules, [row.when for row in bands.rows], totals)
    return {
        total: _only(bands, [row for row, plane in zip(bands.rows, met) if plane[position]], total) for position, total in enumerate(totals.tolist())
    }


def _only(bands: ScoreBandForm, rows: list[BandRowForm], total: int) -> BandRowForm:
    if len(rows) != 1:
        raise ValueError(f"reference/bands.yaml: a total of {total} of {bands.score} lies in {len(rows)} bands, not in one.")
    return rows[0]

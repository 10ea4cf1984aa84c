"""One-click ranges for numbers: the stretches between all limits that rules compare the number with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.cells import Cells, Cut, cells_of
from engine.evaluator import Evaluator
from engine.values import text_form
from engine.vocabulary import Item
from ui.knowledge import texts


@dataclass(frozen=True)
class Band:
    """A range in words, and the number that choosing it enters, as text."""

    label: str
    entry: str


@lru_cache(maxsize=256)
def bands_of(evaluator: Evaluator, name: str) -> tuple[Band, ...]:
    """The bands of a number; none when no rule compares it."""
    item = evaluator.rules.vocabulary[name]
    cells = _cells(evaluator, name)
    if len(cells) < 2:
        return ()
    bounds = [None, *cells.cuts, None]
    return tuple(
        Band(_in_words(item, low, high), text_form(item, _number_inside(item, cells, position, low, high)))
        for position, (low, high) in enumerate(zip(bounds, bounds[1:]))
    )


def band_with(evaluator: Evaluator, name: str, value: float) -> Band:
    """The band that a recorded number lies in."""
    return bands_of(evaluator, name)[_cells(evaluator, name).locate_one(np.float64(value))]


@lru_cache(maxsize=256)
def _cells(evaluator: Evaluator, name: str) -> Cells:
    program = evaluator.program
    return cells_of(program, evaluator.rules.vocabulary, evaluator.rules.vocabulary[name], range(len(program.steps)))


def _in_words(item: Item, low: Cut | None, high: Cut | None) -> str:
    if item.type == "integer":
        return _whole_numbers_in_words(item, low, high)
    lower = "" if low is None else _limit(item, low[0])
    upper = "" if high is None else _limit(item, high[0])
    if low is None:
        return upper if high == (item.minimum, 1) else f"{'≤' if high[1] else '<'} {upper}"
    if high is None:
        return f"{'>' if low[1] else '≥'} {lower}"
    if low[0] == high[0]:
        return lower
    return f"{'> ' if low[1] else ''}{lower} to {'' if high[1] else '< '}{upper}"


def _limit(item: Item, value: float) -> str:
    """A limit as a number, or plainer where the texts have words for it ('1 day')."""
    return texts("inputs")["limits_in_words"].get(item.name, {}).get(f"{value:g}", f"{value:g}")


def _whole_numbers_in_words(item: Item, low: Cut | None, high: Cut | None) -> str:
    first = int(item.minimum if low is None else low[0])
    if high is None:
        return f"≥ {first}"
    last = int(high[0]) - 1
    return f"{first}" if first == last else f"{first} to {last}"


def _number_inside(item: Item, cells: Cells, position: int, low: Cut | None, high: Cut | None) -> float:
    """A plain number of the band near its inner end, so that it stays a likely value for a patient."""
    for candidate in _candidates(item, cells, low, high):
        if item.minimum <= candidate <= item.maximum and cells.locate_one(np.float64(candidate)) == position:
            return candidate
    return float(cells.values[position])


def _candidates(item: Item, cells: Cells, low: Cut | None, high: Cut | None) -> Iterable[float]:
    steps = (1.0, 0.5) if all(cut[0] == int(cut[0]) for cut in cells.cuts) else (0.1, 0.01)
    end, sign = (low[0], 1) if low is not None else (high[0], -1)
    yield end
    yield from (round(end + sign * step, 6) for step in steps)

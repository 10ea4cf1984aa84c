"""Cells: the finite partition of every item by the constants that rules compare it with.

Because a leaf compares one item with constants, it has the same truth for every value of a cell, and so has everything built of
leaves. Numbers fall into the stretches between thresholds, categories into their codes, lists into the classes that the leaves on
them can tell apart. 'Not recorded' is not a cell: callers add it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine import conditions as c
from engine.columns import Column
from engine.program import Program
from engine.vocabulary import Item, Vocabulary

EMPTY_LIST = "none"
"""The code that alone stands for a recorded empty list; it is never an entry."""

LEVELS, LEVEL_LIST, LEVELS_DIFFER = "levels_planned", "fracture_levels", "levels_planned_differs"
"""The number of levels, the list it is derived from when blank, and the derived item that compares the two."""

Cut = tuple[float, int]
"""A place between numbers: (v, 0) lies just before v, (v, 1) just after it."""


@dataclass(frozen=True)
class Cells:
    """The cells of one item. `values` holds one value of each cell in the encoding of `engine.columns.Column`."""

    item: str
    values: np.ndarray
    cuts: tuple[Cut, ...] = ()
    highest_allowed: float = math.inf
    masks: tuple[int, ...] = ()
    length_cuts: tuple[int, ...] = ()
    signatures: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def column(self, cell: int) -> Column:
        """The cell as a column that is the same for every patient."""
        return Column(self.values[cell : cell + 1], np.ones(1, bool))

    def lowest(self) -> np.ndarray:
        """The lowest number of each cell (float64)."""
        return np.array([self.values[0], *(np.nextafter(value, np.inf) if after else value for value, after in self.cuts)])

    def highest(self) -> np.ndarray:
        """The highest number of each cell (float64)."""
        return np.array([*(value if after else np.nextafter(value, -np.inf) for value, after in self.cuts), self.highest_allowed])

    def locate(self, column: Column) -> np.ndarray:
        """The cell of each value (intp); without meaning where the value is not recorded."""
        if self.signatures:
            ordered = np.array(self.signatures)
            order = np.argsort(ordered)
            found = np.searchsorted(ordered[order], self._signature(column.values))
            return order[np.minimum(found, len(order) - 1)]
        if self.values.dtype == np.float64:
            return _locate_number(column.values, self.cuts)
        return np.clip(column.values, 0, len(self.values) - 1).astype(np.intp)

    def locate_one(self, value: np.generic) -> int:
        """The cell of one recorded value."""
        if self.signatures:
            return self.signatures.index(int(self._signature(np.array([value]))[0]))
        if self.values.dtype == np.float64:
            number = float(value)
            return sum(number > cut if after else number >= cut for cut, after in self.cuts)
        return int(value)

    def _signature(self, masks: np.ndarray) -> np.ndarray:
        return list_signature(masks, self.masks, self.length_cuts)


def cells_of(program: Program, vocabulary: Vocabulary, item: Item, steps: Iterable[int], extra_cuts: Iterable[Cut] = ()) -> Cells:
    """The partition of `item` by the leaves among `steps`, with `extra_cuts` added to a number's thresholds."""
    leaves = [program.steps[step].condition for step in steps if program.steps[step].kind == "leaf"]
    own = [leaf for leaf in leaves if leaf.item == item.name]
    if item.is_number:
        limits = _limits_of_levels(leaves, vocabulary) if item.name == LEVELS else [cut for leaf in own for cut in cuts_of(leaf, item)]
        return number_cells(item, [*limits, *extra_cuts])
    if item.type == "category_list":
        if item.name != LEVEL_LIST:
            return list_cells(item.name, item.codes, own)
        return list_cells(item.name, item.codes, own, sorted({int(cut[0]) for cut in _limits_of_levels(leaves, vocabulary)}), shortest=1)
    return Cells(item.name, np.arange(len(item.codes), dtype=np.int16))


def _limits_of_levels(leaves: Iterable[c.Leaf], vocabulary: Vocabulary) -> list[Cut]:
    """Where rules cut the number of levels. A rule that compares the number with the list needs at least two stretches."""
    cuts = [cut for leaf in leaves if leaf.item == LEVELS for cut in cuts_of(leaf, vocabulary[LEVELS])]
    return cuts + [(2.0, 0)] if any(leaf.item == LEVELS_DIFFER for leaf in leaves) else cuts


# Numbers

def cuts_of(leaf: c.Compare, item: Item) -> list[Cut]:
    """Where the truth of the comparison changes."""
    value = leaf.threshold.value
    before, after = _normal((value, 0), item), _normal((value, 1), item)
    match leaf.operator:
        case "at_least" | "below":
            return [before]
        case "at_most" | "above":
            return [after]
    return [before, after]


def _normal(cut: Cut, item: Item) -> Cut:
    """Between whole numbers there is one place, not two: just after n is just before n + 1."""
    value, after = cut
    if item.type != "integer":
        return cut
    return (float(math.floor(value) + 1 if after else math.ceil(value)), 0)


def number_cells(item: Item, cuts: Iterable[Cut]) -> Cells:
    """One value of each stretch between the cuts that lie inside the item's range."""
    wanted = {cut for cut in cuts if (item.minimum, 0) < cut < (item.maximum, 1)}
    inside = sorted(cut for cut in wanted if _just_after_its_neighbour(cut) not in wanted)
    bounds = [(item.minimum, 0), *inside, (item.maximum, 1)]
    values = [_between(low, high) for low, high in zip(bounds, bounds[1:])]
    return Cells(item.name, np.array(values, np.float64), cuts=tuple(inside), highest_allowed=item.maximum)


def _just_after_its_neighbour(cut: Cut) -> Cut | None:
    """The other way to write a place just before a number: no number lies between the two, so they are one cut."""
    value, after = cut
    return None if after else (float(np.nextafter(value, -np.inf)), 1)


def _between(low: Cut, high: Cut) -> float:
    """A value of the stretch: its closed end where it has one, else its middle."""
    if low[1] == 0:
        return low[0]
    if high[1] == 1:
        return high[0]
    return (low[0] + high[0]) / 2


def _locate_number(values: np.ndarray, cuts: tuple[Cut, ...]) -> np.ndarray:
    found = np.zeros(values.shape, np.intp)
    for value, after in cuts:
        found += values > value if after else values >= value
    return found


# Lists

def list_signature(masks: np.ndarray, leaf_masks: tuple[int, ...], length_cuts: tuple[int, ...]) -> np.ndarray:
    """What the leaves can see of a list: a bit for each of them, then which stretch its length lies in."""
    signature = np.zeros(masks.shape, np.int64)
    for position, mask in enumerate(leaf_masks):
        signature |= ((masks & np.uint64(mask)) != 0).astype(np.int64) << position
    length = np.zeros(masks.shape, np.int64)
    if length_cuts:
        counted = np.bitwise_count(masks)
        for cut in length_cuts:
            length += counted >= cut
    return signature | length << len(leaf_masks)


def list_cells(
    name: str, codes: tuple[str, ...], leaves: Iterable[c.IncludesAny | c.AllWithin], length_cuts: Iterable[int] = (), shortest: int = 0
) -> Cells:
    """The classes of lists that these leaves and length limits can tell apart, with a shortest list of each."""
    leaf_masks = tuple(dict.fromkeys(_seen_by(leaf, codes) for leaf in leaves))
    cuts = tuple(length_cuts)
    kinds: dict[int, list[int]] = {}
    for position in (position for position, code in enumerate(codes) if code != EMPTY_LIST):
        kinds.setdefault(sum(1 << k for k, mask in enumerate(leaf_masks) if mask >> position & 1), []).append(position)
    examples: dict[int, int] = {}
    for chosen in itertools.product((False, True), repeat=len(kinds)):
        members = [positions for use, positions in zip(chosen, kinds.values()) if use]
        for length in sorted({max(shortest, len(members)), *cuts}):
            mask = _list_of(members, length)
            if mask is not None and length >= shortest:
                signature = int(list_signature(np.array([mask], np.uint64), leaf_masks, cuts)[0])
                examples.setdefault(signature, mask)
    return Cells(name, np.array(list(examples.values()), np.uint64), masks=leaf_masks, length_cuts=cuts, signatures=tuple(examples))


def _seen_by(leaf: c.IncludesAny | c.AllWithin, codes: tuple[str, ...]) -> int:
    """The codes whose presence decides the leaf: those it asks for, or those it does not allow."""
    asked = sum(1 << codes.index(code) for code in leaf.codes)
    return asked if isinstance(leaf, c.IncludesAny) else (1 << len(codes)) - 1 & ~asked


def _list_of(members: list[list[int]], length: int) -> int | None:
    """A list with at least one entry of every kind in `members`, no other kinds, and `length` entries; None if there is none."""
    if length < len(members) or length > sum(map(len, members)) or (length and not members):
        return None
    picked = [positions[0] for positions in members]
    rest = [position for positions in members for position in positions[1:]]
    return sum(1 << position for position in [*picked, *rest[: length - len(picked)]])

"""What the caller asks to assume (`--assume ITEM=VALUE`): fills blanks only, never an invalid cell, and says where it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.column_building import filled_column
from engine.columns import Column, Columns
from engine.errors import UnusableInput
from engine.nearest import nearest
from engine.values import InvalidValue, Value, parse_value, quoted, text_form
from engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class Assumed:
    """Columns with the assumptions filled in. `where` gives, by item, the rows (a boolean mask) that rest on one."""

    columns: Columns
    where: Mapping[str, np.ndarray]


def parse_assumptions(texts: Iterable[str], vocabulary: Vocabulary) -> dict[str, Value]:
    """`ITEM=VALUE` texts as values by item. Raises UnusableInput for an unknown item, an invalid value or two values for one item."""
    values: dict[str, Value] = {}
    for text in texts:
        name, equals, written = (part.strip() for part in text.partition("="))
        if not equals:
            raise _unusable(text, "it is not of the form ITEM=VALUE", "write for example --assume local_skin_infection=no")
        if name not in vocabulary:
            like = nearest(name, vocabulary.names)
            raise _unusable(text, f"there is no item {quoted(name)}", f"the nearest is {like}" if like else "use a name of the dictionary")
        try:
            value = parse_value(vocabulary[name], written)
        except InvalidValue as invalid:
            raise _unusable(text, invalid.reason.partition(", so it counts")[0], invalid.action.rstrip(".")) from invalid
        if value is None:
            raise _unusable(text, "it names no value", "leave the option out: a blank stays not recorded")
        if name in values and values[name] != value:
            raise _unusable(text, f"{name} is assumed to have two values", "keep one of them")
        values[name] = value
    return values


def apply_assumptions(
    vocabulary: Vocabulary, columns: Columns, assumptions: Mapping[str, Value], not_blank: Mapping[str, np.ndarray], unreadable_rows: np.ndarray
) -> Assumed:
    """Fill blank cells and absent columns.

    not_blank: by item, the rows whose cell was invalid. unreadable_rows: rows whose cells could not be told apart (ragged).
    """
    by_item = dict(columns.by_item)
    where: dict[str, np.ndarray] = {}
    for name, value in assumptions.items():
        item = vocabulary[name]
        fill = ~unreadable_rows
        if name in not_blank:
            fill &= ~not_blank[name]
        filler = filled_column(item, value, columns.rows)
        column = by_item.get(name)
        if column is None:
            by_item[name] = Column(filler.values, fill.copy())
        else:
            fill &= ~column.recorded
            by_item[name] = Column(np.where(fill, filler.values, column.values), column.recorded | fill)
        where[name] = fill
    return Assumed(Columns(columns.rows, by_item), where)


def assumption_text(vocabulary: Vocabulary, name: str, value: Value) -> str:
    """An entry of the column `assumed_items`."""
    return f"{name}={text_form(vocabulary[name], value)}"


def _unusable(text: str, why: str, action: str) -> UnusableInput:
    return UnusableInput(f"The assumption {quoted(text)} cannot be used: {why}; {action}.")

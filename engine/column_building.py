"""Raw values of many patients to typed columns, each distinct value read once; and back to one patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.columns import Column, Columns
from engine.values import InvalidValue, Spelling, Value, parse_with
from engine.vocabulary import RECORD_ID, Item, Vocabulary

if TYPE_CHECKING:  # one patient needs no pandas, and loading it takes longer than the answer
    import pandas as pd

    from engine.column_map import ColumnMap

LONGEST_KEPT = 200
_ORDINARY = Spelling()
_DTYPES: Mapping[str, type] = {
    "number": np.float64,
    "integer": np.float64,
    "boolean": np.int16,
    "category": np.int16,
    "category_list": np.uint64,
    "text": np.object_,
    "text_list": np.object_,
}
_SHORT_FLOATS = ("Float32", "float[pyarrow]", "halffloat[pyarrow]")
_ONE_RECORDED = np.ones(1, dtype=bool)
_ONE_RECORDED.setflags(write=False)


class InvalidCell(NamedTuple):
    """A cell that could not be read: its row (position from 0) and item, its text, why, and what to do."""

    position: int
    item: str
    text: str
    reason: str
    action: str


def build_column(item: Item, series: pd.Series, spelling: Spelling = _ORDINARY) -> tuple[Column, list[InvalidCell]]:
    """One item over n patients from raw values of any type (text, float64, nullable, categorical, Arrow).

    An invalid cell is not recorded in the column and is listed, in row order.
    """
    import pandas as pd

    if item.is_number and _is_plain_numeric(series):
        return _column_of_numbers(item, series, spelling)
    positions, distinct = _distinct(pd, series)
    values = np.zeros(len(distinct) + 1, dtype=_DTYPES[item.type])  # the last place is for what is missing by its type
    recorded = np.zeros(len(distinct) + 1, dtype=bool)
    problems: dict[int, InvalidValue] = {}
    if values.dtype == np.object_:
        values[:] = None
    for place, raw in enumerate(distinct):
        try:
            value = parse_with(item, raw, spelling)
        except InvalidValue as problem:
            problems[place] = problem
            continue
        if value is not None:
            values[place] = stored(item, value)
            recorded[place] = True
    column = Column(values[positions], recorded[positions])
    return column, _invalid_cells(item, positions, distinct, problems)


def columns_from_frame(
    vocabulary: Vocabulary, frame: pd.DataFrame, spelling: Spelling | None = None, column_map: ColumnMap | None = None
) -> tuple[Columns, list[InvalidCell]]:
    """A frame of any types as columns. Row order and number are kept; the index is not looked at.

    Raises UnusableInput when no column is known or one stands twice.
    """
    from engine.column_map import NO_COLUMN_MAP
    from engine.header import match_header

    own = column_map or NO_COLUMN_MAP
    spelling = spelling or Spelling(own_codes=own.own_codes)
    header = match_header(list(frame.columns), vocabulary, own, "The frame")
    by_item: dict[str, Column] = {}
    invalid: list[InvalidCell] = []
    for name, position in header.position_of_item.items():
        by_item[name], cells = build_column(vocabulary[name], frame.iloc[:, position], spelling)
        invalid.extend(cells)
    return Columns(len(frame), by_item), invalid


def columns_from_patients(vocabulary: Vocabulary, patients: Sequence[Mapping[str, Value | None]]) -> Columns:
    """Already parsed values (`parse_value`) as columns. Fast for one patient; an item that nobody has gets no column."""
    rows = len(patients)
    if rows == 1:
        one = patients[0]
        return Columns(1, {name: _single(vocabulary[name], value) for name, value in one.items() if value is not None and name != RECORD_ID})
    names = dict.fromkeys(name for patient in patients for name, value in patient.items() if value is not None and name != RECORD_ID)
    return Columns(rows, {name: _from_values(vocabulary[name], [patient.get(name) for patient in patients]) for name in names})


def patient_at(vocabulary: Vocabulary, columns: Columns, row: int) -> dict[str, Value]:
    """The recorded values of one patient, as `parse_value` gives them; what is not recorded is absent."""
    return {
        item.name: restored(item, column.values[row])
        for item in vocabulary
        if (column := columns.by_item.get(item.name)) is not None and column.recorded[row]
    }


def filled_column(item: Item, value: Value, rows: int) -> Column:
    """The same recorded value for every patient."""
    values = np.empty(rows, dtype=_DTYPES[item.type])
    if values.dtype == np.object_:
        values = _objects([value] * rows)
    else:
        values[:] = stored(item, value)
    return Column(values, np.ones(rows, dtype=bool))


def stored(item: Item, value: Value) -> float | int | str | tuple[str, ...]:
    """A parsed value as a column holds it: a float, a position in the codes, a bit mask, or itself."""
    if item.type in ("number", "integer"):
        return float(value)
    if item.type in ("boolean", "category"):
        return item.codes.index(value)
    if item.type == "category_list":
        if isinstance(value, str):
            raise ValueError(f"{item.name} needs a tuple of codes, not the text {value!r}")
        mask = 0
        for code in value:
            mask |= 1 << item.codes.index(code)
        return mask
    return value


def restored(item: Item, held: object) -> Value:
    """The parsed value that a column holds; the inverse of `stored`."""
    if item.type in ("number", "integer"):
        return float(held)
    if item.type in ("boolean", "category"):
        return item.codes[held]
    if item.type == "category_list":
        mask = int(held)
        return tuple(code for place, code in enumerate(item.codes) if mask >> place & 1)
    return held


def _single(item: Item, value: Value) -> Column:
    return _column_of_one(_DTYPES[item.type], stored(item, value))


@lru_cache(maxsize=4096)
def _column_of_one(dtype: type, held: float | int | str | tuple[str, ...]) -> Column:
    """Shared by all items that hold the same, hence read-only; making them anew would be most of the time of one patient."""
    values = np.empty(1, dtype=dtype)
    values[0] = held
    values.setflags(write=False)
    return Column(values, _ONE_RECORDED)


def _from_values(item: Item, values: Sequence[Value | None]) -> Column:
    recorded = np.array([value is not None for value in values], dtype=bool)
    if _DTYPES[item.type] is np.object_:
        return Column(_objects(values), recorded)
    held = [0 if value is None else stored(item, value) for value in values]
    return Column(np.array(held, dtype=_DTYPES[item.type]), recorded)


def _objects(values: Sequence[object]) -> np.ndarray:
    """An array whose cells are the values themselves, tuples included."""
    array = np.empty(len(values), dtype=np.object_)
    for position, value in enumerate(values):
        array[position] = value
    return array


def _is_plain_numeric(series: pd.Series) -> bool:
    return isinstance(series.dtype, np.dtype) and (series.dtype.kind in "iu" or series.dtype == np.float64)


def _column_of_numbers(item: Item, series: pd.Series, spelling: Spelling) -> tuple[Column, list[InvalidCell]]:
    """Typed numbers at once; only what is not plainly inside the range is read one by one."""
    raw = series.to_numpy()
    values = raw.astype(np.float64) + 0.0
    plain = np.isfinite(values)
    if item.minimum is not None:
        plain &= values >= item.minimum
    if item.maximum is not None:
        plain &= values <= item.maximum
    if item.type == "integer":
        plain &= values == np.floor(values)
    if spelling.missing_tokens != _ORDINARY.missing_tokens or spelling.own_codes.get(item.name):
        plain[:] = False  # a number may be one of the caller's words for 'not recorded'
    doubtful = np.flatnonzero(~plain & ~np.isnan(values))
    recorded = plain
    invalid: list[InvalidCell] = []
    read: dict[object, Value | None | InvalidValue] = {}
    for position in doubtful.tolist():
        number = raw[position].item()
        if number not in read:
            try:
                read[number] = parse_with(item, number, spelling)
            except InvalidValue as problem:
                read[number] = problem
        value = read[number]
        if isinstance(value, InvalidValue):
            invalid.append(InvalidCell(position, item.name, str(number), value.reason, value.action))
        elif value is not None:
            recorded[position] = True
    return Column(values, recorded), invalid


def _distinct(pd, series: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Position of each cell's value among the distinct raw values; -1 for what is missing by its type."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return np.asarray(series.cat.codes, dtype=np.intp), list(series.cat.categories.to_numpy())
    if str(series.dtype) in _SHORT_FLOATS:
        # Kept short until they are text: 7.2 in 32 bits is to be read as 7.2.
        series = pd.Series(series.to_numpy(dtype=np.float32, na_value=np.nan))
    if series.dtype == object:
        return _distinct_objects(pd, series.to_numpy())
    try:
        positions, distinct = pd.factorize(series.array)
    except (TypeError, ValueError, NotImplementedError):  # nested Arrow types cannot be factorised
        return _distinct_objects(pd, _objects(list(series.array)))
    return positions, list(distinct)


def _distinct_objects(pd, raw: np.ndarray) -> tuple[np.ndarray, list[object]]:
    if pd.api.types.infer_dtype(raw, skipna=True) in ("string", "empty"):
        positions, distinct = pd.factorize(raw)
        return positions, list(distinct)
    # True == 1 == 1.0 in Python, so values of different types are kept apart by their type.
    place_of: dict[object, int] = {}
    distinct = []
    positions = np.empty(len(raw), dtype=np.intp)
    for position, value in enumerate(raw):
        key = _key(value)
        if key not in place_of:
            place_of[key] = len(distinct)
            distinct.append(value)
        positions[position] = place_of[key]
    return positions, distinct


def _key(value: object) -> object:
    """What tells two raw values apart: equal keys are read alike."""
    if isinstance(value, np.ndarray):
        return (np.ndarray, value.shape, tuple(_key(entry) for entry in value.ravel().tolist()))
    if isinstance(value, (list, tuple)):
        return (type(value), tuple(_key(entry) for entry in value))
    try:
        hash(value)
    except TypeError:
        return (type(value), id(value))
    return (type(value), value)


def _invalid_cells(
    item: Item, positions: np.ndarray, distinct: Sequence[object], problems: Mapping[int, InvalidValue]
) -> list[InvalidCell]:
    if not problems:
        return []
    is_problem = np.zeros(len(distinct) + 1, dtype=bool)
    is_problem[list(problems)] = True
    return [
        InvalidCell(position, item.name, str(distinct[place])[:LONGEST_KEPT], problems[place].reason, problems[place].action)
        for position, place in ((int(p), int(positions[p])) for p in np.flatnonzero(is_problem[positions]))
    ]

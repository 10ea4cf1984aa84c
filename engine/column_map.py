"""The caller's own column names and codes (`--columns MAP.yaml`): `columns: {Alter: age_years}`, `codes: {sex: {w: female}}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import UnusableInput
from engine.nearest import nearest
from engine.values import MISSING_TOKENS, InvalidValue, comparison_key, parse_value, quoted
from engine.vocabulary import RECORD_ID, Vocabulary
from engine.yaml_files import YamlMistake, read_yaml

_SECTIONS = ("columns", "codes")


@dataclass(frozen=True)
class ColumnMap:
    """item_of_column: own name (trimmed, lower case) to item name or `record_id`. own_codes: as in `values.Spelling`."""

    item_of_column: Mapping[str, str] = field(default_factory=dict)
    own_codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


NO_COLUMN_MAP = ColumnMap()


def read_column_map(path: Path | str, vocabulary: Vocabulary) -> ColumnMap:
    """The column map of a file. Raises UnusableInput when it cannot be read or names what does not exist."""
    try:
        content = read_yaml(Path(path))
    except YamlMistake as mistake:
        raise UnusableInput(
            f"The column map {path} cannot be used: line {mistake.line}, {mistake.message}; mend the line and run again."
        ) from mistake
    except (OSError, ValueError) as error:
        raise UnusableInput(
            f"The column map {path} cannot be read ({getattr(error, 'strerror', None) or error}), so the columns would not be "
            "recognised; check the name and the permissions."
        ) from error
    return column_map_from(content, vocabulary, str(path))


def column_map_from(content: Mapping[str, object], vocabulary: Vocabulary, where: str = "given") -> ColumnMap:
    """The column map of a mapping with the keys `columns` and `codes`, both optional."""
    for key in content:
        if key not in _SECTIONS:
            raise _unusable(where, f"{quoted(key)} is not one of its parts", "write `columns:` and `codes:`")
    columns = _mapping(content.get("columns"), "columns", where)
    codes = _mapping(content.get("codes"), "codes", where)
    return ColumnMap(
        _item_of_column(columns, vocabulary, where),
        {
            _known_item(name, vocabulary, where): _own_codes(name, _mapping(own, f"codes: {name}", where), vocabulary, where)
            for name, own in codes.items()
        },
    )


def _item_of_column(columns: Mapping[str, object], vocabulary: Vocabulary, where: str) -> dict[str, str]:
    item_of_column: dict[str, str] = {}
    column_of_item: dict[str, str] = {}
    for own_name, item_name in columns.items():
        item = str(item_name).strip().lower()
        if item != RECORD_ID:
            _known_item(item, vocabulary, where)
        if item in column_of_item:
            why = f"{quoted(own_name)} and {quoted(column_of_item[item])} both stand for {item}"
            raise _unusable(where, why, "keep one of them")
        own = own_name.strip().lower()
        if own in item_of_column:
            raise _unusable(where, f"the column {quoted(own_name)} is named twice", "keep one of them")
        item_of_column[own] = item
        column_of_item[item] = own_name
    return item_of_column


def _own_codes(name: str, own_codes: Mapping[str, object], vocabulary: Vocabulary, where: str) -> dict[str, str]:
    """Own code to dictionary's code, every target a value of the item or a blank."""
    item = vocabulary[name]
    by_key: dict[str, str] = {}
    for own, target in own_codes.items():
        key, text = comparison_key(own), "" if target is None else str(target).strip()
        if key in by_key:
            raise _unusable(where, f"the code {quoted(own)} of {name} is named twice", "keep one of them")
        if text.lower() in MISSING_TOKENS:
            by_key[key] = ""
            continue
        if key in MISSING_TOKENS:
            # It would give every blank a value without a trace, which is what `--assume` reports.
            why = f"{quoted(own)} means 'not recorded' and cannot stand for {quoted(text)} of {name}"
            raise _unusable(where, why, f"use --assume {name}={text}, which is reported in each row")
        if not item.codes:
            raise _unusable(where, f"{name} is not a coded item, so {quoted(own)} cannot stand for a value of it", "remove the line")
        try:
            parse_value(item, text)
        except InvalidValue as invalid:
            raise _unusable(where, f"codes of {name}: {invalid.reason.rstrip('.')}", invalid.action) from invalid
        if ";" in text:
            raise _unusable(where, f"{quoted(own)} of {name} stands for more than one code", "name one code")
        by_key[key] = text
    return by_key


def _mapping(value: object, key: str, where: str) -> Mapping[str, object]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise _unusable(where, f"`{key}` must hold pairs of own name and name of the dictionary", "write them as {own: name}")
    return value


def _known_item(name: object, vocabulary: Vocabulary, where: str) -> str:
    if isinstance(name, str) and name in vocabulary:
        return name
    like = nearest(str(name), [*vocabulary.names, RECORD_ID])
    hint = f"the nearest name is {like}" if like else "use a name of the data dictionary"
    raise _unusable(where, f"there is no item {quoted(name)}", hint)


def _unusable(where: str, why: str, action: str) -> UnusableInput:
    return UnusableInput(f"The column map {where} cannot be used, for values would be misread: {why}; {action}.".replace("..", "."))

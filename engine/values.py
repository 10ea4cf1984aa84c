"""One cell or form field to one typed value, to 'not recorded' (None), or to a named error. Nothing is ever guessed.

Parsed values: float for number and integer items; the dictionary's code for booleans (`yes`, `no`) and categories; a tuple of codes
in dictionary order for lists, where `()` is a recorded empty list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from engine.nearest import nearest
from engine.vocabulary import NO, YES, Item

Value = float | str | tuple[str, ...]

MISSING_TOKENS = frozenset({"", "na", "n/a", ".", "-", "unknown", "not recorded"})
LIST_SEPARATOR = ";"
LONGEST_QUOTED = 40

_WORDS_FOR_YES = frozenset({"yes", "y", "true", "1", "1.0"})
_WORDS_FOR_NO = frozenset({"no", "n", "false", "0", "0.0"})
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_WITH_COMMA = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WHOLE_WITH_ZEROS = re.compile(r"([0-9]+)\.0+")
_BLANK_IF_UNKNOWN = "or leave it blank if it was not recorded"


class InvalidValue(ValueError):
    """A value that cannot be read. `reason` says what and why, `action` what to do about it."""

    def __init__(self, reason: str, action: str) -> None:
        super().__init__(f"{reason} {action}")
        self.reason = reason
        self.action = action

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.reason, self.action)


@dataclass(frozen=True)
class Spelling:
    """How one file writes its values: its words for 'not recorded', its decimal mark, its own codes for an item."""

    missing_tokens: frozenset[str] = MISSING_TOKENS
    decimal_comma: bool = False
    own_codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Item name to own code (as `comparison_key` writes it) to the dictionary's code; an empty text means not recorded."""


def parse_value(
    item: Item,
    raw: object,
    missing_tokens: frozenset[str] = MISSING_TOKENS,
    *,
    decimal_comma: bool = False,
    own_codes: Mapping[str, str] | None = None,
) -> Value | None:
    """Read one raw value (text or typed) of an item.

    Returns None when it is not recorded. Raises InvalidValue when it is anything but a value of the item; such a value counts as
    not recorded and is reported, it is never mended here. Source: `interfaces.md`, 'Accepted input'.
    """
    if is_missing(raw):
        return None
    if _is_collection(raw):
        return _entries(item, list(raw), raw, missing_tokens, own_codes)
    plain = _plain(item, raw)
    if own_codes:
        plain = _translated(item, plain, own_codes)
    if _means_missing(plain, missing_tokens):
        return None
    if item.is_number:
        return _number(item, plain, decimal_comma)
    if item.type == "boolean":
        return _boolean(item, plain)
    if item.type == "category":
        return _category(item, plain)
    if item.is_list:
        return _list_from_text(item, plain, missing_tokens, own_codes)
    return _text(item, plain)


def parse_with(item: Item, raw: object, spelling: Spelling) -> Value | None:
    """`parse_value` in the spelling of one file."""
    return parse_value(
        item,
        raw,
        spelling.missing_tokens,
        decimal_comma=spelling.decimal_comma,
        own_codes=spelling.own_codes.get(item.name),
    )


def text_form(item: Item, value: Value | None) -> str:
    """A parsed value as a cell of a file: the text that `parse_value` reads back to the same value."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        if value:
            return LIST_SEPARATOR.join(value)
        if item.empty_list_code is None:
            raise ValueError(f"{item.name} has no word for an empty list")
        return item.empty_list_code
    return _text_of_number(value) if isinstance(value, float) else value


def is_missing(raw: object) -> bool:
    """Whether a typed value says 'not recorded': None, NaN, `pd.NA`, `NaT` (recognised by name, so that pandas need not load)."""
    if raw is None or type(raw).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(raw, (float, np.floating)):
        return bool(raw != raw)
    if isinstance(raw, Decimal):
        return raw.is_nan()
    return isinstance(raw, (np.datetime64, np.timedelta64)) and bool(np.isnat(raw))


def comparison_key(raw: object) -> str:
    """A value as missing tokens and own codes are compared: trimmed, lower case, and 1, `1.0` and `01` as `1`.

    Without the last step a file that writes 1 for no would have its `1.0` read as yes.
    """
    if isinstance(raw, (float, int)) and not isinstance(raw, bool):
        return _text_of_number(float(raw)) if abs(raw) < 1e300 else str(raw)
    text = str(raw).strip().lower()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return _text_of_number(number) if math.isfinite(number) else text
    return text


def normalised_tokens(words: Iterable[str]) -> frozenset[str]:
    """The built-in words for 'not recorded' together with the caller's further ones."""
    further = {comparison_key(word) for word in words}
    return MISSING_TOKENS | further if further else MISSING_TOKENS


def quoted(raw: object) -> str:
    """A raw value as it is quoted in a message: on one line and shortened."""
    text = " ".join(str(raw).split())
    return f'"{text[:LONGEST_QUOTED]}..."' if len(text) > LONGEST_QUOTED else f'"{text}"'


def accepted_form(item: Item) -> str:
    """What the item accepts, in words."""
    if item.is_number:
        kind = "a whole number" if item.type == "integer" else "a number"
        return f"{kind}{_range_in_words(item)}"
    if item.type == "boolean":
        return "yes or no"
    if item.type == "category_list":
        return f"codes separated by `;`, out of {', '.join(item.codes)}"
    if item.codes:
        return f"one of {', '.join(item.codes)}"
    return "entries separated by `;`" if item.type == "text_list" else "text"


def _range_in_words(item: Item) -> str:
    unit = f" ({item.unit})" if item.unit else ""
    if item.minimum is not None and item.maximum is not None:
        return f" from {item.minimum:g} to {item.maximum:g}{unit}"
    if item.minimum is not None:
        return f" of at least {item.minimum:g}{unit}"
    if item.maximum is not None:
        return f" of at most {item.maximum:g}{unit}"
    return unit


def _invalid(item: Item, raw: object, why: str, action: str | None = None) -> InvalidValue:
    reason = f"{item.name}: {quoted(raw)} {why}, so it counts as not recorded."
    return InvalidValue(reason, action or f"Write {accepted_form(item)}, {_BLANK_IF_UNKNOWN}.")


def _is_collection(raw: object) -> bool:
    return isinstance(raw, (list, tuple, set, frozenset)) or (isinstance(raw, np.ndarray) and raw.ndim == 1)


def _plain(item: Item, raw: object) -> str | bool | int | float:
    """The raw value as one of Python's own types."""
    if isinstance(raw, str):
        return str(raw).strip()
    if isinstance(raw, (bool, np.bool_)):
        return bool(raw)
    if isinstance(raw, (int, np.integer)):
        return int(raw)
    if isinstance(raw, float):
        return float(raw)
    if isinstance(raw, (np.floating, Decimal)):
        # By way of its text: 7.2 held in 32 bits is 7.2, not 7.19999981, and must compare with a threshold of 7.2.
        return float(str(raw))
    if isinstance(raw, bytes):
        try:
            return raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _invalid(item, raw, "is not UTF-8 text") from None
    raise _invalid(item, raw, f"is of the type {type(raw).__name__}, which no item accepts")


def _means_missing(plain: str | bool | int | float, missing_tokens: frozenset[str]) -> bool:
    if isinstance(plain, str) and plain.lower() in missing_tokens:
        return True
    if missing_tokens is MISSING_TOKENS:  # none of them is a number
        return False
    return not isinstance(plain, bool) and comparison_key(plain) in missing_tokens


def _translated(
    item: Item, plain: str | bool | int | float, own_codes: Mapping[str, str]
) -> str | bool | int | float:
    """The dictionary's code where the caller's column map names this one."""
    key = comparison_key(plain)
    if key in own_codes:
        return own_codes[key]
    # A map that gives numbers a meaning of its own leaves no safe reading for the numbers that it does not name.
    if item.codes and _NUMBER.fullmatch(key) and any(_NUMBER.fullmatch(own) for own in own_codes):
        action = f"Add the number to `codes: {item.name}` of the column map, {_BLANK_IF_UNKNOWN}."
        raise _invalid(item, plain, "is not among the numbers that the column map explains", action)
    return plain


def _number(item: Item, plain: str | bool | int | float, decimal_comma: bool) -> float:
    if isinstance(plain, bool):
        raise _invalid(item, plain, "is a yes or no, not a number")
    number = _number_from_text(item, plain, decimal_comma) if isinstance(plain, str) else plain
    if isinstance(number, float) and not math.isfinite(number):
        raise _invalid(item, plain, "is not a finite number")
    if item.type == "integer" and number != math.floor(number):
        raise _invalid(item, plain, "is not a whole number")
    if (item.minimum is not None and number < item.minimum) or (item.maximum is not None and number > item.maximum):
        action = f"Check the value and its unit; write {accepted_form(item)}, {_BLANK_IF_UNKNOWN}."
        raise _invalid(item, plain, f"is outside the range: not {accepted_form(item)}", action)
    return float(number) + 0.0  # no negative zero


def _number_from_text(item: Item, text: str, decimal_comma: bool) -> float:
    if _NUMBER.fullmatch(text):
        return float(text)
    if _NUMBER_WITH_COMMA.fullmatch(text):
        if decimal_comma:
            return float(text.replace(",", "."))
        action = f"Write a decimal point and no thousands mark, {_BLANK_IF_UNKNOWN}."
        raise _invalid(item, text, "has a comma, which could be a decimal comma or a thousands mark", action)
    action = f"Write {accepted_form(item)} in plain digits, without unit, `<`, `>`, range or thousands mark, {_BLANK_IF_UNKNOWN}."
    raise _invalid(item, text, "is not a plain number", action)


def _boolean(item: Item, plain: str | bool | int | float) -> str:
    if isinstance(plain, str):
        word = plain.lower()
        if word in _WORDS_FOR_YES:
            return YES
        if word in _WORDS_FOR_NO:
            return NO
    elif plain in (0, 1):
        return YES if plain == 1 else NO
    raise _invalid(item, plain, "is neither yes nor no")


def _category(item: Item, plain: str | bool | int | float) -> str:
    if isinstance(plain, bool):
        raise _invalid(item, plain, "is a yes or no, not one of the codes", _code_action(item, ""))
    text = plain if isinstance(plain, str) else comparison_key(plain)
    code = _code(item, text)
    if code is None:
        raise _invalid(item, plain, "is not one of the codes", _code_action(item, text))
    return code


def _code(item: Item, text: str) -> str | None:
    """The dictionary's spelling of a code. `2.0` is the code 2: typed files turn a column of such codes into decimals."""
    wanted = text.lower()
    whole = _WHOLE_WITH_ZEROS.fullmatch(wanted)
    if whole:
        wanted = whole.group(1)
    return next((code for code in item.codes if code.lower() == wanted), None)


def _code_action(item: Item, text: str) -> str:
    like = nearest(text, item.codes)
    hint = f"The nearest code is {like}. " if like else ""
    return f"{hint}Write {accepted_form(item)}, {_BLANK_IF_UNKNOWN}."


def _text(item: Item, plain: str | bool | int | float) -> str:
    if isinstance(plain, bool):
        raise _invalid(item, plain, "is a yes or no, not text")
    text = plain if isinstance(plain, str) else comparison_key(plain)
    if item.codes:
        return _category(item, text)
    return _matching(item, text, text) if item.pattern else text


def _matching(item: Item, entry: str, raw: object) -> str:
    """An entry in capitals that has the form the vocabulary asks for."""
    upper = entry.upper()
    if item.pattern and not re.fullmatch(item.pattern, upper):
        # The help says the form in words; a regular expression would tell a clinician nothing.
        action = f"Write {accepted_form(item)}. {item.help} Leave it blank if it was not recorded."
        raise _invalid(item, raw, f"has {quoted(entry)}, which does not have the expected form", action)
    return upper


def _list_from_text(
    item: Item,
    plain: str | bool | int | float,
    missing_tokens: frozenset[str],
    own_codes: Mapping[str, str] | None,
) -> tuple[str, ...]:
    if isinstance(plain, bool):
        raise _invalid(item, plain, "is a yes or no, not a list")
    text = plain if isinstance(plain, str) else comparison_key(plain)
    return _entries(item, text.split(LIST_SEPARATOR), text, missing_tokens, own_codes)


def _entries(
    item: Item,
    entries: list[object],
    raw: object,
    missing_tokens: frozenset[str],
    own_codes: Mapping[str, str] | None,
) -> tuple[str, ...]:
    """A list; one entry that cannot be read makes the whole list invalid, for half a list would be a wrong list."""
    if not item.is_list:
        raise _invalid(item, raw, "is a list, where one value is expected")
    if not entries:
        word = f"`{item.empty_list_code}`" if item.empty_list_code else "at least one entry"
        action = f"Write {word} if that is what was recorded, {_BLANK_IF_UNKNOWN}."
        raise _invalid(item, raw, "is an empty list, which could mean 'none' or 'not recorded'", action)
    read = [_entry(item, entry, raw, missing_tokens, own_codes) for entry in entries]
    if item.type == "text_list":
        unique = dict.fromkeys(read)
        return tuple(sorted(unique)) if isinstance(raw, (set, frozenset)) else tuple(unique)
    named = set(read)
    if item.empty_list_code in named:
        if len(named) > 1:
            action = f"Write `{item.empty_list_code}` alone, or the entries without it."
            raise _invalid(item, raw, f"has `{item.empty_list_code}` beside another entry", action)
        return ()
    return tuple(code for code in item.codes if code in named)


def _entry(
    item: Item,
    entry: object,
    raw: object,
    missing_tokens: frozenset[str],
    own_codes: Mapping[str, str] | None,
) -> str:
    if is_missing(entry):
        raise _missing_inside(item, raw)
    plain = _plain(item, entry)
    if isinstance(plain, bool):
        raise _invalid(item, raw, f"has the entry {quoted(plain)}, a yes or no")
    if own_codes:
        plain = _translated(item, plain, own_codes)
    if plain == "":
        raise _invalid(item, raw, "has an empty entry")
    if _means_missing(plain, missing_tokens):
        raise _missing_inside(item, raw)
    text = plain if isinstance(plain, str) else comparison_key(plain)
    if item.type == "text_list":
        return _matching(item, text, raw)
    code = _code(item, text)
    if code is None:
        raise _invalid(item, raw, f"has the entry {quoted(text)}, which is not one of the codes", _code_action(item, text))
    return code


def _missing_inside(item: Item, raw: object) -> InvalidValue:
    action = f"Write the complete list, {_BLANK_IF_UNKNOWN} completely."
    return _invalid(item, raw, "has an entry that means 'not recorded', and a recorded list is complete", action)


def _text_of_number(number: float) -> str:
    return str(int(number)) if number == math.floor(number) and abs(number) < 1e15 else repr(float(number))

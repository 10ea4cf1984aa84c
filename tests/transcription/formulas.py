"""Parser for the notation of clinical/README.md section 4 and its three-valued evaluation.

States are ordered numbers, so ALL is a minimum, ANY a maximum and NOT a mirror (strong Kleene logic).
"""
from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .patient_table import Item, PatientTable

NOT_MET, UNKNOWN, MET = 0, 1, 2
STATE_NAMES = np.array(["not_met", "unknown", "met"], dtype=object)


class FormulaError(ValueError):
    """The text is not a formula of the notation, or names something that does not exist."""


def known(true: np.ndarray, blank: np.ndarray) -> np.ndarray:
    return np.where(blank, UNKNOWN, np.where(true, MET, NOT_MET)).astype(np.int8)


class Reading:
    """One way of reading the recorded values: named criteria, and how a blank milestone counts."""

    def __init__(self, table: PatientTable, definitions: dict, milestones_not_yet: frozenset = frozenset(),
                 outer: Reading | None = None):
        self.table, self.definitions, self.outer = table, definitions, outer
        self.milestones_not_yet = milestones_not_yet
        self._results: dict[str, list[np.ndarray]] = {}

    def inside(self, definitions: dict) -> Reading:
        return Reading(self.table, definitions, self.milestones_not_yet, self)

    def states(self, name: str) -> list[np.ndarray]:
        """The states of a named criterion; several for a named comma list."""
        if name not in self.definitions:
            if self.outer is None:
                raise FormulaError(f"{name} is not defined")
            return self.outer.states(name)
        if name not in self._results:
            self._results[name] = self.definitions[name].states(self)
        return self._results[name]


@dataclass
class Formula:
    """A condition, or a comma list of conditions, with the names and literals it uses."""

    parts: list[Callable[[Reading], list[np.ndarray]]]
    text: str
    references: set[str] = field(default_factory=set)

    def states(self, reading: Reading) -> list[np.ndarray]:
        return [state for part in self.parts for state in part(reading)]

    def __call__(self, reading: Reading) -> np.ndarray:
        return single(self.states(reading), self.text)


@dataclass
class BothWays:
    """Met when / clear when: met wins, neither means unknown."""

    met_when: Formula
    clear_when: Formula

    @property
    def references(self) -> set[str]:
        return self.met_when.references | self.clear_when.references

    def __call__(self, reading: Reading) -> np.ndarray:
        met, clear = self.met_when(reading), self.clear_when(reading)
        return np.where(met == MET, MET, np.where(clear == MET, NOT_MET, UNKNOWN)).astype(np.int8)

    def states(self, reading: Reading) -> list[np.ndarray]:
        return [self(reading)]


def single(states: list[np.ndarray], text: str) -> np.ndarray:
    if len(states) != 1:
        raise FormulaError(f"one condition expected, not {len(states)}: {text}")
    return states[0]


TOKEN = re.compile(r"\s*(:=|!=|<=|>=|[=<>{}(),]|-\d+(?:\.\d+)?|\d+\.\d+|@?[A-Za-z0-9_]+)")
ORDER = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
LIST_TESTS = {"any_in", "all_in", "none_in"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
WORD = re.compile(r"@?[A-Za-z0-9_]+")


def tokens_of(text: str) -> list[str]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise FormulaError(f"cannot read {text[position:position + 30]!r} in: {text}")
        tokens.append(match[1])
        position = match.end()
    return tokens


class Notation:
    """The items and sets that formulas may speak of; collects every number compared with."""

    def __init__(self, items: dict[str, Item], sets: dict[str, frozenset[str]]):
        self.items, self.sets = items, sets
        self.literals: dict[str, set[float]] = {}

    def parse(self, text: str) -> Formula:
        parser = _Parser(self, text)
        parts = [parser.condition()]
        while parser.next == ",":
            parser.take(",")
            parts.append(parser.condition())
        if parser.next is not None:
            raise FormulaError(f"{parser.next!r} is left over in: {text}")
        return Formula(parts, text, parser.references)


class _Parser:
    def __init__(self, notation: Notation, text: str):
        self.notation, self.text = notation, text
        self.tokens, self.position = tokens_of(text), 0
        self.references: set[str] = set()

    @property
    def next(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, expected: str | None = None) -> str:
        token = self.next
        if token is None or (expected is not None and token != expected):
            raise FormulaError(f"{expected or 'more text'} expected, {token!r} found in: {self.text}")
        self.position += 1
        return token

    def word(self) -> str:
        token = self.take()
        if not WORD.fullmatch(token):
            raise FormulaError(f"a name expected, {token!r} found in: {self.text}")
        return token

    def arguments(self) -> list[Callable]:
        found = [self.condition()]
        while self.next == ",":
            self.take(",")
            found.append(self.condition())
        self.take(")")
        return found

    def condition(self) -> Callable[[Reading], list[np.ndarray]]:
        word = self.word()
        if self.next == "(":
            self.take("(")
            return self.call(word)
        if self.next in ORDER:
            return self.comparison(word, self.take())
        if self.next in ("in", "not"):
            negated = self.next == "not"
            if negated:
                self.take("not")
            self.take("in")
            return self.one_of(word, negated)
        if word in ("always", "otherwise"):
            return lambda reading: [np.full(reading.table.size, MET, dtype=np.int8)]
        if word in self.notation.items or word in self.notation.sets:
            raise FormulaError(f"{word} stands without a comparison in: {self.text}")
        self.references.add(word)
        return lambda reading: reading.states(word)

    def call(self, word: str) -> Callable:
        if word in LIST_TESTS:
            return self.list_test(word)
        if word == "AT_LEAST":
            needed = int(self.take())
            self.take(",")
            parts = self.arguments()
            text = self.text

            def at_least(reading: Reading) -> list[np.ndarray]:
                states = np.stack([state for part in parts for state in part(reading)])
                if len(states) < needed:
                    raise FormulaError(f"AT_LEAST({needed}) of only {len(states)} conditions: {text}")
                met, open_or_met = (states == MET).sum(axis=0), (states != NOT_MET).sum(axis=0)
                return [np.where(met >= needed, MET, np.where(open_or_met < needed, NOT_MET, UNKNOWN)).astype(np.int8)]
            return at_least
        parts = self.arguments()
        if word == "ALL":
            return lambda reading: [np.minimum.reduce([state for part in parts for state in part(reading)])]
        if word == "ANY":
            return lambda reading: [np.maximum.reduce([state for part in parts for state in part(reading)])]
        if word == "NOT" and len(parts) == 1:
            text = self.text
            return lambda reading: [(MET - single(parts[0](reading), text)).astype(np.int8)]
        raise FormulaError(f"{word}( ) is not part of the notation: {self.text}")

    def item(self, name: str, *kinds: str) -> Item:
        item = self.notation.items.get(name)
        if item is None or item.kind not in kinds:
            raise FormulaError(f"{name} is not an item of kind {' or '.join(kinds)}: {self.text}")
        return item

    def code(self, item: Item) -> str:
        code = self.word()
        if code not in item.codes:
            raise FormulaError(f"{code} is not an allowed value of {item.name}: {self.text}")
        return code

    def set_of(self, item: Item) -> frozenset[str]:
        if self.next != "{":
            name = self.word()
            if name not in self.notation.sets:
                raise FormulaError(f"the set {name} is not defined: {self.text}")
            codes = self.notation.sets[name]
            if not codes <= set(item.codes):
                raise FormulaError(f"the set {name} does not fit {item.name}: {self.text}")
            return codes
        self.take("{")
        codes = {self.code(item)}
        while self.next == ",":
            self.take(",")
            codes.add(self.code(item))
        self.take("}")
        return frozenset(codes)

    def comparison(self, name: str, sign: str) -> Callable:
        item = self.item(name, "number", "category")
        if item.kind == "number":
            literal = self.take()
            if not NUMBER.fullmatch(literal):
                raise FormulaError(f"{name} is compared with {literal!r}: {self.text}")
            limit, compare = float(literal), ORDER[sign]
            self.notation.literals.setdefault(name, set()).add(limit)

            def number(reading: Reading) -> list[np.ndarray]:
                values = reading.table.numbers[name]
                return [known(compare(values, limit), np.isnan(values))]
            return number
        if sign not in ("=", "!="):
            raise FormulaError(f"{name} has no order: {self.text}")
        return self.membership(name, frozenset({self.code(item)}), sign == "!=")

    def one_of(self, name: str, negated: bool) -> Callable:
        return self.membership(name, self.set_of(self.item(name, "category")), negated)

    def membership(self, name: str, codes: frozenset[str], negated: bool) -> Callable:
        wanted = sorted(codes)

        def category(reading: Reading) -> list[np.ndarray]:
            values = reading.table.categories[name]
            blank = values == ""
            if name in reading.milestones_not_yet:
                if wanted != ["yes"]:
                    raise FormulaError(f"the milestone {name} is compared with {wanted}: what would a blank mean?")
                blank = np.zeros_like(blank)  # a blank milestone is simply not 'yes'
            return [known(np.isin(values, wanted) != negated, blank)]
        return category

    def list_test(self, test: str) -> Callable:
        name = self.word()
        self.take(",")
        wanted = self.set_of(self.item(name, "list"))
        self.take(")")

        def entries(reading: Reading) -> list[np.ndarray]:
            recorded, matrix, codes = reading.table.membership(name)
            inside = np.array([code in wanted for code in codes], dtype=bool)
            any_inside, any_outside = matrix[:, inside].any(axis=1), matrix[:, ~inside].any(axis=1)
            true = {"any_in": any_inside, "none_in": ~any_inside, "all_in": ~any_outside}[test]
            return [known(true, ~recorded)]
        return entries

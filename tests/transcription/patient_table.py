"""Columns of recorded values, one row for each patient; blanks stay blanks."""
from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class PatientError(ValueError):
    """A patient holds something the data dictionary does not know."""


@dataclass(frozen=True)
class Item:
    name: str
    kind: str  # number, category, list or text
    codes: tuple[str, ...] = ()
    is_integer: bool = False
    minimum: float | None = None
    maximum: float | None = None

    @property
    def may_be_empty_list(self) -> bool:
        return "none" in self.codes


KINDS = {
    "number": "number", "integer": "number", "category": "category", "boolean": "category",
    "category_list": "list", "text_list": "list", "text": "text",
}
# Items whose value is worked out from others; named in semantics.md and pathway.md section 6.
DERIVED = {
    "conservative_longer_than_symptoms": Item("conservative_longer_than_symptoms", "category", ("yes", "no")),
    "imaging_predates_pain": Item("imaging_predates_pain", "category", ("yes", "no")),
    "score": Item("score", "number", is_integer=True),
}


def expand_range(text: str) -> list[str]:
    """T1..T12 stands for every level from the first to the last."""
    bounds = re.fullmatch(r"([A-Z])(\d+)\.\.\1(\d+)", text)
    if not bounds:
        return [text]
    return [f"{bounds[1]}{number}" for number in range(int(bounds[2]), int(bounds[3]) + 1)]


def read_dictionary(path: Path) -> dict[str, Item]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = {}
    for row in rows:
        codes = [code for part in row["allowed_values"].split(";") if part for code in expand_range(part.strip())]
        items[row["name"]] = Item(
            row["name"], KINDS[row["type"]], tuple(codes), row["type"] == "integer",
            float(row["minimum"]) if row["minimum"] else None,
            float(row["maximum"]) if row["maximum"] else None,
        )
    if len(items) < 60:
        raise PatientError(f"{path} holds only {len(items)} items")
    return items


class PatientTable:
    """Numbers as floats (blank = nan), categories as text (blank = ''), lists as sets (blank = None)."""

    def __init__(self, patients: list[dict], items: dict[str, Item]):
        self.size = len(patients)
        unknown = {name for patient in patients for name in patient} - set(items)
        if unknown:
            raise PatientError(f"not in the data dictionary: {sorted(unknown)}")
        self.numbers: dict[str, np.ndarray] = {}
        self.categories: dict[str, np.ndarray] = {}
        self.lists: dict[str, list[frozenset | None]] = {}
        for item in items.values():
            values = [patient.get(item.name) for patient in patients]
            if item.kind == "number":
                self.numbers[item.name] = np.array([self._number(item, value) for value in values], dtype=float)
            elif item.kind == "list":
                self.lists[item.name] = [self._list(item, value) for value in values]
            else:
                self.categories[item.name] = np.array([self._category(item, value) for value in values], dtype="U40")
        self._matrices: dict[str, tuple[np.ndarray, np.ndarray, list[str]]] = {}
        # X6 compares what the caller recorded, so the recorded column is kept beside the derived one.
        self.recorded_levels_planned = self.numbers["levels_planned"]
        self.level_count = np.array(
            [np.nan if levels is None else len(levels) for levels in self.lists["fracture_levels"]], dtype=float)
        self.numbers["levels_planned"] = np.where(
            np.isnan(self.recorded_levels_planned), self.level_count, self.recorded_levels_planned)
        self.categories["conservative_longer_than_symptoms"] = self._greater(
            self.numbers["conservative_weeks"], self.numbers["symptom_duration_weeks"])
        self.categories["imaging_predates_pain"] = self._greater(
            self.numbers["imaging_age_days"], 7 * self.numbers["symptom_duration_weeks"])

    @staticmethod
    def _greater(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        blank = np.isnan(left) | np.isnan(right)
        with np.errstate(invalid="ignore"):
            return np.where(blank, "", np.where(left > right, "yes", "no"))

    @staticmethod
    def _number(item: Item, value) -> float:
        if value is None:
            return np.nan
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise PatientError(f"{item.name}: {value!r} is not a number")
        if not item.minimum <= value <= item.maximum or (item.is_integer and value != int(value)):
            raise PatientError(f"{item.name}: {value!r} is outside the dictionary")
        return float(value)

    @staticmethod
    def _category(item: Item, value) -> str:
        if value is None:
            return ""
        if not isinstance(value, str) or not value or (item.codes and value not in item.codes):
            raise PatientError(f"{item.name}: {value!r} is not an allowed value")
        return value

    @staticmethod
    def _list(item: Item, value) -> frozenset | None:
        if value is None:
            return None
        if isinstance(value, str):
            raise PatientError(f"{item.name}: a list is needed, not the text {value!r}")
        entries = frozenset(value) - ({"none"} if len(value) == 1 and item.may_be_empty_list else set())
        if item.codes and not entries <= set(item.codes) - {"none"}:
            raise PatientError(f"{item.name}: {sorted(value)} holds an entry that is not allowed")
        if not entries and item.name == "fracture_levels":
            raise PatientError("fracture_levels: no document says what a record without any level means")
        return entries

    def membership(self, name: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """(recorded, one column for each code, codes) of a list item."""
        if name not in self._matrices:
            entries = self.lists[name]
            codes = sorted({code for row in entries if row for code in row})
            position = {code: index for index, code in enumerate(codes)}
            matrix = np.zeros((self.size, len(codes)), dtype=bool)
            for row, present in enumerate(entries):
                for code in present or ():
                    matrix[row, position[code]] = True
            self._matrices[name] = (np.array([row is not None for row in entries], dtype=bool), matrix, codes)
        return self._matrices[name]

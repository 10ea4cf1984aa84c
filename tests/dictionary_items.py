"""Items made straight from the data dictionary, so that the input side is tested against the contract and not against our files."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from engine.conditions import Always
from engine.vocabulary import RECORD_ID, Group, Item, Vocabulary

DICTIONARY = Path(__file__).parent / "contract" / "data_dictionary.csv"
ICD10_FORM = r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?"
STATES = ("UT", "NE", "OR", "IN")


def _codes(row: dict[str, str]) -> tuple[str, ...]:
    if row["name"] == "service_state":
        return STATES
    codes: list[str] = []
    for entry in filter(None, row["allowed_values"].split(";")):
        span = re.fullmatch(r"([A-Z])(\d+)\.\.\1(\d+)", entry)
        codes += [f"{span[1]}{n}" for n in range(int(span[2]), int(span[3]) + 1)] if span else [entry]
    return tuple(codes)


def _item(order: int, row: dict[str, str]) -> Item:
    return Item(
        name=row["name"], type=row["type"], unit=row["unit"],
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        codes=_codes(row), label=row["name"], question="", help=row["meaning"], group=row["section"], order=order,
        relevant_when=Always(), safety_critical=None, changeability="fixed", milestone=False,
        pattern=ICD10_FORM if row["name"] == "icd10_codes" else None,
    )  # fmt: skip


def dictionary_vocabulary() -> Vocabulary:
    with open(DICTIONARY, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"] != RECORD_ID]
    items = {row["name"]: _item(order, row) for order, row in enumerate(rows)}
    return Vocabulary(items, tuple(Group(name, name, "") for name in dict.fromkeys(row["section"] for row in rows)), {})


VOCABULARY = dictionary_vocabulary()

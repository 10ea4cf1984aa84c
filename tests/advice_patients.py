"""Written patients for the tests of the advice: the named ones of `rules/patients.yaml`, with changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from engine import assess
from engine.assessment import Assessment
from engine.rule_files import PATIENTS_FILE, SHIPPED_RULES
from engine.yaml_files import read_yaml

BOARD = "suitable_metastasis_agreed_by_board"


@cache
def _named() -> dict[str, dict[str, object]]:
    return read_yaml(SHIPPED_RULES / PATIENTS_FILE)["patients"]


def patient(like: str = "suitable_osteoporotic", **changes: object) -> dict[str, object]:
    """A named patient with some items changed; None blanks an item."""
    return {**_named()[like], **changes}


def assessed(like: str = "suitable_osteoporotic", **changes: object) -> Assessment:
    return assess(patient(like, **changes))


def texts_in(value: object) -> Iterator[str]:
    """Every text of a finding, at any depth."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts_in(part)


def says_stop(value: object) -> list[str]:
    """Texts that use the word 'stop' in any form; names of items and codes are no texts for people."""
    return [text for text in texts_in(value) if re.search(r"\bstop", text, re.IGNORECASE)]

"""The first answer of a choice of packs needs tables that take a while to make; this makes them while the form is on screen already."""

from __future__ import annotations

from threading import Lock
from weakref import WeakSet

from engine.assessing import assess_recorded
from engine.evaluator import Evaluator

_WARM: WeakSet[Evaluator] = WeakSet()
_ONE_AT_A_TIME = Lock()
"""Two sessions that come at once would make the same tables twice, each at half the speed."""


def is_warm(evaluator: Evaluator) -> bool:
    return evaluator in _WARM


def warm(evaluator: Evaluator) -> None:
    """Answer for a patient of whom nothing is recorded, which makes every table; in this thread, never in a background one."""
    with _ONE_AT_A_TIME:
        if not is_warm(evaluator):
            assess_recorded(evaluator, {})
            _WARM.add(evaluator)

"""The first answer of a choice of packs needs tables that take seconds to make; this makes them while the form is on screen already."""

from __future__ import annotations

from weakref import WeakSet

from engine.assessing import assess_recorded
from engine.evaluator import Evaluator

_WARM: WeakSet[Evaluator] = WeakSet()


def is_warm(evaluator: Evaluator) -> bool:
    return evaluator in _WARM


def warm(evaluator: Evaluator) -> None:
    """Answer for a patient of whom nothing is recorded, which makes every table; in this thread, never in a background one."""
    assess_recorded(evaluator, {})
    _WARM.add(evaluator)

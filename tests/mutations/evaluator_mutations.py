"""Mutations of both evaluators and of what they share: by what a step says, and by every small change of their source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from types import FunctionType
from unittest import mock

import numpy as np

from engine import chaining, decisions, derived, planes, program
from engine import conditions as c
from engine.planes import Plane
from engine.program import Step
from tests.mutations.code_changes import code_changes
from tests.mutations.mutation import EvaluatorMutation

KINDS = ("leaf", "points", "all", "any", "not", "at_least", "proved")
COLUMNS, CHAIN, SHARED = "columns", "durable-rules", "what both share"

SOURCES: Mapping[str, Sequence[FunctionType]] = {
    COLUMNS: (
        planes.reader_of, planes._all, planes._swapped, planes._at_least, planes._proved, planes._leaf_reader, planes._three_valued,
        planes._two_valued, planes._holds, planes._points_reader, planes.points_totals, planes.points_of_parameter, planes.points_known,
        planes._mask, decisions.decide, decisions.branch_planes,
    ),
    CHAIN: (
        chaining.Chain._prove, chaining.Chain._known_points, chaining.Chain._step_rules, chaining._facts, chaining._expressions,
        chaining._leaf_expressions, chaining._number_expressions, chaining._possible_rules, chaining._settled_rules,
        chaining._possible_outcomes, chaining._answer, chaining._total, chaining._levels, chaining._both, chaining._either, chaining._in_digits,
    ),
    SHARED: (
        derived._levels_planned, derived._levels_planned_differs, derived._conservative_longer_than_symptoms, derived._imaging_predates_pain,
        derived._policy_region, derived._groups_mask, derived._yes_where, program._Builder.criterion, program._Builder.node,
        program._Builder._step, program.base_items,
    ),
}  # fmt: skip


def evaluator_mutations() -> dict[str, list[EvaluatorMutation]]:
    """Every mutation by operator class; the first two words of a class say whose code it changes."""
    return {
        f"{COLUMNS}: a step says something else": list(_steps_by_columns(f"{COLUMNS}: a step says something else")),
        f"{CHAIN}: a step says something else": list(_steps_by_chain(f"{CHAIN}: a step says something else")),
        **{f"{whose}: source changed": _source_changes(f"{whose}: source changed", functions) for whose, functions in SOURCES.items()},
    }


def _source_changes(operator: str, functions: Sequence[FunctionType]) -> list[EvaluatorMutation]:
    return [EvaluatorMutation(operator, change.name, partial(_afresh, change.applied)) for function in functions for change in code_changes(function)]


@contextmanager
def _afresh(applied: Callable[[], AbstractContextManager]) -> Iterator[None]:
    """A mutation for whose time nothing is remembered of the sound code, and of which nothing is remembered afterwards."""
    planes._readers.cache_clear()
    try:
        with applied():
            yield
    finally:
        planes._readers.cache_clear()


@contextmanager
def _replaced_everywhere(function: FunctionType, replacement: Callable) -> Iterator[None]:
    """Another function wherever a module of the engine has imported this one."""
    name = function.__name__
    holders = [module for path, module in sys.modules.items() if path.startswith("engine") and getattr(module, name, None) is function]
    with ExitStack() as stack:
        for module in holders:
            stack.enter_context(mock.patch.object(module, name, replacement))
        yield


# Columns: what a step of one kind says


def _unknown_is_not_met(plane: Plane) -> Plane:
    return Plane(plane.met, ~plane.met)


def _unknown_is_met(plane: Plane) -> Plane:
    return Plane(~plane.not_met, plane.not_met)


def _planes_swapped(plane: Plane) -> Plane:
    return Plane(plane.not_met, plane.met)


def _a_row_crosses(plane: Plane) -> Plane:
    return Plane(np.roll(plane.met, 1), plane.not_met) if np.ndim(plane.met) else plane


def _nothing_is_not_met(plane: Plane) -> Plane:
    return Plane(plane.met, plane.not_met & False)


EFFECTS = {
    "unknown read as not met": _unknown_is_not_met, "unknown read as met": _unknown_is_met, "planes swapped": _planes_swapped,
    "a row crosses": _a_row_crosses, "never not met": _nothing_is_not_met,
}  # fmt: skip


def _steps_by_columns(operator: str) -> Iterator[EvaluatorMutation]:
    for kind in KINDS:
        for what, effect in EFFECTS.items():
            replaced = partial(_replaced_everywhere, planes.reader_of, _reader_with(effect, kind))
            yield EvaluatorMutation(operator, f"every step '{kind}': {what}", partial(_afresh, replaced))
    for what, applied in _list_faults():
        yield EvaluatorMutation(operator, what, partial(_afresh, applied))


def _reader_with(effect: Callable[[Plane], Plane], kind: str) -> Callable:
    sound = planes.reader_of

    def reader_of(step: Step, vocabulary, tables):
        reader = sound(step, vocabulary, tables)
        return (lambda held, by_name: effect(reader(held, by_name))) if step.kind == kind else reader

    return reader_of


def _list_faults() -> Iterator[tuple[str, Callable[[], AbstractContextManager]]]:
    for operator, other in (("at_least", "above"), ("at_most", "below"), ("above", "at_least"), ("below", "at_most"), ("equals", "at_least")):
        yield f"comparison {operator} computed as {other}", partial(mock.patch.dict, planes._COMPARISONS, {operator: planes._COMPARISONS[other]})
    yield "a list is read for all of the codes instead of any", partial(_replaced_everywhere, planes._holds, _all_for_any_in_lists)


_sound_holds = planes._holds


def _all_for_any_in_lists(leaf, vocabulary):
    if isinstance(leaf, c.IncludesAny):
        asked = planes._mask(vocabulary, leaf.item, leaf.codes)
        return lambda values: (values & asked) == asked
    return _sound_holds(leaf, vocabulary)


# Durable-rules: what proves a step


def _steps_by_chain(operator: str) -> Iterator[EvaluatorMutation]:
    changes = {
        "its rules are swapped": lambda met, not_met: (not_met, met), "its rule for met is not compiled": lambda met, not_met: (None, not_met),
        "its rule for not met is not compiled": lambda met, not_met: (met, None), "what proves not met also proves met": _either_way,
    }  # fmt: skip
    for kind in KINDS:
        for what, change in changes.items():
            replaced = partial(_replaced_everywhere, chaining._expressions, _expressions_with(change, kind))
            yield EvaluatorMutation(operator, f"every step '{kind}': {what}", partial(_afresh, replaced))
    for name, wrong in {"at_least": ("$gt", "$lte"), "at_most": ("$lt", "$gte"), "above": ("$gte", "$lt"), "below": ("$lte", "$gt")}.items():
        yield EvaluatorMutation(
            operator, f"comparison {name} off at the threshold", partial(_afresh, partial(mock.patch.dict, chaining._OPERATORS, {name: wrong}))
        )
    for what, replacement in (
        ("a blank item read as its first code or 0", _blank_is_first),
        ("a blank list read as an empty one", _blank_list_is_empty),
    ):
        yield EvaluatorMutation(operator, what, partial(_afresh, partial(_replaced_everywhere, chaining._facts, replacement)))
    yield EvaluatorMutation(
        operator,
        "the last rule of every ruleset is not compiled",
        partial(_afresh, partial(_replaced_everywhere, chaining.pack_rules, _one_rule_lost)),
    )


def _either_way(met, not_met):
    return chaining._either([expression for expression in (met, not_met) if expression is not None]), not_met


def _expressions_with(change: Callable, kind: str) -> Callable:
    sound = chaining._expressions
    return lambda step, vocabulary: change(*sound(step, vocabulary)) if step.kind == kind else sound(step, vocabulary)


_sound_facts, _sound_pack_rules = chaining._facts, chaining.pack_rules


def _blank_is_first(vocabulary, columns):
    facts = _sound_facts(vocabulary, columns)
    return {**{item.name: 0 for item in vocabulary if item.type in ("number", "integer", "boolean", "category")}, **facts}


def _blank_list_is_empty(vocabulary, columns):
    lists = [item for item in vocabulary if item.type == "category_list"]
    return {**{f"{item.name}_{code}": 0 for item in lists for code in item.codes}, **_sound_facts(vocabulary, columns)}


def _one_rule_lost(rules):
    return [pack[:-1] for pack in _sound_pack_rules(rules)]

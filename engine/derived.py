"""Derived items: each made once from recorded ones, so that no rule compares two items. `rules/vocabulary.yaml` describes them.

A derived item is not recorded where an item it needs is not, unless its own rule says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.columns import Column, Columns
from engine.vocabulary import Derived, Vocabulary

DAYS_PER_WEEK = 7
_YES, _NO = 0, 1  # positions of yes and no in the codes of a boolean


def with_derived(
    vocabulary: Vocabulary, columns: Columns, changed: str | None = None, previous: Mapping[str, Column] | None = None
) -> dict[str, Column]:
    """The recorded columns and the derived ones, by name; a derived item stands in front of a recorded one of its name.

    With `changed`, derived items that are not made of that item are taken from `previous`.
    """
    by_name = dict(columns.by_item)
    for name, derived in vocabulary.derived.items():
        if previous is not None and changed not in derived.made_of:
            column = previous.get(name)
        else:
            column = _MAKERS[name](vocabulary, columns, derived)
        if column is not None:
            by_name[name] = column
    return by_name


def _levels_planned(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column | None:
    """The recorded number; where it is blank, the number of different recorded levels."""
    planned, levels = columns.by_item.get("levels_planned"), columns.by_item.get("fracture_levels")
    if levels is None:
        return planned
    counted = Column(np.bitwise_count(levels.values).astype(np.float64), levels.recorded)
    if planned is None:
        return counted
    return Column(np.where(planned.recorded, planned.values, counted.values), planned.recorded | counted.recorded)


def _levels_planned_differs(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column | None:
    planned, levels = columns.by_item.get("levels_planned"), columns.by_item.get("fracture_levels")
    if planned is None or levels is None:
        return None
    return _yes_where(planned.values != np.bitwise_count(levels.values), planned.recorded & levels.recorded)


def _conservative_longer_than_symptoms(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column | None:
    care, symptoms = columns.by_item.get("conservative_weeks"), columns.by_item.get("symptom_duration_weeks")
    if care is None or symptoms is None:
        return None
    return _yes_where(care.values > symptoms.values, care.recorded & symptoms.recorded)


def _imaging_predates_pain(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column | None:
    imaging, symptoms = columns.by_item.get("imaging_age_days"), columns.by_item.get("symptom_duration_weeks")
    if imaging is None or symptoms is None:
        return None
    return _yes_where(imaging.values > DAYS_PER_WEEK * symptoms.values, imaging.recorded & symptoms.recorded)


def _policy_region(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column:
    """A selector: a blank state gives the code `not_stated`, so it is always recorded (`semantics.md` 3)."""
    states = columns.by_item.get("service_state")
    not_stated = derived.codes.index("not_stated")
    if states is None:
        return Column(np.full(columns.rows, not_stated, np.int16), np.ones(columns.rows, bool))
    region_of = {state: derived.codes.index(code) for code, members in derived.made_from.items() for state in members}
    regions = np.full(states.values.shape, not_stated, np.int16)
    regions[states.recorded] = _once_for_each(states.values[states.recorded], region_of.__getitem__)
    return Column(regions, np.ones(states.values.shape, bool))


def _icd10_groups(vocabulary: Vocabulary, columns: Columns, derived: Derived) -> Column | None:
    """Which groups the recorded codes fall into, by their first characters; any other code is `other`."""
    codes = columns.by_item.get("icd10_codes")
    if codes is None:
        return None
    masks = np.zeros(codes.values.shape, np.uint64)
    masks[codes.recorded] = _once_for_each(codes.values[codes.recorded], lambda entries: _groups_mask(entries, derived))
    return Column(masks, codes.recorded)


def _once_for_each(values: np.ndarray, made: Callable[[object], int]) -> list[int]:
    """What is made of each value, computed once for each distinct one."""
    known = {value: made(value) for value in set(values.tolist())}
    return [known[value] for value in values.tolist()]


def _groups_mask(entries: tuple[str, ...], derived: Derived) -> int:
    mask = 0
    for entry in entries:
        groups = [group for group, prefixes in derived.made_from.items() if entry.startswith(prefixes)]
        for group in groups or ["other"]:
            mask |= 1 << derived.codes.index(group)
    return mask


def _yes_where(condition: np.ndarray, recorded: np.ndarray) -> Column:
    return Column(np.where(condition, np.int16(_YES), np.int16(_NO)), recorded)


_MAKERS: Mapping[str, Callable[[Vocabulary, Columns, Derived], Column | None]] = {
    "levels_planned": _levels_planned,
    "levels_planned_differs": _levels_planned_differs,
    "conservative_longer_than_symptoms": _conservative_longer_than_symptoms,
    "imaging_predates_pain": _imaging_predates_pain,
    "policy_region": _policy_region,
    "icd10_groups": _icd10_groups,
}

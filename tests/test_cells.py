"""The finite partition of every item (`engine/cells.py`): which cells there are, and that a comparison is the same all over a cell."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import conditions as c
from engine.cells import Cells, cells_of, cuts_of, list_cells, number_cells
from engine.column_building import restored, stored
from engine.columns import Column
from engine.program import compile_program
from tests.small_rules import RULES, condition

VOCABULARY = RULES.vocabulary
HOLDS = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt, "equals": operator.eq}
NUMBERS = [item for item in VOCABULARY if item.is_number]
LISTS = [item for item in VOCABULARY if item.type == "category_list"]


def cells_for(name: str, *texts: str) -> Cells:
    """The cells of an item under these conditions."""
    return cells_under(name, [condition(text) for text in texts])


def cells_under(name: str, conditions) -> Cells:
    program = compile_program(RULES, (), conditions)
    return cells_of(program, VOCABULARY, VOCABULARY[name], range(len(program.steps)))


def held(name: str, values) -> Column:
    item = VOCABULARY[name]
    dtype = np.float64 if item.is_number else np.uint64 if item.is_list else np.int16
    return Column(np.array([stored(item, value) for value in values], dtype), np.ones(len(values), bool))


def intervals(cells: Cells, lowest: float) -> str:
    """The cells of a number as intervals, the way a textbook writes them."""
    bounds = [(lowest, 0), *cells.cuts, (cells.highest_allowed, 1)]
    return " ".join(
        f"{'(' if low_after else '['}{low:g}, {high:g}{']' if high_after else ')'}"
        for (low, low_after), (high, high_after) in zip(bounds, bounds[1:])
    )


# Comparison by comparison: which side the threshold itself belongs to. An item of 0 to 10, and a whole number of 1 to 6.
PARTITIONS = """
pain_nrs  |                                     | [0, 10]
pain_nrs  | {at_least: 5}                       | [0, 5) [5, 10]
pain_nrs  | {below: 5}                          | [0, 5) [5, 10]
pain_nrs  | {above: 5}                          | [0, 5] (5, 10]
pain_nrs  | {at_most: 5}                        | [0, 5] (5, 10]
pain_nrs  | {equals: 5}                         | [0, 5) [5, 5] (5, 10]
pain_nrs  | {at_least: 5} {above: 5}            | [0, 5) [5, 5] (5, 10]
pain_nrs  | {at_least: 5} {below: 5}            | [0, 5) [5, 10]
pain_nrs  | {above: 7} {at_least: 4}            | [0, 4) [4, 7] (7, 10]
pain_nrs  | {between: [4, 7]}                   | [0, 4) [4, 7] (7, 10]
pain_nrs  | {above: 0}                          | [0, 0] (0, 10]
pain_nrs  | {equals: 0}                         | [0, 0] (0, 10]
pain_nrs  | {at_least: 0}                       | [0, 10]
pain_nrs  | {at_most: 10}                       | [0, 10]
pain_nrs  | {at_least: 10}                      | [0, 10) [10, 10]
pain_nrs  | {above: 10} {below: 0} {equals: 11} | [0, 10]
t_score   | {at_most: -2.5} {below: -1}         | [-8, -2.5] (-2.5, -1) [-1, 5]
asa_class | {at_least: 4}                       | [1, 4) [4, 6]
asa_class | {above: 3}                          | [1, 4) [4, 6]
asa_class | {above: 3} {at_least: 4}            | [1, 4) [4, 6]
asa_class | {equals: 3}                         | [1, 3) [3, 4) [4, 6]
asa_class | {above: 3.5}                        | [1, 4) [4, 6]
asa_class | {at_most: 5}                        | [1, 6) [6, 6]
asa_class | {at_least: 1} {above: 6}            | [1, 6]
"""
PARTITION_ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in PARTITIONS.strip().splitlines()]


@pytest.mark.parametrize(("name", "comparisons", "expected"), PARTITION_ROWS)
def test_a_number_falls_into_the_stretches_between_its_thresholds(name, comparisons, expected):
    texts = [f"{{{name}: {comparison}}}" for comparison in comparisons.replace("} {", "}|{").split("|") if comparison]
    cells = cells_for(name, *texts)
    assert intervals(cells, VOCABULARY[name].minimum) == expected
    assert len(cells) == expected.count("[") + expected.count("(")


def test_a_comparison_of_another_item_cuts_nothing():
    assert len(cells_for("pain_nrs", "{inr: {above: 1.8}}", "{rdq_score: {above: 5}}")) == 1


def test_extra_cuts_are_added_to_the_thresholds():
    program = compile_program(RULES, (), [condition("{pain_nrs: {above: 5}}")])
    cells = cells_of(program, VOCABULARY, VOCABULARY["pain_nrs"], range(len(program.steps)), [(2.0, 0), (5.0, 1), (99.0, 0)])
    assert intervals(cells, 0) == "[0, 2) [2, 5] (5, 10]"


def test_thresholds_without_a_number_between_them_are_one_cut():
    # An empty cell would make exact reasoning believe in patients who cannot be.
    below, above = 1.8, float(np.nextafter(1.8, 9))
    leaves = [c.Compare("inr", "above", c.Threshold("low", below)), c.Compare("inr", "at_least", c.Threshold("high", above))]
    assert len(cells_under("inr", leaves)) == 2
    assert len(cells_under("inr", [*leaves, c.Compare("inr", "at_least", c.Threshold("low", below))])) == 3


def test_steps_that_are_not_asked_for_cut_nothing():
    program = compile_program(RULES, (), [condition("{pain_nrs: {above: 5}}"), condition("{pain_nrs: {above: 7}}")])
    assert intervals(cells_of(program, VOCABULARY, VOCABULARY["pain_nrs"], [0]), 0) == "[0, 5] (5, 10]"


@pytest.mark.parametrize("item", [item for item in VOCABULARY if item.type in ("boolean", "category")], ids=lambda item: item.name)
def test_each_code_is_a_cell_whatever_is_compared(item):
    cells = cells_under(item.name, [c.OneOf(item.name, frozenset(item.codes[:1]))])
    assert [restored(item, value) for value in cells.values] == list(item.codes)
    assert cells.locate(held(item.name, item.codes)).tolist() == list(range(len(item.codes)))


# Lists: what the comparisons on them can tell apart

def shown(name: str, cells: Cells) -> set[str]:
    return {";".join(restored(VOCABULARY[name], value)) or "none" for value in cells.values}


def test_an_uncompared_list_is_one_cell():
    assert len(cells_for("imaging_done")) == 1


def test_a_list_falls_into_those_that_have_the_code_and_those_that_do_not():
    cells = cells_for("imaging_done", "{imaging_done: {includes: mri}}")
    assert shown("imaging_done", cells) == {"none", "mri"}
    assert len(set(cells.locate(held("imaging_done", [("mri",), ("xray", "mri"), ("mri", "spect_ct")])))) == 1
    assert len(set(cells.locate(held("imaging_done", [(), ("xray",), ("bone_scan", "ct")])))) == 1


def test_overlapping_comparisons_of_a_list_give_every_combination_that_can_occur():
    cells = cells_for("imaging_done", "{imaging_done: {includes_any: [mri, ct]}}", "{imaging_done: {includes: mri}}")
    assert shown("imaging_done", cells) == {"none", "ct", "mri"}, "with MRI but without 'MRI or CT' cannot be"


def test_a_list_within_a_set_is_told_from_one_with_an_entry_outside():
    cells = cells_for("antiplatelets", "{antiplatelets: {all_within: [aspirin, clopidogrel]}}")
    inside, outside = [(), ("aspirin",), ("aspirin", "clopidogrel")], [("other",), ("aspirin", "prasugrel")]
    assert len(cells) == 2
    assert len(set(cells.locate(held("antiplatelets", inside)))) == len(set(cells.locate(held("antiplatelets", outside)))) == 1


def test_the_levels_are_never_an_empty_list():
    cells = cells_for("fracture_levels", "{fracture_levels: {all_within: [T12, L1]}}")
    assert "none" not in shown("fracture_levels", cells)
    assert len(cells) == 2


def test_the_length_of_the_levels_counts_where_rules_cut_their_number():
    cells = cells_for("fracture_levels", "{levels_planned: {above: 3}}", "{fracture_levels: {includes: T12}}")
    lists = [("T1",), ("T1", "T2", "T3"), ("T1", "T2", "T3", "T4"), ("T12",), ("T10", "T11", "T12"), ("T9", "T10", "T11", "T12")]
    found = cells.locate(held("fracture_levels", lists)).tolist()
    assert len(cells) == 4
    assert [found[0] == found[1], found[3] == found[4]] == [True, True]
    assert len({found[0], found[2], found[3], found[5]}) == 4


def test_a_rule_that_compares_number_and_list_tells_one_level_from_more():
    text = "{levels_planned_differs: yes}"
    assert intervals(cells_for("levels_planned", text), 1) == "[1, 2) [2, 17]"
    assert len(cells_for("fracture_levels", text)) == 2


# Claims that hold for any comparisons (Hypothesis draws them)

def comparisons_of(item):
    """Some comparisons of a number, their thresholds inside its range, beside its ends, and between whole numbers."""
    near = st.sampled_from([item.minimum, item.maximum, item.minimum - 1, item.maximum + 1])
    inside = st.floats(item.minimum, item.maximum) | st.integers(int(item.minimum), int(item.maximum)).map(float)
    leaf = st.builds(compared, st.just(item.name), st.sampled_from(sorted(HOLDS)), near | inside)
    return st.lists(leaf, min_size=1, max_size=5)


def compared(name: str, comparison: str, value: float) -> c.Compare:
    return c.Compare(name, comparison, c.Threshold(f"at {value!r}", value))


def values_of(item, leaves):
    """Values of the item, crowded around the thresholds."""
    marks = [leaf.threshold.value for leaf in leaves]
    beside = [near for mark in marks for near in (mark, np.nextafter(mark, -np.inf), np.nextafter(mark, np.inf), np.floor(mark), np.ceil(mark))]
    allowed = [float(value) for value in [*beside, item.minimum, item.maximum] if item.minimum <= value <= item.maximum]
    drawn = st.sampled_from(allowed) | st.floats(item.minimum, item.maximum)
    return drawn.map(lambda value: float(np.floor(value))) if item.type == "integer" else drawn


@st.composite
def number_and_value(draw):
    item = draw(st.sampled_from(NUMBERS))
    leaves = draw(comparisons_of(item))
    return item, leaves, draw(values_of(item, leaves))


@settings(max_examples=150)
@given(number_and_value())
def test_every_comparison_of_a_number_is_the_same_all_over_a_cell(drawn):
    item, leaves, value = drawn
    cells = number_cells(item, [cut for leaf in leaves for cut in cuts_of(leaf, item)])
    cell = cells.locate_one(np.float64(value))
    for leaf in leaves:
        holds, limit = HOLDS[leaf.operator], leaf.threshold.value
        assert holds(value, limit) == holds(float(cells.values[cell]), limit)


@settings(max_examples=150)
@given(number_and_value())
def test_each_cell_of_a_number_has_one_value_in_it_and_lies_between_its_ends(drawn):
    item, leaves, value = drawn
    cells = number_cells(item, [cut for leaf in leaves for cut in cuts_of(leaf, item)])
    everyone = np.arange(len(cells)).tolist()
    for tried in (cells.values, cells.lowest(), cells.highest()):
        assert cells.locate(Column(tried, np.ones(len(tried), bool))).tolist() == everyone
    assert (cells.values >= item.minimum).all() and (cells.values <= item.maximum).all()
    assert item.type != "integer" or (cells.values == np.floor(cells.values)).all(), "a whole number's cell holds a whole number"
    cell = cells.locate_one(np.float64(value))
    assert cells.lowest()[cell] <= value <= cells.highest()[cell]


@settings(max_examples=80)
@given(number_and_value())
def test_no_two_neighbouring_cells_of_a_number_could_be_one(drawn):
    item, leaves, _ = drawn
    assume(item.type != "integer" or all(leaf.threshold.value.is_integer() for leaf in leaves))  # 'equals 3.5' of a whole number cuts for nothing
    cells = number_cells(item, [cut for leaf in leaves for cut in cuts_of(leaf, item)])
    seen = [tuple(HOLDS[leaf.operator](float(value), leaf.threshold.value) for leaf in leaves) for value in cells.values]
    assert all(one != other for one, other in zip(seen, seen[1:]))


@st.composite
def list_and_value(draw):
    item = draw(st.sampled_from(LISTS))
    codes = [code for code in item.codes if code != "none"]
    some = st.frozensets(st.sampled_from(codes), min_size=1, max_size=6)
    leaf = st.builds(lambda kind, asked: kind(item.name, asked), st.sampled_from([c.IncludesAny, c.AllWithin]), some)
    leaves = draw(st.lists(leaf, min_size=1, max_size=4))
    shortest = 1 if item.name == "fracture_levels" else 0
    entries = draw(st.lists(st.sampled_from(codes), min_size=shortest, max_size=8, unique=True))
    return item, leaves, tuple(sorted(entries, key=item.codes.index))


def sees(leaf, entries) -> bool:
    return bool(leaf.codes & set(entries)) if isinstance(leaf, c.IncludesAny) else leaf.codes >= set(entries)


@settings(max_examples=120)
@given(list_and_value())
def test_every_comparison_of_a_list_is_the_same_all_over_a_cell(drawn):
    item, leaves, entries = drawn
    cells = cells_under(item.name, leaves)
    column = held(item.name, [entries])
    cell = cells.locate_one(column.values[0])
    assert cells.locate(column).tolist() == [cell]
    example = restored(item, cells.values[cell])
    for leaf in leaves:
        assert sees(leaf, entries) == sees(leaf, example)


@settings(max_examples=80)
@given(list_and_value())
def test_each_cell_of_a_list_has_one_value_in_it_and_no_two_look_alike(drawn):
    item, leaves, _ = drawn
    cells = cells_under(item.name, leaves)
    assert cells.locate(Column(cells.values, np.ones(len(cells), bool))).tolist() == list(range(len(cells)))
    seen = [tuple(sees(leaf, restored(item, value)) for leaf in leaves) for value in cells.values]
    assert len(set(seen)) == len(seen)


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(["T1", "T2", "T12", "L1", "L5", "S1", "C7"]), min_size=1, unique=True),
    st.sets(st.integers(1, 7), min_size=1, max_size=3),
)
def test_lists_of_one_cell_have_lengths_of_one_stretch(entries, limits):
    limits = sorted(limits)
    item = VOCABULARY["fracture_levels"]
    leaf = c.IncludesAny(item.name, frozenset({"T12", "L1"}))
    cells = list_cells(item.name, item.codes, [leaf], limits, shortest=1)
    example = restored(item, cells.values[cells.locate_one(held(item.name, [tuple(entries)]).values[0])])
    assert [len(entries) >= limit for limit in limits] == [len(example) >= limit for limit in limits]
    assert sees(leaf, entries) == sees(leaf, example)


@pytest.mark.parametrize("cells", [cells_for("pain_nrs", "{pain_nrs: {above: 5}}"), cells_for("imaging_done", "{imaging_done: {includes: mri}}")])
def test_a_cell_as_a_column_holds_its_value_recorded(cells):
    for cell in range(len(cells)):
        column = cells.column(cell)
        assert column.recorded.tolist() == [True]
        assert column.values.tolist() == [cells.values[cell]]

"""The algebra of decision diagrams against truth tables written out in full, and their canonical form (`engine/diagrams.py`)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagrams import FALSE, TRUE, Diagrams

SIZES = (2, 3, 1, 4)
POINTS = list(itertools.product(*map(range, SIZES)))
"""Every choice of values of the variables: the rows of a truth table."""

tables = st.lists(st.booleans(), min_size=len(POINTS), max_size=len(POINTS)).map(lambda cells: tuple(map(int, cells)))
numeric_tables = st.lists(st.integers(-3, 6), min_size=len(POINTS), max_size=len(POINTS)).map(tuple)


def diagram_of(diagrams: Diagrams, table: tuple[int, ...]) -> int:
    """The diagram of a truth table, made by asking one variable after the other."""
    known = dict(zip(POINTS, table))

    def below(chosen: tuple[int, ...]) -> int:
        if len(chosen) == len(SIZES):
            return diagrams.terminal(known[chosen])
        return diagrams.node(len(chosen), tuple(below((*chosen, value)) for value in range(SIZES[len(chosen)])))

    return below(())


def table_of(diagrams: Diagrams, node: int) -> tuple[int, ...]:
    """The truth table of a diagram, read row by row."""
    return tuple(diagrams.walk(node, point.__getitem__) for point in POINTS)


def by_rows(operation: Callable[..., int], *of: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(operation(*row)) for row in zip(*of))


@settings(max_examples=60)
@given(tables)
def test_a_diagram_says_what_its_truth_table_says(table):
    diagrams = Diagrams(SIZES)
    assert table_of(diagrams, diagram_of(diagrams, table)) == table


@settings(max_examples=150)
@given(tables, tables)
def test_both_either_and_not_are_those_of_the_truth_table(one, other):
    diagrams = Diagrams(SIZES)
    left, right = diagram_of(diagrams, one), diagram_of(diagrams, other)
    assert table_of(diagrams, diagrams.both(left, right)) == by_rows(lambda x, y: x and y, one, other)
    assert table_of(diagrams, diagrams.either(left, right)) == by_rows(lambda x, y: x or y, one, other)
    assert table_of(diagrams, diagrams.negated(left)) == by_rows(lambda x: not x, one)


@settings(max_examples=60)
@given(st.lists(tables, max_size=4))
def test_every_and_some_join_any_number_of_functions(several):
    diagrams = Diagrams(SIZES)
    nodes = [diagram_of(diagrams, table) for table in several]
    assert table_of(diagrams, diagrams.every(nodes)) == tuple(int(all(row)) for row in zip(*several)) if several else diagrams.every(nodes) == TRUE
    assert table_of(diagrams, diagrams.some(nodes)) == tuple(int(any(row)) for row in zip(*several)) if several else diagrams.some(nodes) == FALSE


def test_every_of_nothing_is_true_and_some_of_nothing_is_false():
    diagrams = Diagrams(SIZES)
    assert (diagrams.every([]), diagrams.some([])) == (TRUE, FALSE)


# Canonical form: what is equal is one node

@settings(max_examples=150)
@given(tables, tables)
def test_equal_functions_are_one_node_and_different_ones_are_two(one, other):
    diagrams = Diagrams(SIZES)
    assert (diagram_of(diagrams, one) == diagram_of(diagrams, other)) == (one == other)
    assert diagram_of(diagrams, one) == diagram_of(diagrams, tuple(list(one)))


@settings(max_examples=60)
@given(tables, st.randoms(use_true_random=False))
def test_a_function_is_one_node_however_it_was_put_together(table, order):
    diagrams = Diagrams(SIZES)
    rows = [diagram_of(diagrams, tuple(int(point == here) for point in POINTS)) for here, holds in zip(POINTS, table) if holds]
    order.shuffle(rows)
    assert diagrams.some(rows) == diagram_of(diagrams, table)


@settings(max_examples=100)
@given(tables, tables, tables)
def test_the_laws_of_logic_hold_as_sameness_of_nodes(x, y, z):
    diagrams = Diagrams(SIZES)
    a, b, d = (diagram_of(diagrams, table) for table in (x, y, z))
    both, either, negated = diagrams.both, diagrams.either, diagrams.negated
    assert both(a, b) == both(b, a) and either(a, b) == either(b, a)
    assert both(a, both(b, d)) == both(both(a, b), d) and either(a, either(b, d)) == either(either(a, b), d)
    assert both(a, either(b, d)) == either(both(a, b), both(a, d))
    assert negated(both(a, b)) == either(negated(a), negated(b))
    assert negated(negated(a)) == a
    assert (both(a, negated(a)), either(a, negated(a))) == (FALSE, TRUE)


def test_a_question_whose_answers_do_not_matter_is_not_asked():
    diagrams = Diagrams(SIZES)
    inner = diagrams.node(1, (FALSE, TRUE, TRUE))
    assert diagrams.node(0, (inner, inner)) == inner
    assert diagrams.node(2, (TRUE,)) == TRUE


def test_asking_the_same_twice_makes_no_new_node():
    diagrams = Diagrams(SIZES)
    first = diagrams.node(1, (FALSE, TRUE, FALSE))
    made = len(diagrams.variable)
    assert diagrams.node(1, (FALSE, TRUE, FALSE)) == first
    assert diagrams.terminal(7) == diagrams.terminal(7)
    assert len(diagrams.variable) == made + 1, "the number 7 alone"


def test_the_first_terminals_are_false_and_true():
    diagrams = Diagrams(SIZES)
    assert (diagrams.terminal(0), diagrams.terminal(1)) == (FALSE, TRUE) == (0, 1)
    assert (diagrams.value(FALSE), diagrams.value(TRUE), diagrams.value(diagrams.node(0, (FALSE, TRUE)))) == (0, 1, None)


# Numbers, parts, examples

@settings(max_examples=100)
@given(numeric_tables, numeric_tables)
def test_sums_and_changed_numbers_are_those_of_the_table(one, other):
    diagrams = Diagrams(SIZES)
    left, right = diagram_of(diagrams, one), diagram_of(diagrams, other)
    assert table_of(diagrams, diagrams.added(left, right, {})) == by_rows(lambda x, y: x + y, one, other)
    at_least_two = diagrams.mapped(left, lambda number: int(number >= 2), {})
    assert table_of(diagrams, at_least_two) == by_rows(lambda x: x >= 2, one)
    assert at_least_two == diagram_of(diagrams, by_rows(lambda x: x >= 2, one))


def test_a_sum_keeps_what_it_knows_for_the_next_part():
    diagrams = Diagrams(SIZES)
    known: dict = {}
    left, right = diagram_of(diagrams, tuple(range(24))), diagram_of(diagrams, tuple(range(24, 48)))
    assert diagrams.added(left, right, known) == diagrams.added(left, right, known) == diagrams.added(left, right, {})


@settings(max_examples=100)
@given(tables, st.integers(0, len(SIZES) - 1), st.data())
def test_a_variable_with_its_value_given_is_no_longer_asked(table, variable, data):
    value = data.draw(st.integers(0, SIZES[variable] - 1))
    diagrams = Diagrams(SIZES)
    fixed = diagrams.with_value(diagram_of(diagrams, table), variable, value)
    known = dict(zip(POINTS, table))
    assert table_of(diagrams, fixed) == tuple(known[(*point[:variable], value, *point[variable + 1 :])] for point in POINTS)

    def ask(number: int) -> int:
        assert number != variable, "its value was given"
        return 0

    diagrams.walk(fixed, ask)


@settings(max_examples=100)
@given(tables)
def test_an_example_makes_the_function_true_whatever_the_other_variables_are(table):
    diagrams = Diagrams(SIZES)
    node = diagram_of(diagrams, table)
    example = diagrams.example(node)
    if not any(table):
        assert example is None and node == FALSE
        return
    matching = [holds for point, holds in zip(POINTS, table) if all(point[variable] == value for variable, value in example.items())]
    assert matching and all(matching)


@settings(max_examples=60)
@given(tables)
def test_the_size_is_the_number_of_different_functions_met_on_the_way(table):
    diagrams = Diagrams(SIZES)
    node = diagram_of(diagrams, table)
    known = dict(zip(POINTS, table))

    def left(chosen: tuple[int, ...]) -> tuple[int, ...]:
        """The truth table over all variables when the first ones have these values."""
        return tuple(known[(*chosen, *point[len(chosen) :])] for point in POINTS)

    assert diagrams.size(node) == len({left(point[:length]) for point in POINTS for length in range(len(SIZES) + 1)})


def test_a_walk_asks_only_what_matters_and_in_the_fixed_order():
    diagrams = Diagrams((2, 2, 2))
    third = diagrams.node(2, (FALSE, TRUE))
    node = diagrams.node(0, (third, TRUE))
    asked: list[int] = []
    assert diagrams.walk(node, lambda variable: asked.append(variable) or 0) == 0
    assert asked == [0, 2]


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_function_of_many_variables_stays_small(seed):
    draw = random.Random(seed)
    sizes = tuple(draw.choice([2, 3, 5]) for _ in range(30))
    diagrams = Diagrams(sizes)
    chosen = [diagrams.node(variable, tuple(int(value == 0) for value in range(size))) for variable, size in enumerate(sizes)]
    draw.shuffle(chosen)
    assert diagrams.size(diagrams.every(chosen)) == 30 + 2
    assert diagrams.size(diagrams.negated(diagrams.some(chosen))) == 30 + 2

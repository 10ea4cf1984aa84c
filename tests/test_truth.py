"""Three-valued logic as text tables, held against the definition and against both evaluators (`semantics.md` 3)."""

from __future__ import annotations

import numpy as np
import pytest

from engine import conditions as c
from engine.chaining import Chain
from engine.columns import Column, Columns
from engine.planes import evaluate
from engine.program import compile_program
from engine.truth import Truth, all_of, any_of, at_least, negate, points_total, proved
from tests.small_rules import RULES, rules_of, truth_at

STATES = {"M": Truth.MET, "N": Truth.NOT_MET, "U": Truth.UNKNOWN}

# M met, N not met, U unknown; '-' stands for no parts.
JOINED = """
parts      all  any  at_least_1  at_least_2  at_least_3
-            M    N           N           N           N
M            M    M           M           N           N
N            N    N           N           N           N
U            U    U           U           N           N
M,M          M    M           M           M           N
M,N          N    M           M           N           N
M,U          U    M           M           U           N
N,M          N    M           M           N           N
N,N          N    N           N           N           N
N,U          N    U           U           N           N
U,M          U    M           M           U           N
U,N          N    U           U           N           N
U,U          U    U           U           U           N
M,M,M        M    M           M           M           M
M,M,N        N    M           M           M           N
M,M,U        U    M           M           M           U
M,N,M        N    M           M           M           N
M,N,N        N    M           M           N           N
M,N,U        N    M           M           U           N
M,U,M        U    M           M           M           U
M,U,N        N    M           M           U           N
M,U,U        U    M           M           U           U
N,M,M        N    M           M           M           N
N,M,N        N    M           M           N           N
N,M,U        N    M           M           U           N
N,N,M        N    M           M           N           N
N,N,N        N    N           N           N           N
N,N,U        N    U           U           N           N
N,U,M        N    M           M           U           N
N,U,N        N    U           U           N           N
N,U,U        N    U           U           U           N
U,M,M        U    M           M           M           U
U,M,N        N    M           M           U           N
U,M,U        U    M           M           U           U
U,N,M        N    M           M           U           N
U,N,N        N    U           U           N           N
U,N,U        N    U           U           U           N
U,U,M        U    M           M           U           U
U,U,N        N    U           U           U           N
U,U,U        U    U           U           U           U
"""

NOT = """
part  not
M       N
N       M
U       U
"""

# A criterion proved in both directions: met wins, then what clears it.
BOTH_WAYS = """
when  cleared  criterion
M     M                M
M     N                M
M     U                M
N     M                N
N     N                U
N     U                U
U     M                N
U     N                U
U     U                U
"""

# A points table: rows of 4, 2 and -1 points.
POINTS = """
rows   total
M,M,M      5
M,M,N      6
M,N,N      4
N,N,M     -1
N,N,N      0
U,U,U      0
M,U,U      4
U,M,U      2
U,U,M     -1
N,M,U      2
"""


def table(text: str) -> list[dict[str, str]]:
    """Rows of a text table by the names in its first line."""
    head, *rows = [line.split() for line in text.strip().splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def states_in(cell: str) -> list[Truth]:
    return [] if cell == "-" else [STATES[letter] for letter in cell.split(",")]


def test_the_table_holds_every_combination_of_up_to_three_parts_once():
    assert len({row["parts"] for row in table(JOINED)}) == len(table(JOINED)) == 1 + 3 + 9 + 27
    assert len({(row["when"], row["cleared"]) for row in table(BOTH_WAYS)}) == 9


@pytest.mark.parametrize("row", table(JOINED), ids=lambda row: row["parts"])
def test_parts_are_joined_as_the_table_says(row):
    parts = states_in(row["parts"])
    found = {"all": all_of(parts), "any": any_of(parts), **{f"at_least_{count}": at_least(count, parts) for count in (1, 2, 3)}}
    assert found == {name: STATES[row[name]] for name in found}


def test_parts_may_be_given_one_by_one():
    assert all_of(state for state in (Truth.MET, Truth.UNKNOWN)) is Truth.UNKNOWN
    assert any_of(state for state in (Truth.NOT_MET, Truth.MET)) is Truth.MET


@pytest.mark.parametrize("row", table(NOT), ids=lambda row: row["part"])
def test_not_swaps_met_and_not_met_and_leaves_unknown(row):
    assert negate(STATES[row["part"]]) is STATES[row["not"]]


@pytest.mark.parametrize("row", table(BOTH_WAYS), ids=lambda row: row["when"] + row["cleared"])
def test_met_wins_where_both_directions_are_proved(row):
    assert proved(STATES[row["when"]], STATES[row["cleared"]]) is STATES[row["criterion"]]


@pytest.mark.parametrize("row", table(POINTS), ids=lambda row: row["rows"])
def test_only_met_rows_give_points(row):
    assert points_total(zip((4, 2, -1), states_in(row["rows"]))) == int(row["total"])


@pytest.mark.parametrize("state", list(Truth))
def test_a_truth_is_neither_yes_nor_no_to_python(state):
    with pytest.raises(TypeError, match="three values"):
        bool(state)
    with pytest.raises(TypeError):
        assert not state


# The same tables put to both evaluators: each part is a question answered yes (met), no (not met) or not at all (unknown).

ITEMS = ("retropulsion", "vertebra_plana", "ankylosed_spine")
QUESTIONS = tuple(c.OneOf(item, frozenset({"yes"})) for item in ITEMS)


def answered(rows: list[list[Truth]]) -> Columns:
    """One patient for each row; the k-th state is the answer to the k-th question."""
    by_item = {}
    for place, item in enumerate(ITEMS):
        codes = RULES.vocabulary[item].codes
        cells = [row[place] if place < len(row) else Truth.UNKNOWN for row in rows]
        values = [codes.index("no" if state is Truth.NOT_MET else "yes") for state in cells]
        by_item[item] = Column(np.array(values, np.int16), np.array([state is not Truth.UNKNOWN for state in cells]))
    return Columns(len(rows), by_item)


def by_both(rules, condition: c.Condition, rows: list[list[Truth]]) -> tuple[list[Truth], list[Truth]]:
    """The state of the condition for each row: by columns, all rows at once, and by durable-rules, row by row."""
    program = compile_program(rules, (), [condition])
    step, columns = program.condition_steps[condition], answered(rows)
    met, not_met = (np.broadcast_to(side, (len(rows),)) for side in evaluate(program, rules.vocabulary, columns).planes[step])
    chain = Chain(program, rules.vocabulary, ())
    by_chain = [chain.prove(one_of(columns, row)).states[step] for row in range(len(rows))]
    return [truth_at((met[row], not_met[row]), 0) for row in range(len(rows))], by_chain


def one_of(columns: Columns, row: int) -> dict[str, Column]:
    return {name: Column(held.values[row : row + 1], held.recorded[row : row + 1]) for name, held in columns.by_item.items()}


# A file cannot ask for more parts than there are, nor for no parts (`test_rule_mistakes.py`); those rows are for the definition alone.
@pytest.mark.parametrize(
    ("name", "count"),
    [(name, count) for count in (1, 2, 3) for name in ("all", "any", *(f"at_least_{least}" for least in range(1, count + 1)))],
)
def test_both_evaluators_join_parts_as_the_table_says(name, count):
    parts = QUESTIONS[:count]
    asked = {"all": c.All(parts), "any": c.Any(parts)}.get(name) or c.AtLeast(int(name[-1]), parts)
    rows = [row for row in table(JOINED) if len(states_in(row["parts"])) == count]
    expected = [STATES[row[name]] for row in rows]
    assert by_both(RULES, asked, [states_in(row["parts"]) for row in rows]) == (expected, expected)


def test_both_evaluators_negate_as_the_table_says():
    expected = [STATES[row["not"]] for row in table(NOT)]
    assert by_both(RULES, c.Not(QUESTIONS[0]), [[STATES[row["part"]]] for row in table(NOT)]) == (expected, expected)


def test_both_evaluators_prove_in_both_directions_as_the_table_says():
    rules = rules_of({"small.both": ("{retropulsion: yes}", "{vertebra_plana: yes}")})
    expected = [STATES[row["criterion"]] for row in table(BOTH_WAYS)]
    rows = [[STATES[row["when"]], STATES[row["cleared"]]] for row in table(BOTH_WAYS)]
    assert by_both(rules, c.CriterionRef("small.both"), rows) == (expected, expected)

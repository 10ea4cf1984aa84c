"""The cheapest ways to where two decision diagrams are both true, held against writing out every assignment."""

from __future__ import annotations

import itertools
import random

import pytest

from engine.cheapest_ways import CheapestWays
from engine.diagrams import FALSE, TRUE, Diagrams

Options = dict[int, tuple[tuple[int, int], ...]]


class Example:
    """Two random functions of up to five small variables, what each variable may become and at what price."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.sizes = [draw.randint(2, 4) for _ in range(draw.randint(2, 5))]
        self.everything = list(itertools.product(*map(range, self.sizes)))
        self.spent = draw.choice([0, 0, 1, 2])
        share = draw.choice([0.2, 0.4])
        self.true_at = [frozenset(values for values in self.everything if draw.random() < share) for _ in range(2)]
        self.options: Options = {}
        for variable, size in enumerate(self.sizes):
            now, *others = draw.sample(range(size), draw.randint(size // 2, size))
            price = draw.choice([0, 1, 1, 1])  # as for items: one price for all other values, nothing where it is paid for already
            self.options[variable] = ((now, 0), *((value, price) for value in others))

    def search(self) -> CheapestWays:
        diagrams = Diagrams(self.sizes)
        start = tuple(self._diagram(diagrams, values, 0, ()) for values in self.true_at)
        return CheapestWays(diagrams, start, self.options, self.spent)

    def _diagram(self, diagrams: Diagrams, true_at: frozenset, variable: int, known: tuple[int, ...]) -> int:
        if variable == len(self.sizes):
            return TRUE if known in true_at else FALSE
        children = tuple(self._diagram(diagrams, true_at, variable + 1, (*known, value)) for value in range(self.sizes[variable]))
        return diagrams.node(variable, children)

    def price(self, values: tuple[int, ...]) -> int | None:
        """What it costs to get there; None where some variable cannot have its value."""
        prices = [dict(self.options[variable]).get(value) for variable, value in enumerate(values)]
        return None if None in prices else self.spent + sum(prices)

    def changed(self, values: tuple[int, ...]) -> dict[int, int]:
        return {variable: value for variable, value in enumerate(values) if value != self.options[variable][0][0]}

    def paid_for(self, changed: dict[int, int]) -> frozenset[int]:
        return frozenset(variable for variable, value in changed.items() if dict(self.options[variable])[value])

    def distance(self, changed: dict[int, int]) -> int:
        return sum(abs(value - self.options[variable][0][0]) for variable, value in changed.items())

    def cheapest_by_trying(self) -> tuple[int | None, dict[frozenset[int], int]]:
        """The lowest price of a place where both are true; the sets of variables paid for there, with the shortest distance of each."""
        goals = [(self.price(values), self.changed(values)) for values in self.everything if all(values in true_at for true_at in self.true_at)]
        lowest = min((price for price, _ in goals if price is not None), default=None)
        nearest: dict[frozenset[int], int] = {}
        for price, changed in goals:
            if price == lowest is not None:
                paid = self.paid_for(changed)
                nearest[paid] = min(self.distance(changed), nearest.get(paid, self.distance(changed)))
        return lowest, nearest


def ways(example: Example) -> tuple[int | None, list[dict[int, int]]]:
    """The first price with a way, asked for rising prices, and the ways."""
    search = example.search()
    for price in itertools.count(example.spent):
        if found := search.ways_of(price):
            return price, found
        if search.exhausted:
            return None, []


@pytest.mark.parametrize("first_seed", range(0, 2000, 250))
def test_the_cheapest_sets_of_changed_variables_are_those_that_trying_every_assignment_finds(first_seed):
    several, none = 0, 0
    for seed in range(first_seed, first_seed + 250):
        example = Example(seed)
        price, found = ways(example)
        lowest, nearest = example.cheapest_by_trying()
        assert price == lowest
        paid = [example.paid_for(way) for way in found]
        assert len(set(paid)) == len(paid) and set(paid) == set(nearest)
        several, none = several + (len(found) > 1), none + (price is None)
    assert several > 10 and none > 10  # both happen often enough to mean something


def test_every_way_leads_to_where_both_are_true_with_the_nearest_values():
    for seed in range(500):
        example = Example(seed)
        _, found = ways(example)
        _, nearest = example.cheapest_by_trying()
        for way in found:
            values = tuple(way.get(variable, example.options[variable][0][0]) for variable in range(len(example.sizes)))
            assert all(values in true_at for true_at in example.true_at)
            assert example.distance(way) == nearest[example.paid_for(way)]


def test_a_start_where_both_are_true_already_costs_what_was_spent_and_changes_nothing():
    search = CheapestWays(Diagrams([2]), (TRUE, TRUE), {}, 1)
    assert search.ways_of(1) == [{}] and search.ways_of(2) == []


def test_nothing_is_reached_from_where_one_can_never_be_true():
    search = CheapestWays(Diagrams([2]), (TRUE, FALSE), {}, 0)
    assert search.exhausted and search.ways_of(0) == []


def test_a_variable_that_may_not_change_is_never_changed():
    diagrams = Diagrams([2, 2])
    first, second = diagrams.node(0, (FALSE, TRUE)), diagrams.node(1, (FALSE, TRUE))
    either = diagrams.either(first, second)
    search = CheapestWays(diagrams, (either, TRUE), {0: ((0, 0),), 1: ((0, 0), (1, 1))}, 0)
    assert search.ways_of(0) == [] and search.ways_of(1) == [{1: 1}]

"""The cheapest ways to where two decision diagrams are both TRUE. The diagrams are read side by side; nothing is built.

A search goes level by level: level n holds every place that can be reached at the price n and no lower. Each place is visited once, and
no place that costs more than the answer is visited at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.diagrams import FALSE, TRUE, Diagrams

Place = tuple[int, int]
"""A node of each diagram."""
GOAL: Place = (TRUE, TRUE)
Option = tuple[int, int]
"""A value of a variable and its price; the first option of a variable is the value it has, at no price."""


class CheapestWays:
    """One search: from `start`, with the `options` of each variable; `spent` is the price of getting to the start."""

    def __init__(self, diagrams: Diagrams, start: Place, options: Mapping[int, Sequence[Option]], spent: int) -> None:
        self._diagrams, self._options = diagrams, options
        self._price: dict[Place, int] = {start: spent}
        self._from: dict[Place, list[tuple[Place, int, int, int]]] = {start: []}
        """How a place is reached at its price: the place before, the variable, its value, the price of that."""
        self._waiting: dict[int, list[Place]] = {} if FALSE in start else {spent: [start]}

    @property
    def exhausted(self) -> bool:
        """Whether nothing more can be reached at any price."""
        return not self._waiting

    def ways_of(self, price: int) -> list[dict[int, int]]:
        """The ways to the goal at this price when there is none at a lower one: for each set of changed variables, their new values.

        To be asked for rising prices. Of ways that change the same variables, the one with the nearest values is given.
        """
        while self._waiting and (level := min(self._waiting)) <= price:
            self._visit(level)
        if self._price.get(GOAL) != price:
            return []
        return [dict(values) for values in self._ways(GOAL, {}).values()]

    def _visit(self, level: int) -> None:
        variables, children = self._diagrams.variable, self._diagrams.children
        places = self._waiting[level]
        while places:
            place = places.pop()
            if self._price[place] != level or place == GOAL:
                continue
            one, other = place
            variable = min(variables[one], variables[other])
            for value, price in self._options[variable]:
                further = (
                    children[one][value] if variables[one] == variable else one,
                    children[other][value] if variables[other] == variable else other,
                )
                if FALSE not in further:
                    self._reach(further, level + price, (place, variable, value, price))
        del self._waiting[level]

    def _reach(self, place: Place, price: int, step: tuple[Place, int, int, int]) -> None:
        known = self._price.get(place)
        if known is None or price < known:
            self._price[place], self._from[place] = price, [step]
            self._waiting.setdefault(price, []).append(place)
        elif price == known:
            self._from[place].append(step)

    def _ways(self, place: Place, known: dict[Place, Mapping[frozenset[int], dict[int, int]]]) -> Mapping[frozenset[int], dict[int, int]]:
        """The cheapest ways to a place, by the variables that were paid for."""
        if place not in known:
            found: dict[frozenset[int], dict[int, int]] = {} if self._from[place] else {frozenset(): {}}
            for before, variable, value, price in self._from[place]:
                moved = {} if value == self._options[variable][0][0] else {variable: value}
                for paid, values in self._ways(before, known).items():
                    way, changed = {**values, **moved}, paid | {variable} if price else paid
                    if changed not in found or self._distance(way) < self._distance(found[changed]):
                        found[changed] = way
            known[place] = found
        return known[place]

    def _distance(self, values: Mapping[int, int]) -> int:
        return sum(abs(value - self._options[variable][0][0]) for variable, value in values.items())

"""Decision diagrams over variables with few values: a function of many variables, kept as one shared graph of choices.

A node asks one variable and has one child for each of its values; equal functions are the same node, so that 'is this ever
true' is a comparison with the node FALSE. Variables are asked in one fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

FALSE, TRUE = 0, 1
_LAST = 1 << 30


class Diagrams:
    """Nodes over variables 0..n-1 with `sizes[k]` values each. Terminals are whole numbers; FALSE and TRUE are 0 and 1."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self.variable: list[int] = []
        self.children: list[tuple[int, ...]] = []
        self._terminals: dict[int, int] = {}
        self._values: list[int | None] = []
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._conjunctions: dict[tuple[int, int], int] = {}
        self._disjunctions: dict[tuple[int, int], int] = {}
        self._negations: dict[int, int] = {}
        for value in (FALSE, TRUE):
            self.terminal(value)

    def terminal(self, value: int) -> int:
        """The function that is this number everywhere."""
        if value not in self._terminals:
            self._terminals[value] = self._append(_LAST, (), value)
        return self._terminals[value]

    def value(self, node: int) -> int | None:
        """The number of a terminal, None for an inner node."""
        return self._values[node]

    def node(self, variable: int, children: tuple[int, ...]) -> int:
        """The function that asks `variable`; a question whose answers do not matter is not asked."""
        if children.count(children[0]) == len(children):
            return children[0]
        key = (variable, children)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._append(variable, children, None)
        return found

    def _append(self, variable: int, children: tuple[int, ...], value: int | None) -> int:
        self.variable.append(variable)
        self.children.append(children)
        self._values.append(value)
        return len(self.variable) - 1

    def both(self, left: int, right: int) -> int:
        if left == FALSE or right == FALSE:
            return FALSE
        if left == TRUE or left == right:
            return right
        if right == TRUE:
            return left
        return self._join(self._conjunctions, self.both, left, right)

    def either(self, left: int, right: int) -> int:
        if left == TRUE or right == TRUE:
            return TRUE
        if left == FALSE or left == right:
            return right
        if right == FALSE:
            return left
        return self._join(self._disjunctions, self.either, left, right)

    def _join(self, known: dict[tuple[int, int], int], operation: Callable[[int, int], int], left: int, right: int) -> int:
        key = (left, right) if left < right else (right, left)
        found = known.get(key)
        if found is None:
            a, b = self.variable[left], self.variable[right]
            if a == b:
                children = tuple(map(operation, self.children[left], self.children[right]))
            elif a < b:
                children = tuple([operation(child, right) for child in self.children[left]])
            else:
                children = tuple([operation(left, child) for child in self.children[right]])
            found = known[key] = self.node(min(a, b), children)
        return found

    def negated(self, node: int) -> int:
        if node <= TRUE:
            return TRUE - node
        found = self._negations.get(node)
        if found is None:
            found = self.node(self.variable[node], tuple(map(self.negated, self.children[node])))
            self._negations[node], self._negations[found] = found, node
        return found

    def every(self, nodes: Iterable[int]) -> int:
        result = TRUE
        for node in nodes:
            result = self.both(result, node)
        return result

    def some(self, nodes: Iterable[int]) -> int:
        result = FALSE
        for node in nodes:
            result = self.either(result, node)
        return result

    def added(self, left: int, right: int, known: dict[tuple[int, int], int]) -> int:
        """The sum of two numeric functions; `known` is shared between the calls of one sum."""
        key = (left, right)
        found = known.get(key)
        if found is None:
            a, b = self.variable[left], self.variable[right]
            if a == b == _LAST:
                found = self.terminal(self._values[left] + self._values[right])
            else:
                first = min(a, b)
                lefts = self.children[left] if a == first else (left,) * self.sizes[first]
                rights = self.children[right] if b == first else (right,) * self.sizes[first]
                found = self.node(first, tuple(self.added(x, y, known) for x, y in zip(lefts, rights)))
            known[key] = found
        return found

    def mapped(self, node: int, change: Callable[[int], int], known: dict[int, int]) -> int:
        """The function with each terminal number changed."""
        found = known.get(node)
        if found is None:
            if self._values[node] is not None:
                found = self.terminal(change(self._values[node]))
            else:
                found = self.node(self.variable[node], tuple(self.mapped(child, change, known) for child in self.children[node]))
            known[node] = found
        return found

    def with_value(self, node: int, variable: int, value: int) -> int:
        """The function where one variable has this value; it no longer asks for it."""
        known: dict[int, int] = {}

        def again(current: int) -> int:
            if self.variable[current] > variable:
                return current
            if current not in known:
                if self.variable[current] == variable:
                    known[current] = self.children[current][value]
                else:
                    known[current] = self.node(self.variable[current], tuple(map(again, self.children[current])))
            return known[current]

        return again(node)

    def walk(self, node: int, ask: Callable[[int], int]) -> int:
        """The number of the function when `ask` gives the value of each variable; only what matters is asked."""
        while self.variable[node] != _LAST:
            node = self.children[node][ask(self.variable[node])]
        return self._values[node]

    def size(self, node: int) -> int:
        """How many nodes the function needs."""
        seen, waiting = {node}, [node]
        while waiting:
            for child in self.children[waiting.pop()]:
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)
        return len(seen)

    def example(self, node: int) -> dict[int, int] | None:
        """Values of the variables that make the function true, those that matter only; None when it is never true."""
        if node == FALSE:
            return None
        chosen: dict[int, int] = {}
        while self.variable[node] != _LAST:
            value = next(k for k, child in enumerate(self.children[node]) if child != FALSE)
            chosen[self.variable[node]] = value
            node = self.children[node][value]
        return chosen

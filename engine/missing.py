"""Missing items, exactly (`semantics.md` 7): which blank items can still keep an answer from being settled.

An item is missing when some coherent recording of the other blank items leaves the answer unsettled while it stays blank. For each
decision list and item this is one decision diagram over what is recorded of the others: made once per rule set, read per patient.

How it is made. In the world where everything but the item is recorded, every leaf on another item is true or false, and a diagram
says where the answer is not settled. Each variable of that world may hold its value because it was recorded, or because it was
filled in now; fillings that contradict a value in a way in which it was not contradicted before are taken away. Last, 'blank' in the result means
that some filling will do. A reader of the diagram then needs only what is recorded.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from engine import conditions as c
from engine.cells import LEVEL_LIST, LEVELS, LEVELS_DIFFER
from engine.columns import Column
from engine.contradictions import reasons
from engine.diagrams import FALSE, TRUE, Diagrams
from engine.program import Program, compile_program
from engine.rules_key import RulesKey
from engine.ruleset import DecisionList, RuleSet
from engine.space import RELATIONS, Space, space_of
from engine.symbolic import NOT_MET, UNKNOWN, Pair, Symbols, truths, unsettled
from engine.vocabulary import Item, Vocabulary


@dataclass(frozen=True)
class MissingItems:
    """For one decision list: the items that can be missing, in the order in which they are named, and a diagram for each.

    A diagram asks each variable with its cells and, last, 'not recorded'; it is TRUE where the item is blank and missing.
    """

    decision: DecisionList
    space: Space
    diagrams: Diagrams
    roots: Mapping[str, int]

    def of_one(self, by_name: Mapping[str, Column]) -> list[str]:
        """The missing items of one patient, in the order in which they are named."""
        ask = lru_cache(maxsize=None)(lambda variable: self.space.locate_one(self.space.names[variable], by_name))
        return [item for item, root in self.roots.items() if self.diagrams.walk(root, ask)]

    def of(self, by_name: Mapping[str, Column], rows: int) -> dict[str, np.ndarray]:
        """For each item, for which patients it is missing (boolean, one for each row)."""
        located = np.stack([self.space.locate(name, by_name, rows) for name in self.space.names], axis=1, dtype=np.int16, casting="unsafe")
        return {item: self._read(item, root, located) for item, root in self.roots.items()}

    def _read(self, item: str, root: int, located: np.ndarray) -> np.ndarray:
        """Where the diagram of an item is TRUE, each patient at one node; those who have recorded the item need not be asked."""
        variables, children = self._table
        missing = np.zeros(len(located), bool)
        waiting = np.flatnonzero(located[:, self.space.positions[item]] == len(self.space.cells[item]))
        at = np.full(len(waiting), root, np.intp)
        while len(waiting):
            at = children[at, located[waiting, variables[at]]]
            missing[waiting[at == TRUE]] = True
            inner = at > TRUE
            at, waiting = at[inner], waiting[inner]
        return missing

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """For each node the variable it asks, and the next node by the variable's cell. Terminals ask nothing."""
        variables = np.array([variable if nodes else 0 for variable, nodes in zip(self.diagrams.variable, self.diagrams.children)], np.intp)
        children = np.zeros((len(variables), max(self.diagrams.sizes, default=1)), np.intp)
        for node, nodes in enumerate(self.diagrams.children):
            children[node, : len(nodes)] = nodes
        return variables, children


def missing_items(rules: RuleSet, decision: DecisionList) -> MissingItems:
    """Make the diagrams of one decision list."""
    conditions = [branch.condition for branch in decision.branches if branch.condition is not None]
    own = compile_program(rules, (), conditions)
    contradictory = reasons(rules)
    program = compile_program(rules, (), [*conditions, *contradictory])
    space = space_of(program, rules.vocabulary, contradictory)
    world = _Worlds(rules.vocabulary, program, space)
    coherent = world.coherent(contradictory)
    unrecordable = world.unrecordable(_may_be_unrecordable(rules, space), contradictory)
    diagrams = Diagrams([len(space.cells[name]) + 1 for name in space.names])
    filling = _Filling(world, frozenset(unrecordable), diagrams)
    roots = {}
    for item in _items_in_order(decision, own, rules.vocabulary):
        left_blank = [world.blank_only_where(name, where) for name, where in unrecordable.items() if name != item.name]
        fillings = world.diagrams.every([coherent, *left_blank])
        open_while_blank = world.diagrams.both(fillings, world.unsettled(decision, item.name))
        root = diagrams.both(filling.of(open_while_blank, item.name), _not_recorded(item.name, space, diagrams))
        if root != FALSE:
            roots[item.name] = root
    return MissingItems(decision, space, diagrams, roots)


@lru_cache(maxsize=8)
def _ever_unrecordable(key: RulesKey) -> tuple[str, ...]:
    """The items of which no value may be recorded beside some others. The contradictions alone say which, whatever list is asked."""
    rules, contradictory = key.rules, reasons(key.rules)
    program = compile_program(rules, (), contradictory)
    space = space_of(program, rules.vocabulary, contradictory)
    names = tuple(name for name in space.names if name in rules.vocabulary.items and name != LEVELS)
    return tuple(_Worlds(rules.vocabulary, program, space).unrecordable(names, contradictory))


def _may_be_unrecordable(rules: RuleSet, space: Space) -> list[str]:
    """These, and the numbers that a relation compares: how much room it leaves depends on the cells of the list."""
    compared = itertools.chain.from_iterable(RELATIONS.values())
    return [name for name in dict.fromkeys([*_ever_unrecordable(RulesKey(rules)), *compared]) if name in space.cells]


def _items_in_order(decision: DecisionList, program: Program, vocabulary: Vocabulary) -> list[Item]:
    """What the list reads, milestones and free text apart: by the branch that first uses it, then in the form's order."""
    first: dict[str, int] = {}
    for position, step in enumerate(program.branch_steps(decision)):
        for name in program.reads[step] if step is not None else ():
            first.setdefault(name, position)
    items = [vocabulary[name] for name in first if not vocabulary[name].milestone and vocabulary[name].type not in ("text", "text_list")]
    return sorted(items, key=lambda item: (first[item.name], item.order))


class _Worlds:
    """Diagrams in which a variable's value was recorded (first its cells), filled in now (its cells again), or is blank (last)."""

    def __init__(self, vocabulary: Vocabulary, program: Program, space: Space) -> None:
        self.vocabulary, self.program, self.space = vocabulary, program, space
        self.diagrams = Diagrams([2 * len(space.cells[name]) + 1 for name in space.names])
        self._positions = space.positions

    def variable(self, name: str, recorded: list[bool], filled: list[bool], blank: bool) -> int:
        children = (*map(int, recorded), *map(int, filled), int(blank))
        return self.diagrams.node(self._positions[name], children)

    def unsettled(self, decision: DecisionList, blank: str) -> int:
        """Where the answer is not settled when everything is recorded but `blank`."""
        symbols = Symbols(self.diagrams, self.program, lambda leaf: self._leaf_without(leaf, blank), lambda item: int(item != blank))
        return unsettled(self.diagrams, decision, symbols.branches(decision))

    def _leaf_without(self, leaf: c.Leaf, blank: str) -> Pair:
        """A leaf where everything but `blank`, and what cannot be recorded, is recorded."""
        if isinstance(leaf, c.MilestoneReached) and leaf.item == blank:
            return NOT_MET
        if leaf.item == LEVELS and blank == LEVELS and LEVEL_LIST in self.space.cells:
            truth = truths(leaf, self.space, self.vocabulary)
            return self._either_way(LEVEL_LIST, [truth[cell] for cell in self.space.level_lengths()])
        if leaf.item == blank or blank in RELATIONS.get(leaf.item, ()):
            return UNKNOWN
        return self._either_way(leaf.item, truths(leaf, self.space, self.vocabulary))

    def _either_way(self, name: str, truth: list[bool]) -> Pair:
        """Met or not where there is a value; unknown where it is left blank because no value can be recorded."""
        false = [not value for value in truth]
        return Pair(self.variable(name, truth, truth, False), self.variable(name, false, false, False))

    def coherent(self, contradictory: tuple[c.Condition, ...]) -> int:
        """Where no reason for a contradiction holds that did not hold on the recorded values alone."""
        everything = Symbols(self.diagrams, self.program, lambda leaf: self._leaf_of(leaf, with_filled=True), lambda item: TRUE)
        recorded = Symbols(self.diagrams, self.program, lambda leaf: self._leaf_of(leaf, with_filled=False), lambda item: TRUE)
        result = TRUE
        for reason in contradictory:
            step = self.program.condition_steps[reason]
            new = self.diagrams.both(everything.step(step).met, self.diagrams.negated(recorded.step(step).met))
            result = self.diagrams.both(result, self.diagrams.negated(new))
        return self.diagrams.both(result, self._related())

    def unrecordable(self, names: Iterable[str], contradictory: tuple[c.Condition, ...]) -> dict[str, int]:
        """For each of these variables of which no value may be recorded beside some recorded ones: where that is so.

        Uptake cannot be recorded beside a list of studies that names no nuclear one. Such an item stays blank in every recording.
        """
        found = {name: self._barred(name, contradictory) for name in names}
        return {name: where for name, where in found.items() if where != FALSE}

    def _barred(self, name: str, contradictory: tuple[c.Condition, ...]) -> int:
        values = range(len(self.space.cells[name]))
        before = self._standing(contradictory, lambda leaf: self._leaf_of(leaf, with_filled=False))
        everywhere = TRUE
        for value in values:
            after = self._standing(contradictory, lambda leaf, value=value: self._leaf_with(leaf, name, value))
            new = self.diagrams.some(self.diagrams.both(now, self.diagrams.negated(then)) for now, then in zip(after, before))
            everywhere = self.diagrams.both(everywhere, self.diagrams.either(new, self._out_of_order(name, value)))
            if everywhere == FALSE:
                break
        return everywhere

    def _out_of_order(self, name: str, value: int) -> int:
        """Where a value of this cell would stand on the wrong side of a recorded number that a relation compares it with."""
        if not self.space.holds_a_value(name, self.vocabulary)[value]:
            return TRUE
        wrong = FALSE
        for lower, upper in RELATIONS.values():
            if name in (lower, upper) and lower in self.space.cells and upper in self.space.cells:
                other = upper if name == lower else lower
                beyond = [cell < value if name == lower else cell > value for cell in range(len(self.space.cells[other]))]
                wrong = self.diagrams.either(wrong, self.variable(other, beyond, [False] * len(beyond), False))
        return wrong

    def _standing(self, contradictory: tuple[c.Condition, ...], read_leaf: Callable[[c.Leaf], Pair]) -> list[int]:
        symbols = Symbols(self.diagrams, self.program, read_leaf, lambda item: TRUE)
        return [symbols.step(self.program.condition_steps[reason]).met for reason in contradictory]

    def _leaf_with(self, leaf: c.Leaf, name: str, value: int) -> Pair:
        """A leaf on the recorded values and one more."""
        if leaf.item != name:
            return self._leaf_of(leaf, with_filled=False)
        return Pair(TRUE, FALSE) if truths(leaf, self.space, self.vocabulary)[value] else NOT_MET

    def blank_only_where(self, name: str, where: int) -> int:
        """Recorded, or filled in now, or left blank for want of a value that may be recorded."""
        values = [True] * len(self.space.cells[name])
        return self.diagrams.either(self.variable(name, values, values, False), where)

    def _leaf_of(self, leaf: c.Leaf, with_filled: bool) -> Pair:
        if leaf.item in RELATIONS or leaf.item == LEVELS_DIFFER:
            return NOT_MET  # relations are kept coherent by `_related`
        truth = truths(leaf, self.space, self.vocabulary)
        false = [not value for value in truth]
        nothing = [False] * len(truth)
        met = self.variable(leaf.item, truth, truth if with_filled else nothing, False)
        return Pair(met, self.variable(leaf.item, false, false if with_filled else nothing, False))

    def _related(self) -> int:
        """Filled in coherently: with values that exist; numbers that a relation compares keep its order, and the number of levels fits the list."""
        cells, result = self.space.cells, TRUE
        for name in cells:
            there = self.space.holds_a_value(name, self.vocabulary)
            result = self.diagrams.both(result, self.variable(name, [True] * len(there), there, True))
        for relation, (lower, upper) in RELATIONS.items():
            if lower in cells and upper in cells:
                result = self.diagrams.both(result, self._relation(lower, upper, lambda low, high: low <= high))
            if relation in cells:  # yes, no: filled in as no, unless both numbers are recorded
                result = self.diagrams.both(result, self.variable(relation, [True, True], [False, True], True))
        if LEVELS in cells and LEVEL_LIST in cells:
            lengths = self.space.level_lengths()
            result = self.diagrams.both(result, self._relation(LEVELS, LEVEL_LIST, lambda number, listed: number == lengths[listed]))
        return result

    def _relation(self, first: str, second: str, holds: Callable[[int, int], bool]) -> int:
        """Where two values go together; what was recorded of both, or is blank, is taken as it is."""
        if self._positions[first] > self._positions[second]:
            return self._relation(second, first, lambda a, b: holds(b, a))
        ones, others = len(self.space.cells[first]), len(self.space.cells[second])
        children = []
        for one in range(ones):
            fits = [holds(one, other) for other in range(others)]
            children.append((self.variable(second, [True] * others, fits, True), self.variable(second, fits, fits, True)))
        return self.diagrams.node(self._positions[first], (*(recorded for recorded, _ in children), *(filled for _, filled in children), TRUE))


def _not_recorded(item: str, space: Space, diagrams: Diagrams) -> int:
    return diagrams.node(space.positions[item], (*[FALSE] * len(space.cells[item]), TRUE))


class _Filling:
    """Functions over what is recorded: a variable that is not recorded may be filled in any way."""

    def __init__(self, world: _Worlds, may_stay_blank: frozenset[str], diagrams: Diagrams) -> None:
        self._world, self._may_stay_blank, self._diagrams = world, may_stay_blank, diagrams
        self._known: dict[int, int] = {FALSE: FALSE, TRUE: TRUE}

    def of(self, root: int, blank: str) -> int:
        """Where some filling makes the function of a world TRUE while `blank` stays blank."""
        position, known = self._world.space.positions[blank], {}

        def down_to_blank(node: int) -> int:
            """Above and at the variable that stays blank; below it, one result serves every item."""
            variable = self._world.diagrams.variable[node]
            if variable > position:
                return self._below(node)
            if node not in known:
                children = [down_to_blank(child) for child in self._world.diagrams.children[node]]
                known[node] = children[-1] if variable == position else self._filled(variable, children)
            return known[node]

        return down_to_blank(root)

    def _below(self, node: int) -> int:
        if node not in self._known:
            children = [self._below(child) for child in self._world.diagrams.children[node]]
            self._known[node] = self._filled(self._world.diagrams.variable[node], children)
        return self._known[node]

    def _filled(self, variable: int, children: list[int]) -> int:
        name = self._world.space.names[variable]
        cells = len(self._world.space.cells[name])
        fillings = children[cells:] if name in self._may_stay_blank else children[cells:-1]
        return self._diagrams.node(variable, (*children[:cells], self._diagrams.some(fillings)))

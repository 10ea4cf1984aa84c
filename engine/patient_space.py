"""All patients at once: for one decision list, diagrams over every item in every cell and not recorded.

What is false everywhere here is false for every patient: each real patient lies in exactly one combination of cells. A relation of
two numbers is a variable of its own, so some combinations stand for no patient; statements about all patients stay true of fewer.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from engine import conditions as c
from engine.cells import LEVEL_LIST, LEVELS, LEVELS_DIFFER
from engine.contradictions import reasons
from engine.diagrams import FALSE, TRUE, Diagrams
from engine.program import compile_program
from engine.ruleset import DecisionList, RuleSet
from engine.space import RELATIONS, space_of
from engine.symbolic import Pair, Symbols, possible_outcomes, truths


class PatientSpace:
    """Diagrams of one decision list, of the contradictions and of further conditions over the same variables."""

    def __init__(self, rules: RuleSet, decision: DecisionList, further: Iterable[c.Condition] = ()) -> None:
        self.rules, self.decision = rules, decision
        branches = [branch.condition for branch in decision.branches if branch.condition is not None]
        self.reasons = reasons(rules)
        self.own_program = compile_program(rules, (), branches)
        self.program = compile_program(rules, (), [*branches, *self.reasons, *further])
        self.space = space_of(self.program, rules.vocabulary, self.reasons)
        self.positions = self.space.positions
        self.diagrams = Diagrams([len(self.space.cells[name]) + 1 for name in self.space.names])
        self.symbols = Symbols(self.diagrams, self.program, self._leaf, self.recorded)
        self.branches = self.symbols.branches(decision)
        self.possible = possible_outcomes(self.diagrams, decision, self.branches)

    @property
    def size(self) -> int:
        """How many combinations of cells the statements are about."""
        return prod(self.diagrams.sizes)

    def pair(self, condition: c.Condition) -> Pair:
        """Where a condition of the program is met and where it is not."""
        return self.symbols.step(self.program.condition_steps[condition])

    def variable(self, name: str, recorded: list[bool], blank: bool) -> int:
        return self.diagrams.node(self.positions[name], (*map(int, recorded), int(blank)))

    def blank(self, name: str) -> int:
        """Where the variable is not recorded; everywhere when nothing asks it."""
        if name not in self.positions:
            return TRUE
        return self.variable(name, [False] * len(self.space.cells[name]), True)

    def recorded(self, name: str) -> int:
        return self.diagrams.negated(self.blank(name))

    def everything_recorded(self) -> int:
        return self.diagrams.every(self.recorded(name) for name in self.space.names)

    def settled(self, outcome: str) -> int:
        """Where this outcome is the answer."""
        others = self.diagrams.some(node for other, node in self.possible.items() if other != outcome)
        return self.diagrams.both(self.possible[outcome], self.diagrams.negated(others))

    def contradicting(self, reason: c.Condition) -> int:
        """Where a contradiction certainly stands for this reason (numbers of levels are told apart by cells only)."""
        return self.pair(reason).met

    def free_of_contradiction(self) -> int:
        return self.diagrams.every(self.diagrams.negated(self.contradicting(reason)) for reason in self.reasons)

    def related(self) -> int:
        """Where a relation of two numbers fits their cells: the higher cell is the higher number, in one cell either may be."""
        result = TRUE
        for name, (lower, upper) in RELATIONS.items():
            if name not in self.positions:
                continue
            above, not_above = self.variable(name, [True, False], True), self.variable(name, [False, True], True)
            for cell in range(len(self.space.cells[lower])):
                here = self.variable(lower, [other == cell for other in range(len(self.space.cells[lower]))], False)
                beneath = self.variable(upper, [other < cell for other in range(len(self.space.cells[upper]))], False)
                beyond = self.variable(upper, [other > cell for other in range(len(self.space.cells[upper]))], False)
                for where, fits in ((beneath, above), (beyond, not_above)):
                    result = self.diagrams.both(result, self.diagrams.either(self.diagrams.negated(self.diagrams.both(here, where)), fits))
        return result

    def _leaf(self, leaf: c.Leaf) -> Pair:
        if leaf.item == LEVELS_DIFFER:
            return self._levels_differ()
        truth = truths(leaf, self.space, self.rules.vocabulary)
        if isinstance(leaf, c.MilestoneReached):
            met = self.variable(leaf.item, truth, False)
            return Pair(met, self.diagrams.negated(met))
        if leaf.item == LEVELS and LEVEL_LIST in self.positions:
            return self._number_of_levels(truth)
        return Pair(self.variable(leaf.item, truth, False), self.variable(leaf.item, [not value for value in truth], False))

    def _number_of_levels(self, truth: list[bool]) -> Pair:
        """The recorded number decides; where it is blank, the recorded list."""
        listed = [truth[cell] for cell in self.space.level_lengths()]
        from_number = Pair(self.variable(LEVELS, truth, False), self.variable(LEVELS, [not value for value in truth], False))
        from_list = Pair(self.variable(LEVEL_LIST, listed, False), self.variable(LEVEL_LIST, [not value for value in listed], False))
        blank = self.blank(LEVELS)
        met, not_met = (self.diagrams.either(number, self.diagrams.both(blank, list_)) for number, list_ in zip(from_number, from_list))
        return Pair(met, not_met)

    def _levels_differ(self) -> Pair:
        lengths, met = self.space.level_lengths(), FALSE
        for cell in range(len(self.space.cells[LEVELS])):
            number = self.variable(LEVELS, [other == cell for other in range(len(self.space.cells[LEVELS]))], False)
            met = self.diagrams.either(met, self.diagrams.both(number, self.variable(LEVEL_LIST, [length != cell for length in lengths], False)))
        both = self.diagrams.both(self.recorded(LEVELS), self.recorded(LEVEL_LIST))
        return Pair(met, self.diagrams.both(both, self.diagrams.negated(met)))

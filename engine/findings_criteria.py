"""Findings inside criteria and between the branches of one list: never met, never failing, redundant, contradictory.

All of them are exact: a statement is a diagram over all patients without contradictory entries, and it holds when the diagram of its
negation is FALSE. The criteria of contradictions themselves are judged over all patients.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from engine import conditions as c
from engine.diagrams import FALSE
from engine.findings_patients import FindingPatients
from engine.findings_words import Finding, FindingWords, Kind
from engine.ruleset import Criterion, DecisionList

Part = TypeVar("Part")


class CriterionFindings:
    """Looks at criteria and branches with the diagrams of one space that holds them all."""

    def __init__(self, patients: FindingPatients, words: FindingWords) -> None:
        self._patients, self._space, self._words = patients, patients.space, words
        self._diagrams, self._rules = patients.diagrams, patients.space.rules

    def of_criterion(self, id: str) -> Iterator[Finding]:
        """One criterion and the nodes of its conditions; of one that is never met only which parts exclude each other, if it joins parts."""
        patients = self._patients.real if id in self._rules.contradictions else self._patients.coherent
        step = self._space.program.criterion_steps[id]
        pair = self._space.symbols.step(step)
        for kind, side in (("never_met", pair.met), ("never_fails", pair.not_met)):
            if not self._some(side, patients):
                yield self._words.finding(kind, [id], self._example(side, self._patients.real))
        written = self._rules.criteria[id].when
        if not self._some(pair.met, patients):
            if isinstance(written, c.All | c.AtLeast):
                yield self._contradictory(id, written, patients)
        elif self._some(pair.not_met, patients):
            for node in _nodes(self._rules.criteria[id]):
                yield from self._of_node(id, node, patients)

    def of_gate_branch(self, decision: DecisionList, place: int) -> Iterator[Finding]:
        """The triggers of one branch, any one of which is enough."""
        branch = decision.branches[place]
        if isinstance(branch.condition, c.Any):
            yield from self._of_any(f"{decision.name} branch {branch.name}", branch.condition, self._patients.coherent)

    def of_branches(self, decision: DecisionList) -> Iterator[Finding]:
        """Branches that are never the first to hold."""
        d, coherent, earlier = self._diagrams, self._patients.coherent, FALSE
        for place, pair in enumerate(self._space.branches):
            first = d.both(pair.met, d.negated(earlier))
            if not self._some(first, coherent) and self._some(pair.met, coherent):
                yield self._shadowed(decision, place)
            earlier = d.either(earlier, pair.met)

    def _shadowed(self, decision: DecisionList, place: int) -> Finding:
        branch, met = decision.branches[place], self._space.branches[place].met
        earlier = self._which_cover(met, [pair.met for pair in self._space.branches[:place]], self._patients.coherent)
        covering = [decision.branches[position] for position in earlier]
        same = {other.outcome for other in covering} == {branch.outcome}
        return self._words.finding(
            "redundant_branch" if same else "contradictory_branch", [decision.name], self._example(met, self._patients.coherent),
            f"branch {branch.name}", branch=branch.name, outcome=branch.outcome,
            earlier=", ".join(f"{other.name} ({other.outcome})" for other in covering),
        )

    def _of_node(self, id: str, node: c.Condition, patients: int) -> Iterator[Finding]:
        pair = self._space.pair(node)
        if not self._some(pair.met, patients):
            yield self._contradictory(id, node, patients) if isinstance(node, c.All | c.AtLeast) else self._part("part_never_met", id, node, pair.met)
        elif not self._some(pair.not_met, patients):
            yield self._part("part_never_fails", id, node, pair.not_met)
        elif isinstance(node, c.All):
            yield from self._of_all(id, node, patients)
        elif isinstance(node, c.Any):
            yield from self._of_any(id, node, patients)

    def _part(self, kind: Kind, id: str, node: c.Condition, side: int) -> Finding:
        return self._words.finding(kind, [id], self._example(side, self._patients.real), self._words.part(node))

    def _contradictory(self, id: str, node: c.All | c.AtLeast, patients: int) -> Finding:
        """The first two parts that exclude each other, else all of them; the example has contradictory entries where there is one."""
        pairs = itertools.combinations(node.parts, 2) if isinstance(node, c.All) else ()
        parts = next((pair for pair in pairs if not self._some(self._met_together(pair), patients)), node.parts)
        example = self._example(self._space.pair(node).met, self._patients.real)
        return self._words.finding("contradictory_parts", [id], example, self._words.parts(parts))

    def _of_any(self, owner: str, node: c.Any, patients: int) -> Iterator[Finding]:
        """Parts that are met only where another part is."""
        met = [self._space.pair(part).met for part in node.parts]
        for place, part in enumerate(node.parts):
            rest, others = _without(node.parts, place), _without(met, place)
            covering = self._which_cover(met[place], others, patients) if others else []
            if covering and self._some(met[place], patients):
                yield self._redundant("redundant_alternative", owner, part, [rest[position] for position in covering], (met[place], patients))

    def _of_all(self, owner: str, node: c.All, patients: int) -> Iterator[Finding]:
        """Parts that are met wherever the others are."""
        met = [self._space.pair(part).met for part in node.parts]
        for place, part in enumerate(node.parts):
            rest, others = _without(node.parts, place), _without(met, place)
            fails = self._diagrams.negated(met[place])
            if others and not self._some(self._diagrams.both(self._diagrams.every(others), fails), patients):
                alone = [other for other, side in zip(rest, others) if not self._some(self._diagrams.both(side, fails), patients)]
                yield self._redundant("redundant_requirement", owner, part, alone[:1] or rest, (met[place], *others, patients))

    def _redundant(self, kind: Kind, owner: str, part: c.Condition, others: Sequence[c.Condition], shown: Iterable[int]) -> Finding:
        named = [part.id] if isinstance(part, c.CriterionRef) else []
        fields = {"part": self._words.part(part), "others": self._words.parts(others)}
        return self._words.finding(kind, [owner, *named], self._example(*shown), "" if named else fields["part"], **fields)

    def _which_cover(self, met: int, others: Sequence[int], patients: int) -> list[int]:
        """The first of the others that holds wherever `met` does, else those that it takes together; none when they do not cover it."""
        d = self._diagrams

        def covered(places: Iterable[int]) -> bool:
            return not self._some(d.both(met, d.negated(d.some(others[place] for place in places))), patients)

        needed = list(range(len(others)))
        if not covered(needed):
            return []
        if alone := [place for place in needed if covered([place])]:
            return alone[:1]
        for place in range(len(others)):
            fewer = [other for other in needed if other != place]
            needed = fewer if covered(fewer) else needed
        return needed

    def _met_together(self, parts: Iterable[c.Condition]) -> int:
        return self._diagrams.every(self._space.pair(part).met for part in parts)

    def _some(self, node: int, patients: int) -> bool:
        return self._patients.any_in(node, patients)

    def _example(self, *nodes: int) -> dict[str, object] | None:
        return self._patients.example(self._diagrams.every(nodes))


def _without(parts: Sequence[Part], place: int) -> list[Part]:
    return [*parts[:place], *parts[place + 1 :]]


def _nodes(criterion: Criterion) -> Iterator[c.Condition]:
    """The comparisons and inner nodes of what makes the criterion met and of what clears it, each once; the whole of `when` is the criterion."""
    written = [*c.walk(criterion.when)] + ([*c.walk(criterion.cleared_when)] if criterion.cleared_when is not None else [])
    return (node for node in dict.fromkeys(written) if not isinstance(node, c.CriterionRef | c.Not | c.Always))

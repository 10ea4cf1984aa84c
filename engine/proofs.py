"""Proofs of the properties 2 to 8 of `semantics.md` 8 over a rule set; property 1 is proved in `engine/parity.py`.

Statements about all patients are proved with decision diagrams over every item in every cell and not recorded: the negation of the
statement is a diagram, and the statement is proved when that diagram is FALSE. Where it is not, a shortest path through it is a patient
that breaks the property, and the evaluator is asked to confirm it. The argument for each property stands in `docs/proofs.md`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine import conditions as c
from engine.column_building import patient_at
from engine.columns import Column, Columns
from engine.decisions import decide
from engine.derived import with_derived
from engine.diagrams import FALSE, TRUE
from engine.findings_patients import FindingPatients
from engine.independence import rows_that_cross
from engine.patient_space import PatientSpace
from engine.planes import Plane
from engine.ruleset import AUGMENTATION, MORE_INFORMATION, PATHWAY, DecisionList, Pack, RuleSet
from engine.space import RELATIONS
from engine.vocabulary import Item

NAMES = {
    2: "empty patient", 3: "blank safety items", 4: "stability", 5: "danger never helps", 6: "completeness", 7: "nothing idle", 8: "independence",
}
GATES_OF_DANGER = 4
INDICATION = c.CriterionRef("shared.indication_met")


@dataclass(frozen=True)
class Counterexample:
    """A patient that breaks a property: only the values that matter, and what is wrong."""

    rule: str
    patient: dict[str, object]
    what: str


@dataclass(frozen=True)
class Proof:
    """The result of one property. `cells` counts the combinations that the statement covers."""

    number: int
    cells: int
    method: str
    seconds: float
    counterexample: Counterexample | None

    @property
    def proved(self) -> bool:
        return self.counterexample is None

    def line(self) -> str:
        """One line for `check`."""
        name = f"property {self.number}: {NAMES[self.number]}:"
        if self.counterexample is None:
            return f"{name} proved ({self.method}, {self.cells:.3g} cells, {self.seconds:.1f} s)"
        broken = self.counterexample
        values = ", ".join(f"{item}={_written(value)}" for item, value in broken.patient.items()) or "nothing recorded"
        return f"{name} broken by {broken.rule}: {broken.what}; patient: {values}"


def _written(value: object) -> str:
    return ";".join(value) or "none" if isinstance(value, tuple) else str(value)


class PatientSpaces:
    """The diagrams of every decision list of a rule set; made once and shared by the proofs."""

    def __init__(self, rules: RuleSet, packs: Iterable[Pack]) -> None:
        self.rules = rules
        safety = [item.safety_critical.when for item in rules.vocabulary if item.safety_critical is not None]
        indication = [INDICATION] if INDICATION.id in rules.criteria else []
        self.pathway = PatientSpace(rules, rules.pathway, [*safety, *indication])
        self.packs: dict[Pack, list[PatientSpace]] = {
            pack: [PatientSpace(rules, verdicts.decision, _left_open_by(pack)) for verdicts in pack.verdicts] for pack in packs
        }

    def __iter__(self) -> Iterator[PatientSpace]:
        yield self.pathway
        yield from itertools.chain.from_iterable(self.packs.values())

    def left_open(self) -> Iterator[tuple[PatientSpace, int]]:
        """Every space, and where the text of its pack leaves recorded values undecided."""
        yield self.pathway, FALSE
        for pack, spaces in self.packs.items():
            yield from ((space, space.diagrams.some(space.pair(condition).met for condition in _left_open_by(pack))) for space in spaces)


def _left_open_by(pack: Pack) -> list[c.Condition]:
    return [] if pack.leaves_open is None else [pack.leaves_open]


def prove(rules: RuleSet, packs: Iterable[Pack] | None = None) -> list[Proof]:
    """Properties 2 to 8 for the pathway and these packs (all of the rule set by default)."""
    packs = list(rules.packs.values()) if packs is None else list(packs)
    started = time.perf_counter()
    spaces = PatientSpaces(rules, packs)
    setting_up = time.perf_counter() - started
    properties: list[tuple[int, str, Callable[[PatientSpaces], tuple[int, Counterexample | None]]]] = [
        (2, "exhaustive", empty_patient), (3, "decision diagrams", blank_safety_items), (4, "decision diagrams", stability),
        (5, "exhaustive", danger_never_helps), (6, "decision diagrams", completeness), (7, "decision diagrams", nothing_idle),
        (8, "exhaustive over pairs of rows, step by step", independence),
    ]
    proofs = []
    for number, method, show in properties:
        began = time.perf_counter()
        cells, counterexample = show(spaces)
        seconds = time.perf_counter() - began + (setting_up if number == 2 else 0)
        proofs.append(Proof(number, cells, method, seconds, counterexample))
    return proofs


# 2. Empty patient

def empty_patient(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """Nothing recorded: the pathway is not settled, and no pack supports anything."""
    lists, by_name = 0, with_derived(spaces.rules.vocabulary, Columns(1, {}))
    for space in spaces:
        lists += 1
        nothing = [space.space.locate_one(name, by_name) for name in space.space.names]
        possible = [outcome for outcome, node in space.possible.items() if space.diagrams.walk(node, nothing.__getitem__)]
        if space is spaces.pathway and len(possible) == 1:
            return lists, Counterexample("pathway", {}, f"with nothing recorded the pathway is {possible[0]}, not {MORE_INFORMATION}")
        if possible == ["supports"]:
            return lists, Counterexample(space.decision.name, {}, "supports a patient with nothing recorded")
    return lists, None


# 3. Blank safety items

def blank_safety_items(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """With a safety-critical item blank, and unless its condition is cleared, the pathway is never augmentation."""
    space, d = spaces.pathway, spaces.pathway.diagrams
    treated = space.settled(AUGMENTATION)
    for item in spaces.rules.vocabulary:
        if item.safety_critical is None:
            continue
        relevant = d.negated(space.pair(item.safety_critical.when).not_met)
        blank = d.both(space.blank(item.name), space.blank(item.safety_critical.unless_recorded) if item.safety_critical.unless_recorded else TRUE)
        if (found := d.every((treated, relevant, blank))) != FALSE:
            return space.size, _broken(space, item.name, found, f"{AUGMENTATION} although {item.name} is not recorded")
    return space.size, None


# 4. Stability

def stability(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """Recording one more item changes no settled answer, unless a contradiction stands anew, or the item is exempt."""
    covered = 0
    for space in spaces:
        covered += space.size
        exempt = _exempt(spaces.rules, space)
        for item in _recordable(space):
            if item.name not in exempt and (broken := _unstable(space, item)) is not None:
                return covered, broken
    return covered, None


def _exempt(rules: RuleSet, space: PatientSpace) -> frozenset[str]:
    """Milestones, selectors, and the items to which a points table gives a value while they are blank."""
    milestones = {item.name for item in rules.vocabulary if item.milestone}
    scored = {name for step, reads in zip(space.own_program.steps, space.own_program.reads) if step.kind == "points" for name in reads}
    return frozenset(milestones | scored)


def _recordable(space: PatientSpace) -> list[Item]:
    vocabulary = space.rules.vocabulary
    return [vocabulary[name] for name in space.space.names if name in vocabulary.items and name not in RELATIONS]


def _unstable(space: PatientSpace, item: Item) -> Counterexample | None:
    d = space.diagrams
    for outcome in space.decision.outcomes:
        settled = space.settled(outcome)
        before = _blanked(space, settled, item.name)
        if before == FALSE:
            continue
        for cell in range(len(space.space.cells[item.name])):
            after = _recorded_now(space, settled, item.name, cell)
            found = d.every((before, d.negated(after), _nothing_new(space, item.name, cell)))
            if found != FALSE:
                found = d.both(found, d.negated(_careful_while_contradictory(space, outcome, item.name, cell)))
            if found != FALSE:
                broken = _broken(space, space.decision.name, found, f"recording {item.name} unsettles or changes the answer {outcome}")
                value = _values(space, {space.positions[item.name]: cell})
                return Counterexample(broken.rule, {**broken.patient, **value}, broken.what)
    return None


def _careful_while_contradictory(space: PatientSpace, outcome: str, item: str, cell: int) -> int:
    """Where recorded values contradict each other already, and the pathway only moves to an earlier, more careful gate.

    Criteria that are proved in both directions then hold both proofs, and met wins; the careful route is what `semantics.md` 3 asks for.
    """
    if space.decision.name != PATHWAY:
        return FALSE
    d = space.diagrams
    standing = _blanked(space, d.negated(space.free_of_contradiction()), item)
    earlier = space.decision.outcomes[: space.decision.outcomes.index(outcome)]
    careful = d.some(_recorded_now(space, space.settled(other), item, cell) for other in earlier)
    return d.both(standing, careful)


def _relations_of(space: PatientSpace, item: str) -> list[str]:
    return [name for name, pair in RELATIONS.items() if item in pair and name in space.positions]


def _blanked(space: PatientSpace, node: int, item: str) -> int:
    """The function where the item is blank, and with it every relation made of it."""
    for name in (item, *_relations_of(space, item)):
        node = space.diagrams.with_value(node, space.positions[name], len(space.space.cells[name]))
    return node


def _recorded_now(space: PatientSpace, node: int, item: str, cell: int) -> int:
    """The function where the item has been recorded coherently: a relation made of it then says no, or stays blank."""
    d = space.diagrams
    node = d.with_value(node, space.positions[item], cell)
    for name in _relations_of(space, item):
        position = space.positions[name]
        no, blank = (d.with_value(node, position, value) for value in (1, len(space.space.cells[name])))
        node = d.both(no, blank)
    return node


def _nothing_new(space: PatientSpace, item: str, cell: int) -> int:
    """Where recording the item makes no contradiction stand that did not stand before."""
    d, result = space.diagrams, TRUE
    for reason in space.reasons:
        standing = space.contradicting(reason)
        anew = d.both(d.with_value(_blank_relations(space, standing, item), space.positions[item], cell), d.negated(_blanked(space, standing, item)))
        result = d.both(result, d.negated(anew))
    return result


def _blank_relations(space: PatientSpace, node: int, item: str) -> int:
    for name in _relations_of(space, item):
        node = space.diagrams.with_value(node, space.positions[name], len(space.space.cells[name]))
    return node


# 5. Danger never helps

def danger_never_helps(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """Over all states of the branches: a branch of gates 1 to 4 turning met never moves the answer to a later branch."""
    decision = spaces.rules.pathway
    grave = {gate.code for gate in spaces.rules.gates[:GATES_OF_DANGER]}
    dangerous = [position for position, branch in enumerate(decision.branches) if branch.outcome in grave]
    states = np.array(list(itertools.product((0, 1, 2), repeat=len(decision.branches) - 1)))
    before = _answers(decision, states)
    for position in dangerous:
        if not isinstance(decision.branches[position].condition, c.Any):
            return len(states), Counterexample(
                f"branch {decision.branches[position].name}", {}, "a gate must be triggered by any one of its criteria"
            )
        worse = states.copy()
        worse[:, position] = 1
        after = _answers(decision, worse)
        augmentation = after.possible[:, decision.outcomes.index(AUGMENTATION)]
        later = (before.settled >= 0) & (after.first_triggered > before.first_triggered)
        if (wrong := np.flatnonzero(augmentation | later)).size:
            shown = dict(zip((branch.name for branch in decision.branches), _STATE_WORDS[states[wrong[0]]]))
            return len(states), Counterexample(
                f"branch {decision.branches[position].name}", shown, "turning it met moves the pathway to a later branch"
            )
    return len(states) * len(dangerous), None


_STATE_WORDS = np.array(["not_met", "met", "unknown"])


def _answers(decision: DecisionList, states: np.ndarray):
    planes = [Plane(column == 1, column == 0) for column in states.T]
    return decide(decision, [*planes, Plane(np.True_, np.False_)], len(states))


# 6. Completeness

def completeness(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """Everything recorded and no contradiction: one pathway and one verdict; augmentation only with the indication met."""
    covered = 0
    for space, left_open in spaces.left_open():
        d = space.diagrams
        covered += space.size
        complete = d.every((space.everything_recorded(), space.free_of_contradiction(), _relations_hold(space), _both_studies(space)))
        settled = d.some(space.settled(outcome) for outcome in space.decision.outcomes)
        if (found := d.every((complete, d.negated(settled), d.negated(left_open)))) != FALSE:
            return covered, _broken(space, space.decision.name, found, "everything is recorded and the answer is still not settled")
    treated, indicated = spaces.pathway.settled(AUGMENTATION), spaces.pathway.pair(INDICATION).met
    if (found := spaces.pathway.diagrams.both(treated, spaces.pathway.diagrams.negated(indicated))) != FALSE:
        return covered, _broken(spaces.pathway, AUGMENTATION, found, "the pathway is augmentation and the indication is not met")
    return covered, None


def _relations_hold(space: PatientSpace) -> int:
    """Without contradiction no number is above the one that bounds it."""
    return space.diagrams.every(space.variable(name, [False, True], False) for name in RELATIONS if name in space.positions)


def _both_studies(space: PatientSpace) -> int:
    """`imaging_done` names MRI and a nuclear study."""
    if "imaging_done" not in space.positions:
        return TRUE
    item, cells = space.rules.vocabulary["imaging_done"], space.space.cells["imaging_done"]
    def has(code: str) -> np.ndarray:
        return (cells.values >> np.uint64(item.codes.index(code)) & np.uint64(1)).astype(bool)
    return space.variable("imaging_done", (has("mri") & (has("bone_scan") | has("spect_ct"))).tolist(), False)


# 7. Nothing idle

def nothing_idle(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """Every criterion can be met and can fail, every verdict can occur, every criterion changes something."""
    from engine.idleness import idle_criteria

    covered = 0
    for space in spaces:
        covered += space.size
        for outcome in space.decision.outcomes:
            if space.settled(outcome) == FALSE:
                return covered, Counterexample(space.decision.name, {}, f"no patient gets {outcome}")
    criteria, finding = idle_criteria(spaces.rules, list(spaces.packs))
    return covered + criteria, None if finding is None else Counterexample(finding.rule, {}, finding.what)


# 8. Independence

def independence(spaces: PatientSpaces) -> tuple[int, Counterexample | None]:
    """A row's answer does not depend on other rows: every step gives a row the same beside any other row."""
    pairs, crossing = rows_that_cross(spaces.rules)
    return pairs, None if crossing is None else Counterexample(crossing, {}, "a row's answer depends on another row")


# Patients that break a property

def _broken(space: PatientSpace, rule: str, node: int, what: str) -> Counterexample:
    """The patient with the fewest recorded items that a path stands for; cells that no patient has are shown only where there is none."""
    patient = FindingPatients(space).example(node)
    return Counterexample(rule, _values(space, space.diagrams.example(node) or {}) if patient is None else patient, what)


def _values(space: PatientSpace, chosen: dict[int, int]) -> dict[str, object]:
    """The recorded values that a path through a diagram stands for."""
    vocabulary = space.rules.vocabulary
    columns = {}
    for position, value in chosen.items():
        name = space.space.names[position]
        if name in vocabulary.items and value < len(space.space.cells[name]):
            columns[name] = Column(space.space.cells[name].values[value : value + 1], np.ones(1, bool))
    return patient_at(vocabulary, Columns(1, columns), 0)

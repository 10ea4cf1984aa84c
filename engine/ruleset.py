"""The knowledge in memory: frozen records, exactly what the files under `rules/` say, checked and linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from engine.conditions import Any, Condition, CriterionRef, Threshold
from engine.vocabulary import Vocabulary

if TYPE_CHECKING:
    from engine.advice_rules import AdviceRules

Provenance = Literal["read", "secondary", "recalled", "project"]
Question = Literal["coverage", "clinical", "trial"]
PATHWAY = "pathway"
MORE_INFORMATION = "more_information"
UNDECIDED = "undecided"
AUGMENTATION = "augmentation"
CORRECT_FIRST = "correct_first"


@dataclass(frozen=True)
class Source:
    """One row of `rules/sources.csv`."""

    id: str
    citation: str
    body: str
    year: str
    jurisdiction: str
    address: str
    provenance: str
    note: str


@dataclass(frozen=True)
class Citation:
    """A source as one criterion cites it: which section, and the class the source itself gives."""

    source: str
    section: str
    stated_class: str


@dataclass(frozen=True)
class RegisteredThreshold:
    """One number, once: where it comes from and how far it is confirmed. `threshold.name` is unique over the rule set."""

    threshold: Threshold
    item: str
    code: str
    sources: tuple[str, ...]
    provenance: Provenance
    checked: str
    note: str


@dataclass(frozen=True)
class Place:
    """Where a rule stands, for messages."""

    file: str
    line: int


@dataclass(frozen=True)
class Criterion:
    """One thing that holds, does not hold, or is not known, with what it rests on."""

    id: str
    code: str
    says: str
    says_not: str
    when: Condition
    cleared_when: Condition | None
    citations: tuple[Citation, ...]
    provenance: Provenance
    careful_direction: bool
    restates: bool
    note: str
    tell: str
    next_step: str
    place: Place


@dataclass(frozen=True)
class Branch:
    """One line of a decision list; `condition` is None for 'otherwise'."""

    name: str
    outcome: str
    condition: Condition | None
    text: str = ""
    criteria: tuple[str, ...] = ()
    """Ids of the criteria that trigger the branch."""
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class DecisionList:
    """Branches in order; the first that is met, with all before it not met, gives the outcome."""

    name: str
    branches: tuple[Branch, ...]
    outcomes: tuple[str, ...]
    """Every outcome a branch can give, in the rank order of `outcomes.csv`."""
    unsettled: str
    """The answer while more than one outcome is possible."""

    @cached_property
    def outcome_positions(self) -> tuple[int, ...]:
        """For each branch, the position of its outcome in `outcomes`."""
        return tuple(self.outcomes.index(branch.outcome) for branch in self.branches)


@dataclass(frozen=True)
class Gate:
    """A gate of the pathway; gate 3 has two branches."""

    code: str
    branches: tuple[str, ...]
    criteria: tuple[str, ...]
    tell: str
    next_step: str


@dataclass(frozen=True)
class Verdicts:
    """One decision list of a pack and the procedures it speaks for."""

    procedures: tuple[str, ...]
    column: str
    decision: DecisionList


@dataclass(frozen=True)
class Pack:
    """A guideline, payer policy or trial. Packs never borrow from each other."""

    id: str
    order: int
    name: str
    title: str
    body: str
    year: str
    jurisdiction: str
    question: Question
    enabled: bool
    provenance: Provenance
    source: str
    checked: str
    mark: str
    dates: str
    strength: str
    scope: str
    missing_data: str
    verdicts: tuple[Verdicts, ...]
    criteria: tuple[str, ...]
    notes: tuple[str, ...]
    not_checked: tuple[str, ...]
    switched_off: tuple[str, ...]
    file: str
    leaves_open: Condition | None = None
    """Recorded values that the pack's own text leaves undecided; anything else recorded whole gets a verdict."""


@dataclass(frozen=True)
class ProcedureChoice:
    """One line of the choice between kyphoplasty and vertebroplasty; only 'met' counts, a blank favours nothing."""

    procedure: str
    when: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True)
class PointsRow:
    points: int
    when: Condition


@dataclass(frozen=True)
class PointsParameter:
    """Rows add up; the sum is not taken below `floor`."""

    id: str
    label: str
    rows: tuple[PointsRow, ...]
    floor: int | None


@dataclass(frozen=True)
class PointsTable:
    """A score. Unknown while an item of `unknown_while_blank` is blank; any other blank gives no points (its own written rule)."""

    id: str
    name: str
    source: str
    provenance: Provenance
    unknown_while_blank: tuple[str, ...]
    parameters: tuple[PointsParameter, ...]
    note: str


@dataclass(frozen=True)
class RuleSet:
    """Everything the evaluators and the views need. Made by `engine.loading`, never by hand."""

    vocabulary: Vocabulary
    sources: Mapping[str, Source]
    outcome_labels: Mapping[tuple[str, str], str]
    thresholds: Mapping[str, RegisteredThreshold]
    criteria: Mapping[str, Criterion]
    gates: tuple[Gate, ...]
    pathway: DecisionList
    warnings: tuple[str, ...]
    contradictions: tuple[str, ...]
    procedure_choice: tuple[ProcedureChoice, ...]
    packs: Mapping[str, Pack]
    points_tables: Mapping[str, PointsTable]
    texts: Mapping[str, Mapping]
    """The files of `texts` and `reference` as they are written, by stem; for the words of the views."""
    advice: AdviceRules
    """The same files as checked forms, their conditions read."""
    fingerprint: str
    directory: str
    additional: str = ""
    """The folder whose packs were added or replaced; empty when there is none."""
    added_packs: tuple[str, ...] = ()

    @cached_property
    def triggers(self) -> tuple[str, ...]:
        """Ids of all gate triggers in the order of the gates, part A and part B of gate 3 together."""
        return tuple(id for gate in self.gates for id in gate.criteria)

    def enabled_packs(self) -> tuple[Pack, ...]:
        return tuple(pack for pack in self.packs.values() if pack.enabled and pack.question != "trial")

    def trial_packs(self) -> tuple[Pack, ...]:
        return tuple(pack for pack in self.packs.values() if pack.question == "trial")

    def decision_lists(self, packs: tuple[Pack, ...]) -> Iterator[DecisionList]:
        """The pathway first, then the lists of the packs."""
        yield self.pathway
        for pack in packs:
            for verdicts in pack.verdicts:
                yield verdicts.decision

    def label(self, kind: str, code: str) -> str:
        return self.outcome_labels[kind, code]


def any_of_criteria(ids: tuple[str, ...]) -> Condition:
    return Any(tuple(CriterionRef(id) for id in ids))

"""What the knowledge views show, as plain values: the Knowledge view of the page and the pages of `docs/knowledge` are made from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.cited import SourceFinding
from engine.condition_words import Worded
from engine.ruleset import Source


@dataclass(frozen=True)
class ThresholdEntry:
    """One number of the register. `value` has the unit of the item in words; `name` is unique over the rule set."""

    name: str
    code: str
    item: str
    item_label: str
    comparisons: tuple[str, ...]
    """How the criterion compares with it, in words; empty in the register itself."""
    value: str
    sources: tuple[SourceFinding, ...]
    provenance: str
    checked: str
    note: str


@dataclass(frozen=True)
class CriterionEntry:
    """One criterion with what it asks, in words, and what it rests on."""

    id: str
    code: str
    says: str
    says_not: str
    condition: Worded
    cleared: Worded | None
    """When it counts as not met, where that is more than the opposite of `condition`."""
    thresholds: tuple[ThresholdEntry, ...]
    """Those it compares with itself; not those of criteria it refers to."""
    refers_to: tuple[str, ...]
    sources: tuple[SourceFinding, ...]
    provenance: str
    careful_direction: bool
    note: str
    tell: str
    next_step: str


@dataclass(frozen=True)
class BranchEntry:
    """One line of a decision list. `criterion` is empty for 'otherwise'."""

    outcome: str
    outcome_label: str
    criterion: str
    says: str
    text: str


@dataclass(frozen=True)
class VerdictsEntry:
    """The branches in order and the procedures and output column they answer for."""

    column: str
    procedures: tuple[str, ...]
    procedure_labels: tuple[str, ...]
    branches: tuple[BranchEntry, ...]


@dataclass(frozen=True)
class Unconfirmed:
    """Something not read in its source. `kind` is criterion or threshold."""

    kind: str
    id: str
    says: str
    provenance: str
    note: str


@dataclass(frozen=True)
class ConflictCell:
    """What one source says on one question. A part that is only recalled stands apart."""

    text: str
    recalled: bool
    recalled_text: str
    source: SourceFinding | None
    provenance: str


@dataclass(frozen=True)
class ConflictColumn:
    """A body or a source, and the packs that stand for it."""

    id: str
    label: str
    packs: tuple[str, ...]


@dataclass(frozen=True)
class ConflictRow:
    """One question; a column without a cell says nothing on it. `pathway` says what the pathway makes of it, where it does."""

    id: str
    label: str
    cells: Mapping[str, ConflictCell]
    pathway: tuple[tuple[str, str], ...]
    """Pairs of a condition in words (empty when there is none) and the code of a gate, or `warning`."""


@dataclass(frozen=True)
class ConflictMatrix:
    """Questions against bodies. `id` is `conflict_table` or `contraindication_matrix`."""

    id: str
    columns: tuple[ConflictColumn, ...]
    rows: tuple[ConflictRow, ...]


@dataclass(frozen=True)
class PackConflict:
    """A question on which a pack's body and others say different things."""

    matrix: str
    row: str
    label: str
    own: ConflictCell
    others: tuple[tuple[str, ConflictCell], ...]
    """Labels of the columns that say something else, with what they say."""


@dataclass(frozen=True)
class PackEntry:
    """A guideline, payer policy or trial."""

    id: str
    name: str
    title: str
    body: str
    year: str
    jurisdiction: str
    question: str
    enabled: bool
    provenance: str
    mark: str
    source: Source
    checked: str
    dates: str
    strength: str
    scope: str
    missing_data: str
    criteria: tuple[CriterionEntry, ...]
    shared_criteria: tuple[CriterionEntry, ...]
    """Criteria of the whole rule set that the pack reads, itself or by way of others."""
    verdicts: tuple[VerdictsEntry, ...]
    unconfirmed: tuple[Unconfirmed, ...]
    conflicts: tuple[PackConflict, ...]
    notes: tuple[str, ...]
    not_checked: tuple[str, ...]
    switched_off: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class SectionEntry:
    """A gate, or another list of criteria of the pathway. `kind` is gate, warnings, contradictions, procedure_choice or shared."""

    kind: str
    id: str
    label: str
    position: int
    """The number of a gate; 0 for the others."""
    branches: tuple[tuple[str, tuple[CriterionEntry, ...]], ...]
    """Names of the branches (gate 3 has two) with their criteria; one branch without a name for a plain list."""
    tell: str
    next_step: str
    checked: str
    """The oldest date on which one of its thresholds was checked; empty without thresholds."""
    unconfirmed: tuple[Unconfirmed, ...]
    files: tuple[str, ...]

    @property
    def criteria(self) -> tuple[CriterionEntry, ...]:
        return tuple(criterion for _, criteria in self.branches for criterion in criteria)


@dataclass(frozen=True)
class BandEntry:
    """One band of a score or of a recorded value."""

    grade: str
    label: str
    condition: Worded
    text: str


@dataclass(frozen=True)
class BandsEntry:
    """The bands of one score or item."""

    id: str
    label: str
    bands: tuple[BandEntry, ...]
    source: SourceFinding
    provenance: str
    note: str


@dataclass(frozen=True)
class PointsEntry:
    """One parameter of a score: its label, the points with their conditions, and the sum it never falls below (None for no floor)."""

    id: str
    label: str
    rows: tuple[tuple[int, Worded], ...]
    floor: int | None


@dataclass(frozen=True)
class ScoreEntry:
    """A score made of points."""

    id: str
    name: str
    unknown_while_blank: tuple[str, ...]
    """Labels of the items without which there is no score."""
    parameters: tuple[PointsEntry, ...]
    thresholds: tuple[ThresholdEntry, ...]
    bands: BandsEntry | None
    source: SourceFinding
    provenance: str
    note: str


@dataclass(frozen=True)
class ChoiceEntry:
    """One line of the choice of procedure: favoured by any criterion of `when` while none of `unless` is met; the last one has neither."""

    procedure: str
    label: str
    when: tuple[CriterionEntry, ...]
    unless: tuple[CriterionEntry, ...]


@dataclass(frozen=True)
class Knowledge:
    """Everything a rule set knows, in the order in which it is shown."""

    packs: tuple[PackEntry, ...]
    sections: tuple[SectionEntry, ...]
    pathway_branches: tuple[tuple[str, str, str], ...]
    """Name, outcome code and outcome label of every branch, in the order in which they are walked."""
    procedure_choice: tuple[ChoiceEntry, ...]
    scores: tuple[ScoreEntry, ...]
    bands: tuple[BandsEntry, ...]
    """Words for recorded values, such as the Genant grade."""
    matrices: tuple[ConflictMatrix, ...]
    thresholds: tuple[ThresholdEntry, ...]
    sources: tuple[Source, ...]

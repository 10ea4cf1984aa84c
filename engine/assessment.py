"""The assessment of one patient as a value: complete enough that every view is made from it alone.

It names what did not hold as well as what did. `to_json` and `from_json` are inverse to each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from engine.advice_findings import BleedingPlan, CodeWarning, CoverageNotice, EvidenceNotes, NextSteps, ScoreLines
from engine.cited import SourceFinding

PlainValue = float | str | tuple[str, ...]


@dataclass(frozen=True)
class ItemFinding:
    """An item as it was read: its words and, when it was recorded, its value."""

    name: str
    label: str
    question: str
    unit: str
    value: PlainValue | None
    text: str
    """The value in words; 'not recorded' when there is none."""


@dataclass(frozen=True)
class ThresholdFinding:
    """A number that a criterion compares with, and where it comes from."""

    name: str
    code: str
    item: str
    comparison: str
    value: float
    unit: str
    sources: tuple[str, ...]
    provenance: str
    checked: str
    note: str


@dataclass(frozen=True)
class CriterionFinding:
    """One criterion, its state, and everything the state rests on."""

    id: str
    code: str
    state: str
    says: str
    says_not: str
    items: tuple[str, ...]
    refers_to: tuple[str, ...]
    thresholds: tuple[ThresholdFinding, ...]
    sources: tuple[SourceFinding, ...]
    provenance: str
    careful_direction: bool
    note: str
    tell: str
    next_step: str
    place: str

    @property
    def sentence(self) -> str:
        """What is known, in a sentence."""
        return {"met": self.says, "not_met": self.says_not}.get(self.state, f"Not known whether: {self.says}")


@dataclass(frozen=True)
class GateFinding:
    """A gate: triggered, cleared or open, and its triggers by state."""

    code: str
    label: str
    state: str
    triggered: tuple[str, ...]
    open: tuple[str, ...]
    tell: str
    next_step: str


@dataclass(frozen=True)
class VerdictFinding:
    """The answer of one pack for one or both procedures, with the branch that gave it."""

    column: str
    procedures: tuple[str, ...]
    verdict: str
    label: str
    possible: tuple[str, ...]
    text: str
    deciding: tuple[str, ...]
    missing_items: tuple[str, ...]
    not_tested: tuple[str, ...]
    """Codes of met triggers of gates 1 to 4, which the pack's criteria do not test; only beside a positive verdict."""


@dataclass(frozen=True)
class PackFinding:
    """A guideline, payer policy or trial with its verdicts and its criteria."""

    id: str
    name: str
    title: str
    body: str
    year: str
    jurisdiction: str
    question: str
    shipped_on: bool
    provenance: str
    mark: str
    strength: str
    scope: str
    missing_data: str
    source: SourceFinding
    checked: str
    verdicts: tuple[VerdictFinding, ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """What can be said about one patient. Attributes up to `of_score_range` are named like the columns of `score`."""

    pathway: str
    procedure: str
    possible_pathways: tuple[str, ...]
    deciding_criteria: tuple[str, ...]
    triggered_criteria: tuple[str, ...]
    warnings: tuple[str, ...]
    contradictions: tuple[str, ...]
    missing_items: tuple[str, ...]
    next_item: str
    assumed_items: tuple[str, ...]
    verdicts: dict[str, str]
    of_score_points: int | None
    of_score_range: str
    pathway_label: str
    already_certain: str
    """Code of the first triggered gate; it shows at once, also while a graver one is open."""
    patient: dict[str, PlainValue]
    items: dict[str, ItemFinding]
    gates: tuple[GateFinding, ...]
    criteria: dict[str, CriterionFinding]
    packs: tuple[PackFinding, ...]
    fired: tuple[str, ...]
    """Criteria in the order in which a rule proved something of them."""
    labels: dict[str, str]
    """Words for the codes of pathways, procedures, verdicts and states."""
    engine_version: str
    rules_fingerprint: str
    sign_off: str
    score_lines: ScoreLines
    bleeding_plan: BleedingPlan
    next_steps: NextSteps
    evidence: EvidenceNotes
    coverage_notice: CoverageNotice
    code_warnings: tuple[CodeWarning, ...]

    def with_code(self, code: str) -> CriterionFinding:
        """The criterion with this short code."""
        return next(finding for finding in self.criteria.values() if finding.code == code)

    def to_json(self) -> str:
        """The assessment as JSON text."""
        return _ADAPTER.dump_json(self, indent=2).decode()

    @staticmethod
    def from_json(text: str | bytes) -> Assessment:
        """The assessment that `to_json` wrote."""
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(Assessment)

"""What an assessment advises beside its verdicts, as values: scores, bleeding plan, next steps, evidence, coverage, codes.

Nothing here changes a pathway or a verdict. Texts come from `rules/texts` and `rules/reference`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.cited import CitedText, SourceFinding


@dataclass(frozen=True)
class BandFinding:
    """The word for one recorded value (Genant, SINS, Bilsky, acuity). A value that is not recorded has no band."""

    id: str
    label: str
    item: str
    grade: str
    grade_label: str
    text: str
    note: str
    source: SourceFinding
    provenance: str


@dataclass(frozen=True)
class ScoreLine:
    """One parameter of a score: its points, the least and the most it could have, and the items that could still change it."""

    id: str
    label: str
    points: int
    lowest: int
    highest: int
    blank_items: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether what is not recorded could change the points."""
        return self.lowest != self.highest


@dataclass(frozen=True)
class ScoreFinding:
    """A score line by line. `points` and the band are None and empty while an item that the score insists on is blank."""

    id: str
    name: str
    points: int | None
    lowest: int
    highest: int
    lines: tuple[ScoreLine, ...]
    band: str
    band_label: str
    band_text: str
    possible_bands: tuple[str, ...]
    """Labels of all bands that the blanks still allow, in the order of the table."""
    crosses_a_limit: bool
    summary: tuple[str, ...]
    """The sentences about total, blanks and range."""
    notes: tuple[str, ...]
    source: SourceFinding
    provenance: str


@dataclass(frozen=True)
class ScoreLines:
    """Scores line by line, and the bands of recorded values."""

    scores: tuple[ScoreFinding, ...]
    bands: tuple[BandFinding, ...]


@dataclass(frozen=True)
class Span:
    """From and to, both ends included."""

    lowest: float
    highest: float


@dataclass(frozen=True)
class SourceInterval:
    """What one source says of one drug; `sentence` has it all.

    `doses`, `days` (whole calendar days without a dose) and `hours` are None where the source gives none.
    """

    source: str
    hold: str
    remark: str
    doses: Span | None
    days: Span | None
    hours: Span | None
    sentence: str
    restart: str
    restart_hours: Span | None
    restart_sentence: str


@dataclass(frozen=True)
class IntervalRow:
    """One row of the table: the sources side by side, and what is shown by default (the longer hold, the later restart)."""

    id: str
    columns: tuple[SourceInterval, ...]
    default_hold: str
    default_source: str
    default_doses: float | None
    default_days: float | None
    default_hours: float | None
    default_restart: str
    default_note: str
    default_sentence: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class DrugPlan:
    """One recorded antithrombotic. `state`: row, clearance_not_recorded, outside_table or no_interval; without a row in the last two."""

    item: str
    code: str
    name: str
    state: str
    message: str
    row: IntervalRow | None
    information: str
    restart_conflict: CitedText | None


@dataclass(frozen=True)
class LaboratoryFinding:
    """A value against its limits.

    `state`: within, warning, correct_first, outside (like correct_first, with no procedure indicated), undecided, not_recorded.
    """

    id: str
    test: str
    item: str
    state: str
    words: str
    within: str
    warning: str
    correct_first: str
    note: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class Barrier:
    """One thing to correct: the met trigger, what to reach, and the step towards it."""

    code: str
    criterion: str
    says: str
    goal: str
    next_step: str


@dataclass(frozen=True)
class BleedingPlan:
    """Laboratory limits, intervals and barriers.

    Intervals (`drugs`, `longest`, `reminder`, `facts`) are filled only when `is_indicated`: the patient reaches augmentation, or would when
    the preparation is done. Otherwise `notes` says that no change of medicine is suggested.
    """

    title: str
    is_indicated: bool
    lead: str
    notes: tuple[CitedText, ...]
    laboratory: tuple[LaboratoryFinding, ...]
    drugs: tuple[DrugPlan, ...]
    longest: str
    hold_status: str
    reminder: CitedText | None
    facts: tuple[CitedText, ...]
    to_correct: tuple[Barrier, ...]
    sign_off: str


@dataclass(frozen=True)
class Referral:
    """Who to refer to and how fast, because of one met trigger."""

    code: str
    criterion: str
    refer_to: str
    how_fast: str
    how_fast_words: str
    orders: tuple[str, ...]
    tell: str
    next_step: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class Order:
    """A test to order: because of met triggers (codes) or of a missing item (its name)."""

    text: str
    because: tuple[str, ...]
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class AftercareMessage:
    """One message of aftercare whose condition is met."""

    code: str
    id: str
    says: str
    tell: str
    note: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class Section:
    """Texts under a heading."""

    id: str
    title: str
    texts: tuple[CitedText, ...]


@dataclass(frozen=True)
class NextSteps:
    """What to do next. Referrals are sorted by urgency; `preparation`, `during` and `after` only when a procedure is indicated."""

    title: str
    lead: str
    pathway_text: str
    referrals: tuple[Referral, ...]
    orders: tuple[Order, ...]
    preparation: tuple[CitedText, ...]
    during: tuple[CitedText, ...]
    after: tuple[CitedText, ...]
    aftercare: tuple[AftercareMessage, ...]
    bone_health: tuple[Section, ...]
    """Work-up and treatment facts; for fragility fractures only."""
    follow_up: tuple[CitedText, ...]
    safety_net: CitedText
    telephone_route: str
    patient_information: tuple[Section, ...]
    patient_information_confirmed: bool


@dataclass(frozen=True)
class TrialRow:
    """What one trial or review found of benefit."""

    trial: str
    design: str
    result: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class RiskRow:
    """What is known of one risk."""

    risk: str
    figure: str
    note: str
    sources: tuple[SourceFinding, ...]
    provenance: str


@dataclass(frozen=True)
class EvidenceNotes:
    """`positive`: what suggests a procedure (`augmentation`, `correct_first`, or columns of packs). The conflict stands beside every
    positive answer on a fragility fracture."""

    positive: tuple[str, ...]
    dissent_note: CitedText | None
    conflict: tuple[CitedText, ...]
    benefit: tuple[TrialRow, ...]
    harm: tuple[RiskRow, ...]
    condition_facts: tuple[CitedText, ...]


@dataclass(frozen=True)
class CoverageNotice:
    """The Medicare policy of the state of service. With no state recorded only `region`, `text` and `state` (empty) say something."""

    state: str
    region: str
    policy_name: str
    lcd: str
    contractor: str
    text: str
    source: SourceFinding | None
    policy_provenance: str
    map_provenance: str
    from_memory: str
    """The words for a region recalled from memory; empty where it was read or second-hand."""
    prior_authorisation: CitedText | None
    cpt_codes: tuple[str, ...]


@dataclass(frozen=True)
class CodeWarning:
    """Something about the recorded ICD-10-CM codes. Never part of a verdict, and never a source of the cause."""

    id: str
    codes: tuple[str, ...]
    text: str
    source: SourceFinding
    provenance: str
    list_version: str


@dataclass(frozen=True)
class Advice:
    """Everything of this module for one patient; the names are those of the assessment."""

    score_lines: ScoreLines
    bleeding_plan: BleedingPlan
    next_steps: NextSteps
    evidence: EvidenceNotes
    coverage_notice: CoverageNotice
    code_warnings: tuple[CodeWarning, ...]

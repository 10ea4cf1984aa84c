"""What the comparison of the two evaluators says: how much was tried, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.values import Value

Kind = Literal["leaf", "node", "decision list", "criterion"]
KINDS: tuple[Kind, ...] = ("leaf", "node", "decision list", "criterion")


@dataclass(frozen=True)
class Count:
    """How much was tried of one kind. Evaluations by columns and by durable-rules, exhaustive (proved) and seeded apart."""

    kind: Kind
    subjects: int
    columns_exhaustive: int
    columns_seeded: int
    chain_exhaustive: int
    chain_seeded: int


@dataclass(frozen=True)
class Disagreement:
    """A patient, as small as can be, for whom the two evaluators or the definition differ. `chain` is empty where it was not run."""

    kind: Kind
    name: str
    patient: Mapping[str, Value]
    columns: str
    chain: str
    definition: str


@dataclass(frozen=True)
class ParityReport:
    """What was tried and where it differed; one disagreement for each subject."""

    counts: tuple[Count, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def agree(self) -> bool:
        return not self.disagreements

    def count(self, kind: Kind) -> Count:
        return next(count for count in self.counts if count.kind == kind)

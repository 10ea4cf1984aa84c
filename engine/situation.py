"""One patient as the advice sees it: what is recorded, what was answered, and the states of the conditions in the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.cited import CitedText, SourceFinding
from engine.columns import Column
from engine.conditions import Condition
from engine.planes import Plane, Reader
from engine.ruleset import RuleSet
from engine.truth import Truth
from engine.values import Value


class PlanesOnDemand:
    """The planes of a program for one patient, each computed when it is first asked for: most conditions of the texts never are.

    single: columns by name with single NumPy values, as `planes.evaluate_one` uses them.
    """

    def __init__(self, readers: Sequence[Reader], single: Mapping[str, Column]) -> None:
        self._readers, self._single = readers, single
        self._planes: dict[int, Plane] = {}

    def __getitem__(self, step: int) -> Plane:
        if step not in self._planes:
            self._planes[step] = self._readers[step](self, self._single)
        return self._planes[step]


@dataclass(frozen=True)
class Answers:
    """The states of the conditions of `AdviceRules` for one patient. `steps` has the step of each, by the identity of the condition."""

    steps: Mapping[int, int]
    planes: PlanesOnDemand

    def is_met(self, condition: Condition) -> bool:
        return bool(self.planes[self.steps[id(condition)]].met)

    def is_not_met(self, condition: Condition) -> bool:
        return bool(self.planes[self.steps[id(condition)]].not_met)

    def is_unknown(self, condition: Condition) -> bool:
        return not self.is_met(condition) and not self.is_not_met(condition)


@dataclass(frozen=True)
class Outcome:
    """What both evaluators answered. `positive_columns`: columns of guidelines and policies (no trials) that support or allow a procedure."""

    pathway: str
    procedure: str
    triggered: tuple[str, ...]
    missing_items: tuple[str, ...]
    positive_columns: tuple[str, ...]
    state: Callable[[str], Truth]
    """The state of a criterion of the evaluated packs or the pathway, by id."""


@dataclass(frozen=True)
class Situation:
    """The patient, the outcome, and what follows for preparation."""

    recorded: Mapping[str, Value]
    outcome: Outcome
    answers: Answers
    preparation_counts: bool
    """The patient reaches augmentation, or `correct_first` without a met trigger of part A: the indication is met."""
    is_indicated: bool
    """The same, and infection and tumour (part A) are cleared."""

    def applies(self, condition: Condition | None) -> bool:
        """Whether a condition is met; a text without one always applies."""
        return condition is None or self.answers.is_met(condition)


def cite(rules: RuleSet, ids: Iterable[str]) -> tuple[SourceFinding, ...]:
    """Sources by id, without section or class."""
    return tuple(SourceFinding(source.id, source.citation, source.address, "", "") for source in map(rules.sources.__getitem__, ids))


def cited_text(rules: RuleSet, text: str, sources: Iterable[str], provenance: str, topic: str = "", note: str = "") -> CitedText:
    """A text with its sources."""
    return CitedText(topic, text, cite(rules, sources), provenance, note)

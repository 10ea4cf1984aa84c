"""The knowledge of a rule set as plain values, for the Knowledge view and for `docs/knowledge`. No patient is involved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine import conditions as c
from engine.cited import SourceFinding
from engine.condition_words import ConditionWords
from engine.knowledge_conflicts import conflicts_of, matrices_of
from engine.knowledge_entries import (
    BandEntry,
    BandsEntry,
    BranchEntry,
    ChoiceEntry,
    ConflictCell,
    ConflictColumn,
    ConflictMatrix,
    ConflictRow,
    CriterionEntry,
    Knowledge,
    PackConflict,
    PackEntry,
    PointsEntry,
    ScoreEntry,
    SectionEntry,
    ThresholdEntry,
    Unconfirmed,
    VerdictsEntry,
)
from engine.reference_schema import BandRowForm
from engine.ruleset import PATHWAY, Branch, Citation, Gate, Pack, PointsTable, RegisteredThreshold, RuleSet, Verdicts
from engine.situation import cite

__all__ = [
    "BandEntry", "BandsEntry", "BranchEntry", "ChoiceEntry", "ConflictCell", "ConflictColumn", "ConflictMatrix",
    "ConflictRow", "CriterionEntry", "Knowledge", "PackConflict", "PackEntry", "PointsEntry", "ScoreEntry",
    "SectionEntry", "ThresholdEntry", "Unconfirmed", "VerdictsEntry", "knowledge_of",
]
READ = "read"
GATE, WARNINGS, CONTRADICTIONS, PROCEDURE_CHOICE, SHARED = "gate", "warnings", "contradictions", "procedure_choice", "shared"


def knowledge_of(rules: RuleSet) -> Knowledge:
    """Everything the rule set knows: packs, pathway, scores, conflicts, thresholds and sources."""
    return _Writer(rules).knowledge()


class _Writer:
    """Writes the entries of one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._words = ConditionWords(rules)
        self._criteria = {id: self._criterion(id) for id in rules.criteria}
        self._matrices = matrices_of(rules)

    def knowledge(self) -> Knowledge:
        rules = self._rules
        return Knowledge(
            packs=tuple(map(self._pack, rules.packs.values())),
            sections=tuple(self._sections()),
            pathway_branches=tuple((branch.name, branch.outcome, rules.label(PATHWAY, branch.outcome)) for branch in rules.pathway.branches),
            procedure_choice=tuple(
                ChoiceEntry(line.procedure, rules.label("procedure", line.procedure), self._entries(line.when), self._entries(line.unless))
                for line in rules.procedure_choice
            ),
            scores=tuple(map(self._score, rules.points_tables.values())),
            bands=tuple(
                BandsEntry(band.id, band.label, self._band_rows(band.rows), cite(rules, [band.source])[0], band.provenance, band.note)
                for band in rules.advice.bands.bands
            ),
            matrices=self._matrices,
            thresholds=tuple(self._threshold(register, ()) for register in rules.thresholds.values()),
            sources=tuple(rules.sources.values()),
        )

    # Criteria

    def _criterion(self, id: str) -> CriterionEntry:
        criterion = self._rules.criteria[id]
        cleared = None if criterion.cleared_when in (None, c.Always()) else self._words.of(criterion.cleared_when)
        return CriterionEntry(
            id=id, code=criterion.code, says=criterion.says, says_not=criterion.says_not, condition=self._words.of(criterion.when), cleared=cleared,
            thresholds=tuple(self._compared(id)), refers_to=tuple(dict.fromkeys(_referred(self._nodes(id)))),
            sources=tuple(map(self._cited, criterion.citations)), provenance=criterion.provenance, careful_direction=criterion.careful_direction,
            note=criterion.note, tell=criterion.tell, next_step=criterion.next_step,
        )

    def _entries(self, ids: Iterable[str]) -> tuple[CriterionEntry, ...]:
        return tuple(self._criteria[id] for id in ids)

    def _nodes(self, id: str) -> list[c.Condition]:
        criterion = self._rules.criteria[id]
        return [node for condition in filter(None, (criterion.when, criterion.cleared_when)) for node in c.walk(condition)]

    def _compared(self, id: str) -> Iterator[ThresholdEntry]:
        operators: dict[str, dict[str, None]] = {}
        for node in self._nodes(id):
            if isinstance(node, c.Compare | c.PointsCompare):
                operators.setdefault(node.threshold.name, {})[self._words.comparison(node.operator)] = None
        for name, words in operators.items():
            yield self._threshold(self._rules.thresholds[name], tuple(words))

    def _threshold(self, register: RegisteredThreshold, comparisons: tuple[str, ...]) -> ThresholdEntry:
        return ThresholdEntry(
            register.threshold.name, register.code, register.item, self._words.label(register.item), comparisons,
            self._words.number(register.item, register.threshold.value), cite(self._rules, register.sources), register.provenance,
            register.checked, register.note,
        )

    def _cited(self, citation: Citation) -> SourceFinding:
        source = self._rules.sources[citation.source]
        return SourceFinding(source.id, source.citation, source.address, citation.section, citation.stated_class)

    def _behind(self, ids: Iterable[str]) -> tuple[CriterionEntry, ...]:
        """The shared criteria that these and the verdicts read, themselves or by way of others, in the order of the rule set."""
        found, waiting = set(), list(ids)
        while waiting:
            id = waiting.pop()
            if id not in found:
                found.add(id)
                waiting += self._criteria[id].refers_to
        return tuple(self._criteria[id] for id in self._rules.criteria if id in found and id.startswith(f"{SHARED}."))

    def _unconfirmed(self, criteria: Iterable[CriterionEntry]) -> tuple[Unconfirmed, ...]:
        """What of these criteria and their thresholds was not read in its source."""
        criteria = list(criteria)
        limits = {limit.name: limit for criterion in criteria for limit in criterion.thresholds if limit.provenance != READ}
        rows = [Unconfirmed("criterion", one.id, one.says, one.provenance, one.note) for one in criteria if one.provenance != READ]
        return (*rows, *(Unconfirmed("threshold", one.name, f"{one.item_label}: {one.value}", one.provenance, one.note) for one in limits.values()))

    # Packs

    def _pack(self, pack: Pack) -> PackEntry:
        own = self._entries(pack.criteria)
        read = [id for verdicts in pack.verdicts for branch in verdicts.decision.branches for id in branch.criteria]
        return PackEntry(
            id=pack.id, name=pack.name, title=pack.title, body=pack.body, year=pack.year, jurisdiction=pack.jurisdiction, question=pack.question,
            enabled=pack.enabled, provenance=pack.provenance, mark=pack.mark, source=self._rules.sources[pack.source], checked=pack.checked,
            dates=pack.dates, strength=pack.strength, scope=pack.scope, missing_data=pack.missing_data, criteria=own,
            shared_criteria=self._behind([*read, *pack.criteria]), verdicts=tuple(map(self._verdicts, pack.verdicts)),
            unconfirmed=self._unconfirmed(own), conflicts=conflicts_of(pack, self._matrices), notes=pack.notes, not_checked=pack.not_checked,
            switched_off=pack.switched_off, file=pack.file,
        )

    def _verdicts(self, verdicts: Verdicts) -> VerdictsEntry:
        labels = tuple(self._rules.label("procedure", code) for code in verdicts.procedures)
        return VerdictsEntry(verdicts.column, verdicts.procedures, labels, tuple(map(self._branch, verdicts.decision.branches)))

    def _branch(self, branch: Branch) -> BranchEntry:
        (criterion,) = branch.criteria or ("",)
        says = self._criteria[criterion].says if criterion else ""
        return BranchEntry(branch.outcome, self._rules.label("verdict", branch.outcome), criterion, says, branch.text)

    # The pathway

    def _sections(self) -> Iterator[SectionEntry]:
        rules = self._rules
        for position, gate in enumerate(rules.gates, start=1):
            yield self._gate(position, gate)
        choice = dict.fromkeys(id for line in rules.procedure_choice for id in (*line.when, *line.unless))
        for kind, ids in (
            (PROCEDURE_CHOICE, choice), (WARNINGS, rules.warnings), (CONTRADICTIONS, rules.contradictions),
            (SHARED, [id for id in rules.criteria if id.startswith(f"{SHARED}.")]),
        ):
            yield self._section(kind, kind, "", 0, (("", self._entries(ids)),))

    def _gate(self, position: int, gate: Gate) -> SectionEntry:
        ids = {branch.name: branch.criteria for branch in self._rules.pathway.branches}
        branches = tuple((name, self._entries(ids[name])) for name in gate.branches)
        return self._section(GATE, gate.code, self._rules.label(PATHWAY, gate.code), position, branches, gate.tell, gate.next_step)

    def _section(self, kind: str, id: str, label: str, position: int, branches: tuple[tuple[str, tuple[CriterionEntry, ...]], ...],
                 tell: str = "", next_step: str = "") -> SectionEntry:
        criteria = [criterion for _, entries in branches for criterion in entries]
        checked = min((limit.checked for criterion in criteria for limit in criterion.thresholds), default="")
        files = self._files(criteria, position, id)
        return SectionEntry(kind, id, label, position, branches, tell, next_step, checked, self._unconfirmed(criteria), files)

    def _files(self, criteria: list[CriterionEntry], position: int, id: str) -> tuple[str, ...]:
        """The files of the criteria; the last gate has none, so its file is named as the gates are."""
        if criteria:
            return tuple(dict.fromkeys(self._rules.criteria[criterion.id].place.file for criterion in criteria))
        return (f"{Path(self._rules.directory).name}/{PATHWAY}/gate_{position}_{id}.yaml",)

    # Scores

    def _score(self, table: PointsTable) -> ScoreEntry:
        rules = self._rules
        parameters = tuple(
            PointsEntry(one.id, one.label, tuple((row.points, self._words.of(row.when)) for row in one.rows), one.floor) for one in table.parameters
        )
        nodes = [node for parameter in table.parameters for row in parameter.rows for node in c.walk(row.when)]
        names = dict.fromkeys(node.threshold.name for node in nodes if isinstance(node, c.Compare | c.PointsCompare))
        bands = [
            BandsEntry(table.id, table.name, self._band_rows(form.rows), cite(rules, [form.source])[0], form.provenance, form.note)
            for form in rules.advice.bands.score_bands if form.score == table.id
        ]
        return ScoreEntry(
            table.id, table.name, tuple(map(self._words.label, table.unknown_while_blank)), parameters,
            tuple(self._threshold(rules.thresholds[name], ()) for name in names), next(iter(bands), None), cite(rules, [table.source])[0],
            table.provenance, table.note,
        )

    def _band_rows(self, rows: Iterable[BandRowForm]) -> tuple[BandEntry, ...]:
        return tuple(BandEntry(row.grade, row.label, self._words.of(row.when), row.text) for row in rows)


def _referred(nodes: Iterable[c.Condition]) -> Iterator[str]:
    return (node.id for node in nodes if isinstance(node, c.CriterionRef))

"""Files under `rules/` to one checked RuleSet. Every mistake of every file is reported at once (`RuleErrors`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from engine import conditions as c
from engine import schema
from engine.advice_rules import AdviceRules
from engine.condition_reader import ConditionReader, ItemShape, NamedThreshold, borrowed
from engine.mistakes import nearest
from engine.proof_ledger import insist_on_proof
from engine.rule_checks import circles, milestones_in_packs
from engine.rule_files import SHIPPED_RULES, RuleFiles, fingerprint
from engine.ruleset import (
    MORE_INFORMATION,
    PATHWAY,
    UNDECIDED,
    Branch,
    Citation,
    Criterion,
    DecisionList,
    Gate,
    Pack,
    Place,
    PointsParameter,
    PointsRow,
    PointsTable,
    ProcedureChoice,
    RegisteredThreshold,
    RuleSet,
    Source,
    Verdicts,
    any_of_criteria,
)
from engine.text_checks import Surroundings, TextChecks
from engine.text_reading import TextFile, TextReader
from engine.vocabulary import Vocabulary
from engine.vocabulary_reading import read_vocabulary
from engine.yaml_files import line_of

ALWAYS = c.Always()


def load_rules(directory: str | Path | None = None, additional: str | Path | None = None) -> RuleSet:
    """The rule set in `directory` (the shipped one by default), with packs of `additional` added or replaced by id.

    Raises RuleErrors with every mistake found (file, line, rule, what is wrong and the nearest valid name), or with the properties of
    `semantics.md` 8 that it breaks, each with a patient that shows it. Rules that were not proved before are proved now, which takes a while.
    """
    if directory is None and additional is None:
        return _shipped()
    return _proved(*_folders(directory, additional))


def read_rules(directory: str | Path | None = None, additional: str | Path | None = None) -> RuleSet:
    """The same without the proofs: for `check`, which makes them itself, and for what shows broken rules."""
    return _read(*_folders(directory, additional))


@lru_cache(maxsize=1)
def _shipped() -> RuleSet:
    """The shipped rules do not change while the program runs."""
    return _proved(*_folders(None, None))


def _folders(directory: str | Path | None, additional: str | Path | None) -> tuple[Path, Path | None, str]:
    """The two folders, and the fingerprint of what they hold now."""
    main = Path(directory) if directory else SHIPPED_RULES
    extra = Path(additional) if additional else None
    return main, extra, fingerprint(main, extra)


@lru_cache(maxsize=8)
def _proved(main: Path, extra: Path | None, fingerprint: str) -> RuleSet:
    rules = _read(main, extra, fingerprint)
    insist_on_proof(rules)
    return rules


@lru_cache(maxsize=8)
def _read(main: Path, extra: Path | None, fingerprint: str) -> RuleSet:
    return _Loader(RuleFiles(main, extra), fingerprint).load()


@dataclass
class _Loader:
    files: RuleFiles
    fingerprint: str
    shapes: dict[str, ItemShape] = field(default_factory=dict)
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    thresholds: dict[str, RegisteredThreshold] = field(default_factory=dict)
    shared_thresholds: dict[str, NamedThreshold] = field(default_factory=dict)
    criteria: dict[str, Criterion] = field(default_factory=dict)
    criterion_ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    def load(self) -> RuleSet:
        self._read_tables()
        vocabulary_file = self.files.file("vocabulary.yaml", schema.VocabularyFile)
        sets_file = self.files.file("sets.yaml", schema.SetsFile)
        register_file = self.files.file("thresholds.yaml", schema.ThresholdsFile)
        points_files = self.files.points_tables()
        shared_files = self.files.shared_criteria()
        gate_files = self.files.gates()
        warnings_file = self.files.file("pathway/warnings.yaml", schema.CriteriaFile)
        contradictions_file = self.files.file("pathway/contradictions.yaml", schema.CriteriaFile)
        choice_file = self.files.file("pathway/procedure_choice.yaml", schema.ProcedureChoiceFile)
        pack_files = self.files.packs()
        self.files.stop_if_mistaken()

        self.sets = {name: tuple(codes) for name, codes in sets_file[1].sets.items()}
        self._learn_shapes(vocabulary_file[1], [form for _, form in points_files])
        self._check_sets(sets_file)
        self.shared_thresholds = self._register(register_file, prefix="")
        pathway_criteria = [*shared_files, *((name, branch) for name, gate in gate_files for branch in gate.branches),
                            warnings_file, contradictions_file, choice_file]
        for name, form in [*pathway_criteria, *pack_files]:
            self._learn_criteria(name, form)
        vocabulary = read_vocabulary(*vocabulary_file, self.files, lambda name, item: self._reader(name, item, own="", milestones=False))
        points_tables = {form.id: self._points_table(name, form) for name, form in points_files}
        for name, form in pathway_criteria:
            self._read_criteria(
                name, form, self._register((name, form), prefix="") if getattr(form, "thresholds", None) else {}, own="pathway", milestones=True
            )
        self._make_two_valued(contradictions_file[1])
        packs = [self._pack(name, form) for name, form in pack_files]
        gates, pathway = self._pathway(gate_files)
        self.files.mistakes += circles(self.criteria)
        if not self.files.mistakes:
            self.files.mistakes += milestones_in_packs(self.criteria, packs)
        text_files = self.files.texts()
        self.files.stop_if_mistaken()
        return RuleSet(
            vocabulary=vocabulary,
            sources=self.sources,
            outcome_labels=self.outcomes,
            thresholds=self.thresholds,
            criteria=self.criteria,
            gates=gates,
            pathway=pathway,
            warnings=tuple(criterion.id for criterion in warnings_file[1].criteria),
            contradictions=tuple(criterion.id for criterion in contradictions_file[1].criteria),
            procedure_choice=self._choices(*choice_file),
            packs={pack.id: pack for pack in sorted(packs, key=lambda pack: (pack.question == "trial", pack.order, pack.id))},
            points_tables=points_tables,
            texts={Path(path).stem: file.raw for path, file in text_files.items()},
            advice=self._advice(text_files, vocabulary, gates),
            fingerprint=self.fingerprint,
            directory=str(self.files.main),
            added_packs=tuple(sorted(self.files.added)),
            additional=str(self.files.extra) if self.files.extra else "",
        )

    def _read_tables(self) -> None:
        sources, outcomes = self.files.tables()
        for row in sources:
            self.sources[row["id"]] = Source(
                row["id"], row["short_citation"], row["body"], row["year"], row["jurisdiction"], row["url_or_doi"], row["provenance"], row["note"]
            )
        for row in outcomes:
            self.outcomes[row["kind"], row["code"]] = row["label"]

    # Names

    def _learn_shapes(self, vocabulary: schema.VocabularyFile, tables: Iterable[schema.PointsTableFile]) -> None:
        for item in [*vocabulary.items, *vocabulary.derived]:
            kind = {"number": "number", "integer": "number", "category_list": "list", "text_list": "text", "text": "codes"}.get(item.type, "codes")
            codes = tuple(item.codes) or (("yes", "no") if item.type == "boolean" else ())
            if kind != "text":
                self.shapes.setdefault(item.name, ItemShape(kind, codes, getattr(item, "milestone", False), getattr(item, "unit", "")))
        for table in tables:
            self.shapes[table.id] = ItemShape("points", unit="points")

    def _check_sets(self, file: tuple[str, schema.SetsFile]) -> None:
        name, form = file
        known = {code for shape in self.shapes.values() for code in shape.codes}
        for key, codes in form.sets.items():
            for code in codes:
                if code not in known:
                    self.files.mistake(
                        name, line_of(self.files.raw[name], ["sets", key]), key, f"no item has the code '{code}'.{nearest(code, known)}"
                    )

    def _register(self, file: tuple[str, schema.Form], prefix: str) -> dict[str, NamedThreshold]:
        name, form = file
        named = {}
        for key, entry in form.thresholds.items():
            line = line_of(self.files.raw[name], ["thresholds", key])
            if entry.item not in self.shapes:
                self.files.mistake(name, line, key, f"unknown item '{entry.item}'.{nearest(entry.item, self.shapes)}")
            self._check_sources(name, line, key, entry.sources)
            unique = f"{prefix}{key}"
            if unique in self.thresholds:
                self.files.mistake(name, line, key, "this threshold name is used already.")
            threshold = c.Threshold(unique, entry.value)
            self.thresholds[unique] = RegisteredThreshold(
                threshold, entry.item, entry.code, tuple(entry.sources), entry.provenance, entry.checked, entry.note
            )
            named[key] = NamedThreshold(threshold, entry.item)
        return named

    def _check_sources(self, name: str, line: int, rule: str, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self.sources:
                self.files.mistake(name, line, rule, f"unknown source '{id}'.{nearest(id, self.sources)}")

    def _learn_criteria(self, name: str, form: schema.Form) -> None:
        for criterion in form.criteria:
            if criterion.id in self.criterion_ids:
                file, first = self.criterion_ids[criterion.id]
                self.files.mistake(
                    name, self.files.criterion_entry(name, criterion.id, -1).line, criterion.id, f"this id is used already in {file}, line {first}."
                )
            else:
                self.criterion_ids[criterion.id] = (name, self.files.criterion_entry(name, criterion.id).line)

    # Scores

    def _points_table(self, name: str, form: schema.PointsTableFile) -> PointsTable:
        self._check_sources(name, 1, form.id, [form.source])
        named = self._register((name, form), prefix=f"{form.id}.")
        reader = self._reader(name, form.id, own=form.id, milestones=False, thresholds=named)
        parameters = []
        for index, parameter in enumerate(form.parameters):
            line = line_of(self.files.raw[name], ["parameters", index])
            rows = tuple(PointsRow(row.points, condition) for row in parameter.rows if (condition := reader.read(row.when, line)) is not None)
            parameters.append(PointsParameter(parameter.id, parameter.label, rows, parameter.floor))
        for item in form.unknown_while_blank:
            if item not in self.shapes:
                self.files.mistake(name, 1, form.id, f"unknown item '{item}'.{nearest(item, self.shapes)}")
        return PointsTable(form.id, form.name, form.source, form.provenance, tuple(form.unknown_while_blank), tuple(parameters), form.note)

    # Criteria

    def _reader(self, name: str, rule: str, own: str, milestones: bool, thresholds: Mapping[str, NamedThreshold] | None = None) -> ConditionReader:
        """`own` names whose criteria may be referred to besides the shared ones: 'pathway' or a pack."""
        return ConditionReader(self.shapes, self.sets, {**self.shared_thresholds, **(thresholds or {})}, self.criterion_ids, own, milestones,
                               lambda line, message: self.files.mistake(name, line, rule, message))

    def _read_criteria(self, name: str, form: schema.Form, thresholds: Mapping[str, NamedThreshold], own: str, milestones: bool) -> None:
        for criterion in form.criteria:
            entry = self.files.criterion_entry(name, criterion.id)
            line = entry.line
            allowed = ("shared.", "pathway.") if own == "pathway" else (f"{own}.",)
            if not criterion.id.startswith(allowed):
                self.files.mistake(name, line, criterion.id, f"an id in this file starts with '{allowed[0]}'.")
            for position, citation in enumerate(criterion.sources):
                self._check_sources(name, line_of(entry, ["sources", position]), criterion.id, [citation.id])
            reader = self._reader(name, criterion.id, own, milestones, thresholds)
            when = reader.read(criterion.when, line)
            cleared = reader.read(criterion.cleared_when, line) if criterion.cleared_when is not None else None
            says, says_not = (self._filled(name, line_of(entry, [key]), criterion.id, entry[key], reader.thresholds) for key in ("says", "says_not"))
            if when is None:
                continue
            self.criteria[criterion.id] = Criterion(
                id=criterion.id, code=criterion.code, says=says, says_not=says_not, when=when, cleared_when=cleared,
                citations=tuple(Citation(citation.id, citation.section, citation.stated_class) for citation in criterion.sources),
                provenance=criterion.provenance, careful_direction=criterion.careful_direction, restates=criterion.restates,
                note=criterion.note, tell=criterion.tell, next_step=criterion.next_step, place=Place(name, line),
            )

    def _filled(self, name: str, line: int, rule: str, text: str, thresholds: Mapping[str, NamedThreshold]) -> str:
        """A sentence with the numbers of the thresholds that it names in braces, so that no number is written twice."""
        for threshold in re.findall(r"\{(\w*)\}", text):
            if threshold not in thresholds:
                self.files.mistake(name, line, rule, f"unknown threshold '{threshold}' in a sentence.{nearest(threshold, thresholds)}")
                return text
            text = text.replace(f"{{{threshold}}}", f"{thresholds[threshold].threshold.value:g}")
        return text

    def _make_two_valued(self, contradictions: schema.CriteriaFile) -> None:
        """A blank never contradicts: what does not stand is cleared (`semantics.md` 3)."""
        for criterion in contradictions.criteria:
            if criterion.id in self.criteria:
                self.criteria[criterion.id] = replace(self.criteria[criterion.id], cleared_when=ALWAYS)

    # Pathway

    def _pathway(self, files: list[tuple[str, schema.GateFile]]) -> tuple[tuple[Gate, ...], DecisionList]:
        ranked = [code for kind, code in self.outcomes if kind == PATHWAY and code != MORE_INFORMATION]
        gates, branches = [], {}
        for (name, form), expected in zip(files, ranked):
            if form.code != expected:
                self.files.mistake(name, 1, form.code, f"the gates stand in the order of outcomes.csv; here stands '{expected}'.")
            ids: list[str] = []
            for branch in form.branches:
                own = tuple(criterion.id for criterion in branch.criteria)
                branches[branch.branch] = Branch(branch.branch, form.code, any_of_criteria(own), criteria=own)
                ids += own
            if form.otherwise:
                branches["otherwise"] = Branch("otherwise", form.code, None)
            gates.append(Gate(form.code, tuple(branch.branch for branch in form.branches), tuple(ids), form.tell, form.next_step))
        if len(files) != len(ranked):
            self.files.mistake(f"{self.files.main.name}/pathway", 1, "", f"there are {len(files)} gate files for {len(ranked)} pathways.")
        order = ["1", "2", "3A", "4", "5", "6", "7", "3B", "otherwise"]
        missing = [name for name in order if name not in branches]
        if missing or len(branches) != len(order):
            self.files.mistake(
                f"{self.files.main.name}/pathway", 1, "", f"the pathway has the branches {', '.join(order)}; found {', '.join(branches)}."
            )
            return tuple(gates), DecisionList(PATHWAY, (), (), MORE_INFORMATION)
        return tuple(gates), DecisionList(PATHWAY, tuple(branches[name] for name in order), tuple(ranked), MORE_INFORMATION)

    def _choices(self, name: str, form: schema.ProcedureChoiceFile) -> tuple[ProcedureChoice, ...]:
        for index, choice in enumerate(form.choice):
            for id in [*choice.when, *choice.unless]:
                if id not in self.criteria:
                    self.files.mistake(
                        name,
                        line_of(self.files.raw[name], ["choice", index]),
                        choice.procedure,
                        f"unknown criterion '{id}'.{nearest(id, self.criteria)}",
                    )
        self.files.stop_if_mistaken()
        return tuple(ProcedureChoice(choice.procedure, tuple(choice.when), tuple(choice.unless)) for choice in form.choice)

    # Packs

    def _pack(self, name: str, form: schema.PackFile) -> Pack:
        named = self._register((name, form), prefix=f"{form.id}.")
        self._check_sources(name, 1, form.id, [form.source])
        self._read_criteria(name, form, named, own=form.id, milestones=False)
        return Pack(
            id=form.id, order=form.order, name=form.name, title=form.title, body=form.body, year=form.year, jurisdiction=form.jurisdiction,
            question=form.question, enabled=form.enabled, provenance=form.provenance, source=form.source, checked=form.checked, mark=form.mark,
            dates=form.dates, strength=form.strength, scope=form.scope, missing_data=form.missing_data,
            verdicts=tuple(self._verdicts(name, form, index) for index in range(len(form.verdicts))),
            criteria=tuple(criterion.id for criterion in form.criteria), notes=tuple(form.notes), not_checked=tuple(form.not_checked),
            switched_off=tuple(form.switched_off), file=name, leaves_open=self._leaves_open(name, form, named),
        )

    def _leaves_open(self, name: str, form: schema.PackFile, thresholds: Mapping[str, NamedThreshold]) -> c.Condition | None:
        if form.leaves_open is None:
            return None
        reader = self._reader(name, form.id, own=form.id, milestones=False, thresholds=thresholds)
        return reader.read(form.leaves_open, line_of(self.files.raw[name], ["leaves_open"]))

    def _verdicts(self, name: str, form: schema.PackFile, index: int) -> Verdicts:
        block = form.verdicts[index]
        line = line_of(self.files.raw[name], ["verdicts", index])
        branches = []
        for position, branch in enumerate(block.branches):
            at = line_of(self.files.raw[name], ["verdicts", index, "branches", position])
            last = position == len(block.branches) - 1
            self._check_branch(name, at, form.id, branch, last)
            condition = c.CriterionRef(branch.when) if branch.when else None
            branches.append(
                Branch(str(position + 1), branch.verdict, condition, branch.text, (branch.when,) if branch.when else (), tuple(branch.variants))
            )
        stem = f"trial_{form.id}" if form.question == "trial" else form.id
        column = stem if len(form.verdicts) == 1 else f"{stem}_{block.procedures[0]}"
        ranked = [code for kind, code in self.outcomes if kind == "verdict"]
        given = {branch.outcome for branch in branches}
        if not branches:
            self.files.mistake(name, line, form.id, "a pack needs at least one branch.")
        return Verdicts(
            tuple(block.procedures), column, DecisionList(column, tuple(branches), tuple(code for code in ranked if code in given), UNDECIDED)
        )

    def _check_branch(self, name: str, line: int, pack: str, branch: schema.BranchForm, last: bool) -> None:
        if last and (branch.when is not None or not branch.otherwise):
            self.files.mistake(name, line, pack, "the last branch says 'otherwise: yes' and has no 'when'.")
        elif not last and (branch.when is None or branch.otherwise):
            self.files.mistake(name, line, pack, "only the last branch says 'otherwise: yes'; this one needs a 'when'.")
        if branch.when is None:
            return
        if branch.when not in self.criterion_ids:
            self.files.mistake(name, line, pack, f"unknown criterion '{branch.when}'.{nearest(branch.when, self.criterion_ids)}")
        elif not branch.when.startswith((f"{pack}.", "shared.")):
            self.files.mistake(name, line, pack, borrowed(branch.when))

    # Texts

    def _advice(self, files: Mapping[str, TextFile], vocabulary: Vocabulary, gates: Iterable[Gate]) -> AdviceRules:
        known = {path: file for path, file in files.items() if file.form is not None}
        criteria, sources = frozenset(self.criterion_ids), frozenset(self.sources)
        advice = TextReader(self.shapes, self.sets, self.shared_thresholds, criteria, sources, self.files.mistakes.append).read(known)
        around = Surroundings(
            vocabulary, tuple(code for kind, code in self.outcomes if kind == PATHWAY),
            {gate.code: tuple(self.criteria[id].code for id in gate.criteria) for gate in gates},
            tuple(name for name, shape in self.shapes.items() if shape.kind == "points"), criteria,
        )
        TextChecks(advice, known, around, self.files.mistakes.append).run()
        self.files.stop_if_mistaken()
        return advice

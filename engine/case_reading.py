"""Reads `*.cases.yaml` files: every unknown name, unreadable value and case that expects nothing is a mistake with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.cases import ANSWERS, Answer, Case
from engine.form_files import read_form
from engine.mistakes import Mistake, RuleErrors, nearest
from engine.rule_files import CASES_SUFFIX, PACK_FOLDERS, PATIENTS_FILE, TRIAL_CRITERIA_FILE
from engine.ruleset import MORE_INFORMATION, PATHWAY, UNDECIDED, RuleSet
from engine.schema import Form, Text
from engine.truth import Truth
from engine.values import InvalidValue, Value, parse_value
from engine.yaml_files import LocatedMapping, line_of

BLANKS = ("", "~", "null")
"""How a case says that an item is not recorded, or that an answer is empty."""
TRIAL_PREFIX = "trial_"
RawPatient = dict[str, str | list[str]]


class ExpectationForm(Form):
    """What a case says about the answer; what it does not name is not checked."""

    pathway: str | None = None
    possible_pathways: list[str] | None = None
    procedure: str | None = None
    triggered: list[str] | None = None
    warnings: list[str] | None = None
    contradictions: list[str] | None = None
    criteria: dict[str, str] = {}
    verdicts: dict[str, str] = {}
    missing_items: list[str] | None = None
    next_item: str | None = None


class CaseForm(Form):
    name: Text
    like: str | None = None
    patient: RawPatient = {}
    expect: ExpectationForm


class CasesFile(Form):
    cases: Annotated[list[CaseForm], Field(min_length=1)]


class PatientsFile(Form):
    patients: dict[str, RawPatient]


def read_cases(rules: RuleSet, *directories: str | Path) -> tuple[Case, ...]:
    """The cases of every `*.cases.yaml` under the directories; without any, those of the rule set's own, added packs included.

    Cases of a shipped pack that an added one replaces are left out. Raises RuleErrors with every mistake of every file.
    """
    own = filter(None, (rules.directory, rules.additional))
    reader = _Reader(rules, [Path(directory) for directory in directories or own])
    cases = reader.cases()
    if reader.mistakes:
        raise RuleErrors(reader.mistakes)
    return cases


@dataclass
class _Reader:
    rules: RuleSet
    directories: list[Path]
    mistakes: list[Mistake] = field(default_factory=list)
    named: dict[str, Mapping[str, Value]] = field(default_factory=dict)

    def cases(self) -> tuple[Case, ...]:
        for path in {Path(self.rules.directory) / PATIENTS_FILE: None, **dict.fromkeys(self._paths(PATIENTS_FILE))}:
            if path.is_file():
                self._read_patients(path)
        paths = [path for path in self._paths(f"*{CASES_SUFFIX}") if not self._is_replaced(path)]
        return tuple(case for path in paths for case in self._cases_of(path))

    def _is_replaced(self, path: Path) -> bool:
        """Whether these are cases of a pack that is not in use, because a pack of the same id was added."""
        beside = path.with_name(path.name.removesuffix(CASES_SUFFIX) + ".yaml")
        is_pack = beside.is_file() and path.parent.name in PACK_FOLDERS and beside.name != TRIAL_CRITERIA_FILE
        return is_pack and self._name(beside) not in {pack.file for pack in self.rules.packs.values()}

    def _paths(self, pattern: str) -> list[Path]:
        return [path for directory in self.directories for path in sorted(directory.rglob(pattern))]

    def _name(self, path: Path) -> str:
        base = next(base for base in [*self.directories, Path(self.rules.directory)] if path.is_relative_to(base))
        return f"{base.name}/{path.relative_to(base).as_posix()}"

    def _read_patients(self, path: Path) -> None:
        name = self._name(path)
        raw, form, mistakes = read_form(path, name, PatientsFile)
        self.mistakes += mistakes
        for patient, values in form.patients.items() if form else ():
            self.named[patient] = self._values(name, raw["patients"][patient], patient, values)

    def _cases_of(self, path: Path) -> list[Case]:
        file = self._name(path)
        raw, form, mistakes = read_form(path, file, CasesFile)
        self.mistakes += mistakes
        names: set[str] = set()
        cases = []
        for position, entry in enumerate(form.cases if form else ()):
            if entry.name in names:
                self._mistake(file, line_of(raw, ["cases", position]), entry.name, "a case of this name stands in the file already.")
            names.add(entry.name)
            cases.append(self._case(file, raw["cases"][position], entry))
        return cases

    def _case(self, file: str, raw: LocatedMapping, entry: CaseForm) -> Case:
        start: Mapping[str, Value] = {}
        if entry.like is not None and entry.like not in self.named:
            self._mistake(file, line_of(raw, ["like"]), entry.name, f"there is no patient '{entry.like}'.{nearest(entry.like, self.named)}")
        elif entry.like is not None:
            start = self.named[entry.like]
        own = self._values(file, raw.get("patient", raw), entry.name, entry.patient)
        recorded = {name: value for name, value in {**start, **own}.items() if name not in entry.patient or name in own}
        return Case(entry.name, file, raw.line, recorded, self._expected(file, raw, entry))

    def _values(self, file: str, raw: LocatedMapping, case: str, values: RawPatient) -> dict[str, Value]:
        """The recorded values; a blank is left out."""
        vocabulary, recorded = self.rules.vocabulary, {}
        for name, text in values.items():
            if name not in vocabulary:
                self._mistake(file, line_of(raw, [name]), case, f"unknown item '{name}'.{nearest(name, vocabulary.names)}")
            elif text not in BLANKS:
                try:
                    value = parse_value(vocabulary[name], text)
                except InvalidValue as invalid:
                    self._mistake(file, line_of(raw, [name]), case, f"'{name}': {invalid}")
                else:
                    recorded |= {} if value is None else {name: value}
        return recorded

    def _expected(self, file: str, raw: LocatedMapping, entry: CaseForm) -> Answer:
        expect, at = entry.expect, raw["expect"]
        if not any((expect.criteria, expect.verdicts, *(getattr(expect, what) is not None for what in ANSWERS))):
            self._mistake(file, line_of(raw, ["expect"]), entry.name, "this case expects nothing, so it can never fail.")
        for what, known in self._known_answers().items():
            value = getattr(expect, what)
            for code in [] if value is None or value in BLANKS else [value] if isinstance(value, str) else value:
                if code not in known:
                    self._mistake(file, line_of(at, [what]), entry.name, f"'{what}' cannot be '{code}'.{nearest(code, known)}")
        for id, state in expect.criteria.items():
            self._check(
                file, line_of(at, ["criteria", id]), entry.name, "criterion", id, self.rules.criteria, state, [state.value for state in Truth]
            )
        verdicts = {column if column in self._columns else f"{TRIAL_PREFIX}{column}": verdict for column, verdict in expect.verdicts.items()}
        for written, (column, verdict) in zip(expect.verdicts, verdicts.items()):
            known = [*self._columns.get(column, ()), UNDECIDED]
            self._check(file, line_of(at, ["verdicts", written]), entry.name, "verdict column", written, self._writable_columns(), verdict, known)
        return Answer(**{what: _plain(getattr(expect, what)) for what in ANSWERS}, criteria=expect.criteria, verdicts=verdicts)

    def _check(self, file: str, line: int, case: str, kind: str, name: str, names: Iterable[str], state: str, states: Iterable[str]) -> None:
        if name not in names:
            self._mistake(file, line, case, f"unknown {kind} '{name}'.{nearest(name, names)}")
        elif state not in states:
            self._mistake(file, line, case, f"'{name}' cannot be '{state}'.{nearest(state, states)}")

    @property
    def _columns(self) -> dict[str, tuple[str, ...]]:
        return {verdicts.column: verdicts.decision.outcomes for pack in self.rules.packs.values() for verdicts in pack.verdicts}

    def _writable_columns(self) -> set[str]:
        return {*self._columns, *(column.removeprefix(TRIAL_PREFIX) for column in self._columns)}

    def _known_answers(self) -> dict[str, tuple[str, ...]]:
        pathways = (*self.rules.pathway.outcomes, MORE_INFORMATION)
        items = self.rules.vocabulary.names
        return {
            PATHWAY: pathways, "possible_pathways": self.rules.pathway.outcomes,
            "procedure": tuple(choice.procedure for choice in self.rules.procedure_choice),
            "triggered": self._codes(self.rules.triggers), "warnings": self._codes(self.rules.warnings),
            "contradictions": self._codes(self.rules.contradictions), "missing_items": items, "next_item": items,
        }

    def _codes(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.rules.criteria[id].code or id for id in ids)

    def _mistake(self, file: str, line: int, case: str, message: str) -> None:
        self.mistakes.append(Mistake(file, line, case, message))


def _plain(value: str | list[str] | None) -> str | tuple[str, ...] | None:
    """As the assessment writes it: lists as tuples, an empty answer as an empty text."""
    if isinstance(value, list):
        return tuple(value)
    return "" if value is not None and value in BLANKS else value

"""The files of a rule set: which there are, what they are called in messages, and their forms; every mistake is collected."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from engine import schema
from engine.form_files import read_form
from engine.mistakes import Mistake, RuleErrors
from engine.ruleset import PATHWAY
from engine.text_reading import TextFile, words_mistakes
from engine.text_schema import FORMS, WordsFile
from engine.yaml_files import LocatedMapping, line_of

SHIPPED_RULES = Path(__file__).resolve().parent.parent / "rules"
CASES_SUFFIX = ".cases.yaml"
PACK_FOLDERS = ("guidelines", "trials")
TRIAL_CRITERIA_FILE = "trial_criteria.yaml"
PATIENTS_FILE = "patients.yaml"
"""Named patients from which cases start; like the cases, no part of the knowledge."""
ACCEPTED_FINDINGS_FILE = "accepted_findings.yaml"
"""What `check` has found about the rules and their authors accept; it changes no answer, so it is no part of the knowledge."""
TABLES = ("sources.csv", "outcomes.csv")


def knowledge_files(directory: Path) -> list[Path]:
    """Every YAML file that holds knowledge (cases and accepted findings apart), and the two tables, in a stable order."""
    files = [path for path in directory.rglob("*.yaml") if not path.name.endswith((CASES_SUFFIX, ACCEPTED_FINDINGS_FILE))]
    return sorted([*files, *directory.glob("*.csv")], key=lambda path: path.relative_to(directory).as_posix())


def fingerprint(*directories: Path | None) -> str:
    """sha256 over names and texts of the knowledge files; line endings do not matter."""
    digest = hashlib.sha256()
    for directory in directories:
        for path in knowledge_files(directory) if directory else ():
            digest.update(path.relative_to(directory).as_posix().encode() + b"\0")
            digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


@dataclass
class RuleFiles:
    """A rule set's folder, and beside it a folder whose packs are added or replace those of the same id."""

    main: Path
    extra: Path | None
    mistakes: list[Mistake] = field(default_factory=list)
    raw: dict[str, LocatedMapping] = field(default_factory=dict)
    """What each file holds as it is written, by its name in messages."""
    added: set[str] = field(default_factory=set)
    """Ids of packs that come from the folder beside."""
    _criteria: dict[str, dict[str, list[LocatedMapping]]] = field(default_factory=dict)

    def mistake(self, file: str, line: int, rule: str, message: str) -> None:
        self.mistakes.append(Mistake(file, line, rule, message))

    def stop_if_mistaken(self) -> None:
        if self.mistakes:
            raise RuleErrors(self.mistakes)

    def file(self, path: str | Path, form: type[BaseModel]) -> tuple[str, BaseModel | None]:
        """The name of a file in messages, and its content in this form (None when it has mistakes)."""
        full = self.main / path if isinstance(path, str) else path
        name = self._name(full)
        if not full.is_file():
            self.mistake(name, 1, "", "this file is missing; a rule set cannot do without it.")
            return name, None
        read = read_form(full, name, form)
        self.mistakes += read.mistakes
        if read.raw is not None:
            self.raw[name] = read.raw
        return name, read.form

    def _name(self, path: Path) -> str:
        base = self.extra if self.extra and path.is_relative_to(self.extra) else self.main
        return f"{base.name}/{path.relative_to(base).as_posix()}"

    def tables(self) -> tuple[list[dict[str, str]], ...]:
        """The rows of each table of `TABLES`; sources also from the folder beside, so that a local rule can cite its own."""
        for name in TABLES:
            if not (self.main / name).is_file():
                self.mistake(f"{self.main.name}/{name}", 1, "", "this file is missing; a rule set cannot do without it.")
        self.stop_if_mistaken()
        sources, outcomes = (_csv_rows(self.main / name) for name in TABLES)
        return [*sources, *self._added_sources(sources)], outcomes

    def _added_sources(self, shipped: list[dict[str, str]]) -> list[dict[str, str]]:
        path = self.extra / TABLES[0] if self.extra else None
        if path is None or not path.is_file():
            return []
        name, rows, ids = self._name(path), _csv_rows(path), {row["id"] for row in shipped}
        for line, row in enumerate(rows, start=2):
            if set(row) != set(shipped[0]) or None in row.values():
                self.mistake(name, line, "", f"a row of sources has the cells {', '.join(shipped[0])}.")
            elif row["id"] in ids:
                self.mistake(name, line, row["id"], "this source id is used already.")
            ids.add(row.get("id", ""))
        self.stop_if_mistaken()
        return rows

    def points_tables(self) -> list[tuple[str, schema.PointsTableFile]]:
        return [self.file(path, schema.PointsTableFile) for path in _without_cases(self.main / "scores")]

    def gates(self) -> list[tuple[str, schema.GateFile]]:
        return [self.file(path, schema.GateFile) for path in _without_cases(self.main / PATHWAY, "gate_*.yaml")]

    def shared_criteria(self) -> list[tuple[str, schema.CriteriaFile]]:
        files = [self.file("shared_criteria.yaml", schema.CriteriaFile)]
        trial_criteria = self.main / "trials" / TRIAL_CRITERIA_FILE
        return files + ([self.file(trial_criteria, schema.CriteriaFile)] if trial_criteria.is_file() else [])

    def packs(self) -> list[tuple[str, schema.PackFile]]:
        """The packs of both folders; of two with one id, that of the added folder."""
        found: dict[str, tuple[str, schema.PackFile]] = {}
        for directory in filter(None, (self.main, self.extra)):
            here: set[str] = set()
            for path in _pack_paths(directory, is_extra=directory == self.extra):
                name, form = self.file(path, schema.PackFile)
                if form is None:
                    continue
                if form.id in here:
                    self.mistake(name, line_of(self.raw[name], ["id"]), form.id, "this pack id is used by another file already.")
                here.add(form.id)
                found[form.id] = (name, form)
            if directory == self.extra:
                self.added |= here
        return list(found.values())

    def texts(self) -> dict[str, TextFile]:
        """Every file of texts and reference, by path. Files without a form of their own hold the words of a view; they are kept raw."""
        read = {path: self.file(path, known) for path, known in FORMS.items()}
        files = {path: TextFile(name, self.raw[name], form) for path, (name, form) in read.items() if form is not None}
        for path in _without_cases(self.main / "texts"):
            relative = path.relative_to(self.main).as_posix()
            if relative not in FORMS:
                name, words = self.file(path, WordsFile)
                self.mistakes += words_mistakes(name, self.raw[name]) if words is not None else []
                files[relative] = TextFile(name, self.raw.get(name, {}), None)
        self.stop_if_mistaken()
        return files

    def criterion_entry(self, name: str, id: str, which: int = 0) -> LocatedMapping:
        """A criterion as it is written in a file; the first of this id, or the last."""
        if name not in self._criteria:
            self._criteria[name] = {}
            for entry in _entries(self.raw[name]):
                if "id" in entry and "when" in entry:
                    self._criteria[name].setdefault(entry["id"], []).append(entry)
        return self._criteria[name][id][which]


def _without_cases(folder: Path, pattern: str = "*.yaml") -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if not path.name.endswith(CASES_SUFFIX)] if folder.is_dir() else []


def _pack_paths(directory: Path, is_extra: bool) -> Iterator[Path]:
    folders = [directory / folder for folder in PACK_FOLDERS] + ([directory] if is_extra else [])
    for folder in folders:
        yield from (path for path in _without_cases(folder) if path.name != TRIAL_CRITERIA_FILE)


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _entries(value: object) -> Iterator[LocatedMapping]:
    if isinstance(value, LocatedMapping):
        yield value
        for part in value.values():
            yield from _entries(part)
    elif isinstance(value, list):
        for part in value:
            yield from _entries(part)

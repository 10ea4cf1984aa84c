"""Reads what the files of `rules/texts` and `rules/reference` say: conditions, thresholds, sources. Every mistake names file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from engine import conditions as c
from engine.advice_rules import CODE_LISTS, AdviceRules, code_list_names
from engine.condition_reader import ConditionReader, ItemShape, NamedThreshold
from engine.mistakes import Mistake, nearest
from engine.ruleset import PATHWAY, RegisteredThreshold
from engine.schema import Form
from engine.templates import fields_of, number_words
from engine.text_marks import SOURCE_FIELDS, THRESHOLD_WORDS, is_condition
from engine.text_schema import WordsFile
from engine.yaml_files import LocatedMapping, line_of

AnyForm = TypeVar("AnyForm", bound=Form)
Path = tuple[str | int, ...]


class TextFile(NamedTuple):
    """One file as it was read: its name in messages, its raw text and its form."""

    name: str
    raw: LocatedMapping
    form: Form


@dataclass
class TextReader:
    """What the files may name, and the mistakes found so far. The shared thresholds come from the register of the pathway."""

    shapes: Mapping[str, ItemShape]
    sets: Mapping[str, tuple[str, ...]]
    shared_thresholds: Mapping[str, NamedThreshold]
    criteria: frozenset[str]
    sources: Iterable[str]
    report: Callable[[Mistake], None]
    thresholds: dict[str, RegisteredThreshold] = field(default_factory=dict)

    def read(self, files: Mapping[str, TextFile]) -> AdviceRules:
        """The knowledge of all files, by their path under `rules/`. Mistakes are reported; the result is of use only without any."""
        lists = files["reference/code_lists.yaml"].form
        self.shapes = {**self.shapes, CODE_LISTS: ItemShape("list", code_list_names(lists))}
        read = {PurePosixPath(path).stem: _FileReader(self, PurePosixPath(path).stem, file).read() for path, file in files.items()}
        return AdviceRules(**read, thresholds=self.thresholds)


class _FileReader:
    """One file with the thresholds it may use: its own and the shared ones."""

    def __init__(self, reader: TextReader, stem: str, file: TextFile) -> None:
        self._reader, self._stem, self._file = reader, stem, file
        self._thresholds = {**reader.shared_thresholds, **self._own_thresholds()}
        self._numbers = {name: number_words(named.threshold.value) for name, named in self._thresholds.items()}

    def read(self) -> Form:
        return self._linked(self._file.form, ())

    def _mistake(self, path: Path, message: str) -> None:
        rule = _rule_at(self._file.raw, path)
        self._reader.report(Mistake(self._file.name, line_of(self._file.raw, path), rule, message))

    def _own_thresholds(self) -> dict[str, NamedThreshold]:
        own = {}
        for name, entry in getattr(self._file.form, "thresholds", {}).items():
            if entry.item not in self._reader.shapes:
                self._mistake(("thresholds", name), f"unknown item '{entry.item}'.{nearest(entry.item, self._reader.shapes)}")
            threshold = c.Threshold(f"{self._stem}.{name}", entry.value)
            own[name] = NamedThreshold(threshold, entry.item)
            self._reader.thresholds[threshold.name] = RegisteredThreshold(
                threshold, entry.item, entry.code, tuple(entry.sources), entry.provenance, entry.checked, entry.note,
            )
        return own

    def _linked(self, form: AnyForm, path: Path) -> AnyForm:
        """The form with its conditions read and the numbers of its thresholds put in."""
        changes = {}
        for name, information in type(form).model_fields.items():
            value, here = getattr(form, name), (*path, information.alias or name)
            if value is None:
                continue
            if name in SOURCE_FIELDS:
                self._check_sources(value, here)
            if is_condition(information.metadata):
                changes[name] = self._condition(value, here)
            elif name in THRESHOLD_WORDS and isinstance(value, str):
                changes[name] = self._with_numbers(value, here)
            elif isinstance(value, Form):
                changes[name] = self._linked(value, here)
            elif isinstance(value, list):
                changes[name] = [self._entry(entry, (*here, index)) for index, entry in enumerate(value)]
            elif isinstance(value, dict):
                changes[name] = {key: self._entry(entry, (*here, key)) for key, entry in value.items()}
        return form.model_copy(update=changes)

    def _entry(self, entry: object, path: Path) -> object:
        return self._linked(entry, path) if isinstance(entry, Form) else entry

    def _condition(self, written: object, path: Path) -> c.Condition | None:
        reader = ConditionReader(
            self._reader.shapes, self._reader.sets, self._thresholds, self._reader.criteria, self._borrows_from(path), True,
            lambda line, message: self._reader.report(Mistake(self._file.name, line, _rule_at(self._file.raw, path), message)),
        )
        return reader.read(written, line_of(self._file.raw, path))

    def _borrows_from(self, path: Path) -> str:
        """Whose criteria a condition may ask beside the shared ones: the pack of a score for the bands of that score, else the pathway."""
        return self._file.form.score_bands[path[1]].score if path[0] == "score_bands" else PATHWAY

    def _with_numbers(self, text: str, path: Path) -> str:
        unknown = sorted(fields_of(text) - set(self._numbers))
        for name in unknown:
            self._mistake(path, f"unknown threshold '{name}'.{nearest(name, self._numbers)}")
        return text if unknown else text.format_map(self._numbers)

    def _check_sources(self, value: str | Sequence[object], path: Path) -> None:
        for entry in [value] if isinstance(value, str) else value:
            id = entry if isinstance(entry, str) else entry.id
            if id and id not in self._reader.sources:
                self._mistake(path, f"unknown source '{id}'.{nearest(id, self._reader.sources)}")


def words_mistakes(name: str, raw: LocatedMapping) -> list[Mistake]:
    """What is wrong with the words of a view: an end of the tree that is empty."""
    try:
        WordsFile.model_validate(raw)
    except ValidationError:
        return [Mistake(name, 1, "", "the file must hold names and texts.")]
    return [Mistake(name, line_of(raw, path), "", "a text is missing here.") for path, text in _ends(raw, ()) if not text.strip()]


def _ends(value: object, path: Path) -> Iterable[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _ends(part, (*path, key))


def _rule_at(raw: LocatedMapping, path: Path) -> str:
    """The innermost id, code or name of what stands at `path`."""
    value: object = raw
    rule = ""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(value, dict):
            rule = next((value[key] for key in ("id", "code", "name", "topic", "trial", "risk") if isinstance(value.get(key), str)), rule)
    return rule

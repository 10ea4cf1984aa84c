"""The cases of a knowledge file as readable rows: the patient a case starts from, what it changes, and what it expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.assessing import in_words
from engine.case_reading import BLANKS, CaseForm, CasesFile, ExpectationForm, PatientsFile, RawPatient
from engine.condition_words import ConditionWords
from engine.form_files import read_form
from engine.mistakes import RuleErrors
from engine.rule_files import CASES_SUFFIX, PATIENTS_FILE
from engine.ruleset import PATHWAY, RuleSet
from engine.values import parse_value


@dataclass(frozen=True)
class CaseEntry:
    """One case in words. `like` is the name of the patient it starts from; empty when it starts from nothing recorded."""

    name: str
    like: str
    patient: tuple[tuple[str, str], ...]
    """Labels of the items that it sets, with the values in words."""
    expected: tuple[tuple[str, str], ...]
    """What is asked (a field of the case file, a verdict column, or a state of criteria), with the answer in words."""


@dataclass(frozen=True)
class PatientEntry:
    """A named patient from which cases start: labels of the recorded items with the values in words."""

    name: str
    values: tuple[tuple[str, str], ...]


def cases_beside(rules: RuleSet, file: str) -> tuple[CaseEntry, ...]:
    """The cases beside a knowledge file (named as in messages, `rules/guidelines/x.yaml`); none when there is no such file.

    Raises RuleErrors when the file of cases has mistakes of form.
    """
    path = _path(rules, file.removesuffix(".yaml") + CASES_SUFFIX)
    if not path.is_file():
        return ()
    return tuple(_case(rules, entry) for entry in _form(path, CasesFile).cases)


def named_patients(rules: RuleSet) -> tuple[PatientEntry, ...]:
    """The named patients of the rule set's own folder."""
    path = Path(rules.directory) / PATIENTS_FILE
    patients = _form(path, PatientsFile).patients if path.is_file() else {}
    return tuple(PatientEntry(name, tuple(_values(rules, values))) for name, values in patients.items())


def _path(rules: RuleSet, file: str) -> Path:
    """Where a file named as in messages stands: in the added folder if it is there, else in the rule set's own."""
    folder, _, inside = file.partition("/")
    added = Path(rules.additional) if rules.additional else None
    if added is not None and added.name == folder and (added / inside).is_file():
        return added / inside
    return Path(rules.directory) / inside


def _form(path: Path, form: type[CasesFile] | type[PatientsFile]) -> CasesFile | PatientsFile:
    read = read_form(path, path.name, form)
    if read.form is None:
        raise RuleErrors(read.mistakes)
    return read.form


def _case(rules: RuleSet, entry: CaseForm) -> CaseEntry:
    return CaseEntry(entry.name, entry.like or "", tuple(_values(rules, entry.patient)), tuple(_expected(rules, entry.expect)))


def _values(rules: RuleSet, patient: RawPatient) -> Iterator[tuple[str, str]]:
    words = ConditionWords(rules)
    for name, raw in patient.items():
        item = rules.vocabulary[name]
        value = None if raw in BLANKS else parse_value(item, raw)
        yield item.label, words.number(name, value) if isinstance(value, float) else in_words(rules.vocabulary, name, value)


def _expected(rules: RuleSet, expect: ExpectationForm) -> Iterator[tuple[str, str]]:
    if expect.pathway is not None:
        yield PATHWAY, _pathways(rules, [expect.pathway])
    if expect.possible_pathways is not None:
        yield "possible_pathways", _pathways(rules, expect.possible_pathways)
    for column, verdict in expect.verdicts.items():
        yield column, rules.label("verdict", verdict)
    if expect.procedure is not None:
        yield "procedure", "" if expect.procedure in BLANKS else rules.label("procedure", expect.procedure)
    for what in ("triggered", "warnings", "contradictions"):
        if (codes := getattr(expect, what)) is not None:
            yield what, ", ".join(codes)
    if expect.missing_items is not None:
        yield "missing_items", _labels(rules, expect.missing_items)
    if expect.next_item is not None:
        yield "next_item", _labels(rules, [] if expect.next_item in BLANKS else [expect.next_item])
    yield from _by_state(rules, expect.criteria)


def _pathways(rules: RuleSet, codes: Iterable[str]) -> str:
    return ", ".join(rules.label(PATHWAY, code) for code in codes)


def _labels(rules: RuleSet, items: Iterable[str]) -> str:
    return ", ".join(rules.vocabulary[name].label for name in items)


def _by_state(rules: RuleSet, criteria: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The criteria named, by code or id, grouped by the state that is expected."""
    for state in dict.fromkeys(criteria.values()):
        yield state, ", ".join(rules.criteria[id].code or id for id, expected in criteria.items() if expected == state)

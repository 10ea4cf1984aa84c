"""Patients to try the page with: the written ones of the rules, and published ones. Always marked as examples."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from engine.assessing import parse_patient
from engine.values import Value
from engine.yaml_files import read_yaml
from ui import session
from ui.knowledge import rules, texts

PUBLISHED = Path(__file__).resolve().parent.parent / "examples" / "published_cases.csv"
PUBLISHED_TITLES = PUBLISHED.with_name("published_cases_expected.csv")
WRITTEN = "patients.yaml"


@dataclass(frozen=True)
class Example:
    """A patient with a name that says where it comes from."""

    name: str
    recorded: Mapping[str, Value]


@lru_cache(maxsize=1)
def examples() -> dict[str, Example]:
    """Every example by its id, written ones first."""
    return {**_written(), **_published()}


def _written() -> dict[str, Example]:
    patients = read_yaml(Path(rules().directory) / WRITTEN)["patients"]
    return {id: Example(name, parse_patient(rules().vocabulary, patients[id])) for id, name in texts("examples").items() if id in patients}


def _published() -> dict[str, Example]:
    if not PUBLISHED.is_file():
        return {}
    with PUBLISHED.open(encoding="utf-8", newline="") as cases, PUBLISHED_TITLES.open(encoding="utf-8", newline="") as expected:
        titles = {row["record_id"]: row for row in csv.DictReader(expected)}
        return {row["record_id"]: Example(_title(titles[row["record_id"]]), parse_patient(rules().vocabulary, row)) for row in csv.DictReader(cases)}


def _title(row: Mapping[str, str]) -> str:
    return f"{texts('examples')['published'].format(title=row['title'], year=row['year'])} ({row['record_id']})"


def show_examples() -> None:
    """A menu whose choice replaces every entry."""
    words = texts("inputs")
    with st.popover(words["example"], icon=":material/person_book:"):
        st.caption(words["example_help"])
        st.selectbox(
            words["choose_example"], list(examples()), index=None, format_func=lambda id: examples()[id].name, key=session.EXAMPLE_CHOICE,
            on_change=_load,
        )


def _load() -> None:
    choice = st.session_state[session.EXAMPLE_CHOICE]
    if choice is None:
        return
    vocabulary = rules().vocabulary
    session.empty(vocabulary)
    session.enter(vocabulary, examples()[choice].recorded)
    st.session_state[session.EXAMPLE] = examples()[choice].name

"""The copies of the contract in `tests/contract` and under `rules/` are those of `../shared`, where it is; and they agree with each other."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from engine.rule_files import SHIPPED_RULES

CONTRACT = Path(__file__).parent / "contract"
SHARED = Path(__file__).resolve().parents[2] / "shared"
ORIGINALS = {
    **{name: f"clinical/{name}" for name in ("README.md", "pathway.md", "guidelines.md", "bleeding.md", "scores.md", "evidence.md", "aftercare.md", "trials.md", "sources.csv")},
    **{name: f"spec/{name}" for name in ("data_dictionary.csv", "outcomes.csv")},
    **{name: f"cases/{name}" for name in ("published_cases.csv", "published_cases_expected.csv")},
}
SHIPPED_COPIES = ("sources.csv", "outcomes.csv")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def documents() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in CONTRACT.glob("*.md")}


def test_the_copies_are_these_files_and_no_others():
    assert {path.name for path in CONTRACT.iterdir() if path.is_file()} == set(ORIGINALS)


@pytest.mark.parametrize("copy", ORIGINALS)
def test_a_copy_is_its_original_or_holds_what_the_other_copies_need(copy):
    """Outside the house where the contract lies nothing can be compared byte by byte; a cut or emptied copy is still noticed."""
    original = SHARED / ORIGINALS[copy]
    if original.is_file():
        assert (CONTRACT / copy).read_bytes() == original.read_bytes()
    text = (CONTRACT / copy).read_text(encoding="utf-8")
    assert text.endswith("\n") and len(text.splitlines()) >= 20


@pytest.mark.parametrize("name", SHIPPED_COPIES)
def test_the_shipped_tables_are_those_of_the_contract(name):
    assert (SHIPPED_RULES / name).read_bytes() == (CONTRACT / name).read_bytes()


def test_every_source_that_the_documents_cite_is_in_the_copy_of_the_sources():
    known = {row["id"] for row in rows(CONTRACT / "sources.csv")}
    cited = {id for text in documents().values() for block in re.findall(r"\[([a-z0-9_]+(?:, [a-z0-9_]+)*)\]", text) for id in block.split(", ")}
    assert len(cited) > 100
    assert cited <= known


def test_every_item_that_the_documents_name_with_a_question_is_in_the_copy_of_the_dictionary():
    asked = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", documents()["pathway.md"].partition("## 9.")[2], flags=re.M)
    assert set(asked) == {row["name"] for row in rows(CONTRACT / "data_dictionary.csv")} - {"record_id"}


def test_every_gate_of_the_copy_of_the_pathway_is_an_outcome_of_the_copy_of_the_outcomes():
    gates = re.findall(r"^### Gate \d `(\w+)`", documents()["pathway.md"], flags=re.M)
    outcomes = [row["code"] for row in rows(CONTRACT / "outcomes.csv") if row["kind"] == "pathway"]
    assert gates == [code for code in outcomes if code != "more_information"]


def test_the_published_cases_and_their_expected_answers_are_about_the_same_patients():
    cases, expected = rows(CONTRACT / "published_cases.csv"), rows(CONTRACT / "published_cases_expected.csv")
    assert [row["record_id"] for row in cases] == [row["record_id"] for row in expected]
    assert set(cases[0]) - {"record_id"} <= {row["name"] for row in rows(CONTRACT / "data_dictionary.csv")}
    assert {code for row in expected for code in row["expected_pathways"].split(";")} <= {row["code"] for row in rows(CONTRACT / "outcomes.csv")}

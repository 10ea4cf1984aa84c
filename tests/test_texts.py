"""What the shipped texts never say, and that everything they cite exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import conditions as c
from engine.assessing import assess
from engine.loading import load_rules
from engine.rendering import render_text
from engine.rule_files import CASES_SUFFIX, SHIPPED_RULES
from engine.ruleset import Criterion
from engine.yaml_files import read_yaml

RULES = load_rules()
ROOT = SHIPPED_RULES.parent
FILES = [path for path in sorted(SHIPPED_RULES.rglob("*.yaml")) if not path.name.endswith(CASES_SUFFIX)]
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")


def strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a file, with the key it stands under."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from strings(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, key)
    else:
        yield key, str(value)


def texts_of(path: Path) -> list[tuple[str, str]]:
    return list(strings(read_yaml(path)))


# Numbers


def thresholds_of(criterion: Criterion) -> set[float]:
    """The values that a criterion compares with, itself or through others."""
    values: set[float] = set()
    for condition in filter(None, (criterion.when, criterion.cleared_when)):
        for node in c.walk(condition):
            if isinstance(node, (c.Compare, c.PointsCompare)):
                values.add(node.threshold.value)
            elif isinstance(node, c.CriterionRef):
                values |= thresholds_of(RULES.criteria[node.id])
    return values


def written_criteria() -> Iterator[tuple[str, str]]:
    for path in FILES:
        for entry in _mappings(read_yaml(path)):
            if entry.get("id") in RULES.criteria and "says" in entry:
                yield from ((entry["id"], entry[key]) for key in ("says", "says_not"))


def _mappings(value: object) -> Iterator[dict]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(part)


def test_no_sentence_of_a_criterion_repeats_the_number_of_a_threshold():
    """It names the threshold in braces instead, and the loader fills in the number."""
    sentences = list(written_criteria())
    assert len(sentences) == 2 * len(RULES.criteria)
    repeated = [f"{id}: {text}" for id, text in sentences if {float(number) for number in NUMBER.findall(text)} & thresholds_of(RULES.criteria[id])]
    assert repeated == []


def test_the_numbers_of_thresholds_are_filled_in():
    assert RULES.criteria["pathway.spine_surgery.canal_narrowed"].says == "The canal is narrowed by more than 20 %"
    assert RULES.criteria["pathway.warning.moderate_pain"].says == "The pain is moderate (5 to below 7)"
    assert not any("{" in criterion.says + criterion.says_not for criterion in RULES.criteria.values())


# Medicines

DRUGS = [
    *(code for item in ("anticoagulant", "antiplatelets") for code in RULES.vocabulary[item].codes if code not in ("none", "other")),
    "heparin", "lmwh", "doac", "enoxaparin", "anticoagul", "antiplatelet", "antithrombotic", "blood thinner", "medicine", "drug", "denosumab", "steroid",
]
INTERRUPT = re.compile(rf"\b(stop|stopping|discontinue|discontinuing|cease)\b(?:\s+[\w']+){{0,3}}?\s+(?:{'|'.join(DRUGS)})", re.IGNORECASE)
FORBIDDEN_BEFORE = re.compile(r"\b(not|never|nobody|no one|without)\b[^.;]*$", re.IGNORECASE)


def orders_to_stop(text: str) -> list[str]:
    """Where a text tells someone to stop a medicine; a text that forbids it is no order."""
    return [found[0] for found in INTERRUPT.finditer(text) if not FORBIDDEN_BEFORE.search(text[:found.start()])]


@pytest.mark.parametrize(("text", "said"), [
    ("Stop apixaban two days before.", ["Stop apixaban"]), ("Then stop the patient's warfarin.", ["stop the patient's warfarin"]),
    ("Discontinue all antiplatelet drugs", ["Discontinue all antiplatelet"]), ("Do not stop any medicine yourself.", []),
    ("Hold interval of apixaban per SIR, prescriber to confirm.", []), ("Was denosumab stopped in the last two years?", []),
])
def test_an_order_to_stop_a_medicine_is_recognised(text, said):
    assert orders_to_stop(text) == said


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SHIPPED_RULES).as_posix())
def test_no_text_says_to_stop_a_medicine(path):
    assert [(key, text) for key, text in texts_of(path) if orders_to_stop(text)] == []


def test_the_code_that_shows_texts_does_not_say_it_either():
    code = [*ROOT.glob("engine/*.py"), *ROOT.glob("ui/*.py"), *ROOT.glob("engine/**/*.j2"), ROOT / "app.py"]
    assert [path.name for path in code if path.is_file() and orders_to_stop(path.read_text(encoding="utf-8"))] == []


# Sources

SOURCE_KEY = re.compile(r"(?:^|_)sources?$")
WORDS_OF_THE_PAGE = SHIPPED_RULES / "texts" / "interface.yaml"
"""Here 'source' is a heading, not an id."""
BRACKETS = re.compile(r"\[([a-z][a-z0-9_]*(?:, ?[a-z][a-z0-9_]*)*)\]")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SHIPPED_RULES).as_posix())
def test_every_source_that_a_file_cites_exists(path):
    texts = texts_of(path)
    cited = {id for _, text in texts for block in BRACKETS.findall(text) for id in re.split(", ?", block)}
    if path != WORDS_OF_THE_PAGE:
        cited |= {text for key, text in texts if SOURCE_KEY.search(key)}
    assert cited <= set(RULES.sources)


def test_texts_that_patients_and_clinicians_read_do_cite():
    cited = {text for path in FILES for key, text in texts_of(path) if SOURCE_KEY.search(key) and path.parent.name in ("texts", "reference")}
    assert len(cited) > 50


# What is kept and not shown


def test_what_is_marked_as_not_shown_is_read_by_no_view():
    """The form of the file names the key, so that it may stand there; nothing else does."""
    code = [path for folder in ("engine", "ui") for path in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py"]
    readers = {path.relative_to(ROOT).as_posix() for path in code if path.is_file() and re.search(r"(?<!\w)not_shown(?!\w)", path.read_text(encoding="utf-8"))}
    assert readers <= {"engine/text_schema.py"}


def hidden_texts() -> list[str]:
    return [text for _, text in strings(read_yaml(SHIPPED_RULES / "texts" / "evidence.yaml")["not_shown"]) if len(text.split()) >= 4]


def test_what_is_marked_as_not_shown_stands_in_no_rendered_text():
    hidden = hidden_texts()
    assert hidden
    shown = [render_text(assess({"fracture_cause": "osteoporosis"})), *(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "knowledge").rglob("*.md"))]
    assert len(shown) > 20
    assert not any(text in page for text in hidden for page in shown)

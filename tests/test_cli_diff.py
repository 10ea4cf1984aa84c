"""`python -m engine diff`: what it writes, where, with which exit code, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.rule_choice import unproved_rules_at
from engine.rule_files import SHIPPED_RULES
from engine.yaml_files import read_yaml

HEADER = "record_id,column,old,new,criteria\n"
SUITABLE = read_yaml(SHIPPED_RULES / "patients.yaml")["patients"]["suitable_osteoporotic"]
LOCAL_RULES = Path(__file__).parent.parent / "examples/local_rules"


@pytest.fixture(autouse=True)
def without_proofs(monkeypatch):
    """That rules are proved before they are used is shown in test_proofs; here it would take minutes."""
    monkeypatch.setattr("engine.rule_choice.rules_at", unproved_rules_at)


@pytest.fixture(scope="module")
def stricter(tmp_path_factory) -> Path:
    """The shipped rules with a lower INR limit."""
    return changed_rules(tmp_path_factory.mktemp("stricter"), "thresholds.yaml", "value: 1.8", "value: 1.2")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A suitable patient with an INR between the two limits, one below both, and one without an INR."""
    return written(tmp_path / "cohort.csv", NA="1.5", **{"007": "1.1"}, c="")


def written(path: Path, **inr_of: str) -> Path:
    """A file of patients who differ in their INR only, by record_id."""
    recorded = {name: ";".join(value) if isinstance(value, list) else value for name, value in SUITABLE.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["record_id", *recorded])
        table.writeheader()
        table.writerows({"record_id": record_id, **recorded, "inr": inr} for record_id, inr in inr_of.items())
    return path


def changed_rules(folder: Path, file: str, old: str, new: str) -> Path:
    copy = folder / "rules"
    shutil.copytree(SHIPPED_RULES, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def diff(*arguments: object, code: int = 0):
    result = CliRunner().invoke(app, ["diff", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.stderr
    return result


def test_each_answer_that_differs_is_one_row_with_the_criterion_that_made_the_difference(cohort, stricter):
    result = diff(SHIPPED_RULES, stricter, "--cohort", cohort)
    assert result.stdout.startswith(HEADER + "NA,pathway,augmentation,correct_first,F5;shared.inr_outside\n")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["record_id"] for row in rows} == {"NA"}
    assert all("shared.inr_outside" in row["criteria"].split(";") for row in rows)
    assert f"3 patients, {len(rows)} answers differ." in result.stderr


def test_the_rows_go_to_the_file_that_is_named(cohort, stricter, tmp_path):
    output = tmp_path / "moved.csv"
    result = diff(SHIPPED_RULES, stricter, "--cohort", cohort, "--output", output)
    assert result.stdout == ""
    assert output.read_text(encoding="utf-8") == diff(SHIPPED_RULES, stricter, "--cohort", cohort).stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "moved.csv"]


def test_the_same_rules_give_the_header_alone(cohort):
    result = diff(SHIPPED_RULES, SHIPPED_RULES, "--cohort", cohort)
    assert result.stdout == HEADER


def test_each_rule_set_reads_the_cells_with_its_own_codes(cohort, tmp_path):
    turned = changed_rules(tmp_path, "vocabulary.yaml", "codes: [intact, radicular, deficit, myelopathy, cauda_equina]",
                           "codes: [cauda_equina, myelopathy, deficit, radicular, intact]")
    assert diff(SHIPPED_RULES, turned, "--cohort", cohort).stdout == HEADER


def test_a_pack_that_only_one_of_them_has_is_said_and_not_compared(cohort):
    result = diff(SHIPPED_RULES, LOCAL_RULES, "--cohort", cohort)
    assert result.stdout == HEADER
    assert "our_hospital: not compared (column only in the new rules)" in result.stderr


def test_an_invalid_cell_counts_as_not_recorded_and_gives_exit_code_1(cohort, stricter):
    result = diff(SHIPPED_RULES, stricter, "--cohort", written(cohort, a="high", b="1.5"), code=1)
    assert {row["record_id"] for row in csv.DictReader(io.StringIO(result.stdout))} == {"b"}
    assert "1 invalid cells" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "patients", "sentence"),
    [
        ("no_such_folder", SHIPPED_RULES, None, "no_such_folder is not a folder"),
        (SHIPPED_RULES, SHIPPED_RULES, "no_such_file.csv", "no_such_file.csv does not exist"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence_and_nothing_is_written(old, new, patients, sentence, cohort, tmp_path):
    result = diff(old, new, "--cohort", patients or cohort, "--output", tmp_path / "moved.csv", code=2)
    assert sentence in result.stderr and result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["cohort.csv"]


def test_rules_with_mistakes_are_refused_with_file_and_line(cohort, tmp_path):
    broken = changed_rules(tmp_path, "guidelines/asbmr_2019.yaml", "asbmr_2019.outside_scope.no_pain}", "asbmr_2019.outside_scope.no_pian}")
    result = diff(SHIPPED_RULES, broken, "--cohort", cohort, code=2)
    assert "guidelines/asbmr_2019.yaml, line" in result.stderr


def test_the_patients_are_never_overwritten(cohort):
    before = cohort.read_bytes()
    result = diff(SHIPPED_RULES, SHIPPED_RULES, "--cohort", cohort, "--output", cohort, code=2)
    assert "is the cohort itself" in result.stderr and cohort.read_bytes() == before

"""The command line: what it writes, where, with which exit code, and what it says when it cannot."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import engine.verification
from engine import Assessment, assess, load_rules, score
from engine.cli import app
from engine.progress import progress_bar

ROOT = Path(__file__).parent.parent
NOBODY = 65534
HEADER = "record_id,age_years,sex,fracture_cause,neurological_status,pain_nrs,antiplatelets\n"
ROWS = [
    "NA,78,female,osteoporosis,intact,8,none",
    "007,81,female,osteoporosis,cauda_equina,7,aspirin;clopidogrel",
    ",15,male,trauma,intact,6,none",
    "d,70,male,,,,",
]


def run(*arguments: object, code: int | None = 0):
    """Run a command in this process; the result has exit_code, stdout and stderr."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert code is None or result.exit_code == code, result.stderr
    return result


def read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.csv"
    path.write_text(HEADER + "\n".join(ROWS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "scored.csv"


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# score: what it writes


def test_a_cohort_gives_one_row_each_in_order_with_its_files_beside_it(cohort, output):
    run("score", cohort, "--output", output)
    rows = read(output)
    assert [row["record_id"] for row in rows] == ["NA", "007", "3", "d"]
    assert rows[1]["pathway"] == "emergency_referral" and rows[1]["deciding_criteria"] == "E1" and rows[2]["pathway"] == "more_information"
    assert files_in(output.parent) == ["scored.csv", "scored.issues.csv", "scored.manifest.json", "scored.summary.json"]


def test_the_file_says_what_the_frame_function_says(cohort, output):
    run("score", cohort, "--output", output, "--trials")
    frame = score(pd.read_csv(cohort, dtype=str, keep_default_na=False), trials=True)
    assert read(output) == [{name: "" if pd.isna(value) else str(value) for name, value in row.items()} for row in frame.to_dict("records")]


def test_output_is_utf8_without_bom_with_lf(cohort, output):
    cohort.write_text(HEADER + 'ä"ö,78,,,,,\n"x,y",80,,,,,\n', encoding="utf-8")
    cohort.write_text(cohort.read_text().replace('ä"ö', '"ä""ö"'))
    run("score", cohort, "--output", output)
    content = output.read_bytes()
    assert content.startswith(b"record_id,") and b"\r" not in content and content.endswith(b"\n")
    assert '\n"ä""ö",'.encode() in content and b'\n"x,y",' in content


def test_the_size_of_the_batches_does_not_change_a_byte(cohort, output, tmp_path):
    run("score", cohort, "--output", output)
    run("score", cohort, "--output", tmp_path / "out" / "again.csv", "--batch-rows", 1)
    assert output.read_bytes() == (tmp_path / "out" / "again.csv").read_bytes()
    assert output.with_suffix(".issues.csv").read_bytes() == (tmp_path / "out" / "again.issues.csv").read_bytes()


def test_the_manifest_says_what_was_done(cohort, output):
    run("score", cohort, "--output", output, "--guidelines", "nice_ta279,aaos_2010", "--assume", "sex=female", "--missing", "-9,k.A.", "--verify", 2)
    manifest = json.loads(output.with_suffix(".manifest.json").read_text())
    assert manifest["versions"].keys() == {"engine", "python", "numpy", "pandas", "pyarrow", "durable-rules"}
    assert manifest["rules"]["fingerprint"] == load_rules().fingerprint and manifest["rules"]["guidelines"] == ["nice_ta279", "aaos_2010"]
    assert manifest["input"][0]["bytes"] == cohort.stat().st_size and len(manifest["input"][0]["sha256"]) == 64
    assert manifest["options"]["assume"] == ["sex=female"] and manifest["options"]["missing"] == ["-9", "k.A."]
    assert manifest["counts"]["rows"] == 4 and sum(manifest["counts"]["pathways"].values()) == 4
    assert set(manifest["counts"]["verdicts"]) == {"nice_ta279", "aaos_2010_vertebroplasty", "aaos_2010_kyphoplasty"}
    assert manifest["verify"] | {"seed": 0} == {"asked": 2, "rows_checked": 2, "disagreements": 0, "seed": 0}
    assert manifest["times"]["seconds"] > 0


def test_parquet_comes_out_as_csv_does(cohort, output):
    run("score", cohort, "--output", output)
    run("score", cohort, "--output", output.with_name("scored.parquet"))
    frame = pd.read_parquet(output.with_name("scored.parquet"))
    assert frame["of_score_points"].dtype.kind in "if" or str(frame["of_score_points"].dtype) == "Int64"
    as_text = [{name: "" if pd.isna(value) else str(value) for name, value in row.items()} for row in frame.to_dict("records")]
    assert as_text == read(output)


def test_parquet_goes_in_as_csv_does(cohort, output, tmp_path):
    typed = pd.read_csv(cohort, dtype={"record_id": str}, keep_default_na=False, na_values={"age_years": "", "pain_nrs": ""})
    typed.to_parquet(tmp_path / "cohort.parquet")
    run("score", cohort, "--output", output)
    run("score", tmp_path / "cohort.parquet", "--output", output.with_name("typed.csv"))
    assert output.read_bytes() == output.with_name("typed.csv").read_bytes()


def test_a_compressed_file_goes_in_too(cohort, output, tmp_path):
    (tmp_path / "cohort.csv.gz").write_bytes(gzip.compress(cohort.read_bytes()))
    run("score", cohort, "--output", output)
    run("score", tmp_path / "cohort.csv.gz", "--output", output.with_name("unzipped.csv"))
    assert output.read_bytes() == output.with_name("unzipped.csv").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "parts"
    path.mkdir()
    (path / "a.csv").write_text(HEADER + "\n".join(ROWS[:2]) + "\n")
    (path / "b.csv").write_text(HEADER + "\n".join(ROWS[2:]) + "\n")
    (path / "readme.md").write_text("not a table")
    return path


@pytest.mark.parametrize("way", ["folder", "glob", "several"])
def test_several_files_are_scored_as_one_in_the_order_of_their_names(way, folder, cohort, output):
    inputs = {"folder": [folder], "glob": [folder / "*.csv"], "several": [folder / "a.csv", folder / "b.csv"]}[way]
    run("score", cohort, "--output", output)
    result = run("score", *inputs, "--output", output.with_name("parts.csv"))
    assert output.read_bytes() == output.with_name("parts.csv").read_bytes()
    assert ("readme.md" in result.stderr) is (way == "folder")


def test_results_in_the_input_folder_are_not_taken_for_patients(folder):
    run("score", folder, "--output", folder / "scored.csv")
    first = (folder / "scored.csv").read_bytes()
    run("score", folder, "--output", folder / "scored.csv")
    assert (folder / "scored.csv").read_bytes() == first


def test_keep_inputs_puts_them_first_as_they_were(cohort, output):
    cohort.write_text(HEADER.replace("sex", " Sex ,note") + "a, 78,F,x,,,,\n")
    run("score", cohort, "--output", output, "--keep-inputs", code=1)
    row = read(output)[0]
    columns = ("record_id", "age_years", "Sex", "note", "fracture_cause", "neurological_status", "pain_nrs", "antiplatelets")
    assert list(row)[:9] == [*(f"input_{name}" for name in columns), "record_id"]
    assert (row["input_age_years"], row["input_Sex"], row["input_note"]) == (" 78", "F", "x")


def test_own_names_codes_and_words_for_missing(tmp_path, output):
    (tmp_path / "own.csv").write_text("Fall;Alter;Geschlecht;Schmerz\n1;78,5;w;k.A.\n")
    columns = "columns: {Fall: record_id, Alter: age_years, Geschlecht: sex, Schmerz: pain_nrs}"
    (tmp_path / "map.yaml").write_text(f"{columns}\ncodes: {{sex: {{w: female, m: male}}}}\n")
    run("score", tmp_path / "own.csv", "--output", output, "--columns", tmp_path / "map.yaml", "--missing", "k.A.", "--keep-inputs")
    row = read(output)[0]
    assert row["invalid_items"] == "" and "age_years" not in row["missing_items"].split(";") and "pain_nrs" in row["missing_items"].split(";")
    assert row["input_Alter"] == "78,5" and row["record_id"] == "1"


def test_assumptions_are_named_in_each_row_and_counted(cohort, output):
    run("score", cohort, "--output", output, "--assume", "neurological_status=intact", "--assume", "pain_nrs=0")
    assert [row["assumed_items"] for row in read(output)] == ["", "", "", "neurological_status=intact;pain_nrs=0"]
    counted = json.loads(output.with_suffix(".manifest.json").read_text())["counts"]["assumptions"]
    assert counted["rows_by_assumption"] == {"neurological_status=intact": 1, "pain_nrs=0": 1} and counted["rows_with_an_assumption"] == 1


def test_the_pathways_that_rest_on_an_assumption_are_counted(cohort, output):
    cohort.write_text(HEADER + "a,78,,,,,\nb,78,,,intact,,\n")
    result = run("score", cohort, "--output", output, "--assume", "neurological_status=cauda_equina")
    counted = json.loads(output.with_suffix(".manifest.json").read_text())["counts"]["assumptions"]
    assert counted["pathways_that_rest_on_one"] == {"emergency_referral": 1}
    assert "1 rows have an assumed item; 1 pathways would be others without it." in result.stderr


def test_formulas_are_defused_and_counted(cohort, output):
    cohort.write_text(HEADER + "=HYPERLINK(1),78,,,,,\n-5,79,,,,,\n@x,80,,,,,\n")
    result = run("score", cohort, "--output", output)
    assert [row["record_id"] for row in read(output)] == ["'=HYPERLINK(1)", "-5", "'@x"]
    assert json.loads(output.with_suffix(".manifest.json").read_text())["counts"]["defused_cells"] == 2 and "2 cells" in result.stderr


def test_a_score_below_zero_is_no_formula(tmp_path, output):
    patient = {"of_type": "OF1", "fracture_cause": "osteoporosis", "asa_class": "4", "height_loss_progressing": "no", "mobilises_on_analgesia": "yes"}
    pd.DataFrame([patient]).to_csv(tmp_path / "low.csv", index=False)
    run("score", tmp_path / "low.csv", "--output", output)
    assert read(output)[0]["of_score_range"].startswith("-")


# score: issues and exit codes


def test_unknown_columns_duplicates_and_contradictions_alone_are_no_failure(cohort, output):
    cohort.write_text("record_id,age_years,pain_tend,pregnancy_status,sex\na,30,x,pregnant,male\na,40,y,,female\n")
    run("score", cohort, "--output", output)
    issues = read(output.with_suffix(".issues.csv"))
    assert list(issues[0]) == ["row", "line", "record_id", "column", "value", "kind", "reason", "action"]
    kinds = [issue["kind"] for issue in issues]
    assert kinds.count("unknown_column") == 1 and kinds.count("duplicate_id") == 1 and kinds.count("contradiction") == 1 and "missing_column" in kinds
    assert "pain_trend" in next(issue["action"] for issue in issues if issue["kind"] == "unknown_column")
    contradiction = next(issue for issue in issues if issue["kind"] == "contradiction")
    assert (contradiction["row"], contradiction["line"], contradiction["record_id"]) == ("1", "2", "a")
    assert contradiction["column"].split(";") == ["age_years", "sex", "pregnancy_status"] and contradiction["reason"].startswith("X1:")


def test_invalid_values_and_ragged_rows_are_listed_and_make_exit_code_1(cohort, output):
    cohort.write_text(HEADER + "a,780,female,osteoporosis,intact,8\nb,78,f,osteoporosis,intact,80,none\n")
    run("score", cohort, "--output", output, code=1)
    shown = ("row", "line", "column", "value", "kind")
    assert [tuple(issue[name] for name in shown) for issue in read(output.with_suffix(".issues.csv")) if issue["row"]] == [
        ("1", "2", "", "a,780,female,osteoporosis,intact,8", "ragged_row"),
        ("2", "3", "sex", "f", "invalid"),
        ("2", "3", "pain_nrs", "80", "invalid"),
    ]
    assert [row["invalid_items"] for row in read(output)] == ["", "sex;pain_nrs"]


def test_strict_refuses_invalid_values_names_the_places_and_writes_nothing(cohort, output):
    cohort.write_text(HEADER + "a,78,female,,,80,none\n")
    result = run("score", cohort, "--output", output, "--strict", code=2)
    assert "row 1 (line 2), column pain_nrs" in result.stderr and files_in(output.parent) == []


def test_strict_has_nothing_against_a_clean_file(cohort, output):
    run("score", cohort, "--output", output, "--strict")


UNUSABLE = {
    "empty": (b"", "empty"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 40, "Excel"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "text"),
    "header only": (HEADER.encode(), "no data row"),
    "no known column": (b"foo,bar\n1,2\n", "no known column"),
    "a column twice": (b"age_years,sex,AGE_YEARS\n1,,2\n", "twice"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_is_one_sentence_exit_code_2_and_nothing_written(name, cohort, output):
    content, word = UNUSABLE[name]
    cohort.write_bytes(content)
    result = run("score", cohort, "--output", output, code=2)
    assert word in result.stderr and len(result.stderr.strip().splitlines()) == 1 and "Traceback" not in result.stderr
    assert files_in(output.parent) == []


CALLS = {
    "no such file": (["absent.csv"], "does not exist"),
    "no such guideline": (["COHORT", "--guidelines", "nice_ta297"], "Did you mean 'nice_ta279'"),
    "no such assumed item": (["COHORT", "--assume", "pain=3"], "pain"),
    "an assumption that is no value": (["COHORT", "--assume", "pain_nrs=80"], "pain_nrs"),
    "no such column map": (["COHORT", "--columns", "absent.yaml"], "column map"),
    "no such rules": (["COHORT", "--rules", "absent"], "not a folder"),
    "no rows in a batch": (["COHORT", "--batch-rows", "0"], "--batch-rows"),
    "less than no rows to verify": (["COHORT", "--verify", "-1"], "--verify"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_cannot_be_used_is_one_sentence_exit_code_2_and_nothing_written(name, cohort, output):
    arguments, word = CALLS[name]
    result = run("score", *(cohort if argument == "COHORT" else argument for argument in arguments), "--output", output, code=2)
    assert word in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert files_in(output.parent) == []


@pytest.mark.parametrize("place", ["absent/scored.csv", "/proc/scored.csv", "out", "out/scored.xlsx", "cohort.csv"])
def test_a_place_that_cannot_be_written_is_one_sentence_exit_code_2_and_the_input_stays(place, cohort, output, tmp_path):
    before = cohort.read_bytes()
    result = run("score", cohort, "--output", tmp_path / place, code=2)
    assert len(result.stderr.strip().splitlines()) == 1 and "Traceback" not in result.stderr
    assert cohort.read_bytes() == before and files_in(tmp_path) == ["cohort.csv", "out"] and files_in(output.parent) == []


@pytest.fixture
def folder_without_permission():
    """A folder that may be read and not written to, and us as somebody for whom that counts (it does not for root)."""
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o755)
        folder = Path(open_to_all) / "closed"
        folder.mkdir(mode=0o555)
        us = os.geteuid()
        if us == 0:
            os.seteuid(NOBODY)
        yield folder
        os.seteuid(us)
        folder.chmod(0o700)


def test_a_folder_without_permission_is_one_sentence_and_exit_code_2(folder_without_permission):
    source = ROOT / "examples" / "synthetic_cohort.csv"
    assert "permissions" in run("score", source, "--output", folder_without_permission / "scored.csv", code=2).stderr
    assert files_in(folder_without_permission) == []


def test_when_durable_rules_disagrees_nothing_is_put_in_place_and_the_exit_code_is_3(cohort, output, monkeypatch):
    output.write_text("an earlier result")
    monkeypatch.setattr(engine.verification, "answers_by_durable_rules", lambda evaluator, patient: {"pathway": "augmentation"})
    result = run("score", cohort, "--output", output, code=3)
    assert "disagree on 4 of the rows" in result.stderr and "row 1, column pathway" in result.stderr
    assert output.read_text() == "an earlier result" and files_in(output.parent) == ["scored.csv"]


def test_the_rows_to_verify_are_drawn_alike_whatever_the_batches(cohort, output, monkeypatch):
    drawn: list[list[int]] = []
    cohort.write_text(HEADER + "".join(f"r{age},{age},,,,,\n" for age in range(20, 100)))
    monkeypatch.setattr(engine.verification, "answers_by_durable_rules", lambda evaluator, patient: drawn[-1].append(int(patient["age_years"])) or {})
    for batch_rows in (1, 7, 1000):
        drawn.append([])
        run("score", cohort, "--output", output, "--verify", 10, "--batch-rows", batch_rows)
    assert drawn[0] == drawn[1] == drawn[2] and len(set(drawn[0])) == 10


def test_verification_can_be_switched_off(cohort, output):
    run("score", cohort, "--output", output, "--verify", 0)
    assert json.loads(output.with_suffix(".manifest.json").read_text())["verify"]["rows_checked"] == 0


def test_a_messy_file_is_read_as_it_was_meant(tmp_path, output):
    header = "\ufeffRecord_ID;Age_Years;SEX ;inr;imaging_done;comments"
    rows = ['"a";"78,5";FEMALE;1,1;mri;"two\r\nlines"', ";;Not Recorded;.;n/a;-", "c;80;m;1.234,5;mri;"]
    content = "\r\n".join([header, "", *rows, ""])
    (tmp_path / "messy.csv").write_bytes(content.encode())
    run("score", tmp_path / "messy.csv", "--output", output, code=1)
    rows, issues = read(output), read(output.with_suffix(".issues.csv"))
    assert [row["record_id"] for row in rows] == ["a", "2", "c"] and [row["invalid_items"] for row in rows] == ["", "", "sex;inr"]
    invalid = [(issue["row"], issue["line"], issue["column"]) for issue in issues if issue["kind"] == "invalid"]
    assert invalid == [("3", "6", "SEX"), ("3", "6", "inr")]
    assert [issue["column"] for issue in issues if issue["kind"] == "identifier_like"] == ["comments"]
    assert json.loads(output.with_suffix(".manifest.json").read_text())["counts"]["empty_lines_skipped"] == 1


def test_nothing_of_a_patient_stands_in_the_manifest_or_on_the_screen(cohort, output):
    cohort.write_text(HEADER + "SECRET-ID,41.4142,female,SECRETCAUSE,intact,8.18,none\n")
    result = run("score", cohort, "--output", output, code=1)
    for text in (result.stderr, result.stdout, output.with_suffix(".manifest.json").read_text()):
        assert not any(part in text for part in ("SECRET", "41.4142", "8.18"))


def start(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_half_file_and_says_what_to_do(how, tmp_path, output):
    many = tmp_path / "many.csv"
    many.write_text(HEADER + "".join(f"r{row},{20 + row % 70},female,osteoporosis,,8,none\n" for row in range(60_000)))
    output.write_text("an earlier result")
    process = start("score", many, "--output", output, "--batch-rows", 200)
    deadline = time.monotonic() + 120
    while len(files_in(output.parent)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130 and "run the same command again" in said and "Traceback" not in said
    assert output.read_text() == "an earlier result" and files_in(output.parent) == ["scored.csv"]


def test_the_module_runs_as_a_command_and_shows_its_commands():
    process = start("--help")
    shown, _ = process.communicate(timeout=120)
    assert process.returncode == 0 and all(command in shown for command in ("score", "explain", "template", "check", "schema"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_rows_speed_and_time_left_on_a_terminal_only(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar(wanted=True) as show:
        show(500, 2000)
        time.sleep(0.3)
        show(1000, 2000)
        time.sleep(0.3)
    assert "1,000 of 2,000 rows" in terminal.getvalue() and "rows/s" in terminal.getvalue()
    for stream, wanted in ((Terminal(), False), (io.StringIO(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar(wanted=wanted) as show:
            show(1, 2)
        assert stream.getvalue() == ""


# explain


def test_explain_prints_the_whole_assessment(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({"record_id": "x", "age_years": 78, "neurological_status": "cauda_equina"}))
    text = run("explain", tmp_path / "p.json", "--guidelines", "nice_ta279").stdout
    assert "Pathway: Emergency spinal referral" in text and "NICE TA279" in text and "AAOS" not in text


def test_explain_gives_json_that_reads_back(tmp_path):
    (tmp_path / "p.json").write_text('{"age_years": 78}')
    found = Assessment.from_json(run("explain", tmp_path / "p.json", "--json").stdout)
    assert found == assess({"age_years": 78})


def test_explain_names_every_problem_of_a_patient_at_once(tmp_path):
    (tmp_path / "p.json").write_text('{"age_years": 780, "sex": "w", "pain": 3}')
    result = run("explain", tmp_path / "p.json", code=2)
    assert all(name in result.stderr for name in ("age_years", "sex", "pain")) and result.stdout == ""


@pytest.mark.parametrize("content, word", [
    ("{", "not JSON"), ("[]", "one JSON object"), ('{"sex": "male", "sex": "female"}', "twice"), (b"\xff\xfe{", "UTF-8"),
])  # fmt: skip
def test_explain_refuses_what_is_no_patient(content, word, tmp_path):
    (tmp_path / "p.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert word in run("explain", tmp_path / "p.json", code=2).stderr


def test_explain_refuses_an_absent_file(tmp_path):
    assert "cannot be read" in run("explain", tmp_path / "absent.json", code=2).stderr


def test_explain_gives_no_answer_when_the_evaluators_disagree(tmp_path, monkeypatch):
    import engine.cli
    from engine import EvaluatorsDisagree

    def disagree(*_: object) -> None:
        raise EvaluatorsDisagree({"pathway": ("augmentation", "more_information")})

    (tmp_path / "p.json").write_text("{}")
    monkeypatch.setattr(engine.cli, "assess", disagree)
    result = run("explain", tmp_path / "p.json", code=3)
    assert "disagree" in result.stderr and result.stdout == ""


# template


def test_the_template_has_every_column_and_the_dictionary_beside_it(tmp_path):
    run("template", "--output", tmp_path)
    names = ["record_id", *load_rules().vocabulary.names]
    assert (tmp_path / "cohort_template.csv").read_text() == ",".join(names) + "\n"
    assert [row["name"] for row in read(tmp_path / "cohort_dictionary.csv")] == names


def test_the_workbook_has_both_and_offers_the_codes(tmp_path):
    run("template", "--format", "csv,xlsx", "--output", tmp_path)
    workbook = openpyxl.load_workbook(tmp_path / "cohort_template.xlsx")
    assert [cell.value for cell in workbook["cohort"][1]] == ["record_id", *load_rules().vocabulary.names]
    assert workbook["dictionary"].max_row == 2 + len(load_rules().vocabulary.names)
    assert '"female,male,other"' in [rule.formula1 for rule in workbook["cohort"].data_validations.dataValidation]


def test_a_filled_template_can_be_scored(tmp_path, output):
    run("template", "--output", tmp_path)
    names = load_rules().vocabulary.names
    with open(tmp_path / "cohort_template.csv", "a") as file:
        file.write(",".join(["p1", *("78" if name == "age_years" else "" for name in names)]) + "\n")
    run("score", tmp_path / "cohort_template.csv", "--output", output)
    assert read(output.with_suffix(".issues.csv")) == [] and read(output)[0]["record_id"] == "p1"


def test_a_template_that_may_have_been_filled_in_is_never_replaced(tmp_path):
    (tmp_path / "cohort_dictionary.csv").write_text("mine")
    result = run("template", "--output", tmp_path, code=2)
    assert "exists already" in result.stderr and files_in(tmp_path) == ["cohort_dictionary.csv"]


def test_an_unknown_format_is_refused(tmp_path):
    assert "xlsx" in run("template", "--format", "ods", "--output", tmp_path, code=2).stderr and files_in(tmp_path) == []


# check and schema


def test_check_lists_the_packs_and_the_fingerprint():
    shown = run("check", code=None).stdout
    assert load_rules().fingerprint in shown and all(id in shown for id in load_rules().packs)


@pytest.fixture
def own_pack(tmp_path: Path) -> Path:
    """A local copy of a shipped pack under an id of its own."""
    path = tmp_path / "own"
    path.mkdir()
    text = (ROOT / "rules" / "guidelines" / "nice_ta279.yaml").read_text(encoding="utf-8")
    ours = text.replace("nice_ta279", "ours").replace("source: ours", "source: nice_ta279")
    (path / "ours.yaml").write_text(re.sub(r"\bid: ours(?=[,}])", "id: nice_ta279", ours).replace(", ours", ", nice_ta279"))
    return path


def test_packs_of_a_folder_are_added_to_the_shipped_ones(own_pack, cohort, output, tmp_path):
    run("score", cohort, "--output", output, "--rules", own_pack, "--guidelines", "ours,nice_ta279")
    assert all(row["ours"] == row["nice_ta279"] != "" for row in read(output))
    assert "  ours:" in run("check", own_pack, code=None).stdout
    (tmp_path / "p.json").write_text('{"age_years": 78}')
    assert "NICE TA279" in run("explain", tmp_path / "p.json", "--rules", own_pack, "--guidelines", "ours").stdout


def test_mistakes_in_rules_are_all_listed_with_file_and_line_and_exit_code_3(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    for name in ("nice_ta279", "aaos_2010"):
        pack = tmp_path / "rules" / "guidelines" / f"{name}.yaml"
        pack.write_text(pack.read_text().replace("jurisdiction:", "jurisdicton:", 1))
    result = run("check", tmp_path / "rules", code=3)
    assert result.stderr.count("jurisdicton") >= 2 and "nice_ta279.yaml, line" in result.stderr and "aaos_2010.yaml, line" in result.stderr


def test_rules_with_mistakes_stop_a_run_before_anything_is_written(tmp_path, cohort, output):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bad.yaml").write_text("id: bad\n")
    assert "bad.yaml" in run("score", cohort, "--output", output, "--rules", tmp_path / "own", code=2).stderr
    assert files_in(output.parent) == []


def test_a_folder_without_rules_is_refused(tmp_path):
    assert "no YAML file" in run("check", tmp_path, code=2).stderr and "not a folder" in run("check", tmp_path / "absent", code=2).stderr


def test_schema_writes_the_schemas_of_the_knowledge_files(tmp_path, monkeypatch):
    import engine.json_schema

    write = engine.json_schema.write_schemas
    monkeypatch.setattr(engine.json_schema, "write_schemas", lambda rules: write(rules, tmp_path / "schema"))
    shown = run("schema").stdout.split()
    assert shown == [str(tmp_path / "schema" / name) for name in (Path(line).name for line in shown)] and "pack.json" in files_in(tmp_path / "schema")

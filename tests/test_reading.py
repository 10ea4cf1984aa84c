"""Whatever a person uploads: either a table in which every row is accounted for, or one sentence that says why not."""

from __future__ import annotations

import gzip
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.assumptions import assumption_text, parse_assumptions
from engine.batch_parsing import ParsedBatch, parse_batch
from engine.column_building import patient_at
from engine.column_map import column_map_from, read_column_map
from engine.errors import UnusableInput
from engine.header import match_header
from engine.identifiers import identifier_kind
from engine.reading import DuplicateRecordIds, find_inputs, read_table, record_ids_from
from tests.dictionary_items import VOCABULARY


def table_of(folder: Path, content: str | bytes, name: str = "a.csv", **options):
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return read_table(path, VOCABULARY, **options)


def parsed(table, rows: int = 1000, assume: tuple[str, ...] = ()) -> list[tuple[object, ParsedBatch]]:
    assumptions = parse_assumptions(assume, VOCABULARY)
    return [(batch, parse_batch(VOCABULARY, table, batch, assumptions)) for batch in table.iter_batches(rows)]


def patients(table, rows: int = 1000, assume: tuple[str, ...] = ()) -> dict[str, dict]:
    return {
        batch.record_ids[position]: patient_at(VOCABULARY, result.columns, position)
        for batch, result in parsed(table, rows, assume)
        for position in range(batch.rows)
    }


def issues(table, rows: int = 1000, assume: tuple[str, ...] = ()) -> list:
    return [issue for _, result in parsed(table, rows, assume) for issue in result.issues]


def refusal(folder: Path, content: str | bytes, name: str = "a.csv", **options) -> str:
    with pytest.raises(UnusableInput) as caught:
        for _ in table_of(folder, content, name, **options).iter_batches(10):
            pass
    message = str(caught.value)
    assert name in message and "\n" not in message
    return message


TWO = "record_id,pain_nrs,antiplatelets\nA,8,aspirin;clopidogrel\nB,,none\n"
EXPECTED = {"A": {"pain_nrs": 8.0, "antiplatelets": ("aspirin", "clopidogrel")}, "B": {"antiplatelets": ()}}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.txt", "A.CSV"])
def test_line_ends_byte_order_mark_and_compression_make_no_difference(tmp_path, end, bom, name):
    assert patients(table_of(tmp_path, bom + TWO.replace("\n", end).encode(), name)) == EXPECTED


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_last_line_needs_no_end(tmp_path, end):
    assert patients(table_of(tmp_path, TWO.rstrip().replace("\n", end))) == EXPECTED


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_header(tmp_path, separator):
    content = TWO.replace(",", separator).replace("aspirin;clopidogrel", '"aspirin;clopidogrel"')
    table = table_of(tmp_path, content)
    assert table.separator == separator and patients(table) == EXPECTED


def test_the_separator_is_the_one_that_makes_columns_known_not_the_one_that_is_frequent(tmp_path):
    table = table_of(tmp_path, 'record_id;pain_nrs;"notes, remarks, a, b, c"\nA;8;x\n')
    assert table.separator == ";" and patients(table) == {"A": {"pain_nrs": 8.0}}


def test_a_decimal_comma_is_read_where_the_separator_is_not_a_comma(tmp_path):
    assert patients(table_of(tmp_path, "record_id;inr\nA;1,4\nB;1.4\n")) == {"A": {"inr": 1.4}, "B": {"inr": 1.4}}
    assert patients(table_of(tmp_path, "record_id\tinr\nA\t1,4\n")) == {"A": {"inr": 1.4}}
    table = table_of(tmp_path, 'record_id,inr\nA,"1,4"\n')
    assert patients(table) == {"A": {}} and issues(table)[0].kind == "invalid"


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_rows_and_lines_are_exact_with_quoted_line_ends_and_empty_lines_whatever_the_batch(tmp_path, rows):
    content = '\nrecord_id,pain_nrs,"a\nb"\n\n1,80,"x\ny\nz"\n   \n2,81,\n\n3,82,"p\r\nq"\n\n\n4,83,r\n\n'
    table = table_of(tmp_path, content)
    assert [(issue.row, issue.line, issue.record_id, issue.value) for issue in issues(table, rows)] == [
        (1, 5, "1", "80"), (2, 9, "2", "81"), (3, 11, "3", "82"), (4, 15, "4", "83")]  # fmt: skip
    assert table.header_line == 2
    assert sum(batch.empty_lines for batch in table.iter_batches(rows)) == 7
    assert [batch.first_row for batch in table.iter_batches(rows)] == list(range(1, 5, rows))


AWKWARD = ['R,8,"T12;L1",x', "R,8", "", "  ", 'R,8,T12,"a\nb"', "R,80,T12,x", "R,8,T12,x\r", ",,,", "R,NA,T99,ä", "R,8,T12,x,y", '"",8,T12,x', "R,9,none,'", "R,8,T12,a\u2028b"]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=8), st.integers(0, 8), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 6))
def test_the_fast_way_and_the_csv_module_read_the_same(lines, plain, end, last_end, rows):
    text = end.join(["record_id,pain_nrs,fracture_levels,x", *(f"p{n},{n},T{n + 1},y" for n in range(plain)), *lines]) + end * last_end
    quoted_header = text.replace("record_id", '"record_id"', 1)  # a quotation mark in the header: the csv module reads it all
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for content in (text, quoted_header):
            try:
                table = table_of(Path(folder), content)
                batches = list(table.iter_batches(rows))
                answers.append((
                    [(identity, line) for batch in batches for identity, line in zip(batch.record_ids, batch.lines)],
                    [batch.input_texts(position) for batch in batches for position in range(3)] if rows == 1 else None,
                    sum(batch.empty_lines for batch in batches), issues(table, rows), patients(table, rows),
                ))  # fmt: skip
            except UnusableInput as refused:
                answers.append(str(refused))
    assert answers[0] == answers[1]


def test_a_very_long_line_does_not_break_the_fast_way(tmp_path):
    half = "y" * 70_000
    table = table_of(tmp_path, f"pain_nrs,x\n1,{half}\n2,{half}\n" + f"3,{half}{half}\n")
    with pytest.raises(UnusableInput, match="line 4 has more"):
        list(table.iter_batches(2))
    assert patients(table_of(tmp_path, f"pain_nrs,x\n1,{half}\n2,{half}\n"), 1) == {"1": {"pain_nrs": 1.0}, "2": {"pain_nrs": 2.0}}


def test_a_line_of_separators_is_a_patient_with_nothing_recorded(tmp_path):
    assert patients(table_of(tmp_path, "record_id,pain_nrs\n,\nB,8\n")) == {"1": {}, "B": {"pain_nrs": 8.0}}


def test_a_quoted_empty_cell_is_a_row_where_there_is_one_column(tmp_path):
    assert patients(table_of(tmp_path, 'pain_nrs\n8\n""\n\n7\n')) == {"1": {"pain_nrs": 8.0}, "2": {}, "3": {"pain_nrs": 7.0}}


def test_rows_of_another_width_are_kept_with_nothing_recorded_and_listed(tmp_path):
    table = table_of(tmp_path, "record_id,pain_nrs,inr\nA,8\nB,8,1.0,9\nC,8,1\n")
    assert patients(table) == {"1": {}, "2": {}, "C": {"pain_nrs": 8.0, "inr": 1.0}}
    found = issues(table)
    assert [(issue.row, issue.line, issue.kind) for issue in found] == [(1, 2, "ragged_row"), (2, 3, "ragged_row")]
    assert "too few" in found[0].reason and "too many" in found[1].reason and found[1].value == "B,8,1.0,9"


def test_the_header_is_trimmed_and_in_any_case(tmp_path):
    assert patients(table_of(tmp_path, " Record_ID , PAIN_NRS\nA,8\n")) == {"A": {"pain_nrs": 8.0}}


def test_unknown_and_missing_columns_are_reported_once_with_the_nearest_name(tmp_path):
    table = table_of(tmp_path, "pain_nrs,pain_trendd,xyzzy,\n8,stable,1,\n")
    unknown = {issue.column: issue for issue in table.issues if issue.kind == "unknown_column"}
    assert "pain_trend " in unknown["pain_trendd"].action and set(unknown) == {"pain_trendd", "xyzzy", "(column 4, without a name)"}
    missing = [issue.column for issue in table.issues if issue.kind == "missing_column"]
    assert missing == ["record_id", *(name for name in VOCABULARY.names if name != "pain_nrs")]
    assert all(issue.row is None and issue.line == 1 for issue in table.issues)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("patient_name", "a name"), ("LastName", "a name"), ("Name", "a name"), ("MRN", "a record number"), ("PatientID", "a record number"),
     ("NHS number", "a record number"), ("DOB", "a date of birth"), ("date-of-birth", "a date of birth"), ("Geburtsdatum", "a date of birth"),
     ("phone_home", "a telephone number"), ("e-mail", "an e-mail address"), ("home address", "an address"), ("Comments", "free text"),
     ("drug_name", None), ("hospitalised", None), ("inr", None), ("rename", None), ("notebook", None), ("telescope", None), ("", None)],
)  # fmt: skip
def test_columns_that_look_like_identifiers_raise_a_warning(name, kind):
    assert identifier_kind(name) == kind


def test_no_item_of_the_dictionary_looks_like_an_identifier():
    assert [name for name in VOCABULARY.names if identifier_kind(name)] == []


def test_a_record_number_mapped_to_record_id_is_still_warned_about():
    header = match_header(["MRN", "pain_nrs"], VOCABULARY, column_map_from({"columns": {"mrn": "record_id"}}, VOCABULARY))
    assert header.record_id_position == 0 and [issue.column for issue in header.issues if issue.kind == "identifier_like"] == ["MRN"]


def test_record_ids_are_the_callers_text_unchanged_or_the_row_number(tmp_path):
    table = table_of(tmp_path, "record_id,pain_nrs\nNA,1\n007,2\n,3\n unknown ,4\n-,5\n  ,6\n=x,7\n", extra_missing=["007"])
    (batch,) = table.iter_batches(10)
    assert batch.record_ids == ("NA", "007", "3", " unknown ", "-", "6", "=x")
    assert record_ids_from([7, 7.0, None, float("nan"), pd.NA, "x"], first_row=11) == ("7", "7", "13", "14", "15", "x")


def test_repeated_record_ids_are_named_across_batches(tmp_path):
    table = table_of(tmp_path, "record_id,pain_nrs\nA,1\nB,2\nA,3\n\na,4\nA,5\n")
    duplicates = DuplicateRecordIds()
    for batch in table.iter_batches(2):
        duplicates.add(batch.record_ids, batch.lines)
    assert [(i.row, i.line, i.record_id, i.kind) for i in duplicates.issues()] == [(3, 4, "A", "duplicate_id"), (5, 7, "A", "duplicate_id")]
    assert list(DuplicateRecordIds().issues()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"pain_nrs,x\n1,2\n" b"3,\xe4\n", "line 3"), ("", "empty"), ("\n\n \n", "only empty lines"), ("record_id,pain_nrs\n", "no data row"), ("record_id,pain_nrs\n\n\n", "no data row"),
     ("a,b\n1,2\n", "no known column"), ("pain_nrs,Pain_NRS\n1,2\n", "twice"), ("pain_nrs,x,x\n1,2,3\n", "twice"),
     (b"PK\x03\x04abc", "Excel"), (b"PAR1abc", ".parquet"), (b"\x1f\x8babc", ".csv.gz"), ("pain_nrs\n1\n".encode("utf-16"), "UTF-16"),
     (b"pain_nrs,x\n1,\xe4\n", "line 2"), (b"pain_nrs,x\n1,2\n3,\0\n", "line 3"), (b"pain_nrs,x\r1,2\r3,\xff\r", "line 3"),
     ('pain_nrs,x\n1,"2\n3,4\n', "line 2"), ('pain_nrs,x\n1,2\n3,"4" 5\n', "line 3"), ("pain_nrs,x\n1," + "y" * 200_000 + "\n", "characters"),
     (b"pain_nrs\n" + b"9" * (9 << 20), "megabytes")],
)  # fmt: skip
def test_a_file_that_is_not_a_table_of_patients_is_refused_in_one_sentence(tmp_path, content, words):
    assert words in refusal(tmp_path, content)


@pytest.mark.parametrize(("name", "data"), [("a.csv.gz", b"pain_nrs\n1\n"), ("a.parquet", b"pain_nrs\n1\n"), ("b.csv.gz", gzip.compress(b"pain_nrs\n" + b"1\n" * 99, mtime=0)[:-9])])
def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnusableInput, match=name):
        list(read_table(path, VOCABULARY).iter_batches(5))


def test_a_missing_file_a_folder_and_a_forbidden_file_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UnusableInput, match="does not exist"):
        read_table(tmp_path / "absent.csv", VOCABULARY)
    with pytest.raises(UnusableInput, match="is a folder"):
        read_table(tmp_path, VOCABULARY)
    for name in ("a\0b.csv", "x" * 5000):
        with pytest.raises(UnusableInput, match="cannot be read"):
            read_table(name, VOCABULARY)

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text(TWO)
    monkeypatch.setattr("builtins.open", forbidden)
    with pytest.raises(UnusableInput, match="permissions"):
        read_table(tmp_path / "a.csv", VOCABULARY)


def test_a_batch_needs_at_least_one_row(tmp_path):
    with pytest.raises(UnusableInput, match="batch"):
        table_of(tmp_path, TWO).iter_batches(0)


@settings(max_examples=120, deadline=None)
@given(st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=40).map(lambda tail: b"record_id,pain_nrs\n" + tail),
    st.text(st.sampled_from('a8,;\t"\r\n \0'), max_size=30).map(lambda tail: ("record_id;pain_nrs;inr\r\n" + tail).encode()),
), st.sampled_from(["a.csv", "a.csv.gz", "a.parquet"]), st.booleans())  # fmt: skip
@example(b"record_id,pain_nrs\n1,2\r", "a.csv", False)
def test_whatever_the_bytes_there_is_a_table_with_every_row_or_one_sentence(data, name, compress):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(gzip.compress(data) if compress else data)
        try:
            table = read_table(path, VOCABULARY)
            by_one, at_once = patients(table, 1), patients(table, 1000)
        except UnusableInput as refused:
            assert str(refused).count("\n") == 0
            return
        assert by_one == at_once and at_once


def test_values_do_not_depend_on_the_size_of_the_batch(tmp_path):
    rows = "".join(f"r{n},{n % 13},{'none' if n % 3 else 'aspirin'}\n" for n in range(50))
    table = table_of(tmp_path, "record_id,pain_nrs,antiplatelets\n" + rows)
    assert patients(table, 7) == patients(table, 50) and issues(table, 7) == issues(table, 50)


def test_a_table_can_be_sent_to_another_process(tmp_path):
    table = table_of(tmp_path, TWO)
    assert patients(pickle.loads(pickle.dumps(table))) == EXPECTED


# Parquet


def test_parquet_values_go_through_the_same_parser(tmp_path):
    table = pa.table({
        "Record_ID": pa.array([1, 2, None]), "pain_nrs": pa.array([8.0, 80.0, None]), "asa_class": pa.array([2, None, 9], pa.int8()),
        "can_lie_prone": pa.array([True, False, None]), "fracture_levels": pa.array([["L1", "T12"], ["T12", None], None]),
        "fracture_cause": pa.array(["Trauma", "NA", "xx"]).dictionary_encode(), "epidural_grade": pa.array([2.0, 1.0, None]),
        "hospitalised": pa.array([1.0, 0.0, None], pa.float32()), "inr": pa.array([1.1, None, None], pa.float32()), "sex": pa.nulls(3),
        "antiplatelets": pa.array([[], ["none"], None]), "icd10_codes": pa.array(["m80.08xa", "", None], pa.large_string()),
        "nested": pa.array([{"a": 1}] * 3), "qct_hu": pa.array(["1,5", "100", None]),
    })  # fmt: skip
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=2)
    opened = read_table(path, VOCABULARY)
    assert patients(opened) == patients(opened, 1) == {
        "1": {"pain_nrs": 8.0, "asa_class": 2.0, "can_lie_prone": "yes", "fracture_levels": ("T12", "L1"), "fracture_cause": "trauma",
              "epidural_grade": "2", "hospitalised": "yes", "inr": 1.1, "icd10_codes": ("M80.08XA",)},
        "2": {"can_lie_prone": "no", "hospitalised": "no", "antiplatelets": (), "qct_hu": 100.0}, "3": {}}  # fmt: skip
    assert sorted((issue.row, issue.column) for issue in issues(opened)) == [
        (1, "antiplatelets"), (1, "qct_hu"), (2, "epidural_grade"), (2, "fracture_levels"), (2, "pain_nrs"), (3, "asa_class"), (3, "fracture_cause")]  # fmt: skip
    assert all(issue.line is None for issue in issues(opened))
    pq.write_table(table, path)
    (batch,) = opened.iter_batches(10)
    assert batch.input_texts(0) == ["1", "2", ""] and batch.input_texts(4) == ["L1;T12", "T12;", ""]


def test_a_parquet_file_without_rows_or_known_columns_is_refused(tmp_path):
    pq.write_table(pa.table({"pain_nrs": pa.array([], pa.float64())}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    with pytest.raises(UnusableInput, match="no data row"):
        read_table(tmp_path / "a.parquet", VOCABULARY)
    with pytest.raises(UnusableInput, match="no known column"):
        read_table(tmp_path / "b.parquet", VOCABULARY)


# Column maps


def test_own_names_and_codes_are_read_from_a_file(tmp_path):
    (tmp_path / "map.yaml").write_text("columns: {Alter: age_years, Geschlecht: sex, ID: record_id}\ncodes: {sex: {w: female, m: male, u: ''}, "
                                       "can_lie_prone: {1: no, 2: yes}}\n")  # fmt: skip
    own = read_column_map(tmp_path / "map.yaml", VOCABULARY)
    table = table_of(tmp_path, "id;ALTER;Geschlecht;can_lie_prone\nA;78;W;2\nB;60;u;1.0\nC;50;x;0\n", column_map=own)
    assert patients(table) == {"A": {"age_years": 78.0, "sex": "female", "can_lie_prone": "yes"}, "B": {"age_years": 60.0, "can_lie_prone": "no"}, "C": {"age_years": 50.0}}
    assert [(issue.record_id, issue.column) for issue in issues(table)] == [("C", "Geschlecht"), ("C", "can_lie_prone")]


@pytest.mark.parametrize(
    ("content", "words"),
    [("columns: {Alter: age_yeers}", "age_years"), ("colums: {}", "colums"), ("columns: {A: sex, B: sex}", "both"), ("columns: {A: sex, a: inr}", "twice"),
     ("codes: {sx: {w: female}}", "sx"), ("codes: {sex: {w: femal}}", "female"), ("codes: {sex: {w: female, W: male}}", "twice"),
     ("codes: {local_skin_infection: {'': no}}", "--assume"), ("codes: {local_skin_infection: {NA: no}}", "--assume"),
     ("codes: {inr: {high: 3}}", "not a coded item"), ("codes: {fracture_levels: {all: T12;L1}}", "more than one"), ("columns: [a]", "pairs"),
     ("columns: {a: b", "YAML"), ("- a", "top level"), ("columns: {a: sex, a: inr}", "twice"), ("columns: {a: [sex]}", "no item")],
)  # fmt: skip
def test_a_column_map_that_would_misread_values_is_refused(tmp_path, content, words):
    (tmp_path / "map.yaml").write_text(content)
    with pytest.raises(UnusableInput, match=words):
        read_column_map(tmp_path / "map.yaml", VOCABULARY)


def test_a_column_map_that_is_absent_is_refused(tmp_path):
    with pytest.raises(UnusableInput, match="cannot be read"):
        read_column_map(tmp_path / "absent.yaml", VOCABULARY)


def test_two_columns_for_one_item_are_refused_and_a_mapped_column_that_is_absent_is_reported(tmp_path):
    own = column_map_from({"columns": {"Alter": "age_years"}}, VOCABULARY)
    assert "two columns for age_years" in refusal(tmp_path, "Alter,age_years\n1,2\n", column_map=own)
    table = table_of(tmp_path, "sex\nmale\n", column_map=own)
    assert any(issue.column == "alter" and issue.kind == "missing_column" for issue in table.issues)


# Assumptions


def test_an_assumption_fills_blanks_and_absent_columns_and_nothing_else(tmp_path):
    table = table_of(tmp_path, "record_id,local_skin_infection,inr\nA,yes,1\nB,,1\nC,NA,1\nD,maybe,1\nE,\n")
    assume = ("local_skin_infection=no", "antiplatelets = none", "pregnancy_status=NOT_possible")
    read = patients(table, assume=assume)
    filled = {"antiplatelets": (), "pregnancy_status": "not_possible"}
    assert read == {"A": {"local_skin_infection": "yes", "inr": 1.0} | filled, "B": {"local_skin_infection": "no", "inr": 1.0} | filled,
                    "C": {"local_skin_infection": "no", "inr": 1.0} | filled, "D": {"inr": 1.0} | filled, "5": {}}  # fmt: skip
    ((_, result),) = parsed(table, assume=assume)
    assert {name: mask.tolist() for name, mask in result.assumed.items()} == {
        "local_skin_infection": [False, True, True, False, False], "antiplatelets": [True] * 4 + [False], "pregnancy_status": [True] * 4 + [False]}  # fmt: skip
    assert {name: mask.tolist() for name, mask in result.invalid.items()} == {"local_skin_infection": [False, False, False, True, False]}


def test_an_assumption_is_written_as_item_and_value():
    values = parse_assumptions(["antiplatelets=none", "inr=1", "fracture_levels=L1;t12"], VOCABULARY)
    assert [assumption_text(VOCABULARY, *pair) for pair in values.items()] == ["antiplatelets=none", "inr=1", "fracture_levels=T12;L1"]


@pytest.mark.parametrize("text", ["inr", "=1", "imr=1", "inr=", "inr=NA", "inr=99", "record_id=1", "antiplatelets=none;aspirin", "pain_nrs=7,5"])
def test_an_assumption_that_is_no_value_is_refused(text):
    with pytest.raises(UnusableInput, match="assumption"):
        parse_assumptions([text], VOCABULARY)
    with pytest.raises(UnusableInput, match="two values"):
        parse_assumptions(["inr=1", "inr=2"], VOCABULARY)


# Several files


def test_a_folder_or_glob_stands_for_its_tables_in_order(tmp_path):
    for name in ("b.csv", "a.csv.gz", "c.parquet", "notes.md", ".partial-x-d.csv"):
        (tmp_path / name).write_text("")
    found = find_inputs(str(tmp_path))
    assert [path.name for path in found.files] == ["a.csv.gz", "b.csv", "c.parquet"] and [path.name for path in found.ignored] == ["notes.md"]
    assert [path.name for path in find_inputs(str(tmp_path / "*.csv*")).files] == ["a.csv.gz", "b.csv"]
    assert find_inputs(str(tmp_path / "absent.csv")).files == (tmp_path / "absent.csv",)
    (tmp_path / "empty").mkdir()
    for text in (str(tmp_path / "empty"), str(tmp_path / "*.xyz")):
        with pytest.raises(UnusableInput):
            find_inputs(text)


def test_rows_are_counted_on_over_several_files(tmp_path):
    (batch,) = table_of(tmp_path, "pain_nrs\n80\n", first_row=11).iter_batches(5)
    assert batch.record_ids == ("11",) and batch.issue_place(0) == (11, 2, "11") and batch.ragged.dtype == np.bool_

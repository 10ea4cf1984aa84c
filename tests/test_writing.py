"""Files that are whole or absent, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UnusableOutput
from engine.issues import HEADER, Issue, write_issues
from engine.writing import defused, defused_array, whole_file, whole_files, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "\tx", "\rx", "-", "--1", "-x", "-2+3", "-1 mg", "-=1", "-٣"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-1", "-2.5", "-1e-5", "1", "a=b", " =1", "'=1", "NA", "007", "T12;L1"])
def test_other_cells_stay_as_they_are(text):
    assert defused(text) == text


def test_a_column_is_defused_once_for_each_distinct_text_and_counted_for_each_cell():
    safe, changed = defused_array(np.array(["=a", "b", "=a", ""], dtype=object))
    assert safe.tolist() == ["'=a", "b", "'=a", ""] and changed == 2
    assert defused_array(np.array([], dtype=object))[1] == 0


def test_csv_is_utf8_without_bom_with_lf_and_minimal_quoting(tmp_path):
    path = tmp_path / "a.csv"
    changed = write_csv(path, ["record_id", "x"], [["ä", "a;b"], ["c,d", 'e"f'], ["", "g\nh"], ["=1", "-2"], ["i\rj", "-k"]])
    assert changed == 2
    assert path.read_bytes() == 'record_id,x\nä,a;b\n"c,d","e""f"\n,"g\nh"\n\'=1,-2\n"i\rj",\'-k\n'.encode()


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6), st.text(st.sampled_from('a\r\n",=-'), max_size=6)), min_size=2, max_size=2))  # fmt: skip
def test_what_is_written_reads_back_to_the_defused_cells(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, ["a", "b"], [cells])
    with open(path, encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == [defused(cell) for cell in cells]


def test_half_a_surrogate_pair_does_not_stop_a_run(tmp_path):
    write_csv(tmp_path / "a.csv", ["a"], [["\ud800"]])
    assert (tmp_path / "a.csv").read_text() == "a\n\\ud800\n"


def test_a_file_appears_whole_under_its_name_and_with_its_ending_until_then(tmp_path):
    final = tmp_path / "scored.csv"
    final.write_text("old")
    with whole_file(final) as temporary:
        assert temporary.parent == tmp_path and temporary.name.endswith("-scored.csv")
        temporary.write_text("new")
        assert final.read_text() == "old"
    assert final.read_text() == "new" and os.listdir(tmp_path) == ["scored.csv"]
    assert final.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_a_stopped_run_leaves_nothing_new_and_nothing_half(tmp_path, stop):
    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(stop), whole_files() as files:
        files.temporary(tmp_path / "a.csv").write_text("half")
        files.temporary(tmp_path / "b.csv").write_text("half")
        raise stop
    assert os.listdir(tmp_path) == ["a.csv"] and (tmp_path / "a.csv").read_text() == "old"


def test_files_that_belong_together_appear_together(tmp_path):
    with whole_files() as files:
        for name in ("a.csv", "b.csv"):
            files.temporary(tmp_path / name).write_text(name)
        assert not (tmp_path / "a.csv").exists()
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "b.csv"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with whole_file(tmp_path / "link.csv") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "real.csv").read_text() == "new"


def test_a_place_that_cannot_be_written_is_named_in_one_sentence(tmp_path):
    for final in (tmp_path / "absent" / "a.csv", tmp_path):
        with pytest.raises(UnusableOutput, match="result"), whole_file(final):
            pass
    with pytest.raises(UnusableOutput, match="incomplete"):
        write_csv(tmp_path / "absent" / "a.csv", ["a"], [])
    assert os.listdir(tmp_path) == []


def test_issues_are_written_in_the_columns_of_the_interface_and_defused(tmp_path):
    issue = Issue(3, 4, "=cmd", "pain_nrs", "+80", "invalid", "too high", "check it")
    header_issue = Issue(None, 1, "", "foo", "", "unknown_column", "unknown", "rename it")
    assert write_issues(tmp_path / "i.csv", [header_issue, issue]) == 2
    assert (tmp_path / "i.csv").read_text().splitlines() == [
        "row,line,record_id,column,value,kind,reason,action", ",1,,foo,,unknown_column,unknown,rename it",
        "3,4,'=cmd,pain_nrs,'+80,invalid,too high,check it"]  # fmt: skip
    assert ",".join(HEADER) == "row,line,record_id,column,value,kind,reason,action"


def test_kinds_of_issues_are_closed():
    with pytest.raises(ValueError, match="no kind"):
        Issue(1, 1, "", "", "", "surprise", "", "")

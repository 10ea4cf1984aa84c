"""The Cohort page: a file in, what was understood, issues, results, downloads."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from engine.errors import UnusableCall
from ui.cohort_scoring import ScoredCohort, cohort_key, score_upload
from ui.knowledge import rules, texts
from ui.markup import table

EXAMPLE_FILE = Path(__file__).resolve().parent.parent / "examples" / "synthetic_cohort.csv"
RESULT = "cohort_result"
USE_EXAMPLE = "cohort_uses_example"
ROWS_SHOWN = 200
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
FIRST_COLUMNS = ("record_id", "pathway", "procedure", "deciding_criteria", "next_item", "warnings", "contradictions")


def show() -> None:
    """One run of the page."""
    words = texts("cohort")
    st.title(words["title"], anchor=False)
    st.caption(f"{words['lead']} {words['limit'].format(limit=st.get_option('server.maxUploadSize'))}")
    st.markdown(f"**{words['upload']}**")
    # without a label of its own: Streamlit puts it on an element without a role, which axe reports; the button keeps its name
    upload = st.file_uploader("", label_visibility="collapsed", type=["csv", "gz"], key="cohort_upload", on_change=_forget_example)
    if EXAMPLE_FILE.is_file():
        st.button(words["example"], key="cohort_example", icon=":material/science:", on_click=_choose_example)
    if upload is not None:
        _show_scored(upload.name, upload.getvalue())
    elif st.session_state.get(USE_EXAMPLE):
        st.info(words["example_note"], icon=":material/science:")
        _show_scored(EXAMPLE_FILE.name, EXAMPLE_FILE.read_bytes())


def _choose_example() -> None:
    st.session_state[USE_EXAMPLE] = True


def _forget_example() -> None:
    st.session_state[USE_EXAMPLE] = False


def _show_scored(name: str, content: bytes) -> None:
    try:
        cohort = _scored(name, content)
    except UnusableCall as problem:
        st.error(str(problem), title=texts("cohort")["cannot_use"], icon=":material/error:")
        return
    frame = cohort.scored_frame()
    left, right = st.columns(2, gap="large")
    with left:
        _understood(cohort)
    with right:
        _pathways(frame)
    _issues(cohort)
    _results(cohort, frame)


def _scored(name: str, content: bytes) -> ScoredCohort:
    """This session's result for these bytes; scored once, kept in this session only."""
    key = cohort_key(content)
    kept = st.session_state.get(RESULT)
    if kept is None or kept[0] != key:
        st.session_state[RESULT] = None
        with st.spinner(texts("cohort")["scoring"]):
            st.session_state[RESULT] = (key, score_upload(name, content))
    return st.session_state[RESULT][1]


def _understood(cohort: ScoredCohort) -> None:
    words, vocabulary = texts("cohort"), rules().vocabulary
    st.header(words["understood"], anchor=False)
    missing = ", ".join(vocabulary[name].label for name in cohort.missing_columns) or words["none"]
    st.html(table(words["understood"], ["What", "Found"], [
        [escape(words["rows"]), f"<b>{cohort.rows:,}</b>"], [escape(words["separator"]), escape(SEPARATORS.get(cohort.separator, cohort.separator))],
        [escape(words["columns"]), str(len(cohort.columns))], [escape(words["missing_columns"]), escape(missing)],
    ]))


def _pathways(frame: pd.DataFrame) -> None:
    """Counts with their denominator, in the order of the gates."""
    words, counts = texts("cohort"), frame["pathway"].value_counts()
    st.header(words["pathways"], anchor=False)
    st.caption(words["pathways_lead"].format(rows=f"{len(frame):,}"))
    codes = [code for kind, code in rules().outcome_labels if kind == "pathway" and code in counts.index]
    rows = [[escape(rules().label("pathway", code)), f"{counts[code]:,} of {len(frame):,}", _share(counts[code] / len(frame))] for code in codes]
    st.html(table(words["pathways"], [words["pathway"], words["count"], words["share"]], rows))


def _share(part: float) -> str:
    """A share in words and as a bar."""
    return f'{part:.1%} <span class="bar" aria-hidden="true" style="width:{part * 5:.2f}rem"></span>'


def _issues(cohort: ScoredCohort) -> None:
    words, issues = texts("cohort"), cohort.issues_frame()
    st.header(f"{words['issues']} ({len(issues):,})", anchor=False)
    st.caption(words["issues_lead"] if len(issues) else words["no_issues"])
    if len(issues):
        st.dataframe(issues.head(ROWS_SHOWN), hide_index=True, alt=words["issues"])


def _results(cohort: ScoredCohort, frame: pd.DataFrame) -> None:
    words = texts("cohort")
    st.header(words["results"], anchor=False)
    st.caption(words["results_lead"].format(count=min(ROWS_SHOWN, len(frame)), rows=f"{len(frame):,}"))
    shown = frame[[*FIRST_COLUMNS, *(name for name in frame.columns if name not in FIRST_COLUMNS)]].head(ROWS_SHOWN)
    st.dataframe(shown, hide_index=True, alt=words["results"])
    with st.container(horizontal=True):
        for name, content, file in (("download_scored", cohort.scored, "scored.csv"), ("download_issues", cohort.issues, "scored.issues.csv")):
            st.download_button(words[name], content, file, "text/csv", key=name, icon=":material/download:", on_click="ignore")

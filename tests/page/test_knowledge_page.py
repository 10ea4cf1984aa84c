"""The Knowledge page: each view shows what the rules hold, marks what is not confirmed, and search finds codes and words."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from engine.knowledge import knowledge_of
from engine.loading import load_rules
from tests.page.browser import ROOT
from ui.knowledge_search import found_in

RULES = load_rules()
KNOWLEDGE = knowledge_of(RULES)
WORDS = RULES.texts["interface"]["knowledge"]
SCRIPT = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from ui import knowledge_view; knowledge_view.show()"


@pytest.fixture(scope="module")
def page() -> AppTest:
    return AppTest.from_string(SCRIPT, default_timeout=180).run()


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def view(page: AppTest, name: str) -> str:
    page.session_state["knowledge_views"] = WORDS["views"][name]
    page.run()
    assert not page.exception
    return html(page)


def test_every_guideline_policy_and_trial_is_listed_with_its_body_and_whether_it_is_on(page):
    shown = view(page, "packs")
    for pack in KNOWLEDGE.packs:
        assert f"<b>{pack.name}</b>" in shown and pack.body.split()[0] in shown
    assert shown.count(f">{WORDS['is_off']}<") == sum(not pack.enabled for pack in KNOWLEDGE.packs) > 0


def test_a_chosen_guideline_shows_every_criterion_limit_and_source(page):
    view(page, "packs")
    page.selectbox(key="knowledge_pack").set_value("medicare_l34106").run()
    shown = html(page)
    for criterion in next(pack for pack in KNOWLEDGE.packs if pack.id == "medicare_l34106").criteria:
        assert criterion.id in shown
        assert all(limit.value in shown for limit in criterion.thresholds)
        assert all(source.address.replace("&", "&amp;") in shown for source in criterion.sources if source.address.startswith("http"))


def test_the_pathway_view_holds_every_gate_and_warning(page):
    shown = view(page, "pathway")
    assert all(criterion.id in shown for section in KNOWLEDGE.sections for criterion in section.criteria)


def test_what_is_not_confirmed_is_listed_with_how_it_was_reached(page):
    shown = view(page, "unconfirmed")
    rows = [row for part in (*KNOWLEDGE.sections, *KNOWLEDGE.packs) for row in part.unconfirmed]
    assert rows and shown.count("basis-unread") == len(rows)


def test_every_limit_and_every_source_has_a_line(page):
    shown = view(page, "limits")
    assert all(limit.name in shown for limit in KNOWLEDGE.thresholds)
    shown = view(page, "sources")
    assert all(f">{source.id}<" in shown for source in KNOWLEDGE.sources)


def test_the_conflict_matrix_says_in_words_what_every_document_says(page):
    shown = view(page, "conflicts")
    for matrix in KNOWLEDGE.matrices:
        assert all(f">{column.label}</th>" in shown for column in matrix.columns)
        for row in matrix.rows:
            line = re.search(rf'<th scope="row">{re.escape(row.label)}</th>(.*?)</tr>', shown).group(1)
            assert line.count("<td>") >= len(matrix.columns)
            assert line.count(f"† {WORDS['recalled']}") == sum(cell.recalled + bool(cell.recalled_text) for cell in row.cells.values())


@pytest.mark.parametrize(("wanted", "id"), [("F5", "pathway.correct_first.inr_outside"), ("inr outside limit", "pathway.correct_first.inr_outside")])
def test_search_finds_a_criterion_by_its_code_and_by_its_words(page, wanted, id):
    found = [hit.criterion.id for hit in found_in(KNOWLEDGE, wanted) if hit.criterion]
    assert id in found
    page.text_input(key="knowledge_search").set_value(wanted).run()
    assert id in html(page)


def test_a_search_without_a_find_says_so(page):
    page.text_input(key="knowledge_search").set_value("zzzz").run()
    assert "zzzz" in html(page) and not page.exception
    page.text_input(key="knowledge_search").set_value("").run()


def test_the_about_page_opens_and_says_what_the_tool_is_not():
    about = AppTest.from_string(SCRIPT.replace("knowledge_view", "about"), default_timeout=180).run()
    assert not about.exception and "not a certified medical device" in html(about)

"""What only a real browser can show: uncommitted text, sessions, style, accessibility, print, the network, a dead server."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.page.browser import (
    ANSWER,
    CURRENT,
    DESKTOP,
    EDITING,
    PHONE,
    Server,
    choose,
    enter_number,
    field,
    load_example,
    open_tab,
    opened,
    press,
    settle,
    verdict,
)

EXAMPLE = "Osteoporotic fracture of T12"
TABS = ["Why", "Next steps", "Guidelines", "What would change it", "Evidence", "Path", "Cautions", "Note"]
KNOWLEDGE_TABS = ["Guidelines and trials", "Pathway", "Conflicts", "Not confirmed"]


def opacity(page) -> float:
    return float(page.locator(CURRENT).evaluate("element => getComputedStyle(element).opacity"))


def test_an_uncommitted_number_suspends_the_answer_until_it_is_taken_over(consult):
    page = consult
    load_example(page, EXAMPLE)
    assert "Suitable for augmentation" in verdict(page)
    field(page, "inr").fill("2,6")
    expect(page.locator(EDITING)).to_be_visible()
    assert opacity(page) < 0.5
    field(page, "inr").press("Tab")
    settle(page)
    expect(page.locator(EDITING)).to_be_hidden()
    expect(page.locator(CURRENT)).to_have_css("opacity", "1")
    assert "Correct first" in verdict(page) and "INR: 2.6" in verdict(page)


def test_a_number_taken_over_with_enter_is_current_although_its_field_keeps_the_focus(consult):
    page = consult
    load_example(page, EXAMPLE)
    enter_number(page, "inr", "2.6")
    expect(page.locator(EDITING)).to_be_hidden()
    expect(page.locator(CURRENT)).to_have_css("opacity", "1")
    field(page, "inr").press("End")
    page.keyboard.type("1")
    expect(page.locator(EDITING)).to_be_visible()


def test_every_choice_of_a_question_is_in_view(consult):
    page = consult
    for name in ("neurological_status", "spinal_infection"):
        group = page.locator(f".st-key-item_{name}")
        edge = group.bounding_box()
        for choice in group.get_by_role("radio").all():
            box = choice.bounding_box()
            assert box["x"] + box["width"] <= edge["x"] + edge["width"] + 1, choice.inner_text()


def test_out_of_range_and_unreadable_numbers_take_the_answer_away(consult):
    page = consult
    load_example(page, EXAMPLE)
    for name, text in (("inr", "26"), ("pain_nrs", "75"), ("asa_class", "7.5"), ("inr", "2.6.1")):
        before = field(page, name).input_value()
        enter_number(page, name, text)
        assert "Answer suspended" in verdict(page), text
        assert "Suitable" not in page.locator(ANSWER).inner_text()
        enter_number(page, name, before)
        assert "Suitable for augmentation" in verdict(page)


def test_a_decimal_comma_is_never_a_thousands_mark(consult):
    page = consult
    enter_number(page, "inr", "2,6")
    assert "INR: 2.6" in verdict(page)
    assert field(page, "inr").input_value() == "2,6"


def test_an_emptied_number_is_asked_for_again(consult):
    page = consult
    load_example(page, EXAMPLE)
    enter_number(page, "inr", "")
    assert "More information needed" in verdict(page)
    assert "Next: INR" in page.locator(f"{CURRENT} p", has_text="Still needed").first.inner_text()


def test_a_band_fills_the_field_with_a_number_that_can_be_seen(consult):
    page = consult
    page.locator(".st-key-band_inr").get_by_text("> 1.8 to < 2.5").click()
    settle(page)
    assert field(page, "inr").input_value() == "1.9"
    page.locator(".st-key-band_inr").get_by_text("> 1.8 to < 2.5").click()
    settle(page)
    assert field(page, "inr").input_value() == ""


def test_answers_survive_a_page_switch_and_stay_out_of_the_address(browser, server):
    page = opened(browser, server.url)
    load_example(page, EXAMPLE)
    enter_number(page, "inr", "2,6")
    press(page, "cement_allergy", "Yes")
    before = verdict(page)
    visit(page, "Knowledge")
    page.get_by_role("link", name="About").click()
    page.get_by_role("heading", name="Intended use").wait_for()
    settle(page)
    page.get_by_role("link", name="Consult").click()
    page.wait_for_selector("[role=tablist]")
    settle(page)
    assert verdict(page) == before and "Augmentation contraindicated" in before
    assert field(page, "inr").input_value() == "2,6"
    assert field(page, "age_years").input_value() == "74"
    assert "?" not in page.url


def test_new_patient_clears_all_by_its_key(consult):
    page = consult
    load_example(page, EXAMPLE)
    page.locator("h1").first.click()
    page.keyboard.press("Alt+n")
    settle(page)
    expect(page.locator(CURRENT)).to_contain_text("Nothing is recorded yet")
    assert field(page, "age_years").input_value() == ""
    assert page.locator(".example").count() == 0


def test_two_sessions_never_mix(browser, server):
    first, second = opened(browser, server.url), opened(browser, server.url)
    load_example(first, EXAMPLE)
    enter_number(second, "age_years", "17")
    enter_number(first, "inr", "2.6")
    assert "Correct first" in verdict(first) and "under 18" not in first.locator(CURRENT).inner_text().split("Still needed")[0]
    assert "under 18" in verdict(second) and field(second, "inr").input_value() == ""
    assert field(first, "age_years").input_value() == "74"


@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESKTOP), ("dark", PHONE)], ids=["light desktop", "dark phone"])
def test_axe_finds_nothing_on_the_consult_page(browser, server, scheme, viewport):
    page = opened(browser, server.url, viewport, color_scheme=scheme)
    assert _violations(page) == []
    load_example(page, EXAMPLE)
    enter_number(page, "inr", "2,6")
    choose(page, "anticoagulant", "Apixaban")
    for tab in TABS:
        open_tab(page, tab)
        page.locator(f"{CURRENT} details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
        expect(page.locator(CURRENT)).to_have_css("opacity", "1")  # no run is under way
        assert _violations(page, ANSWER) == [], tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_other_pages(browser, server, scheme):
    page = opened(browser, server.url, color_scheme=scheme)
    visit(page, "Cohort")
    page.get_by_role("button", name="Try the example cohort").click()
    page.get_by_role("heading", name="Results").wait_for()
    settle(page)
    assert _violations(page) == []
    visit(page, "Knowledge")
    for tab in KNOWLEDGE_TABS:
        open_tab(page, tab)
        assert _violations(page) == [], tab
    visit(page, "About")
    assert _violations(page) == []


def visit(page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    page.get_by_role("heading", level=1).filter(has_not_text="Vertebral").wait_for()
    settle(page)


def _violations(page, part: str = "html") -> list[str]:
    page.wait_for_timeout(300)  # colours fade in
    found = Axe().run(page, context=part).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:300]} {each['nodes'][0]['failureSummary'][:300]}" for each in found]


def test_nothing_scrolls_sideways_on_the_smallest_phone(browser, server):
    page = opened(browser, server.url, PHONE)
    load_example(page, EXAMPLE)
    for tab in TABS:
        open_tab(page, tab)
        assert page.evaluate("Math.max(document.documentElement.scrollWidth, document.querySelector('.stMain').scrollWidth)") <= PHONE["width"], tab


def test_on_a_phone_the_answer_stays_in_view_at_the_bottom(browser, server):
    page = opened(browser, server.url, PHONE)
    load_example(page, EXAMPLE)
    summary = page.locator(".st-key-phone_summary")
    expect(summary).to_be_in_viewport()
    expect(summary).to_contain_text("Suitable for augmentation")
    page.set_viewport_size(DESKTOP)
    expect(summary).to_be_hidden()


def test_no_request_leaves_the_machine(browser, server):
    page = browser.new_context(viewport=DESKTOP).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(server.url)
    page.wait_for_selector("[role=tablist]", timeout=90_000)
    settle(page)
    load_example(page, EXAMPLE)
    for tab in TABS:
        open_tab(page, tab)
    outside = [url for url in asked if not re.match(rf"(http|ws)://127\.0\.0\.1:{server.port}/|data:|blob:", url)]
    assert len(asked) > 5 and outside == []


def test_the_page_prints_on_one_sheet(consult):
    page = consult
    load_example(page, EXAMPLE)
    enter_number(page, "inr", "2,6")
    choose(page, "anticoagulant", "Apixaban")
    page.emulate_media(media="print")
    assert page.locator(".print-sheet").is_visible() and not page.locator(CURRENT).is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1


def test_a_dead_server_disables_the_page(browser):
    own = Server()
    try:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(own.url)
        expect(field(page, "inr")).to_be_enabled(timeout=90_000)  # the form is there before the first answer
    finally:
        own.stop()
    expect(field(page, "inr")).to_be_disabled(timeout=30_000)

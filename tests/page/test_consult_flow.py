"""The Consult page without a browser: what is entered, what is answered, and that neither is ever made up."""

from __future__ import annotations

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest

from engine.assessing import EvaluatorsDisagree
from engine.loading import load_rules
from tests.page.browser import ROOT
from ui import consult, session

RULES = load_rules()
VOCABULARY = RULES.vocabulary
WORDS = RULES.texts["interface"]
INR_WORDS = "The INR is outside the limit"
PATHWAY_LABELS = [label for (kind, _), label in RULES.outcome_labels.items() if kind == "pathway"]


def number(page: AppTest, name: str, text: str) -> None:
    page.text_input(key=session.item_key(name)).set_value(text).run()


def group(page: AppTest, name: str, value: object) -> None:
    """Choose in a segmented control or in pills."""
    page.get_by_key(session.item_key(name)).set_value(value).run()


def alerts(page: AppTest) -> list[str]:
    """Title and body of every alert of the page, in order."""
    return [f"{alert.proto.title} {alert.value}" for kind in ("error", "warning", "success", "info") for alert in getattr(page, kind)]


def shows_a_pathway(page: AppTest) -> bool:
    return any(alert.startswith(label) for alert in alerts(page) for label in PATHWAY_LABELS)


def entered(page: AppTest) -> dict[str, object]:
    state = {item.name: page.session_state[session.item_key(item.name)] for item in VOCABULARY}
    return {name: raw for name, raw in state.items() if not session.is_blank(VOCABULARY[name], raw)}


def load(page: AppTest, id: str) -> None:
    page.selectbox(key=session.EXAMPLE_CHOICE).set_value(id).run()


def open_tab(page: AppTest, name: str) -> None:
    page.session_state["answer_tabs"] = WORDS["tabs"][name]
    page.run()


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_app_file_is_thin():
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 60


def test_a_blank_page_has_nothing_pre_filled_and_needs_more_information(page_test):
    assert not page_test.exception
    assert entered(page_test) == {}
    assert any("More information needed" in alert and WORDS["answer"]["nothing_recorded"] in alert for alert in alerts(page_test))


def test_a_decimal_comma_is_read_as_a_decimal_and_echoed(page_test):
    number(page_test, "inr", "2,6")
    assert any(INR_WORDS in alert and "INR: 2.6" in alert for alert in alerts(page_test))
    assert any(caption.value == "Read as 2.6" for caption in page_test.caption)


@pytest.mark.parametrize(
    ("name", "text"), [("inr", "2,x6"), ("inr", "26"), ("inr", "> 2"), ("age_years", "200"), ("pain_nrs", "-1"), ("sins_score", "7.5"), ("platelets_10e9_per_l", "1,500.5"), ("inr", "2.6 ")]
)
def test_a_number_that_cannot_be_used_suspends_the_answer_and_one_that_can_does_not(page_test, name, text):
    if name == "sins_score":
        group(page_test, "malignancy_suspected", "yes")
    number(page_test, name, text)
    usable = text == "2.6 "
    assert shows_a_pathway(page_test) is usable
    assert any(WORDS["answer"]["suspended_title"] in alert and VOCABULARY[name].label in alert for alert in alerts(page_test)) is not usable
    assert any(text.strip() in alert.value for alert in page_test.error) is not usable, "said beside the field as well"


def test_an_emptied_number_is_not_recorded_again(page_test):
    number(page_test, "inr", "2.6")
    number(page_test, "inr", "")
    assert entered(page_test) == {}
    assert not any(INR_WORDS in alert for alert in alerts(page_test))
    assert shows_a_pathway(page_test)


def test_not_known_is_a_blank_and_never_a_no(page_test):
    group(page_test, "cement_allergy", "no")
    assert entered(page_test) == {"cement_allergy": "no"}
    group(page_test, "cement_allergy", session.NOT_KNOWN)
    assert entered(page_test) == {}


def test_an_untouched_list_is_a_blank_and_none_is_a_recorded_empty_list(page_test):
    box = page_test.multiselect(key=session.item_key("antiplatelets"))
    assert box.value == []
    open_tab(page_test, "note")
    assert not any("Antiplatelets: none" in code.value for code in page_test.code)
    box.set_value(["none"]).run()
    assert entered(page_test) == {"antiplatelets": ["none"]}
    assert shows_a_pathway(page_test)


def test_none_beside_a_medicine_suspends_the_answer(page_test):
    page_test.multiselect(key=session.item_key("antiplatelets")).set_value(["none", "aspirin"]).run()
    assert not shows_a_pathway(page_test)
    assert any(WORDS["answer"]["suspended_title"] in alert for alert in alerts(page_test))


def test_an_emergency_stands_first_whatever_else_is_blank_or_unusable(page_test):
    group(page_test, "neurological_status", "cauda_equina")
    assert "E1" in page_test.error[0].value and "same day" in page_test.error[0].value
    number(page_test, "inr", "x")
    assert any("E1" in error.value for error in page_test.error)
    assert not shows_a_pathway(page_test)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("spinal_instability", "yes", "R1"), ("ankylosed_spine", "yes", "R2"), ("trauma_energy", "high", "R3"), ("canal_compromise_percent", "35", "R6"), ("sins_score", "14", "R9"), ("epidural_grade", "1c", "R10")],
)
def test_an_unstable_spine_is_named_above_the_answer(page_test, name, value, code):
    page_test.session_state[session.item_key(name)] = value
    page_test.run()
    assert any(f"{code}:" in error.value for error in page_test.error)


def test_a_suspected_tumour_with_a_blank_cause_shows_its_text_at_once(page_test):
    group(page_test, "malignancy_suspected", "yes")
    assert any("F4:" in error.value and "whole spine" in error.value for error in page_test.error)
    group(page_test, "malignancy_suspected", "no")
    assert not any("F4:" in error.value for error in page_test.error)


def test_any_trigger_rules_augmentation_out_for_now(page_test):
    number(page_test, "age_years", "17")
    assert any(WORDS["answer"]["ruled_out"] in alert for alert in alerts(page_test))


def test_the_reason_of_the_answer_names_value_and_limit(page_test):
    load(page_test, "suitable_osteoporotic")
    number(page_test, "inr", "2.6")
    first = next(alert for alert in alerts(page_test) if alert.startswith("Correct first"))
    assert INR_WORDS in first and "INR: 2.6" in first and "> 1.8" in first and WORDS["answer"]["only_preparation"] in first


def test_a_positive_answer_has_the_other_view_beside_it(page_test):
    load(page_test, "suitable_osteoporotic")
    assert any(alert.startswith("Suitable for augmentation") for alert in alerts(page_test))
    assert RULES.texts["evidence"]["dissent_note"]["text"] in html(page_test)


def test_all_clear_records_visible_values_for_blank_fields_only_and_is_undone(page_test):
    group(page_test, "spinal_infection", "suspected")
    page_test.button(key="all_clear_infection").click().run()
    assert entered(page_test) == {"spinal_infection": "suspected", "systemic_infection": "no", "local_skin_infection": "no"}
    assert any("Active systemic infection: No" in caption.value for caption in page_test.caption)
    page_test.button(key="undo_infection").click().run()
    assert entered(page_test) == {"spinal_infection": "suspected"}


def test_undo_leaves_what_was_changed_by_hand_since(page_test):
    page_test.button(key="all_clear_infection").click().run()
    group(page_test, "systemic_infection", "yes")
    page_test.button(key="undo_infection").click().run()
    assert entered(page_test) == {"systemic_infection": "yes"}


@pytest.mark.parametrize("group_id", list(WORDS["all_clear"]))
def test_all_clear_alone_triggers_nothing(page_test, group_id):
    page_test.button(key=f"all_clear_{group_id}").click().run()
    assert entered(page_test)
    assert not any(WORDS["answer"]["ruled_out"] in alert for alert in alerts(page_test))


def test_an_example_is_marked_and_new_patient_clears_everything(page_test):
    load(page_test, "suitable_osteoporotic")
    assert len(entered(page_test)) > 60
    assert "Example, not your patient" in html(page_test)
    page_test.button(key="new_patient").click().run()
    assert entered(page_test) == {}
    assert "Example, not your patient" not in html(page_test)
    assert any(WORDS["answer"]["nothing_recorded"] in alert for alert in alerts(page_test))


def test_every_example_can_be_loaded_and_is_answered(page_test):
    from ui.examples import examples

    assert {"suitable_osteoporotic", "PREG-07"} <= examples().keys()
    for id in ("suitable_metastasis_agreed_by_board", "INF-01+hidden"):
        load(page_test, id)
        assert shows_a_pathway(page_test), id


def test_an_item_is_hidden_only_when_its_condition_is_known_not_to_hold(page_test):
    def is_shown(name: str) -> bool:
        return any(field.key == session.item_key(name) for field in (*page_test.button_group, *page_test.selectbox, *page_test.text_input, *page_test.multiselect))

    assert is_shown("pregnancy_status"), "sex and age are not known"
    number(page_test, "age_years", "80")
    assert not is_shown("pregnancy_status")
    page_test.session_state[session.item_key("pregnancy_status")] = "pregnant"
    page_test.run()
    assert is_shown("pregnancy_status"), "it holds a value"


def test_a_pack_that_ships_off_can_be_turned_on_and_off(page_test):
    open_tab(page_test, "guidelines")
    assert "CIRSE 2017" not in html(page_test)
    page_test.get_by_key(session.EXTRA_PACKS).set_value(["cirse_2017"]).run()
    assert "CIRSE 2017" in html(page_test)
    page_test.get_by_key(session.EXTRA_PACKS).set_value([]).run()
    assert "CIRSE 2017" not in html(page_test)


def test_a_positive_verdict_says_which_met_triggers_it_does_not_test(page_test):
    load(page_test, "suitable_osteoporotic")
    group(page_test, "ankylosed_spine", "yes")
    open_tab(page_test, "guidelines")
    assert "The criteria read do not test: R2" in html(page_test)


def test_why_shows_what_held_what_did_not_and_what_is_not_recorded(page_test):
    number(page_test, "inr", "2.6")
    number(page_test, "age_years", "70")
    shown = html(page_test)
    for state in ("state-triggered", "state-not_met", "state-unknown"):
        assert state in shown, state
    assert "INR: 2.6" in shown and "INR &gt; 1.8" in shown and "SIR consensus guidelines" in shown


def test_items_that_an_open_guideline_misses_get_a_field(page_test):
    keys = {field.key for field in page_test.text_input}
    assert session.item_key("rdq_score") not in keys
    open_tab(page_test, "guidelines")
    page_test.run()
    shown = {field.key for kind in (page_test.text_input, page_test.button_group, page_test.multiselect, page_test.selectbox) for field in kind}
    from engine.assessing import assess_recorded
    from ui.knowledge import evaluator_with

    named = {name for pack in assess_recorded(evaluator_with(()), {}).packs for verdict in pack.verdicts for name in verdict.missing_items}
    assert named and {session.item_key(name) for name in named} <= shown


@pytest.mark.parametrize("tab", ["next_steps", "guidelines", "change", "evidence", "path", "cautions", "note"])
def test_every_tab_opens_for_a_patient_with_everything_recorded(page_test, tab):
    load(page_test, "suitable_metastasis_agreed_by_board")
    open_tab(page_test, tab)
    assert not page_test.exception


def anticoagulated(page: AppTest) -> str:
    """The suitable patient on apixaban with an unknown kidney function; the open tab as HTML."""
    load(page, "suitable_osteoporotic")
    for name, value in {"inr": "1.9", "anticoagulant": "apixaban", "antithrombotic_hold_completed": "no", "creatinine_clearance_ml_per_min": ""}.items():
        page.session_state[session.item_key(name)] = value
    page.run()
    assert not page.exception
    return html(page)


def test_the_next_steps_say_whom_to_refer_to_how_fast_and_exactly_what_to_correct(page_test):
    open_tab(page_test, "next_steps")
    shown = anticoagulated(page_test)
    for part in ("Prescriber and haematology", "Before anything else is planned", "INR 1.8 or below", WORDS["next_steps"]["before"],
                 WORDS["next_steps"]["during_and_after"], WORDS["next_steps"]["aftercare"], WORDS["next_steps"]["not_confirmed"]):
        assert part in shown, part


def test_the_bleeding_plan_has_both_sources_side_by_side_and_the_longer_arm_without_a_kidney_function(page_test):
    open_tab(page_test, "next_steps")
    shown = anticoagulated(page_test)
    assert "SIR (2019)" in shown and "ASRA (2018)" in shown and "The kidney function is missing" in shown
    assert ">6 doses<" in shown and WORDS["bleeding"]["days"] in shown and "prescriber to confirm" in shown
    assert WORDS["answer"]["only_preparation"] in " ".join(alerts(page_test))


def test_no_interval_is_shown_while_the_procedure_is_not_indicated(page_test):
    open_tab(page_test, "next_steps")
    anticoagulated(page_test)
    group(page_test, "pain_trend", "improving")
    assert "SIR (2019)" not in html(page_test)


def test_scores_are_shown_line_by_line_with_their_possible_range(page_test):
    load(page_test, "suitable_osteoporotic")
    shown = html(page_test)
    assert "OF score" in shown and ">Morphology<" in shown and "Genant grade" in shown
    group(page_test, "of_type", None)
    assert "not known" in html(page_test)


def test_an_answer_that_hangs_on_one_measurement_says_so_with_the_distance(page_test):
    load(page_test, "suitable_osteoporotic")
    number(page_test, "inr", "1.9")
    shown = html(page_test)
    assert WORDS["margins"]["title"] in shown and "INR: <b>1.9</b>" in shown and "Pathway: Suitable for augmentation" in shown


def test_what_would_change_it_names_the_change_the_answer_and_how_it_can_come_about(page_test):
    load(page_test, "suitable_osteoporotic")
    open_tab(page_test, "change")
    shown = html(page_test)
    assert "Spinal instability: No → Yes" in shown and "Spine surgeon decides before any cement" in shown
    assert all(WORDS["change"]["kinds"][kind] in shown for kind in ("by_measuring", "with_time", "with_treatment"))
    assert "Medicare L34106: Criteria met" in shown and "0.1428" not in shown


def test_an_unsettled_answer_has_nothing_that_would_change_it(page_test):
    open_tab(page_test, "change")
    assert WORDS["change"]["unsettled"] in html(page_test)


def test_two_guidelines_that_differ_are_compared_on_the_criterion_on_which_they_part(page_test):
    load(page_test, "suitable_osteoporotic")
    open_tab(page_test, "guidelines")
    for key, column in zip(session.COMPARED, ("acr_2018", "of_score")):
        page_test.selectbox(key=key).set_value(column).run()
    assert not page_test.exception
    assert "They part on" in html(page_test)
    page_test.selectbox(key=session.COMPARED[1]).set_value("acr_2014").run()
    assert WORDS["comparison"]["same"] in html(page_test)


def test_benefit_and_harm_stand_beside_each_other_with_both_sides_of_the_conflict(page_test):
    load(page_test, "suitable_osteoporotic")
    open_tab(page_test, "evidence")
    shown = html(page_test)
    for part in (WORDS["evidence"]["benefit"], WORDS["evidence"]["harm"], "VAPOUR", "INVEST", "No sham-controlled trial of balloon kyphoplasty", 'class="beside"'):
        assert part in shown, part


def test_a_state_with_prior_authorisation_is_named_beside_the_coverage(page_test):
    load(page_test, "suitable_osteoporotic")
    open_tab(page_test, "guidelines")
    assert "State of service not stated" in html(page_test)
    page_test.session_state[session.item_key("service_state")] = "TX"
    page_test.run()
    assert "prior authorisation" in html(page_test).lower() and "22513" in html(page_test)


def test_a_code_that_does_not_fit_the_cause_is_remarked_on(page_test):
    load(page_test, "suitable_osteoporotic")
    page_test.session_state[session.item_key("icd10_codes")] = "C79.51"
    open_tab(page_test, "cautions")
    assert WORDS["cautions"]["codes"] in html(page_test) and "C79.51" in html(page_test)
    assert re.search(r"\d+ remarks? on the codes", html(page_test))


def test_the_safety_net_is_always_among_the_next_steps(page_test):
    open_tab(page_test, "next_steps")
    assert "loss of control over bladder or bowel" in html(page_test)


def test_when_the_evaluators_disagree_no_suggestion_is_shown_and_only_codes_are_logged(page_test, monkeypatch, caplog):
    def disagree(*_):
        raise EvaluatorsDisagree({"pathway": ("augmentation", "not_a_candidate")})

    monkeypatch.setattr(consult, "assess_recorded", disagree)
    with caplog.at_level(logging.ERROR):
        number(page_test, "age_years", "71.25")
    assert not shows_a_pathway(page_test)
    assert any(WORDS["answer"]["disagree_title"] in alert for alert in alerts(page_test))
    assert "not_a_candidate" in caplog.text and "71.25" not in caplog.text
    assert not any("augmentation" in alert for alert in alerts(page_test))

"""Next steps, aftercare, evidence, coverage notice and patient information; and what holds of the advice for every patient."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import assess
from engine.assessment import Assessment
from engine.loading import load_rules
from engine.vocabulary import Item
from tests.advice_patients import BOARD, assessed, patient, says_stop, texts_in

RULES = load_rules()

# Aftercare

QUIET = {
    "age_years": 64, "bone_health_referral": "yes", "osteoporosis_programme": "yes", "osteoporosis_drug": "antiresorptive",
    "previous_vertebral_fractures": 0, "glucocorticoid_use": "no", "denosumab_stopped_within_24_months": "no",
    "mi_or_stroke_within_12_months": "no", "spinal_radiotherapy": "no",
}
AFTERCARE = [
    # only A1 is left of a quiet fragility fracture
    ({}, ["A1"]),
    ({"fracture_cause": "trauma", "trauma_energy": "low"}, ["A1"]),
    ({"fracture_cause": "trauma", "trauma_energy": "high"}, []),
    ({"fracture_cause": None}, []),
    ({"age_years": 65}, ["A1", "A2"]),
    ({"age_years": None}, ["A1"]),
    ({"fracture_cause": "haemangioma", "age_years": 80}, []),
    ({"bone_health_referral": "no"}, ["A1", "A3"]),
    ({"bone_health_referral": None}, ["A1"]),
    ({"fracture_cause": "other", "bone_health_referral": "no"}, []),
    ({"osteoporosis_programme": "no"}, ["A1", "A4"]),
    ({"osteoporosis_programme": None}, ["A1"]),
    ({"fracture_cause": "other", "osteoporosis_programme": "no"}, []),
    ({"osteoporosis_drug": "none"}, ["A1", "A5"]),
    ({"osteoporosis_drug": None}, ["A1"]),
    ({"fracture_cause": "other", "osteoporosis_drug": "none"}, []),
    # A6 and A8 are recalled and ship off
    ({"osteoporosis_drug": "anabolic"}, ["A1"]),
    ({"t_score": -4}, ["A1"]),
    ({"previous_vertebral_fractures": 1}, ["A1", "A7"]),
    ({"previous_vertebral_fractures": None}, ["A1"]),
    ({"fracture_cause": "other", "previous_vertebral_fractures": 2}, ["A7"]),
    ({"glucocorticoid_use": "yes"}, ["A1", "A9"]),
    ({"fracture_cause": "glucocorticoid_osteoporosis"}, ["A1", "A9"]),
    ({"glucocorticoid_use": None}, ["A1"]),
    ({"denosumab_stopped_within_24_months": "yes"}, ["A1", "A10"]),
    ({"denosumab_stopped_within_24_months": None}, ["A1"]),
    ({"mi_or_stroke_within_12_months": "yes"}, ["A1", "A11"]),
    ({"mi_or_stroke_within_12_months": None}, ["A1"]),
    ({"spinal_radiotherapy": "yes"}, ["A1", "A12"]),
    ({"spinal_radiotherapy": None}, ["A1"]),
    ({"fracture_cause": "metastasis"}, ["A12", "A13"]),
    ({"fracture_cause": "myeloma", "spinal_radiotherapy": None}, ["A12", "A13"]),
]


@pytest.mark.parametrize(("changes", "codes"), AFTERCARE, ids=str)
def test_each_aftercare_message_appears_only_when_its_condition_is_met(changes, codes):
    assert [message.code for message in assessed(**{**QUIET, **changes}).next_steps.aftercare] == codes


@pytest.mark.parametrize(("changes", "is_shown"), [({}, True), ({"fracture_cause": "metastasis"}, False), ({"fracture_cause": None}, False)])
def test_the_bone_health_plan_is_for_fragility_fractures(changes, is_shown):
    steps = assessed(**changes).next_steps
    assert [section.id for section in steps.bone_health] == (["work_up", "treatment_facts"] if is_shown else [])
    assert any(section.id == "bone_health" for section in steps.patient_information) is is_shown


# Referrals, orders, preparation

REFERRALS = [
    ({"neurological_status": "cauda_equina"}, [("E1", "now")]),
    ({"neurological_status": "deficit", "neurological_change": "new_or_progressive"}, [("E2", "same_day"), ("R4", "not_stated")]),
    ({"spinal_instability": "yes"}, [("R1", "same_day")]),
    ({"pain_trend": "improving"}, [("N4", "one_to_two_weeks")]),
    ({"pain_trend": "improving", "anticoagulant": "warfarin"}, [("N4", "one_to_two_weeks")]),
    ({"anticoagulant": "warfarin"}, [("F9", "first")]),
    ({"conservative_response": "not_tried", "conservative_treatments": ["none"]}, [("K2", "two_to_four_weeks")]),
    ({"spinal_infection": "confirmed", "pain_trend": "improving"}, [("S3", "urgent"), ("N4", "one_to_two_weeks")]),
    ({}, []),
]


@pytest.mark.parametrize(("changes", "referrals"), REFERRALS, ids=str)
def test_each_met_trigger_says_who_and_how_fast_with_the_fastest_first(changes, referrals):
    assert [(referral.code, referral.how_fast) for referral in assessed(**changes).next_steps.referrals] == referrals


def test_a_certain_emergency_is_referred_while_the_pathway_is_still_open():
    assessment = assess({"neurological_status": "cauda_equina"})
    assert [referral.code for referral in assessment.next_steps.referrals] == ["E1"]


@pytest.mark.parametrize(("changes", "order", "because"), [
    ({"symptom_duration_weeks": 20, "imaging_age_days": 100}, "Repeat MRI with STIR", ("K3",)),
    ({"spinal_infection": "suspected"}, "Cultures", ("F1",)),
    ({"inr": None}, "INR", ("inr",)),
    ({"marrow_oedema": None, "bone_scan_uptake": None, "imaging_done": None}, "MRI of the spine with STIR", ("marrow_oedema",)),
])
def test_tests_to_order_name_the_trigger_or_the_missing_item_they_are_for(changes, order, because):
    assert (order, because) in [(found.text, found.because) for found in assessed(**changes).next_steps.orders]


def test_a_test_that_two_triggers_ask_for_is_ordered_once():
    orders = assessed(neurological_status="deficit", neurological_change="new_or_progressive", retropulsion="yes").next_steps.orders
    assert [found.because for found in orders if found.text == "MRI the same day"] == [("E2", "E6")]


PREPARATION = (
    "Images", "Blood tests", "Medicines", "Allergy review", "Fasting, clear liquids", "Lying prone", "Anaesthesia", "Transport", "Pregnancy",
    "Check on the day",
)


@pytest.mark.parametrize(("changes", "is_shown"), [
    ({}, True), ({"anticoagulant": "warfarin"}, True), ({"pain_trend": "improving"}, False), ({"systemic_infection": "yes"}, False),
    ({"pain_nrs": None}, False),
])
def test_preparation_during_and_after_are_shown_only_with_an_indication(changes, is_shown):
    steps = assessed(**changes).next_steps
    topics = {fact.topic for fact in steps.preparation}
    assert (set(PREPARATION) <= topics) if is_shown else not topics
    assert (bool(steps.during), bool(steps.after)) == (is_shown, is_shown)


@pytest.mark.parametrize(("changes", "is_shown"), [
    ({"asa_class": 4}, True), ({"asa_class": 3}, False), ({"asa_class": None}, False), ({"severe_cardiopulmonary_disease": "yes"}, True),
])
def test_an_anaesthetic_review_is_prepared_for_the_frail(changes, is_shown):
    assert ("Anaesthetic review" in {fact.topic for fact in assessed(**changes).next_steps.preparation}) is is_shown


# Evidence

@pytest.mark.parametrize(("like", "changes", "is_shown"), [
    ("suitable_osteoporotic", {}, True),
    ("suitable_osteoporotic", {"anticoagulant": "warfarin"}, True),
    # no procedure by the pathway, but guidelines that support or allow one
    ("suitable_osteoporotic", {"pain_trend": "improving"}, True),
    ("suitable_osteoporotic", {"pain_nrs": 0, "pain_from_fracture": "no", "marrow_oedema": "no", "bone_scan_uptake": "no"}, False),
    (BOARD, {}, False),
])
def test_the_conflict_is_told_with_every_positive_answer_on_a_fragility_fracture_and_whole(like, changes, is_shown):
    notes = assessed(like, **changes).evidence
    assert (notes.dissent_note is not None) is is_shown
    assert len(notes.conflict) == (len(RULES.advice.evidence.display_facts) if is_shown else 0)
    if is_shown:
        both_sides = " ".join(fact.text for fact in notes.conflict)
        assert "relieves pain sooner" in both_sides and "sham" in both_sides and "Cochrane" in notes.dissent_note.text


def test_a_positive_guideline_is_named_beside_the_conflict():
    assessment = assessed(pain_trend="improving")
    supporting = [column for column, verdict in assessment.verdicts.items() if verdict in ("supports", "optional")]
    assert supporting and list(assessment.evidence.positive) == supporting


def test_trials_suggest_nothing():
    assessment = assess({"fracture_cause": "osteoporosis"}, trials=True)
    assert not any(column.startswith("trial_") for column in assessed_with_trials().evidence.positive)
    assert assessment.evidence.positive == ()


def assessed_with_trials() -> Assessment:
    found = assess(patient(), trials=True)
    assert any(verdict in ("supports", "optional") for column, verdict in found.verdicts.items() if column.startswith("trial_"))
    return found


@pytest.mark.parametrize(("like", "is_cancer"), [("suitable_osteoporotic", False), (BOARD, True)])
def test_the_trials_shown_are_those_of_the_condition(like, is_cancer):
    trials = {row.trial.split(",")[0] for row in assessed(like).evidence.benefit}
    assert ("CAFE" in trials) is is_cancer and ("VERTOS IV" in trials) is not is_cancer and "KAVIAR" in trials


@pytest.mark.parametrize(("changes", "risk"), [
    ({"malignancy_suspected": "yes"}, "Missed tumour"), ({"spinal_infection": "suspected"}, "Missed infection"),
])
def test_a_suspicion_shows_how_often_it_was_missed(changes, risk):
    assert risk in {row.risk for row in assessed(**changes).evidence.harm}
    assert risk not in {row.risk for row in assessed().evidence.harm}


def test_leak_rates_are_never_shown_as_one_number():
    risks = [row.risk for row in assessed().evidence.harm]
    assert risks.index("Leak, CT in a trial") == risks.index("Leak, pooled") + 1


@pytest.mark.parametrize(("changes", "condition"), [
    ({"fracture_cause": "glucocorticoid_osteoporosis"}, "Glucocorticoid osteoporosis"), ({"intravertebral_cleft": "yes"}, "Kummell"),
    ({"fracture_cause": "haemangioma"}, "Haemangioma"), ({"fracture_cause": "myeloma"}, "Myeloma"), ({"levels_planned": 4}, "More than three levels"),
])
def test_facts_on_the_condition_are_shown_with_it_only(changes, condition):
    assert condition in {fact.topic for fact in assessed(**changes).evidence.condition_facts}
    assert assessed().evidence.condition_facts == ()


# Coverage notice: state, policy, provenance of the text, recalled, prior authorisation

REGIONS = [
    ("AK", "L34106", "read", False, False), ("AZ", "L34106", "read", False, True), ("WA", "L34106", "read", False, True),
    ("CA", "L34228", "secondary", True, False),
    ("IL", "L33569", "secondary", False, False), ("VT", "L33569", "secondary", True, False),
    ("TX", "L35130", "secondary", False, True), ("NJ", "L35130", "secondary", True, True), ("OK", "L35130", "secondary", True, True),
    ("FL", "L34976", "secondary", True, False),
    ("KY", "L38201", "secondary", True, False), ("OH", "L38201", "secondary", True, True),
    ("VA", "L38737", "secondary", True, False),
    ("MI", "L38213", "secondary", True, False),
]


@pytest.mark.parametrize(("state", "lcd", "provenance", "is_recalled", "needs_authorisation"), REGIONS)
def test_the_state_of_service_chooses_the_policy_and_says_how_well_it_is_known(state, lcd, provenance, is_recalled, needs_authorisation):
    notice = assessed(service_state=state).coverage_notice
    assert (notice.state, notice.lcd, notice.policy_provenance) == (state, lcd, provenance)
    assert lcd in notice.policy_name and notice.contractor in notice.policy_name
    assert notice.from_memory == ("policy assumed from memory, confirm the contractor" if is_recalled else "")
    assert (notice.prior_authorisation is not None) is needs_authorisation
    assert len(notice.cpt_codes) == (6 if needs_authorisation else 0)


def test_every_state_of_the_dictionary_has_a_notice():
    for state in RULES.vocabulary["service_state"].codes:
        assert assess({"service_state": state.lower()}).coverage_notice.state == state


def test_without_a_state_no_contractor_is_named():
    notice = assess({}).coverage_notice
    assert (notice.state, notice.region, notice.contractor, notice.prior_authorisation) == ("", "not_stated", "", None)
    assert "not stated" in notice.text


# Patient information

@pytest.mark.parametrize("pathway", [code for kind, code in RULES.outcome_labels if kind == "pathway"])
def test_every_pathway_has_plain_words_for_the_patient(pathway):
    texts = [text.text for block in RULES.advice.patient_information.pathways if block.code == pathway for text in block.paragraphs]
    assert texts and all(len(sentence.split()) <= 40 for text in texts for sentence in re.split(r"[.;:]", text))


def test_the_fields_of_the_patient_information_are_filled_with_what_is_recorded():
    text = " ".join(texts_in(assessed(fracture_levels=["T12", "L1"], posterior_wall_involved="yes").next_steps.patient_information))
    assert "balloon kyphoplasty for the broken bone (T12, L1)" in text and "{" not in text


def test_a_blank_level_leaves_no_gap_in_the_patient_information():
    text = " ".join(texts_in(assessed(fracture_levels=None, neurological_status="cauda_equina").next_steps.patient_information))
    assert "by a spine team without delay." in text and "{" not in text


@pytest.mark.parametrize(("changes", "is_explained"), [({}, True), ({"anticoagulant": "warfarin"}, True), ({"pain_trend": "improving"}, False)])
def test_the_procedure_is_explained_when_it_is_a_choice(changes, is_explained):
    ids = {section.id for section in assessed(**changes).next_steps.patient_information}
    assert ({"what_it_is", "risks", "other_choices"} <= ids) is is_explained


# For every patient

def recordings(item: Item) -> st.SearchStrategy[object]:
    """Values that can be recorded for an item."""
    if item.name == "icd10_codes":
        return st.lists(st.sampled_from(["M80.08XA", "M80.08XS", "C79.52", "C41.2", "M84.58XA", "S22.080A"]), min_size=1, max_size=3)
    if item.is_list:
        return st.lists(st.sampled_from([code for code in item.codes if code != "none"]), min_size=1, max_size=4)
    if item.codes:
        return st.sampled_from(item.codes)
    if item.type == "integer":
        return st.integers(int(item.minimum), int(item.maximum))
    # Two decimals, as people write them; how far the evaluators take smaller numbers is for the tests of the evaluators.
    return st.floats(item.minimum, item.maximum, allow_nan=False).map(lambda number: round(number, 2))


PATIENTS = st.fixed_dictionaries({}, optional={item.name: recordings(item) for item in RULES.vocabulary})
FROM_SUITABLE = st.fixed_dictionaries({}, optional={item.name: st.none() | recordings(item) for item in RULES.vocabulary})


def insist_on_what_always_holds(assessment: Assessment) -> None:
    plan, steps = assessment.bleeding_plan, assessment.next_steps
    assert says_stop((plan, steps, assessment.evidence, assessment.coverage_notice, assessment.code_warnings)) == []
    assert not plan.drugs or assessment.pathway in ("augmentation", "correct_first")
    assert plan.is_indicated or not (plan.drugs or plan.longest)
    assert steps.safety_net.text and steps.patient_information[-1].id == "safety_net"
    assert (assessment.evidence.dissent_note is None) is (not assessment.evidence.conflict)
    (score,) = assessment.score_lines.scores
    assert score.points == assessment.of_score_points
    assert score.points is None or f"{score.lowest}..{score.highest}" == assessment.of_score_range
    assert Assessment.from_json(assessment.to_json()) == assessment


@settings(max_examples=40)
@given(PATIENTS)
def test_the_advice_holds_for_any_patient_that_can_be_recorded(recorded):
    insist_on_what_always_holds(assess(recorded))


@settings(max_examples=60)
@given(FROM_SUITABLE.map(lambda changes: dict(list(changes.items())[:6])), st.sampled_from(["suitable_osteoporotic", BOARD]))
def test_the_advice_holds_for_any_change_of_a_suitable_patient(changes, like):
    insist_on_what_always_holds(assessed(like, **changes))


def test_an_empty_patient_gets_the_safety_net_and_nothing_that_suggests_a_procedure():
    assessment = assess({})
    insist_on_what_always_holds(assessment)
    steps, notes = assessment.next_steps, assessment.evidence
    assert (steps.referrals, steps.preparation, steps.aftercare, steps.bone_health) == ((), (), (), ())
    assert (notes.positive, notes.benefit, notes.harm, assessment.code_warnings) == ((), (), (), ())

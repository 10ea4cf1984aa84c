"""Makes a cohort of invented patients, any size: `python examples/make_cohort.py --rows 500 --seed 1 --output synthetic_cohort.csv`.

Nobody in it exists. The mix leans on published screening and trial populations (`clinical/trials.md` section 3): mean age 75.6 and
77 % women (KAVIAR), symptom ages of weeks to months (FREE, Blasco), pain of 7 on average, Genant grade 2 in most, more than one level
in a quarter; a share of tumours, as in the series of fractures presumed osteoporotic. Blanks come in two ways, as in real registries:
some sites record less than others, and some items (SINS, fibrinogen, bone scan) are recorded only where somebody thought of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

LEVELS = [f"T{n}" for n in range(4, 13)] + [f"L{n}" for n in range(1, 6)]
# Fractures crowd around the thoracolumbar junction.
LEVEL_WEIGHTS = np.array([1, 2, 3, 4, 5, 4, 4, 7, 18, 24, 12, 8, 5, 3], float)
# The share of records in which an item is filled in, in a careless one, where it is not 0.93.
RECORDED = {
    "asa_class": 0.7, "life_expectancy_months": 0.4, "pregnancy_status": 0.5, "malignancy_suspected": 0.8, "levels_planned": 0.5,
    "height_loss_progressing": 0.5, "kyphosis_angle_degrees": 0.6, "kyphotic_deformity": 0.6, "of_type": 0.6, "ao_type": 0.4,
    "canal_compromise_percent": 0.6, "vertebra_plana": 0.6, "ankylosed_spine": 0.75, "previous_augmentation_at_level": 0.8,
    "imaging_age_days": 0.8, "bone_scan_uptake": 0.25, "pain_mechanical": 0.7, "rdq_score": 0.35, "odi_percent": 0.35,
    "pulmonary_dysfunction": 0.6, "neurological_change": 0.7, "epidural_grade": 0.4, "fibrinogen_mg_per_dl": 0.2,
    "bleeding_disorder": 0.85, "creatinine_clearance_ml_per_min": 0.6, "contrast_plan_agreed": 0.2, "antithrombotic_hold_completed": 0.4,
    "lesion_type": 0.6, "sins_score": 0.35, "mdt_agreed": 0.4, "t_score": 0.5, "qct_hu": 0.2, "denosumab_stopped_within_24_months": 0.5,
    "mi_or_stroke_within_12_months": 0.6, "spinal_radiotherapy": 0.6, "osteoporosis_programme": 0.5, "service_state": 0.3, "icd10_codes": 0.5,
    "local_skin_infection": 0.6, "cement_allergy": 0.7,
}  # fmt: skip
ALWAYS_RECORDED = ("record_id", "age_years", "sex")


def make_cohort(rows: int, seed: int = 1) -> pd.DataFrame:
    """A frame of `rows` invented patients with every column of the data dictionary, all as text; blank cells are empty."""
    draw = np.random.default_rng(seed)
    whole = _patient(draw, rows)
    whole |= _fracture(draw, rows, whole)
    whole |= _course(draw, rows, whole)
    whole |= _safety(draw, rows, whole)
    whole |= _bone_health(draw, rows, whole)
    _mend_most_contradictions(draw, rows, whole)
    whole["record_id"] = np.array([f"SYNTHETIC-{number:07d}" for number in range(1, rows + 1)], object)
    # Some records are filled in with care, others leave blank whatever is often left blank.
    carelessness = np.where(draw.random(rows) < 0.35, 1.0, 0.06)
    for name in whole:
        if name not in ALWAYS_RECORDED:
            share = RECORDED.get(name, 0.93)
            whole[name] = np.where(draw.random(rows) < share**carelessness, whole[name], "")
    return pd.DataFrame({name: whole[name] for name in _column_order()})


def _patient(draw: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    age = np.clip(draw.normal(75.6, 9.5, rows), 19, 101)
    sex = _pick(draw, rows, {"female": 0.774, "male": 0.225, "other": 0.001})
    pregnancy = np.where(sex == "male", "", np.where(age >= 56, "not_possible", _pick(draw, rows, {"not_pregnant": 0.97, "pregnant": 0.03})))
    return {
        "age_years": _number(age, 0),
        "sex": sex,
        "pregnancy_status": pregnancy,
        "asa_class": _pick(draw, rows, {"1": 0.05, "2": 0.45, "3": 0.42, "4": 0.07, "5": 0.01}),
        "life_expectancy_months": _number(np.clip(draw.gamma(3, 30, rows), 1, 400), 0),
    }


def _fracture(draw: np.random.Generator, rows: int, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    cause = _pick(draw, rows, {
        "osteoporosis": 0.80, "glucocorticoid_osteoporosis": 0.035, "metastasis": 0.05, "myeloma": 0.03, "plasmacytoma": 0.003,
        "primary_tumour": 0.002, "haemangioma": 0.01, "trauma": 0.06, "infection": 0.005, "other": 0.005})  # fmt: skip
    trauma = cause == "trauma"
    count = draw.choice([1, 2, 3, 4, 5], rows, p=[0.74, 0.17, 0.06, 0.02, 0.01])
    first = draw.choice(len(LEVELS), rows, p=LEVEL_WEIGHTS / LEVEL_WEIGHTS.sum())
    first = np.minimum(first, len(LEVELS) - count)
    loss = np.clip(draw.normal(31, 13, rows), 0, 90)
    wall = draw.random(rows) < 0.22
    return {
        "fracture_cause": cause,
        "malignancy_suspected": _yes(draw, rows, np.where(_tumour(cause), 0.0, 0.04)),
        "trauma_energy": np.where(trauma, _pick(draw, rows, {"low": 0.7, "high": 0.3}), _pick(draw, rows, {"none": 0.45, "low": 0.55})),
        "fracture_levels": np.array([";".join(LEVELS[start:start + many]) for start, many in zip(first, count)], object),
        "levels_planned": count.astype(str).astype(object),
        "height_loss_percent": _number(loss, 0),
        "height_loss_progressing": _yes(draw, rows, 0.35),
        "kyphosis_angle_degrees": _number(np.clip(draw.normal(13, 7, rows), 0, 60), 0),
        "kyphotic_deformity": _yes(draw, rows, 0.3),
        "of_type": np.where(_tumour(cause), "", _pick(draw, rows, {"OF1": 0.08, "OF2": 0.42, "OF3": 0.34, "OF4": 0.13, "OF5": 0.03})),
        "ao_type": _pick(draw, rows, {"A0": 0.03, "A1": 0.62, "A2": 0.04, "A3": 0.22, "A4": 0.06, "B": 0.025, "C": 0.005}),
        "posterior_wall_involved": np.where(wall, "yes", "no"),
        "retropulsion": _yes(draw, rows, np.where(wall, 0.35, 0.01)),
        "canal_compromise_percent": _number(np.where(wall, draw.gamma(2, 6, rows), 0).clip(0, 80), 0),
        "intravertebral_cleft": _yes(draw, rows, 0.09),
        "vertebra_plana": _yes(draw, rows, np.where(loss > 60, 0.3, 0.01)),
        "spinal_instability": _yes(draw, rows, 0.02),
        "ankylosed_spine": _yes(draw, rows, 0.02),
        "previous_augmentation_at_level": _yes(draw, rows, 0.02),
    }


def _course(draw: np.random.Generator, rows: int, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    weeks = np.clip(draw.lognormal(np.log(5.5), 0.9, rows), 0.1, 120)
    care = weeks * np.clip(draw.beta(4, 1.5, rows), 0, 1)
    imaging = _lists(draw, rows, {"xray": 0.93, "ct": 0.55, "mri": 0.82, "bone_scan": 0.06, "spect_ct": 0.03}, empty="xray")
    has_mri = np.char.find(imaging.astype(str), "mri") >= 0
    has_nuclear = (np.char.find(imaging.astype(str), "bone_scan") >= 0) | (np.char.find(imaging.astype(str), "spect") >= 0)
    fresh = np.clip(1.02 - weeks / 60, 0.25, 0.93)
    signs = _pick(draw, rows, {"intact": 0.91, "radicular": 0.055, "deficit": 0.025, "myelopathy": 0.006, "cauda_equina": 0.004})
    return {
        "symptom_duration_weeks": _number(weeks, 1),
        "imaging_done": imaging,
        "imaging_age_days": _number(np.floor(np.minimum(draw.gamma(1.5, 8, rows), 7 * np.round(weeks, 1))), 0),
        "marrow_oedema": np.where(has_mri, _yes(draw, rows, fresh), ""),
        "bone_scan_uptake": np.where(has_nuclear, _yes(draw, rows, fresh), ""),
        "pain_nrs": _number(np.clip(draw.normal(7.1, 1.9, rows), 0, 10), 0),
        "pain_trend": _pick(draw, rows, {"worsening": 0.33, "stable": 0.45, "improving": 0.22}),
        "pain_from_fracture": _yes(draw, rows, 0.93),
        "pain_mechanical": _yes(draw, rows, 0.88),
        "hospitalised": _yes(draw, rows, 0.24),
        "mobilises_on_analgesia": _yes(draw, rows, 0.62),
        "adl_impact": _pick(draw, rows, {"none": 0.05, "moderate": 0.48, "severe": 0.47}),
        "rdq_score": _number(np.clip(draw.normal(17.5, 4, rows), 0, 24), 0),
        "odi_percent": _number(np.clip(draw.normal(56, 15, rows), 0, 100), 0),
        "pulmonary_dysfunction": _yes(draw, rows, 0.14),
        "conservative_weeks": _number(np.floor(10 * care) / 10, 1),
        "conservative_treatments": _lists(draw, rows, {
            "simple_analgesic": 0.85, "opioid": 0.5, "parenteral_opioid": 0.08, "brace": 0.4, "physiotherapy": 0.35, "activity_modification": 0.4,
            "osteoporosis_drug": 0.3, "nerve_block": 0.04}, empty="none"),
        "conservative_response": _pick(draw, rows, {
            "failed": 0.42, "partial": 0.2, "adequate": 0.18, "not_tolerated": 0.09, "contraindicated": 0.02, "not_tried": 0.09}),
        "neurological_status": signs,
        "neurological_change": np.where(signs == "intact", "stable", _pick(draw, rows, {"stable": 0.65, "new_or_progressive": 0.35})),
        "epidural_grade": _pick(draw, rows, {"0": 0.9, "1a": 0.04, "1b": 0.03, "1c": 0.015, "2": 0.01, "3": 0.005}),
    }  # fmt: skip


def _safety(draw: np.random.Generator, rows: int, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    drug = _pick(draw, rows, {
        "none": 0.79, "apixaban": 0.07, "rivaroxaban": 0.04, "warfarin": 0.04, "edoxaban": 0.01, "dabigatran": 0.01, "lmwh_prophylactic": 0.025,
        "lmwh_therapeutic": 0.005, "heparin_sc": 0.005, "other": 0.005})  # fmt: skip
    liver = draw.random(rows) < 0.02
    inr = np.where(drug == "warfarin", draw.normal(2.3, 0.6, rows), draw.normal(1.08, 0.1, rows) + 0.4 * liver).clip(0.8, 8)
    tumour = _tumour(known["fracture_cause"])
    return {
        "spinal_infection": _pick(draw, rows, {"none": 0.985, "suspected": 0.011, "confirmed": 0.004}),
        "systemic_infection": _yes(draw, rows, 0.025),
        "local_skin_infection": _yes(draw, rows, 0.006),
        "inr": _number(inr, 2),
        "platelets_10e9_per_l": _number(np.clip(draw.normal(238, 72, rows) - 90 * liver, 12, 900), 0),
        "fibrinogen_mg_per_dl": _number(np.clip(draw.normal(340, 80, rows) - 120 * liver, 60, 800), 0),
        "bleeding_disorder": _pick(draw, rows, {"none": 0.97, "correctable": 0.025, "uncorrectable": 0.005}),
        "anticoagulant": drug,
        "antiplatelets": _lists(draw, rows, {"aspirin": 0.24, "clopidogrel": 0.06, "ticagrelor": 0.01, "prasugrel": 0.004}, empty="none"),
        "antithrombotic_hold_completed": _yes(draw, rows, 0.4),
        "creatinine_clearance_ml_per_min": _number(np.clip(draw.normal(62, 22, rows), 8, 160), 0),
        "chronic_liver_disease": np.where(liver, "yes", "no"),
        "cement_allergy": _yes(draw, rows, 0.002),
        "contrast_allergy": _pick(draw, rows, {"none": 0.965, "mild": 0.028, "severe": 0.007}),
        "contrast_plan_agreed": _yes(draw, rows, 0.5),
        "can_lie_prone": _yes(draw, rows, 0.96),
        "severe_cardiopulmonary_disease": _yes(draw, rows, 0.07),
        "lesion_type": np.where(tumour, _pick(draw, rows, {"lytic": 0.62, "mixed": 0.26, "blastic": 0.12}), ""),
        "sins_score": np.where(tumour, _number(np.clip(draw.normal(9, 3, rows), 0, 18), 0), ""),
        "mdt_agreed": np.where(tumour, _yes(draw, rows, 0.45), ""),
    }


def _bone_health(draw: np.random.Generator, rows: int, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    cause = known["fracture_cause"]
    fragility = np.isin(cause, ["osteoporosis", "glucocorticoid_osteoporosis"])
    codes = np.select([fragility, cause == "metastasis", cause == "myeloma"], ["M80.08XA", "M84.58XA;C79.51", "M84.58XA;C90.00"], "")
    return {
        "t_score": _number(np.clip(draw.normal(-2.6, 1.0, rows), -6, 3), 1),
        "qct_hu": _number(np.clip(draw.normal(88, 32, rows), -20, 300), 0),
        "glucocorticoid_use": _yes(draw, rows, np.where(cause == "glucocorticoid_osteoporosis", 0.97, 0.05)),
        "previous_vertebral_fractures": _number(np.minimum(draw.poisson(0.7, rows), 12), 0),
        "denosumab_stopped_within_24_months": _yes(draw, rows, 0.02),
        "osteoporosis_drug": _pick(draw, rows, {"none": 0.62, "antiresorptive": 0.34, "anabolic": 0.04}),
        "mi_or_stroke_within_12_months": _yes(draw, rows, 0.04),
        "spinal_radiotherapy": _yes(draw, rows, np.where(_tumour(cause), 0.25, 0.005)),
        "bone_health_referral": _yes(draw, rows, 0.55),
        "osteoporosis_programme": _yes(draw, rows, 0.45),
        "service_state": _pick(draw, rows, {"TX": 0.3, "FL": 0.3, "CA": 0.2, "NY": 0.1, "OH": 0.1}),
        "icd10_codes": codes.astype(object),
    }


def _mend_most_contradictions(draw: np.random.Generator, rows: int, whole: dict[str, np.ndarray]) -> None:
    """Real records contradict themselves now and then, not in every second row: 97 % are made to hang together."""
    careful = draw.random(rows) < 0.97
    tumour = _tumour(whole["fracture_cause"])

    def change(item: str, value: str, where: np.ndarray) -> None:
        whole[item] = np.where(careful & where, value, whole[item])

    has_failed = np.isin(whole["conservative_response"], ["failed", "partial"])
    change("pain_trend", "stable", has_failed & (whole["pain_trend"] == "improving"))
    change("conservative_treatments", "simple_analgesic;opioid", has_failed & (whole["conservative_treatments"] == "none"))
    change("conservative_treatments", "simple_analgesic;opioid", has_failed & np.isin(whole["conservative_treatments"], ["osteoporosis_drug"]))
    change("conservative_treatments", "none", whole["conservative_response"] == "not_tried")
    change("conservative_weeks", "0.0", whole["conservative_response"] == "not_tried")
    change("retropulsion", "yes", whole["canal_compromise_percent"] != "0")
    change("canal_compromise_percent", "0", (whole["retropulsion"] == "no") | (draw.random(rows) < 0.5))
    change("retropulsion", "no", whole["canal_compromise_percent"] == "0")
    change("epidural_grade", "0", ~tumour)
    change("sins_score", "9", whole["fracture_cause"] == "haemangioma")
    change("ao_type", "A1", whole["ao_type"] == "A0")
    change("ao_type", "A1", np.isin(whole["of_type"], ["OF1", "OF2", "OF3"]) & np.isin(whole["ao_type"], ["A2", "A4", "B", "C"]))
    change("spinal_instability", "yes", (whole["of_type"] == "OF5") | np.isin(whole["ao_type"], ["B", "C"]))
    for item in ("height_loss_percent", "kyphosis_angle_degrees"):
        change(item, "0", whole["of_type"] == "OF1")
    change("height_loss_progressing", "no", whole["of_type"] == "OF1")
    change("vertebra_plana", "no", whole["of_type"] == "OF1")
    change("can_lie_prone", "no", whole["asa_class"] == "5")
    change("spinal_infection", "confirmed", whole["fracture_cause"] == "infection")
    inr, platelets, fibrinogen = (whole[name].astype(float) for name in ("inr", "platelets_10e9_per_l", "fibrinogen_mg_per_dl"))
    low = (inr > 1.5) | (platelets < 50) | (fibrinogen <= 100)
    change("bleeding_disorder", "correctable", low & (whole["anticoagulant"] == "none") & (whole["bleeding_disorder"] == "none"))
    change("pain_nrs", "1", whole["pain_nrs"] == "0")


def _tumour(cause: np.ndarray) -> np.ndarray:
    return np.isin(cause, ["metastasis", "myeloma", "plasmacytoma", "primary_tumour", "haemangioma"])


def _pick(draw: np.random.Generator, rows: int, shares: dict[str, float]) -> np.ndarray:
    weights = np.array(list(shares.values()))
    return np.array(list(shares), object)[draw.choice(len(shares), rows, p=weights / weights.sum())]


def _yes(draw: np.random.Generator, rows: int, share: float | np.ndarray) -> np.ndarray:
    return np.where(draw.random(rows) < share, "yes", "no").astype(object)


def _number(values: np.ndarray, decimals: int) -> np.ndarray:
    rounded = np.round(np.asarray(values, float), decimals) + 0.0
    distinct, places = np.unique(rounded, return_inverse=True)
    return np.array([f"{value:.{decimals}f}" for value in distinct], object)[places]


def _lists(draw: np.random.Generator, rows: int, shares: dict[str, float], empty: str) -> np.ndarray:
    """A list cell for each row; `empty` where nothing was drawn."""
    pattern = (draw.random((rows, len(shares))) < list(shares.values())) @ (1 << np.arange(len(shares)))
    texts = [";".join(code for bit, code in enumerate(shares) if way >> bit & 1) or empty for way in range(1 << len(shares))]
    return np.array(texts, object)[pattern]


def _column_order() -> list[str]:
    """The columns in the order of the form."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from engine import load_rules

    return ["record_id", *load_rules().vocabulary.names]


def main() -> None:
    options = argparse.ArgumentParser(description="Make a cohort of invented patients.")
    options.add_argument("--rows", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--output", type=Path, default=Path(__file__).parent / "synthetic_cohort.csv")
    chosen = options.parse_args()
    make_cohort(chosen.rows, chosen.seed).to_csv(chosen.output, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

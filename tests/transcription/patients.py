"""Seeded random patients over the data dictionary, crowded around every threshold of the documents.

A quarter is mostly blank, a quarter random throughout, half starts from a complete and plausible patient
in whom a few items are changed or blanked. Contradictory patients are wanted too: nothing is filtered out.
"""
from __future__ import annotations

import random

from .clinical_text import ClinicalText
from .patient_table import Item

ICD10_CODES = ["M80.08XA", "M80.88XA", "M80.08XS", "C79.51", "C90.00", "C41.2", "M84.58XA", "S22.080A", "M48.54XA"]

# A patient in whom no gate is met. Values are plausible ones, not thresholds.
SUITABLE = {
    "age_years": 78, "sex": "female", "pregnancy_status": "not_possible", "asa_class": 2, "life_expectancy_months": 60,
    "fracture_cause": "osteoporosis", "malignancy_suspected": "no", "trauma_energy": "low", "fracture_levels": ["T12"],
    "levels_planned": 1, "symptom_duration_weeks": 5, "height_loss_percent": 30, "height_loss_progressing": "yes",
    "kyphosis_angle_degrees": 12, "kyphotic_deformity": "no", "of_type": "OF2", "ao_type": "A1",
    "posterior_wall_involved": "no", "retropulsion": "no", "canal_compromise_percent": 0, "intravertebral_cleft": "no",
    "vertebra_plana": "no", "spinal_instability": "no", "ankylosed_spine": "no", "previous_augmentation_at_level": "no",
    "imaging_done": ["xray", "ct", "mri"], "imaging_age_days": 6, "marrow_oedema": "yes", "bone_scan_uptake": None,
    "pain_nrs": 8, "pain_trend": "worsening", "pain_from_fracture": "yes", "pain_mechanical": "yes", "hospitalised": "no",
    "mobilises_on_analgesia": "yes", "adl_impact": "severe", "rdq_score": 19, "odi_percent": 55,
    "pulmonary_dysfunction": "no", "conservative_weeks": 4, "conservative_treatments": ["simple_analgesic", "opioid"],
    "conservative_response": "failed", "neurological_status": "intact", "neurological_change": "stable",
    "epidural_grade": "0", "spinal_infection": "none", "systemic_infection": "no", "local_skin_infection": "no",
    "inr": 1.1, "platelets_10e9_per_l": 220, "fibrinogen_mg_per_dl": 300, "bleeding_disorder": "none",
    "anticoagulant": "none", "antiplatelets": [], "antithrombotic_hold_completed": "no",
    "creatinine_clearance_ml_per_min": 70, "chronic_liver_disease": "no", "cement_allergy": "no",
    "contrast_allergy": "none", "contrast_plan_agreed": "no", "can_lie_prone": "yes",
    "severe_cardiopulmonary_disease": "no", "lesion_type": None, "sins_score": 5, "mdt_agreed": "no", "t_score": -2.8,
    "qct_hu": 80, "glucocorticoid_use": "no", "previous_vertebral_fractures": 1,
    "denosumab_stopped_within_24_months": "no", "osteoporosis_drug": "none", "mi_or_stroke_within_12_months": "no",
    "spinal_radiotherapy": "no", "bone_health_referral": "yes", "osteoporosis_programme": "yes", "service_state": None,
    "icd10_codes": None,
}
# Turns the suitable patient into another whole patient: (weight, what differs).
VARIANTS = [
    (6, {}),
    (2, {"pain_trend": "stable", "symptom_duration_weeks": 8, "conservative_weeks": 7,
         "conservative_treatments": ["opioid", "physiotherapy"], "imaging_age_days": 30}),
    (2, {"hospitalised": "yes", "pain_nrs": 9, "mobilises_on_analgesia": "no", "symptom_duration_weeks": 2,
         "conservative_weeks": 1, "conservative_treatments": ["simple_analgesic", "parenteral_opioid"]}),
    (1, {"symptom_duration_weeks": 20, "conservative_weeks": 16, "imaging_age_days": 40, "t_score": -3.4}),
    (1, {"fracture_cause": "glucocorticoid_osteoporosis", "glucocorticoid_use": "yes", "age_years": 66,
         "symptom_duration_weeks": 3, "conservative_weeks": 3}),
    (2, {"fracture_cause": "trauma", "age_years": 71, "sex": "male", "pregnancy_status": None, "of_type": None}),
    (1, {"imaging_done": ["xray", "spect_ct"], "marrow_oedema": None, "bone_scan_uptake": "yes",
         "symptom_duration_weeks": 3, "conservative_weeks": 3}),
    (1, {"imaging_done": ["mri", "bone_scan"], "marrow_oedema": "no", "bone_scan_uptake": "no"}),
    (1, {"conservative_response": "not_tried", "conservative_treatments": [], "conservative_weeks": 0}),
    (1, {"anticoagulant": "apixaban", "antiplatelets": ["aspirin"], "antithrombotic_hold_completed": "yes"}),
    (1, {"anticoagulant": "warfarin", "inr": 2.4, "antithrombotic_hold_completed": None}),
    (1, {"chronic_liver_disease": "yes", "inr": 2.1, "platelets_10e9_per_l": 45, "fibrinogen_mg_per_dl": 150}),
    (3, {"fracture_cause": "metastasis", "malignancy_suspected": "no", "lesion_type": "lytic", "of_type": None,
         "mdt_agreed": "yes", "life_expectancy_months": 14, "symptom_duration_weeks": 9}),
    (1, {"fracture_cause": "myeloma", "malignancy_suspected": None, "lesion_type": "lytic", "of_type": None,
         "fracture_levels": ["T8", "T11", "L2"], "levels_planned": 3, "mdt_agreed": "yes"}),
    (1, {"fracture_cause": "metastasis", "lesion_type": "blastic", "of_type": None, "mdt_agreed": None}),
    (1, {"fracture_cause": "haemangioma", "of_type": None, "mdt_agreed": "yes", "age_years": 52}),
    (1, {"malignancy_suspected": "yes", "mdt_agreed": "yes"}),
    (2, {"severe_cardiopulmonary_disease": "yes", "asa_class": 3, "height_loss_progressing": "no", "height_loss_percent": 18}),
    (1, {"imaging_done": ["xray"], "marrow_oedema": None, "imaging_age_days": None}),
    (1, {"fracture_cause": "trauma", "age_years": 46, "trauma_energy": "low", "symptom_duration_weeks": 1,
         "conservative_weeks": 1, "ao_type": "A3", "of_type": None}),
    (1, {"height_loss_progressing": "no", "height_loss_percent": 22, "rdq_score": 12, "adl_impact": "moderate",
         "pain_trend": "stable", "of_type": "OF3"}),
    (1, {"fracture_cause": "metastasis", "mdt_agreed": "yes", "lesion_type": "mixed", "of_type": None,
         "height_loss_percent": 40, "sins_score": 9, "epidural_grade": "1a"}),
]


class PatientGenerator:
    def __init__(self, seed: int, text: ClinicalText | None = None):
        self.random = random.Random(seed)
        text = text or ClinicalText.load()
        self.items = {name: item for name, item in text.items.items() if name != "record_id"}
        self.states = sorted({state for states in text.states.values() for state in states})
        self.numbers = {name: self._candidates(item, text.literals.get(name, []))
                        for name, item in self.items.items() if item.kind == "number"}

    @staticmethod
    def _candidates(item: Item, literals: list[float]) -> tuple[list[float], list[float]]:
        """(numbers at and next to thresholds, ends of the range), all within the dictionary's limits."""
        steps = (0, -1, 1) if item.is_integer else (0, -0.01, 0.01, -1, 1)
        near = {round(literal + step, 2) for literal in literals for step in steps}
        near |= {0.0, 1.0}
        if item.name == "canal_compromise_percent":
            near.add(10.0)
        inside = sorted(number for number in near if item.minimum <= number <= item.maximum)
        if item.is_integer:
            inside = [int(number) for number in inside if number == int(number)]
        ends = [item.minimum, item.maximum]
        return inside, [int(end) for end in ends] if item.is_integer else ends

    def number(self, item: Item) -> float:
        near, ends = self.numbers[item.name]
        draw = self.random.random()
        if near and draw < 0.80:
            return self.random.choice(near)
        if draw < 0.87:
            return self.random.choice(ends)
        if item.is_integer:
            return self.random.randint(int(item.minimum), int(item.maximum))
        return round(self.random.uniform(item.minimum, item.maximum), 2)

    def entries(self, item: Item) -> list[str]:
        codes = [code for code in item.codes if code != "none"]
        if item.may_be_empty_list and self.random.random() < 0.35:
            return []
        if item.name == "fracture_levels" and self.random.random() < 0.85:
            codes = [code for code in codes if code[0] in "TL"]
            first = self.random.randrange(len(codes))
            size = self.random.choices([1, 2, 3, 4, 5, 7], [60, 20, 8, 5, 4, 3])[0]
            return codes[first:first + size]
        size = min(len(codes), self.random.choices([1, 2, 3, 4, 5], [40, 30, 18, 8, 4])[0])
        return self.random.sample(codes, size)

    def value(self, name: str):
        item = self.items[name]
        if item.kind == "number":
            return self.number(item)
        if name == "icd10_codes":
            return self.random.sample(ICD10_CODES, self.random.choice([1, 1, 2]))
        if name == "service_state":
            return self.random.choice(self.states)
        if item.kind == "list":
            return self.entries(item)
        return self.random.choice(item.codes)

    def recorded(self, name: str, share: float) -> bool:
        if name in ("service_state", "icd10_codes"):
            share *= 0.3
        return self.random.random() < share

    def scattered(self, lowest_share: float, highest_share: float) -> dict:
        share = self.random.uniform(lowest_share, highest_share)
        return {name: self.value(name) for name in self.items if self.recorded(name, share)}

    def mutated(self) -> dict:
        weights = [weight for weight, _ in VARIANTS]
        patient = SUITABLE | self.random.choices([difference for _, difference in VARIANTS], weights)[0]
        if self.random.random() < 0.12:
            patient["service_state"] = self.random.choice(self.states)
        if self.random.random() < 0.15:
            patient["icd10_codes"] = self.value("icd10_codes")
        changes = self.random.choices([0, 1, 2, 3, 4, 6, 10], [3, 17, 24, 22, 16, 11, 7])[0]
        for name in self.random.sample(sorted(self.items), changes):
            blank = self.random.random() < 0.35
            patient[name] = None if blank else self.value(name)
        if self.random.random() < 0.3:  # otherwise the derived number of levels would rarely be used
            patient["levels_planned"] = None
        return patient

    def patient(self) -> dict:
        stratum = self.random.random()
        if stratum < 0.25:
            found = self.scattered(0.02, 0.30)
        elif stratum < 0.50:
            found = self.scattered(0.60, 1.00)
        else:
            found = self.mutated()
        return {name: list(value) if isinstance(value, list) else value for name, value in found.items()}


def random_patients(n: int, seed: int, text: ClinicalText | None = None) -> list[dict]:
    generator = PatientGenerator(seed, text)
    return [generator.patient() for _ in range(n)]

"""Reads the clinical documents of tests/contract at run time and answers for patients what they say."""
from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .decision_lists import possible_results, settle
from .formulas import MET, NOT_MET, STATE_NAMES, BothWays, Notation, Reading
from .markdown_parts import DocumentError, code_block, section, statements, table
from .patient_table import DERIVED, PatientTable, expand_range, read_dictionary

CONTRACT = Path(__file__).resolve().parents[1] / "contract"
DEFINITION = re.compile(r"\s*@?\w+\s*:=")
VERDICTS = ["supports", "optional", "opposes", "not_applicable"]
VERDICT = "|".join(VERDICTS)
STATEMENT = re.compile(rf"\s*@?\w+\s*:=|(?:[KV]:)?\s*\d+\s+(?:[KV] )?(?:{VERDICT})\b")
DECISION_LINE = re.compile(rf"(?:([KV]): )?(\d+) ({VERDICT})(?: \([^()]*\))? ?: (.+)")
SPLIT_LINE = re.compile(rf"(\d+) V ({VERDICT}) \([^()]*\) ; K ({VERDICT}) \([^()]*\)")
PROCEDURE_NAMES = {"V": "vertebroplasty", "K": "kyphoplasty"}

# What must be there. More ids may be added to a table; none of these may disappear.
GATE_TRIGGERS = [
    ("emergency_referral", "E", 7), ("not_a_candidate", "S", 7), ("correct_first", "F", 12),
    ("spine_surgery_review", "R", 13), ("oncology_mdt", "O", 2), ("not_indicated", "N", 5), ("conservative_care", "K", 4),
]
PART_A = ["F1", "F2", "F3", "F4"]  # pathway.md section 1; its formula is checked against the document below
WARNING_IDS = [f"W{number}" for number in range(1, 38) if number != 24]
CONTRADICTION_IDS = [f"X{number}" for number in range(1, 25)]
AFTERCARE_IDS = [f"A{number}" for number in range(1, 14)]
SHARED_NAMES = [
    "@fragility_pattern", "@fragility_cause", "@unhealed", "@unstable", "@canal_compromise", "@infection", "@pregnancy",
    "@inr_outside", "@platelets_outside", "@fibrinogen_outside", "@labs_outside", "@antithrombotic_due",
    "@coagulopathy_uncorrected", "@nsm_insufficient", "@insufficient_relief", "@conservative_failed",
    "@indication_fragility", "@indication_tumour", "@indication_met", "@failed_sir_24h", "@failed_acr_6wk",
    "@trial_infection", "@trial_tumour",
]
ALWAYS_PACKS = 19
ALWAYS_TRIALS = 14


@dataclass
class Pack:
    """A decision list for one output column."""

    column: str
    definitions: dict
    branches: list[tuple[str, object]]
    selector_states: frozenset[str] = frozenset()


@dataclass
class Answers:
    pathway: list[str]
    possible_pathways: list[list[str]]
    triggered: list[list[str]]
    warnings: list[list[str]]
    contradictions: list[list[str]]
    aftercare: list[list[str]]
    procedure: list[str]
    verdicts: dict[str, list[str]]
    possible_verdicts: dict[str, list[list[str]]]
    of_score_points: list[int | None]
    shared: dict[str, list[str]]
    criteria: dict[str, list[str]]  # E1..K4, three-valued


# --- reading the documents ---------------------------------------------------------------------------------


def require(condition: bool, message: str) -> None:
    if not condition:
        raise DocumentError(message)


def require_ids(found: list[str], expected: list[str], where: str) -> None:
    require(len(set(found)) == len(found), f"{where}: an id is used twice in {found}")
    absent = [name for name in expected if name not in found]
    require(not absent, f"{where}: {absent} not found")


def read_sets(readme: str) -> dict[str, frozenset[str]]:
    sets: dict[str, frozenset[str]] = {}
    notation = section(readme, "## 4. Notation")
    for line in code_block(notation).splitlines():
        for name, text in re.findall(r"(\w+)\s*=\s*(.*?)(?=\s{2,}\w+\s*=|\s*$)", line):
            plus = re.fullmatch(r"(\w+) plus (\w+)", text)
            if plus:
                sets[name] = sets[plus[1]] | {plus[2]}
            else:
                parts = [part.strip() for part in text.strip("{}").split(",")]
                sets[name] = frozenset(code for part in parts for code in expand_range(part))
    require_ids(list(sets), ["OSTEO", "MALIGNANT", "TUMOUR", "SIGNS", "T1_L5", "T4_L5", "T5_L5", "T6_L5", "T1_T4",
                             "OUTSIDE", "NUCLEAR"], "README.md section 4")
    return sets


def read_milestones(readme: str) -> frozenset[str]:
    sentence = re.search(r"\*\*Milestones\.\*\* (.*?) describe a step", section(readme, "## 4. Notation"))
    require(sentence is not None, "README.md section 4: the sentence on milestones is not found")
    names = frozenset(re.findall(r"`(\w+)`", sentence[1]))
    require(len(names) == 3, f"README.md section 4: three milestones expected, not {sorted(names)}")
    return names


def read_criterion(cell: str, notation: Notation, tail_allowed: bool = False):
    """A table cell: a formula, an @name alone, or met when / clear when."""
    both = re.match(r"met when `([^`]+)`; clear when (?:\*\*[^*]+\*\*: )?`([^`]+)`", cell)
    one = re.match(r"`([^`]+)`", cell) or re.match(r"(@\w+)", cell)
    match = both or one
    require(match is not None, f"no formula in the cell: {cell}")
    tail = cell[match.end():].strip()
    require(tail_allowed or not tail, f"words after the formula that nothing reads: {tail}")
    require("clear when" not in tail and "met when" not in tail, f"a second condition is not read: {cell}")
    if both:
        return BothWays(notation.parse(both[1]), notation.parse(both[2]))
    return notation.parse(one[1])


def read_definition(statement: str, notation: Notation) -> tuple[str, object]:
    name, text = (part.strip() for part in statement.split(":=", 1))
    both = re.fullmatch(r"met when (.+) clear when (.+)", text)
    if both:
        return name, BothWays(notation.parse(both[1]), notation.parse(both[2]))
    if text == "none read":  # trials.md: no exclusion was read, so nobody is barred
        text = "NOT(always)"
    return name, notation.parse(text)


def read_definitions(block: str, notation: Notation) -> dict:
    return dict(read_definition(statement, notation) for statement in statements(block, DEFINITION))


def read_shared(pathway: str, trials: str, notation: Notation) -> dict:
    shared: dict = {}

    def add(name: str, criterion) -> None:
        require(name not in shared, f"{name} is defined twice")
        shared[name] = criterion

    two = section(pathway, "## 2. Shared criteria")
    eight = section(pathway, "## 8. When has conservative")
    for name, definition in table(two, "Criterion", "Definition"):
        if definition == "project default, section 8":
            for default, formula in read_definitions(code_block(eight), notation).items():
                require(default == name, f"section 8 defines {default}, not {name}")
                add(default, formula)
        else:
            add(re.match(r"@\w+", name)[0], read_criterion(definition, notation, tail_allowed=True))
    for name, formula in read_definitions(code_block(two), notation).items():
        add(name, formula)
    for variant, rule, *_ in table(eight, "Variant, used by", "Rule"):
        if variant.startswith("@"):
            add(re.match(r"@\w+", variant)[0], read_criterion(rule, notation, tail_allowed=True))
    for name, definition in table(section(trials, "## 1. Rules"), "Criterion", "Definition"):
        add(name, read_criterion(definition, notation))
    require_ids(list(shared), SHARED_NAMES, "shared criteria")
    return shared


def read_gates(pathway: str, notation: Notation) -> dict[str, dict[str, object]]:
    gates_text = section(pathway, "## 4. Gates")
    gates = {}
    for number, (code, letter, last) in enumerate(GATE_TRIGGERS, start=1):
        rows = table(section(gates_text, f"### Gate {number} `{code}`"), "Id", "Met when")
        triggers = {row[0]: read_criterion(row[1], notation) for row in rows}
        require(all(re.fullmatch(rf"{letter}\d+", name) for name in triggers), f"gate {number}: {list(triggers)}")
        require(len(triggers) == len(rows), f"gate {number}: an id is used twice")
        require_ids(list(triggers), [f"{letter}{index}" for index in range(1, last + 1)], f"gate {number}")
        gates[code] = triggers
    require("Met when every trigger of gates 1 to 7, part B of gate 3 included, is clear."
            in section(gates_text, "### Gate 8 `augmentation`"), "gate 8: its sentence has changed")
    require("Gate 3 := `ANY(F1, F2, F3, F4, ALL(NOT(ANY(gates 4 to 7)), ANY(F5 to F12)))`" in gates_text,
            "gate 3: the formula of its two parts has changed")
    return gates


def read_warnings(pathway: str, notation: Notation) -> tuple[dict, set[str]]:
    """Conditions, and the ids that count only while part B of gate 3 is set aside (a gate of 4 to 7 is met)."""
    warnings, set_aside = {}, set()
    for name, cell, *_ in table(section(pathway, "## 5. Warnings"), "Id", "Condition"):
        suffix = " when part B of gate 3 is set aside"
        if cell.endswith(suffix):
            set_aside.add(name)
            cell = cell.removesuffix(suffix)
        require(name not in warnings, f"{name} is defined twice")
        warnings[name] = read_criterion(cell, notation)
    require_ids(list(warnings), WARNING_IDS, "pathway.md section 5")
    require(set_aside == {"W29"}, f"warnings of a part B set aside: {set_aside}")
    return warnings, set_aside


def read_states(guidelines: str) -> dict[str, frozenset[str]]:
    """LCD number -> states of service; 'WPS' additionally names the states of that contractor."""
    states = {}
    for row in table(section(guidelines, "## 4. State, contractor, policy"), "LCD", "Contractor", "States"):
        states[row[0]] = frozenset(re.findall(r"\b[A-Z]{2}\b", row[2]))
        if row[1].startswith("WPS"):
            states["WPS"] = states[row[0]]
    require_ids(list(states), ["L34106", "L34228", "L33569", "L35130", "L34976", "L38201", "L38737", "L38213", "WPS"],
                "guidelines.md section 4")
    return states


def read_pack(identifier: str, text: str, notation: Notation, selector_states: frozenset[str]) -> list[Pack]:
    definitions: dict = {}
    branches: dict[str, list] = {}  # '' = both procedures alike
    procedure, split = "", False
    for statement in statements(code_block(text), STATEMENT):
        if DEFINITION.match(statement):
            name, formula = read_definition(statement, notation)
            require(name not in definitions, f"{identifier}: {name} is defined twice")
            definitions[name] = formula
            continue
        line, both = DECISION_LINE.fullmatch(statement), SPLIT_LINE.fullmatch(statement)
        require(line is not None or both is not None, f"{identifier}: the line cannot be read: {statement}")
        if both:
            common = branches.pop("")
            require(int(both[1]) == len(common) + 1, f"{identifier}: branch numbers")
            branches = {"V": [*common, (both[2], notation.parse("always"))],
                        "K": [*common, (both[3], notation.parse("always"))]}
            split = True
            continue
        require(not split, f"{identifier}: a line follows the split line")
        procedure = line[1] or procedure
        mine = branches.setdefault(procedure, [])
        require(int(line[2]) == len(mine) + 1, f"{identifier}: branch numbers at: {statement}")
        mine.append((line[3], notation.parse(line[4])))
    require(set(branches) in ({""}, {"K", "V"}), f"{identifier}: procedures {set(branches)}")
    packs = []
    for letter in ("", "V", "K"):
        if letter in branches:
            require(branches[letter][-1][1].text in ("otherwise", "always"), f"{identifier}: no last branch")
            column = f"{identifier}_{PROCEDURE_NAMES[letter]}" if letter else identifier
            packs.append(Pack(column, definitions, branches[letter], selector_states))
    return packs


def read_selectors(guidelines: str, states: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """States of service in which a Medicare pack is not applicable before all its lines."""
    osteoporotic = section(guidelines, "### `medicare_l34106`")
    malignant = section(guidelines, "### `medicare_malignant`")
    require("A WPS state: `not_applicable` before all other lines" in osteoporotic, "medicare_l34106: selector")
    sentence = re.search(r"Selector: states of ([L0-9, and]+) give `not_applicable`", malignant)
    require(sentence is not None, "medicare_malignant: selector")
    policies = re.findall(r"L\d{5}", sentence[1])
    require(len(policies) == 3, f"medicare_malignant: policies {policies}")
    return {"medicare_l34106": states["WPS"],
            "medicare_malignant": frozenset().union(*(states[policy] for policy in policies))}


def read_guidelines(guidelines: str, notation: Notation) -> list[Pack]:
    listed = [row[0].strip("`") for row in table(guidelines.split("\n## ")[0], "Pack", "Question")]
    require(len(listed) >= ALWAYS_PACKS, f"guidelines.md: only {len(listed)} packs listed")
    selectors = read_selectors(guidelines, read_states(guidelines))
    body = section(guidelines, "## 1. Coverage") + "\n" + section(guidelines, "## 2. Clinical")
    headed = re.findall(r"^### `(\w+)`", body, flags=re.M)
    require(headed == listed, f"guidelines.md: packs with text {headed} are not the packs listed {listed}")
    return [pack for name in listed
            for pack in read_pack(name, section(body, f"### `{name}`"), notation, selectors.get(name, frozenset()))]


def read_trials(trials: str, notation: Notation) -> list[Pack]:
    rules = section(trials, "## 1. Rules")
    require("Decision list: `opposes` if `barred` or `NOT(entry)`; otherwise the \"best verdict\" of the pack." in rules,
            "trials.md section 1: the decision list has changed")
    packs = []
    text = section(trials, "## 2. Packs")
    for row in table(rules, "Pack", "Year"):
        name, best = row[0].strip("`"), row[4].strip("`")
        require(best in VERDICTS, f"{name}: best verdict {best}")
        definitions = read_definitions(code_block(section(text, f"### `{name}`")), notation)
        require(set(definitions) == {"entry", "barred"}, f"{name}: {set(definitions)}")
        packs.append(Pack(f"trial_{name}", definitions, [
            ("opposes", notation.parse("ANY(barred, NOT(entry))")), (best, notation.parse("always"))]))
    require(len(packs) >= ALWAYS_TRIALS, f"trials.md: only {len(packs)} packs")
    return packs


# --- HAND-CODED: the parts of the documents that are prose or a table of points ------------------------------
# Each one is tied to the exact words it was coded from, so that a changed sentence stops the test.

PROSE_CONTRADICTIONS = {
    "X6": "`levels_planned` differs from the number of entries in `fracture_levels`",
    "X17": "`marrow_oedema` recorded while `none_in(imaging_done, {mri})`, or `bone_scan_uptake` recorded while "
           "`none_in(imaging_done, NUCLEAR)`",
    "X19": "Codes against cause: an M80 code with a tumour cause, or a C code with a cause in OSTEO (`icd10_codes`)",
}
DERIVED_CONTRADICTIONS = {
    "X7": "`conservative_longer_than_symptoms = yes` (derived: both recorded and `conservative_weeks` greater than "
          "`symptom_duration_weeks`)",
    "X23": "`imaging_predates_pain = yes` (derived: both recorded and `imaging_age_days` greater than 7 x "
           "`symptom_duration_weeks`)",
}


def prose_contradictions(patients: PatientTable, notation: Notation) -> dict[str, np.ndarray]:
    """HAND-CODED from prose: X6, X17 and X19, true where recorded values show them."""
    shows = Reading(patients, {})
    no_mri = notation.parse("none_in(imaging_done, {mri})")(shows) == MET
    no_nuclear = notation.parse("none_in(imaging_done, NUCLEAR)")(shows) == MET
    codes = patients.lists["icd10_codes"]

    def has_code(prefix: str) -> np.ndarray:
        return np.array([any(code.upper().startswith(prefix) for code in row or ()) for row in codes], dtype=bool)

    cause = patients.categories["fracture_cause"]
    planned, counted = patients.recorded_levels_planned, patients.level_count
    return {
        "X6": ~np.isnan(planned) & ~np.isnan(counted) & (planned != counted),
        "X17": ((patients.categories["marrow_oedema"] != "") & no_mri)
               | ((patients.categories["bone_scan_uptake"] != "") & no_nuclear),
        "X19": (has_code("M80") & np.isin(cause, sorted(notation.sets["TUMOUR"])))
               | (has_code("C") & np.isin(cause, sorted(notation.sets["OSTEO"]))),
    }


OF_SCORE_ROWS = [
    ["Morphology", "`of_type` OF1, OF2, OF3, OF4, OF5", "2, 4, 6, 8, 10"],
    ["Bone quality", "`ANY(t_score < -3, qct_hu <= 90)`", "+1, else 0"],
    ["Deformity progression", "`height_loss_progressing` yes / no", "+1 / -1"],
    ["Pain on analgesia (WHO step 2)", "`pain_nrs >= 5` / `pain_nrs < 5`", "+1 / -1"],
    ["Neurology (N2 to N4)", "`neurological_status in SIGNS`", "+2, else 0"],
    ["Mobilisation on analgesia", "`mobilises_on_analgesia` no / yes", "+1 / -1"],
    ["Health status", "`asa_class > 3`; `anticoagulant != none`; frailty index mFI-5 above 2", "-1 each, not below -2"],
]


def of_score(patients: PatientTable, notation: Notation) -> np.ndarray:
    """HAND-CODED from scores.md section 5: nan while of_type is blank, other blanks give 0 points."""
    shows = Reading(patients, {})

    def points(formula: str, number: int) -> np.ndarray:
        return np.where(notation.parse(formula)(shows) == MET, number, 0).astype(float)

    total = np.full(patients.size, np.nan)
    for of_type, number in (("OF1", 2), ("OF2", 4), ("OF3", 6), ("OF4", 8), ("OF5", 10)):
        total[patients.categories["of_type"] == of_type] = number
    total += points("ANY(t_score < -3, qct_hu <= 90)", 1)
    total += points("height_loss_progressing = yes", 1) + points("height_loss_progressing = no", -1)
    total += points("pain_nrs >= 5", 1) + points("pain_nrs < 5", -1)
    total += points("neurological_status in SIGNS", 2)
    total += points("mobilises_on_analgesia = no", 1) + points("mobilises_on_analgesia = yes", -1)
    health = points("asa_class > 3", -1) + points("anticoagulant != none", -1)  # mFI-5 has no item: 0 points
    return total + np.maximum(health, -2)


PROCEDURE_LINES = [
    "kyphoplasty if favours_kyphoplasty and not favours_vertebroplasty",
    "vertebroplasty if favours_vertebroplasty and not favours_kyphoplasty",
    "either otherwise",
]


def preferred_procedure(favours_kyphoplasty: np.ndarray, favours_vertebroplasty: np.ndarray) -> np.ndarray:
    """HAND-CODED from pathway.md section 7: blank items favour nothing."""
    kyphoplasty, vertebroplasty = favours_kyphoplasty == MET, favours_vertebroplasty == MET
    return np.where(kyphoplasty & ~vertebroplasty, "kyphoplasty",
                    np.where(vertebroplasty & ~kyphoplasty, "vertebroplasty", "either"))

# --- end of the hand-coded parts ------------------------------------------------------------------------------


def read_favours(pathway: str, notation: Notation) -> dict:
    lines = code_block(section(pathway, "## 7. Kyphoplasty")).splitlines()
    first = next((index for index, line in enumerate(lines) if re.match(r"kyphoplasty\s+if ", line)), None)
    require(first is not None, "pathway.md section 7: the choice is not found")
    require([" ".join(line.split()) for line in lines[first:]] == PROCEDURE_LINES,
            "pathway.md section 7: the choice has changed")
    favours = read_definitions("\n".join(lines[:first]), notation)
    require(set(favours) == {"favours_kyphoplasty", "favours_vertebroplasty"}, f"section 7 defines {set(favours)}")
    return favours


def read_contradictions(pathway: str, notation: Notation) -> dict[str, object]:
    """Formulas in document order; None marks one that is coded by hand."""
    found: dict[str, object] = {}
    for name, cell in table(section(pathway, "## 6. Contradictory entries"), "Id", "Contradiction"):
        require(name not in found, f"{name} is defined twice")
        if name in PROSE_CONTRADICTIONS:
            require(cell == PROSE_CONTRADICTIONS[name], f"{name} is coded by hand and its words have changed: {cell}")
            found[name] = None
            continue
        if name in DERIVED_CONTRADICTIONS:
            require(cell == DERIVED_CONTRADICTIONS[name], f"{name}: the derivation has changed: {cell}")
        found[name] = read_criterion(cell, notation, tail_allowed=True)
    require_ids(list(found), CONTRADICTION_IDS, "pathway.md section 6")
    return found


class ClinicalText:
    """Everything the documents define, parsed and checked for names that lead nowhere."""

    def __init__(self, folder: Path):
        documents = {name: (folder / f"{name}.md").read_text(encoding="utf-8")
                     for name in ("README", "pathway", "guidelines", "scores", "trials", "aftercare")}
        self.items = read_dictionary(folder / "data_dictionary.csv")
        self.notation = Notation(self.items | DERIVED, read_sets(documents["README"]))
        self.milestones = read_milestones(documents["README"])
        pathway = documents["pathway"]
        self.shared = read_shared(pathway, documents["trials"], self.notation)
        self.gates = read_gates(pathway, self.notation)
        self.warnings, self.set_aside_warnings = read_warnings(pathway, self.notation)
        self.contradictions = read_contradictions(pathway, self.notation)
        self.favours = read_favours(pathway, self.notation)
        self.packs = read_guidelines(documents["guidelines"], self.notation)
        self.trials = read_trials(documents["trials"], self.notation)
        self.states = read_states(documents["guidelines"])
        points = table(section(documents["scores"], "## 5. OF score"), "Parameter", "Rule", "Points")
        require(points == OF_SCORE_ROWS, "scores.md section 5: the points are coded by hand and have changed")
        self.aftercare = {row[0]: read_criterion(row[1], self.notation)
                          for row in table(section(documents["aftercare"], "## 1. Messages"), "Id", "When")}
        require_ids(list(self.aftercare), AFTERCARE_IDS, "aftercare.md section 1")
        with (folder / "outcomes.csv").open(encoding="utf-8", newline="") as file:
            ranked = sorted((int(row["rank"]), row["code"]) for row in csv.DictReader(file) if row["kind"] == "pathway")
        self.pathway_codes = [code for _, code in ranked if code != "more_information"]
        require(self.pathway_codes == [*self.gates, "augmentation"], f"outcomes.csv: {self.pathway_codes}")
        require(PART_A == list(self.gates["correct_first"])[:len(PART_A)], "gate 3: part A does not come first")
        self._check_references()

    @classmethod
    def load(cls, folder: Path | None = None) -> ClinicalText:
        return cls(folder or CONTRACT)

    @property
    def literals(self) -> dict[str, list[float]]:
        """Every number that a formula compares an item with."""
        return {item: sorted(numbers) for item, numbers in self.notation.literals.items()}

    def _check_references(self) -> None:
        plain = [*self.shared.values(), *self.warnings.values(), *self.favours.values(), *self.aftercare.values(),
                 *(formula for formula in self.contradictions.values() if formula is not None),
                 *(formula for triggers in self.gates.values() for formula in triggers.values())]
        scopes = [("pathway", {}, plain)]
        for pack in self.packs + self.trials:
            formulas = [*pack.definitions.values(), *(formula for _, formula in pack.branches)]
            scopes.append((pack.column, pack.definitions, formulas))
        for where, local, formulas in scopes:
            for formula in formulas:
                lost = formula.references - set(local) - set(self.shared)
                require(not lost, f"{where}: {sorted(lost)} is not defined")

    def evaluate(self, patients: list[dict]) -> Answers:
        if not patients:
            raise ValueError("no patients to evaluate")
        rows = PatientTable(patients, self.items)
        points = of_score(rows, self.notation)
        rows.numbers["score"] = points
        careful = Reading(rows, self.shared, self.milestones)
        ordinary = Reading(rows, self.shared)

        triggers = {name: formula(careful) for gate in self.gates.values() for name, formula in gate.items()}
        branches = self._pathway_branches(triggers)
        possible = possible_results(branches, self.pathway_codes)
        pathway = settle(possible, "more_information")
        later_gates = np.maximum.reduce([state for code, state in branches
                                         if code in list(self.gates)[3:7]])
        warnings = {}
        for name, formula in self.warnings.items():
            state = formula(careful)
            warnings[name] = np.minimum(state, later_gates) if name in self.set_aside_warnings else state
        verdicts, possible_verdicts = {}, {}
        for pack in self.packs + self.trials:
            possible_verdicts[pack.column] = self._possible_verdicts(pack, ordinary)
            verdicts[pack.column] = settle(possible_verdicts[pack.column], "undecided")
        return Answers(
            pathway=pathway,
            possible_pathways=possible,
            triggered=_names_met(triggers, rows.size),
            warnings=_names_met(warnings, rows.size),
            contradictions=_names_met(self._contradictions(rows, ordinary), rows.size),
            aftercare=_names_met({name: formula(careful) for name, formula in self.aftercare.items()}, rows.size),
            procedure=self._procedure(pathway, triggers, careful),
            verdicts=verdicts,
            possible_verdicts=possible_verdicts,
            of_score_points=[None if np.isnan(value) else int(value) for value in points],
            shared={name: STATE_NAMES[formula(careful)].tolist() for name, formula in self.shared.items()},
            criteria={name: STATE_NAMES[state].tolist() for name, state in triggers.items()},
        )

    def _pathway_branches(self, triggers: dict[str, np.ndarray]) -> list[tuple[str, np.ndarray]]:
        """semantics.md section 4: gates 1, 2, 3A, 4, 5, 6, 7, 3B, then augmentation as otherwise."""
        branches, part_b = [], None
        for code, gate in self.gates.items():
            names = list(gate)
            if code == "correct_first":
                part_b = (code, np.maximum.reduce([triggers[name] for name in names if name not in PART_A]))
                names = PART_A
            branches.append((code, np.maximum.reduce([triggers[name] for name in names])))
        branches.append(part_b)
        branches.append(("augmentation", np.full_like(part_b[1], MET)))
        return branches

    def _possible_verdicts(self, pack: Pack, ordinary: Reading) -> list[list[str]]:
        reading = ordinary.inside(pack.definitions)
        branches = [(verdict, formula(reading)) for verdict, formula in pack.branches]
        if pack.selector_states:
            state = np.char.upper(reading.table.categories["service_state"])
            elsewhere = np.isin(state, sorted(pack.selector_states))  # a blank state selects nothing
            branches.insert(0, ("not_applicable", np.where(elsewhere, MET, NOT_MET)))
        return possible_results(branches, VERDICTS)

    def _contradictions(self, rows: PatientTable, ordinary: Reading) -> dict[str, np.ndarray]:
        prose = prose_contradictions(rows, self.notation)
        return {name: np.where(prose[name], MET, NOT_MET) if formula is None else formula(ordinary)
                for name, formula in self.contradictions.items()}

    def _procedure(self, pathway: list[str], triggers: dict[str, np.ndarray], careful: Reading) -> list[str]:
        preferred = preferred_procedure(*(self.favours[name](careful)
                                          for name in ("favours_kyphoplasty", "favours_vertebroplasty")))
        part_a_met = np.maximum.reduce([triggers[name] for name in PART_A]) == MET
        return [str(preferred[row]) if code == "augmentation" or (code == "correct_first" and not part_a_met[row]) else ""
                for row, code in enumerate(pathway)]


def _names_met(states: dict[str, np.ndarray], size: int) -> list[list[str]]:
    met = [(name, state == MET) for name, state in states.items()]
    return [[name for name, column in met if column[row]] for row in range(size)]

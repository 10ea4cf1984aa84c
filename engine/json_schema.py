"""JSON Schemas of the knowledge files, for editors: completion of items, codes and comparisons while a rule is written.

Made from the models of `engine/schema.py` and from the vocabulary; `python -m engine schema` writes them to `rules/schema/`. Loading
does not use them. Our loader reads every scalar as text while editors read typed YAML, so `yes` may be a boolean or a text, and a
number may be a number or a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine import accepted_findings, case_reading, schema
from engine.condition_reader import LIST_COMPARISONS, NUMBER_COMPARISONS
from engine.ruleset import MORE_INFORMATION, RuleSet
from engine.truth import Truth
from engine.vocabulary import Derived, Item
from engine.yaml_files import read_yaml

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONDITION_FILE = "condition.json"
NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
NUMBER_TEXT = r"^[+-]?[0-9]+(\.[0-9]+)?$"
FORMS = {
    "pack": schema.PackFile, "criteria": schema.CriteriaFile, "gate": schema.GateFile, "procedure_choice": schema.ProcedureChoiceFile,
    "vocabulary": schema.VocabularyFile, "sets": schema.SetsFile, "thresholds": schema.ThresholdsFile, "points_table": schema.PointsTableFile,
    "cases": case_reading.CasesFile, "patients": case_reading.PatientsFile,
    "accepted_findings": accepted_findings.AcceptedFindingsFile,
}
"""The schema `NAME.json` describes files of this form."""
DIRECTORY = "schema"
JsonSchema = dict[str, object]


def form_of(path: Path) -> str | None:
    """The schema for a file under a rules directory, by its path relative to it; None for texts and reference tables."""
    folder, name = path.parts[0] if len(path.parts) > 1 else "", path.name
    if name.endswith(".cases.yaml"):
        return "cases"
    if name in ("shared_criteria.yaml", "trial_criteria.yaml", "warnings.yaml", "contradictions.yaml"):
        return "criteria"
    if name.startswith("gate_"):
        return "gate"
    if folder in ("guidelines", "trials"):
        return "pack"
    return "points_table" if folder == "scores" else path.stem if path.stem in FORMS else None


def schemas(rules: RuleSet) -> dict[str, JsonSchema]:
    """Every schema by file name; conditions stand in one that the others refer to."""
    return {CONDITION_FILE: _condition(rules), **{f"{name}.json": _of_form(name, rules) for name in FORMS}}


def schema_texts(rules: RuleSet) -> dict[str, str]:
    """The files of `rules/schema/` by file name."""
    return {name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in schemas(rules).items()}


def write_schemas(rules: RuleSet, directory: Path | None = None) -> list[Path]:
    """Writes them beside the rules (or to `directory`) and returns what was written."""
    target = directory or Path(rules.directory) / DIRECTORY
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schema_texts(rules).items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
        written.append(target / name)
    return written


def _of_form(name: str, rules: RuleSet) -> JsonSchema:
    made = {"$schema": DIALECT, **_for_editors(FORMS[name].model_json_schema())}
    if name in ("cases", "patients"):
        made["$defs"] = {**made.get("$defs", {}), "patient": _patient(rules)}
        _describe_cases(made, rules)
    return made


def _for_editors(part: object) -> object:
    """The schema of a model with conditions described elsewhere and scalars as editors read them."""
    if isinstance(part, list):
        return [_for_editors(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    if part.get("x-condition"):
        return {"$ref": CONDITION_FILE}
    inner = {key: _for_editors(value) for key, value in part.items()}
    match part.get("type"):
        case "string":
            return {**inner, "type": ["string", "number", "boolean"]}
        case "number" | "integer" as kind:
            return {**inner, "type": [kind, "string"], "pattern": NUMBER_TEXT}
        case "boolean":
            return {key: value for key, value in inner.items() if key != "type"} | {"enum": _spelled(("yes", "no"))}
    return inner


# Conditions


def _condition(rules: RuleSet) -> JsonSchema:
    """One key, or `at_least` with `of`."""
    part = {"$ref": "#"}
    several = {"type": "array", "items": part, "minItems": 1}
    milestones = [item.name for item in rules.vocabulary if item.milestone]
    properties: JsonSchema = {
        "all": {**several, "description": "Met when every part is met."},
        "any": {**several, "description": "Met when a part is met."},
        "not": {**part, "description": "Swaps met and not met; unknown stays unknown."},
        "at_least": {"type": ["integer", "string"], "pattern": "^[0-9]+$", "description": "So many parts of 'of' are met."},
        "of": several,
        "criterion": {"type": "string", "pattern": r"^[a-z0-9_]+(\.[a-z0-9_]+)+$", "description": "The state of another criterion, by id."},
        "milestone_reached": {"enum": milestones, "description": "Pathway only: recorded as yes; a blank reads as not yet."},
        "always": {"enum": [True, "yes", "true"]},
    }
    properties |= {table.id: {**_number_comparison(), "description": table.name} for table in rules.points_tables.values()}
    properties |= {
        name: _item_comparison(item, rules)
        for name, item in {**rules.vocabulary.items, **rules.vocabulary.derived}.items()
        if item.type != "text_list"
    }
    return {
        "$schema": DIALECT, "title": "Condition", "type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1,
        "if": {"required": ["of"]},
        "then": {"required": ["at_least"], "maxProperties": 2},
        "else": {"maxProperties": 1, "not": {"required": ["at_least"]}},
    }


def _item_comparison(item: Item | Derived, rules: RuleSet) -> JsonSchema:
    described = {"description": getattr(item, "question", item.label)}
    if item.type in ("number", "integer"):
        return {**_number_comparison(), **described}
    codes = item.codes or tuple(item.code_labels)
    some = _some_codes(codes, rules)
    if item.type == "category_list":
        comparisons = {name: {"enum": _spelled(codes)} if name == "includes" else some for name in LIST_COMPARISONS}
        return {**_one_of(comparisons), **described}
    return {"anyOf": [{"enum": _spelled(codes)}, _one_of({"one_of": some})], **described}


def _number_comparison() -> JsonSchema:
    named = {**NAME, "description": "The name of a threshold of this item; a number is never written here."}
    return _one_of({**{name: named for name in NUMBER_COMPARISONS}, "between": {"type": "array", "items": named, "minItems": 2, "maxItems": 2}})


def _one_of(comparisons: Mapping[str, object]) -> JsonSchema:
    return {"type": "object", "properties": dict(comparisons), "additionalProperties": False, "minProperties": 1, "maxProperties": 1}


def _some_codes(codes: Iterable[str], rules: RuleSet) -> JsonSchema:
    """A list of codes, or the name of a set that holds only such codes."""
    listed = {"type": "array", "items": {"enum": _spelled(codes)}, "minItems": 1}
    sets = [name for name, members in _sets(rules).items() if set(members) <= set(codes)]
    return {"anyOf": [{"enum": sets}, listed]} if sets else listed


def _sets(rules: RuleSet) -> Mapping[str, list[str]]:
    return read_yaml(Path(rules.directory) / "sets.yaml")["sets"]


def _spelled(codes: Iterable[str]) -> list[object]:
    """Each code as text and, where typed YAML reads it as something else, as that."""
    spelled: list[object] = []
    for code in codes:
        spelled.append(code)
        if code in ("yes", "no"):
            spelled.append(code == "yes")
        elif code.isdigit():
            spelled.append(int(code))
    return spelled


# Cases


def _patient(rules: RuleSet) -> JsonSchema:
    return {"type": "object", "properties": {item.name: _value(item) for item in rules.vocabulary}, "additionalProperties": False}


def _value(item: Item) -> JsonSchema:
    """A recorded value, or null, which blanks the item of a named patient."""
    described = {"description": item.question}
    blank = {"enum": [None, *case_reading.BLANKS]}
    if item.is_number:
        ends = {key: end for key, end in (("minimum", item.minimum), ("maximum", item.maximum)) if end is not None}
        return {"anyOf": [{"type": "number", **ends}, {"type": "string", "pattern": NUMBER_TEXT}, blank], **described}
    one = {"type": "string"} if item.type in ("text", "text_list") else {"enum": _spelled(item.codes)}
    return {"anyOf": [{"type": "array", "items": one} if item.is_list else one, blank], **described}


def _describe_cases(made: JsonSchema, rules: RuleSet) -> None:
    """Patients by their items, and answers by their codes."""
    patient = {"$ref": "#/$defs/patient"}
    if "patients" in made["properties"]:
        made["properties"]["patients"]["additionalProperties"] = patient
        return
    made["$defs"]["CaseForm"]["properties"]["patient"] = patient
    expected = made["$defs"]["ExpectationForm"]["properties"]
    pathways, items = list(rules.pathway.outcomes), list(rules.vocabulary.names)
    codes = {what: [rules.criteria[id].code or id for id in ids] for what, ids in
             (("triggered", rules.triggers), ("warnings", rules.warnings), ("contradictions", rules.contradictions))}
    verdicts = sorted(
        {
            outcome
            for pack in rules.packs.values()
            for verdicts in pack.verdicts
            for outcome in (*verdicts.decision.outcomes, verdicts.decision.unsettled)
        }
    )
    expected["pathway"] = {"enum": [*pathways, MORE_INFORMATION]}
    expected["next_item"] = {"enum": [*items, None, *case_reading.BLANKS]}
    for what, known in {**codes, "possible_pathways": pathways, "missing_items": items}.items():
        expected[what] = {"type": "array", "items": {"enum": known}}
    expected["criteria"] = {"type": "object", "additionalProperties": {"enum": [state.value for state in Truth]}}
    expected["verdicts"] = {"type": "object", "additionalProperties": {"enum": verdicts}}

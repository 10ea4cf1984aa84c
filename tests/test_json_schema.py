"""The JSON Schemas for editors are in step with the models, fit every shipped file, and refuse what the loader refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine.json_schema import FORMS, form_of, schema_texts, schemas, write_schemas
from engine.loading import load_rules
from engine.rule_files import SHIPPED_RULES, knowledge_files
from engine.yaml_files import read_yaml

RULES = load_rules()
SCHEMAS = schemas(RULES)
REGISTRY = Registry().with_resources((name, Resource.from_contents(content)) for name, content in SCHEMAS.items())
VALIDATORS = {name: Draft202012Validator(content, registry=REGISTRY) for name, content in SCHEMAS.items()}
FILES = {path.relative_to(SHIPPED_RULES).as_posix(): form_of(path.relative_to(SHIPPED_RULES)) for path in sorted(SHIPPED_RULES.rglob("*.yaml"))}
DESCRIBED = {name: form for name, form in FILES.items() if form is not None}
PACK, GATE, CASES = "guidelines/aaos_2010.yaml", "pathway/gate_2_not_a_candidate.yaml", "guidelines/aaos_2010.cases.yaml"


def as_text(name: str) -> object:
    """As our loader reads it: every scalar is a text."""
    return read_yaml(SHIPPED_RULES / name)


def as_typed(name: str) -> object:
    """As an editor with typed YAML reads it: yes is true, 18 is a number; keys stay as they are written."""
    return typed(yaml.compose((SHIPPED_RULES / name).read_text(encoding="utf-8"), Loader=yaml.SafeLoader))


def typed(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: typed(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [typed(entry) for entry in node.value]
    return yaml.SafeLoader("").construct_object(node)


def problems(form: str, content: object) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in VALIDATORS[f"{form}.json"].iter_errors(content)]


def test_the_written_schemas_are_in_step_with_the_models():
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in (SHIPPED_RULES / "schema").iterdir()}
    assert on_disk == schema_texts(RULES), "run 'python -m engine schema'"


def test_writing_them_again_gives_the_same_files(tmp_path):
    written = write_schemas(RULES, tmp_path / "schema")
    assert {path.name: path.read_text(encoding="utf-8") for path in written} == schema_texts(RULES)


def test_the_loader_does_not_read_the_schemas():
    assert not any(path.is_relative_to(SHIPPED_RULES / "schema") for path in knowledge_files(SHIPPED_RULES))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_valid_schema_without_unresolved_conditions(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert "x-condition" not in schema_texts(RULES)[name]


def test_every_schema_describes_a_shipped_file():
    assert set(FORMS) == set(DESCRIBED.values())


def test_every_file_is_described_but_texts_and_reference_tables():
    assert {name.partition("/")[0] for name, form in FILES.items() if form is None} == {"texts", "reference"}
    assert len(DESCRIBED) > 80


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_shipped_file_fits_its_schema_as_text_and_as_typed_yaml(name):
    assert problems(DESCRIBED[name], as_text(name)) == []
    assert problems(DESCRIBED[name], as_typed(name)) == []


def condition_of(content: dict) -> dict:
    return content["criteria"][0]


def in_condition(condition: object) -> Callable[[dict], None]:
    return lambda content: condition_of(content).__setitem__("when", condition)


MISTAKES = {
    "a misspelt key of a pack": (PACK, lambda pack: pack.__setitem__("jurisdicton", "United States")),
    "a misspelt key of a criterion": (PACK, lambda pack: condition_of(pack).__setitem__("says_knot", "No")),
    "a misspelt key of a gate": (GATE, lambda gate: gate.__setitem__("brunches", [])),
    "a misspelt key of a case": (CASES, lambda cases: cases["cases"][0].__setitem__("expects", {})),
    "a misspelt expectation": (CASES, lambda cases: cases["cases"][0]["expect"].__setitem__("verdict", {})),
    "an unknown verdict": (PACK, lambda pack: pack["verdicts"][0]["branches"][0].__setitem__("verdict", "favours")),
    "an unknown provenance": (PACK, lambda pack: condition_of(pack).__setitem__("provenance", "hearsay")),
    "no sources": (PACK, lambda pack: condition_of(pack).__setitem__("sources", [])),
    "a threshold without a source": (PACK, lambda pack: pack["thresholds"]["adult_from_age"].pop("sources")),
    "an unknown item": (PACK, in_condition({"age_yaers": {"below": "adult_from_age"}})),
    "an unknown code": (PACK, in_condition({"neurological_status": "intakt"})),
    "an unknown code in a list": (PACK, in_condition({"imaging_done": {"includes_any": ["mri", "pet"]}})),
    "an unknown set": (PACK, in_condition({"fracture_cause": {"one_of": "benign_causes"}})),
    "a set of another item": (PACK, in_condition({"fracture_cause": {"one_of": "nuclear_studies"}})),
    "a number in a condition": (PACK, in_condition({"age_years": {"below": 18}})),
    "a number in a condition, as text": (PACK, in_condition({"age_years": {"below": "18"}})),
    "a comparison that numbers do not have": (PACK, in_condition({"age_years": {"includes": "adult_from_age"}})),
    "a code where a number is compared": (PACK, in_condition({"age_years": "young"})),
    "two keys in one condition": (PACK, in_condition({"pain_from_fracture": "no", "hospitalised": "no"})),
    "at_least without of": (PACK, in_condition({"at_least": 2})),
    "of without at_least": (PACK, in_condition({"of": [{"hospitalised": "no"}]})),
    "an empty all": (PACK, in_condition({"all": []})),
    "a mistake deep inside": (PACK, in_condition({"all": [{"any": [{"not": {"hospitalised": "perhaps"}}]}]})),
    "an item that is no milestone": (GATE, lambda gate: gate["branches"][0]["criteria"][0].__setitem__("when", {"milestone_reached": "inr"})),
    "an unknown item of a patient": (CASES, lambda cases: cases["cases"][1].__setitem__("patient", {"int": 1})),
    "a number out of range": (CASES, lambda cases: cases["cases"][1].__setitem__("patient", {"pain_nrs": 11})),
    "an unknown pathway": (CASES, lambda cases: cases["cases"][0]["expect"].__setitem__("pathway", "augment")),
    "an unknown state": (CASES, lambda cases: cases["cases"][0]["expect"].__setitem__("criteria", {"shared.unhealed": "unmet"})),
    "an unknown type of an item": ("vocabulary.yaml", lambda vocabulary: vocabulary["items"][0].__setitem__("type", "decimal")),
    "an empty set": ("sets.yaml", lambda sets: sets["sets"].__setitem__("nobody", [])),
}


@pytest.mark.parametrize("read", [as_text, as_typed], ids=["as text", "as typed YAML"])
@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_does_not_fit(kind, read):
    name, break_it = MISTAKES[kind]
    content = copy.deepcopy(read(name))
    break_it(content)
    assert problems(DESCRIBED[name], content) != []

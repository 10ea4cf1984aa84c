"""Small hand-made rule sets for tests: conditions as YAML text over the shipped vocabulary, with criteria and thresholds of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import yaml

from engine import conditions as c
from engine import load_rules
from engine.chaining import Chain
from engine.column_building import columns_from_patients
from engine.condition_reader import ConditionReader, ItemShape, NamedThreshold
from engine.decisions import decide_evaluated
from engine.planes import evaluate
from engine.program import compile_program
from engine.ruleset import Branch, Criterion, DecisionList, Place, RuleSet
from engine.truth import Truth
from engine.values import parse_value

RULES = load_rules()
SETS = {"osteoporotic_causes": ("osteoporosis", "glucocorticoid_osteoporosis")}


def _shapes() -> dict[str, ItemShape]:
    vocabulary = RULES.vocabulary
    kinds = {"number": "number", "integer": "number", "category_list": "list"}
    named = {**{derived.name: derived for derived in vocabulary.derived.values()}, **vocabulary.items}
    shapes = {
        name: ItemShape(kinds.get(item.type, "codes"), item.codes, getattr(item, "milestone", False))
        for name, item in named.items() if item.type not in ("text", "text_list")
    }
    return {**shapes, **{table: ItemShape("points") for table in RULES.points_tables}}


def condition(text: str, criteria: frozenset[str] = frozenset()) -> c.Condition:
    """A condition from YAML text; a number in it stands for a threshold of that value."""
    thresholds: dict[str, NamedThreshold] = {}
    mistakes: list[str] = []
    raw = _named(yaml.load(text, Loader=yaml.BaseLoader), thresholds)
    reader = ConditionReader(
        shapes=_shapes(), sets=SETS, thresholds=thresholds, criteria=criteria, own="small", milestones_allowed=True,
        report=lambda line, message: mistakes.append(message),
    )
    read = reader.read(raw, 1)
    assert read is not None and not mistakes, f"{text}: {mistakes}"
    return read


def _is_number(text: object) -> bool:
    return isinstance(text, str) and text.lstrip("-").replace(".", "", 1).isdigit()


def _named(raw: object, thresholds: dict[str, NamedThreshold]) -> object:
    """The condition with each number replaced by the name of a threshold made for it."""
    if isinstance(raw, list):
        return [_named(part, thresholds) for part in raw]
    if not isinstance(raw, dict) or "at_least" in raw and "of" in raw:
        return raw if not isinstance(raw, dict) else {**raw, "of": _named(raw["of"], thresholds)}
    return {key: _named_comparison(key, value, thresholds) if _compares_numbers(value) else _named(value, thresholds) for key, value in raw.items()}


def _compares_numbers(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and all(map(_is_number, _constants(value)))


def _constants(comparison: dict) -> list:
    constant = next(iter(comparison.values()))
    return constant if isinstance(constant, list) else [constant]


def _named_comparison(item: str, comparison: dict, thresholds: dict[str, NamedThreshold]) -> dict:
    names = [f"{item} of {number}" for number in _constants(comparison)]
    for name, number in zip(names, _constants(comparison)):
        thresholds[name] = NamedThreshold(c.Threshold(name, float(number)), item)
    operator, constant = next(iter(comparison.items()))
    return {operator: names if isinstance(constant, list) else names[0]}


def criterion(id: str, when: c.Condition, cleared_when: c.Condition | None = None) -> Criterion:
    return Criterion(id, "", id, f"not {id}", when, cleared_when, (), "project", False, False, "", "", "", Place("test", 1))


def rules_of(criteria: Mapping[str, str | tuple[str, str]], contradictions: Mapping[str, str] | None = None) -> RuleSet:
    """A rule set of these criteria (`when`, or `when` and `cleared when`) and contradictions, over the shipped vocabulary."""
    ids = frozenset({*criteria, *(contradictions or {})})
    made = {}
    for id, texts in {**criteria, **(contradictions or {})}.items():
        when, *cleared = (texts,) if isinstance(texts, str) else texts
        made[id] = criterion(id, condition(when, ids), condition(cleared[0], ids) if cleared else None)
    return replace(RULES, criteria=made, contradictions=tuple(contradictions or {}))


def decision_list(*branches: tuple[str, str | c.Condition | None], name: str = "small") -> DecisionList:
    """Branches of (outcome, id of a criterion or a condition); None is 'otherwise'. Outcomes rank in the order of first use."""
    made = tuple(
        Branch(str(number), outcome, c.CriterionRef(test) if isinstance(test, str) else test) for number, (outcome, test) in enumerate(branches, 1)
    )
    return DecisionList(name, made, tuple(dict.fromkeys(outcome for outcome, _ in branches)), "undecided")


def parsed(patient: Mapping[str, object]) -> dict:
    """Raw values read as `assess` reads them; an empty list stands for a recorded one."""
    values = {name: parse_value(RULES.vocabulary[name], "none" if raw == [] else raw) for name, raw in patient.items()}
    return {name: value for name, value in values.items() if value is not None}


def states(rules: RuleSet, test: str | c.Condition, patient: Mapping[str, object]) -> tuple[Truth, Truth]:
    """The state of a criterion or condition for one patient: by columns and by durable-rules."""
    target = c.CriterionRef(test) if isinstance(test, str) else test
    program = compile_program(rules, (), [target])
    step = program.condition_steps[target]
    evaluation = evaluate(program, rules.vocabulary, columns_from_patients(rules.vocabulary, [parsed(patient)]))
    by_chain = Chain(program, rules.vocabulary, ()).prove(evaluation.by_name).states[step]
    return truth_at(evaluation.planes[step], 0), by_chain


def truth_at(plane, row: int) -> Truth:
    met, not_met = (bool(np.broadcast_to(side, (row + 1,))[row]) for side in plane)
    assert not (met and not_met), "a plane says met and not met at once"
    return Truth.MET if met else Truth.NOT_MET if not_met else Truth.UNKNOWN


def decided(rules: RuleSet, decision: DecisionList, patient: Mapping[str, object]) -> tuple[tuple, tuple]:
    """(answer, possible outcomes) of one patient: by columns and by durable-rules."""
    program = compile_program(rules, (), [branch.condition for branch in decision.branches if branch.condition is not None])
    evaluation = evaluate(program, rules.vocabulary, columns_from_patients(rules.vocabulary, [parsed(patient)]))
    found = decide_evaluated(decision, evaluation)
    possible = tuple(outcome for outcome, allowed in zip(decision.outcomes, found.possible[0]) if allowed)
    proof = Chain(program, rules.vocabulary, [decision]).prove(evaluation.by_name)
    answer = decision.unsettled if found.settled[0] < 0 else decision.outcomes[found.settled[0]]
    return (answer, possible), (proof.answers[decision.name], proof.possible[decision.name])

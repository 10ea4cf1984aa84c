"""Each mutation put before the checks in turn, and the table of what caught it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from engine.loading import read_rules
from engine.program import compile_program
from engine.ruleset import PATHWAY, Branch, DecisionList, RuleSet, any_of_criteria
from tests.mutations.equivalence import Effect, affected, effect_of
from tests.mutations.evaluator_mutations import evaluator_mutations
from tests.mutations.layers import Layers, evaluator_of
from tests.mutations.mutation import EvaluatorMutation, Mutation, RuleMutation, drawn
from tests.mutations.rule_mutations import rule_mutations

PARITY, CASES, TEXT, PROOF, EQUIVALENT, SURVIVED = "parity", "cases", "text reader", "proof", "equivalent", "surviving"
VERDICTS = (PARITY, CASES, TEXT, PROOF, EQUIVALENT, SURVIVED)
CHAIN_OF_RULES = 400
CHAIN_OF_EACH_KIND = 1_500
CHAIN_OF_PATHWAY = 6_000
CHAIN_IN_FULL = 40_000
BRANCHES = 5


@dataclass(frozen=True)
class Result:
    """What became of one mutation: the verdict, and in words what noticed it, or why it is none to notice."""

    mutation: Mutation
    verdict: str
    why: str
    raised: bool
    seconds: float

    @property
    def caught(self) -> bool:
        return self.verdict not in (EQUIVALENT, SURVIVED)


def all_mutations(rules: RuleSet, per_class: int, seed: int) -> list[Mutation]:
    """Of each operator class `per_class` mutations, or all it has, drawn by seed."""
    classes: Mapping[str, Sequence[Mutation]] = {**rule_mutations(rules), **evaluator_mutations()}
    return [mutation for mutations in classes.values() for mutation in drawn(mutations, per_class, seed)]


def run(mutations: Iterable[Mutation], layers: Layers, report: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Every mutation before the checks, one after the other; `report` hears of each as soon as it is known."""
    results = []
    for mutation in mutations:
        started = time.perf_counter()
        verdict, why, raised = _judged(layers, mutation)
        results.append(Result(mutation, verdict, why, raised, time.perf_counter() - started))
        report(results[-1])
    return results


def _judged(layers: Layers, mutation: Mutation) -> tuple[str, str, bool]:
    if isinstance(mutation, RuleMutation):
        return _judged_rules(layers, mutation)
    with mutation.applied():
        return _judged_evaluator(layers, mutation)


def _noticed(steps: Iterable[tuple[str, Callable[[], str | None]]]) -> tuple[str, str, bool] | None:
    """The first layer that notices; what raises is noticed, and marked."""
    for layer, ask in steps:
        try:
            found = ask()
        except Exception as raised:  # a mutant may break anywhere, and that it breaks is what is to be seen
            return layer, f"{type(raised).__name__}: {raised}"[:120], True
        if found is not None:
            return layer, found, False
    return None


# Rules


def _judged_rules(layers: Layers, mutation: RuleMutation) -> tuple[str, str, bool]:
    new = mutation.make()
    evaluator = evaluator_of(new)
    first = _noticed(
        [
            (PARITY, lambda: layers.parity(new, _touched_lists(mutation, new), CHAIN_OF_RULES)),
            (CASES, lambda: layers.cases_fail(evaluator)),
            (TEXT, lambda: layers.text_reader_disagrees(evaluator)),
        ]
    )
    if first:
        return first
    effect = effect_of(mutation, layers.rules, new)
    if effect.answer is None and effect.shown is None:
        return EQUIVALENT, "equal decision diagrams", False
    steps = [(PROOF, lambda: layers.proof_breaks(new, _touched_packs(mutation, layers.rules, new)))]
    if effect.answer is not None:  # where no answer differs, missing items do not either
        steps.insert(0, (CASES, lambda: layers.cases_of_missing_items_fail(evaluator)))
    return _noticed(steps) or (SURVIVED, _described(effect), False)


def _touched_lists(mutation: RuleMutation, rules: RuleSet) -> list[DecisionList]:
    """The lists that are changed themselves, and one that reads every changed criterion and little else."""
    lists = [decision for decision in rules.decision_lists(tuple(rules.packs.values())) if decision.name in mutation.decisions]
    if mutation.criteria:
        ids = tuple(sorted(mutation.criteria))
        lists.append(
            DecisionList("changed criteria", (Branch("1", "met", any_of_criteria(ids), criteria=ids), Branch("2", "else", None)), ("met", "else"), "")
        )
    return lists


def _touched_packs(mutation: RuleMutation, old: RuleSet, new: RuleSet) -> list[str]:
    reached = affected(mutation, old, new).decisions
    return [pack.id for pack in new.packs.values() if any(verdicts.decision.name in reached for verdicts in pack.verdicts)]


def _described(effect: Effect) -> str:
    return f"changes an answer: {effect.answer}" if effect.answer else f"changes no answer, only what is shown: {effect.shown}"


# Evaluators


def _judged_evaluator(layers: Layers, mutation: EvaluatorMutation) -> tuple[str, str, bool]:
    rules = layers.rules
    every = [rules.pathway, *(verdicts.decision for pack in rules.packs.values() for verdicts in pack.verdicts)]
    noticed = _noticed(
        [
            *((PARITY, lambda few=few: layers.parity(rules, [few], CHAIN_OF_EACH_KIND)) for few in _one_of_each_kind(rules)),
            (PARITY, lambda: layers.parity(rules, [rules.pathway], CHAIN_OF_PATHWAY)),
            (CASES, lambda: layers.cases_fail(evaluator_of(rules))),
            (CASES, lambda: layers.consult_refuses(evaluator_of(rules))),
            (TEXT, lambda: layers.text_reader_disagrees(evaluator_of(rules))),
            (PARITY, lambda: layers.parity(rules, every, CHAIN_IN_FULL)),
            (PROOF, lambda: layers.proof_breaks(rules, [])),
        ]
    )
    return noticed or (EQUIVALENT, "the same for every leaf, node, list, criterion and case", False)


@cache
def _one_of_each_kind_of(fingerprint: str) -> tuple[str, ...]:
    """Ids of small criteria that between them hold every kind of step and of comparison; a wrong evaluator mostly shows on these at once."""
    rules = read_rules()
    programs = {id: compile_program(rules, [id]) for id in rules.criteria}
    chosen, seen = [], set()
    for id in sorted(programs, key=lambda id: len(programs[id].steps)):
        kinds = {(step.kind, type(step.condition).__name__, getattr(step.condition, "operator", "")) for step in programs[id].steps}
        if not kinds <= seen:
            chosen.append(id)
            seen |= kinds
    return tuple(chosen)


def _one_of_each_kind(rules: RuleSet) -> list[DecisionList]:
    """These criteria as the branches of short lists, two outcomes by turns."""
    ids = _one_of_each_kind_of(rules.fingerprint)
    return [_list_of(ids[start : start + BRANCHES]) for start in range(0, len(ids), BRANCHES)]


def _list_of(ids: Sequence[str]) -> DecisionList:
    branches = tuple(Branch(str(number), ("one", "other")[number % 2], any_of_criteria((id,)), criteria=(id,)) for number, id in enumerate(ids))
    return DecisionList(f"list from {ids[0]}", (*branches, Branch("otherwise", "one", None)), ("one", "other"), "")


# Proofs by themselves


def of_the_pathway(rules: RuleSet) -> list[RuleMutation]:
    """Mutations of the gates: their order, their triggers, and what a trigger says."""
    every = [mutation for mutations in rule_mutations(rules).values() for mutation in mutations]
    triggers = set(rules.triggers)
    return [mutation for mutation in every if PATHWAY in mutation.decisions or mutation.criteria and mutation.criteria <= triggers]


def run_proofs_alone(mutations: Iterable[RuleMutation], layers: Layers) -> list[Result]:
    """The proofs asked about each mutation, and nothing before them; what they do not notice has verdict SURVIVED here."""
    results = []
    for mutation in mutations:
        started, new = time.perf_counter(), mutation.make()
        noticed = _noticed([(PROOF, lambda new=new: layers.proof_breaks(new, ()))])
        verdict, why, raised = noticed or (SURVIVED, "no property of the pathway is broken", False)
        results.append(Result(mutation, verdict, why, raised, time.perf_counter() - started))
    return results


# Table


def table(results: Sequence[Result]) -> str:
    """One line for each operator class, and the sum, as a table in Markdown."""
    classes = list(dict.fromkeys(result.mutation.operator for result in results))
    lines = ["| Operator class | made | " + " | ".join(VERDICTS) + " |", "|---|" + "---:|" * (1 + len(VERDICTS))]
    for operator in classes:
        lines.append(_line(operator, [result for result in results if result.mutation.operator == operator]))
    return "\n".join([*lines, _line("**all**", results)])


def _line(operator: str, results: Sequence[Result]) -> str:
    counts = [sum(result.verdict == verdict for result in results) for verdict in VERDICTS]
    return f"| {operator} | {len(results)} | " + " | ".join(map(str, counts)) + " |"


def listed(results: Sequence[Result], verdict: str) -> list[str]:
    """What a verdict was given to, a line for each."""
    return [f"- {result.mutation.operator}: {result.mutation.name}: {result.why}" for result in results if result.verdict == verdict]

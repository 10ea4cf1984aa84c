"""One patient: both evaluators, and the assessment if they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine import conditions as c
from engine.advice import Adviser
from engine.assessment import (
    Assessment,
    CriterionFinding,
    GateFinding,
    ItemFinding,
    PackFinding,
    PlainValue,
    SourceFinding,
    ThresholdFinding,
    VerdictFinding,
)
from engine.assumptions import assumption_text, parse_assumptions
from engine.chaining import Proof
from engine.column_building import columns_from_patients
from engine.columns import Columns
from engine.decisions import decide_one
from engine.evaluator import Evaluator, evaluator_for
from engine.loading import load_rules
from engine.mistakes import nearest
from engine.planes import Evaluation, evaluate_one
from engine.program import base_items
from engine.ruleset import AUGMENTATION, CORRECT_FIRST, Citation, DecisionList, Pack, RuleSet, Verdicts
from engine.situation import Outcome
from engine.truth import Truth
from engine.values import InvalidValue, Value, parse_value, text_form
from engine.version import ENGINE_VERSION
from engine.vocabulary import RECORD_ID, Vocabulary

POSITIVE_VERDICTS = ("supports", "optional")
NOT_RECORDED = "not recorded"
SIGN_OFF = "not yet given"
_COMPARISON_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}


class InvalidPatient(ValueError):
    """Values that cannot be read; `problems` maps each item to what is wrong and what to do. Nothing was assessed."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("\n".join(f"{name}: {problem}" for name, problem in self.problems.items()))


class EvaluatorsDisagree(RuntimeError):
    """The two evaluators gave different answers, so there is none. `answers` holds the codes of both, no patient data."""

    def __init__(self, answers: Mapping[str, tuple[str, str]]) -> None:
        self.answers = dict(answers)
        super().__init__(f"The two evaluators disagree, so no answer is given: {self.answers}")


def assess(
    patient: Mapping[str, object],
    rules: RuleSet | None = None,
    guidelines: Iterable[str] | None = None,
    trials: bool = False,
    assume: Iterable[str] = (),
) -> Assessment:
    """Assess one patient by durable-rules and, independently, by the columnar evaluator.

    patient: item name to value; booleans as yes/no or bool, lists as a list or `;` text, None or absent = not recorded.
    guidelines: pack ids instead of the defaults, or `+id` beside them. assume: `ITEM=VALUE` for blank items, named in the result.
    Raises InvalidPatient with all problems at once, and EvaluatorsDisagree when the two answers differ.
    """
    rules = rules or load_rules()
    evaluator = evaluator_for(rules, guidelines, trials)
    recorded = parse_patient(rules.vocabulary, patient)
    assumed = {name: value for name, value in parse_assumptions(assume, rules.vocabulary).items() if name not in recorded}
    return assess_recorded(
        evaluator, {**recorded, **assumed}, tuple(assumption_text(rules.vocabulary, name, value) for name, value in assumed.items())
    )


def parse_patient(vocabulary: Vocabulary, patient: Mapping[str, object]) -> dict[str, Value]:
    """The recorded values of one patient. Raises InvalidPatient with every unknown name and every unreadable value."""
    recorded: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for name, raw in patient.items():
        if name == RECORD_ID:
            continue
        if name not in vocabulary:
            problems[name] = f"There is no item of this name.{nearest(str(name), vocabulary.names)} 'python -m engine template' lists them all."
            continue
        try:
            value = parse_value(vocabulary[name], raw)
        except InvalidValue as invalid:
            problems[name] = str(invalid)
            continue
        if value is not None:
            recorded[name] = value
    if problems:
        raise InvalidPatient(problems)
    return recorded


def assess_recorded(evaluator: Evaluator, recorded: Mapping[str, Value], assumed: tuple[str, ...] = ()) -> Assessment:
    """The assessment of values that are parsed already. Raises EvaluatorsDisagree."""
    columns = columns_from_patients(evaluator.rules.vocabulary, [recorded])
    evaluation = evaluate_one(evaluator.program, evaluator.rules.vocabulary, columns)
    proof = evaluator.chain.prove(evaluation.by_name)
    decided = {decision.name: decide_one(decision, evaluation) for decision in evaluator.decisions}
    _insist_on_agreement(evaluator, evaluation, decided, proof)
    return _Writer(evaluator, recorded, assumed, columns, evaluation, decided, proof).assessment()


def _insist_on_agreement(evaluator: Evaluator, evaluation: Evaluation, decided: Mapping[str, tuple[tuple[str, ...], int]], proof: Proof) -> None:
    different: dict[str, tuple[str, str]] = {}
    for decision in evaluator.decisions:
        (by_columns, _), by_chain = decided[decision.name], proof.possible[decision.name]
        answer = by_columns[0] if len(by_columns) == 1 else decision.unsettled
        if (by_columns, answer) != (by_chain, proof.answers[decision.name]):
            different[decision.name] = (proof.answers[decision.name], answer)
    for id in evaluator.criteria:
        by_columns, by_chain = _state(evaluation, evaluator, id), proof.states[evaluator.program.criterion_steps[id]]
        if by_columns is not by_chain:
            different[id] = (by_chain.value, by_columns.value)
    if different:
        raise EvaluatorsDisagree(different)


def _state(evaluation: Evaluation, evaluator: Evaluator, id: str) -> Truth:
    plane = evaluation.planes[evaluator.program.criterion_steps[id]]
    if plane.met:
        return Truth.MET
    return Truth.NOT_MET if plane.not_met else Truth.UNKNOWN


class _Writer:
    """Writes down what both evaluators found. Computes nothing about the patient but what the assessment lists."""

    def __init__(self, evaluator: Evaluator, recorded: Mapping[str, Value], assumed: tuple[str, ...], columns: Columns,
                 evaluation: Evaluation, decided: Mapping[str, tuple[tuple[str, ...], int]], proof: Proof) -> None:
        self.evaluator, self.rules, self.recorded, self.assumed = evaluator, evaluator.rules, recorded, assumed
        self.columns, self.evaluation, self.decided, self.proof = columns, evaluation, decided, proof

    def assessment(self) -> Assessment:
        rules, proof = self.rules, self.proof
        triggered = tuple(id for id in rules.triggers if self._met(id))
        missing = self._missing(rules.pathway)
        gates = tuple(self._gate(position) for position in range(len(rules.gates)))
        packs = tuple(self._pack(pack, self._not_tested(triggered)) for pack in self.evaluator.packs)
        pathway = proof.answers[rules.pathway.name]
        points, points_range = self._of_score()
        findings = _findings(self.evaluator)
        procedure = self._procedure(pathway)
        advice = _adviser(self.evaluator).advice(
            self.evaluation, self.recorded, Outcome(pathway, procedure, triggered, missing, _positive_columns(packs), self._state),
        )
        return Assessment(
            pathway=pathway,
            procedure=procedure,
            possible_pathways=proof.possible[rules.pathway.name],
            deciding_criteria=self._codes(self._deciding(rules.pathway)),
            triggered_criteria=self._codes(triggered),
            warnings=self._codes(id for id in rules.warnings if self._met(id)),
            contradictions=self._codes(id for id in rules.contradictions if self._met(id)),
            missing_items=missing,
            next_item=self.evaluator.next_item(rules.pathway).of_one(self.columns, missing) or "",
            assumed_items=self.assumed,
            verdicts={verdict.column: verdict.verdict for pack in packs for verdict in pack.verdicts},
            of_score_points=points,
            of_score_range=points_range,
            pathway_label=rules.label("pathway", pathway),
            already_certain=next((gate.code for gate in gates if gate.state == "triggered"), ""),
            patient=dict(self.recorded),
            items=self._items(),
            gates=gates,
            criteria={id: findings[id, self._state(id)] for id in self.evaluator.criteria},
            packs=packs,
            fired=self._fired(),
            labels={code: label for (_, code), label in rules.outcome_labels.items()},
            engine_version=ENGINE_VERSION,
            rules_fingerprint=rules.fingerprint,
            sign_off=SIGN_OFF,
            **vars(advice),
        )

    def _state(self, id: str) -> Truth:
        return self.proof.states[self.evaluator.program.criterion_steps[id]]

    def _met(self, id: str) -> bool:
        return self._state(id) is Truth.MET

    def _codes(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.rules.criteria[id].code or id for id in ids)

    def _missing(self, decision: DecisionList) -> tuple[str, ...]:
        if len(self.proof.possible[decision.name]) == 1:
            return ()
        return tuple(self.evaluator.missing(decision).of_one(self.evaluation.by_name))

    def _deciding(self, decision: DecisionList) -> tuple[str, ...]:
        """The met criteria of the first branch that is met; none for 'otherwise'."""
        _, first = self.decided[decision.name]
        return tuple(id for id in decision.branches[first].criteria if self._met(id))

    def _procedure(self, pathway: str) -> str:
        part_a = next(branch for branch in self.rules.pathway.branches if branch.outcome == CORRECT_FIRST)
        if pathway == AUGMENTATION or (pathway == CORRECT_FIRST and not any(map(self._met, part_a.criteria))):
            return next(
                choice.procedure
                for choice in self.rules.procedure_choice
                if all(map(self._met, choice.when)) and not any(map(self._met, choice.unless))
            )
        return ""

    def _not_tested(self, triggered: tuple[str, ...]) -> tuple[str, ...]:
        """Met triggers of gates 1 to 4: a pack that supports a procedure does not know of them."""
        grave = frozenset(id for gate in self.rules.gates[:4] for id in gate.criteria)
        return self._codes(id for id in triggered if id in grave)

    def _gate(self, position: int) -> GateFinding:
        gate = self.rules.gates[position]
        triggered = tuple(id for id in gate.criteria if self._met(id))
        open_ = tuple(id for id in gate.criteria if self._state(id) is Truth.UNKNOWN)
        state = "triggered" if triggered else "open" if open_ else "cleared"
        if not gate.criteria:  # augmentation is what is left
            state = (
                "triggered" if self.proof.answers["pathway"] == gate.code else "open" if gate.code in self.proof.possible["pathway"] else "cleared"
            )
        return GateFinding(gate.code, self.rules.label("pathway", gate.code), state, triggered, open_, gate.tell, gate.next_step)

    def _pack(self, pack: Pack, not_tested: tuple[str, ...]) -> PackFinding:
        return PackFinding(
            pack.id, pack.name, pack.title, pack.body, pack.year, pack.jurisdiction, pack.question, pack.enabled, pack.provenance, pack.mark,
            pack.strength, pack.scope, pack.missing_data, _source(self.rules, Citation(pack.source, "", "")), pack.checked,
            tuple(self._verdict(verdicts, not_tested) for verdicts in pack.verdicts), pack.criteria,
        )

    def _verdict(self, verdicts: Verdicts, not_tested: tuple[str, ...]) -> VerdictFinding:
        decision = verdicts.decision
        verdict = self.proof.answers[decision.name]
        settled = verdict != decision.unsettled
        branch = decision.branches[self.decided[decision.name][1]]
        return VerdictFinding(
            decision.name, verdicts.procedures, verdict, self.rules.label("verdict", verdict), self.proof.possible[decision.name],
            branch.text if settled and branch.outcome == verdict else "", self._deciding(decision), self._missing(decision),
            not_tested if verdict in POSITIVE_VERDICTS else (),
        )

    def _of_score(self) -> tuple[int | None, str]:
        table = self.rules.points_tables.get("of_score")
        if table is None or table.id not in self.proof.points:
            return None, ""
        totals = self.evaluator.points_totals[table.id].of(self.columns)
        return self.proof.points[table.id], f"{totals.lowest[0]}..{totals.highest[0]}"

    def _items(self) -> dict[str, ItemFinding]:
        """Every item of the vocabulary, recorded or not, in the form's order."""
        vocabulary = self.rules.vocabulary
        return {**_blank_items(self.evaluator), **{name: _item_finding(vocabulary, name, value) for name, value in self.recorded.items()}}

    def _fired(self) -> tuple[str, ...]:
        of_step = _criteria_of_steps(self.evaluator)
        return tuple(id for step in self.proof.fired for id in of_step.get(step, ()))


@lru_cache(maxsize=32)
def _adviser(evaluator: Evaluator) -> Adviser:
    return Adviser(evaluator.rules)


def _positive_columns(packs: Iterable[PackFinding]) -> tuple[str, ...]:
    """Columns of guidelines and policies that support or allow a procedure. A trial suggests nothing."""
    answers = (verdict for pack in packs if pack.question != "trial" for verdict in pack.verdicts)
    return tuple(verdict.column for verdict in answers if verdict.verdict in POSITIVE_VERDICTS)


@lru_cache(maxsize=32)
def _criteria_of_steps(evaluator: Evaluator) -> dict[int, list[str]]:
    of_step: dict[int, list[str]] = {}
    for id in evaluator.criteria:
        of_step.setdefault(evaluator.program.criterion_steps[id], []).append(id)
    return of_step


def _item_finding(vocabulary: Vocabulary, name: str, value: PlainValue | None) -> ItemFinding:
    item = vocabulary[name]
    return ItemFinding(name, item.label, item.question, item.unit, value, in_words(vocabulary, name, value))


@lru_cache(maxsize=32)
def _blank_items(evaluator: Evaluator) -> dict[str, ItemFinding]:
    return {item.name: _item_finding(evaluator.rules.vocabulary, item.name, None) for item in evaluator.rules.vocabulary}


def in_words(vocabulary: Vocabulary, name: str, value: PlainValue | None) -> str:
    """A recorded value with the words of its codes and its unit."""
    item = vocabulary[name]
    if value is None:
        return NOT_RECORDED
    if isinstance(value, tuple):
        return ", ".join(item.code_labels.get(code, code) for code in value) or "none"
    if isinstance(value, str):
        return item.code_labels.get(value, value)
    return f"{text_form(item, value)} {item.unit}".strip()


@lru_cache(maxsize=32)
def _findings(evaluator: Evaluator) -> dict[tuple[str, Truth], CriterionFinding]:
    """What is the same for every patient is written once, for each criterion and state."""
    return {(id, state): _finding(evaluator.rules, id, state) for id in evaluator.criteria for state in Truth}


def _finding(rules: RuleSet, id: str, state: Truth) -> CriterionFinding:
    criterion = rules.criteria[id]
    nodes = [*c.walk(criterion.when), *(c.walk(criterion.cleared_when) if criterion.cleared_when is not None else ())]
    leaves = [node for node in nodes if hasattr(node, "item")]
    read = dict.fromkeys(name for leaf in leaves for name in base_items(rules.vocabulary, leaf.item))
    compared = dict.fromkeys((node.threshold.name, node.operator) for node in nodes if isinstance(node, (c.Compare, c.PointsCompare)))
    return CriterionFinding(
        id=id, code=criterion.code, state=state.value, says=criterion.says, says_not=criterion.says_not, items=tuple(read),
        refers_to=tuple(dict.fromkeys(node.id for node in nodes if isinstance(node, c.CriterionRef))),
        thresholds=tuple(_threshold(rules, name, operator) for name, operator in compared),
        sources=tuple(_source(rules, citation) for citation in criterion.citations), provenance=criterion.provenance,
        careful_direction=criterion.careful_direction, note=criterion.note, tell=criterion.tell, next_step=criterion.next_step,
        place=f"{criterion.place.file}:{criterion.place.line}",
    )


def _threshold(rules: RuleSet, name: str, operator: str) -> ThresholdFinding:
    entry = rules.thresholds[name]
    unit = rules.vocabulary[entry.item].unit if entry.item in rules.vocabulary else "points"
    return ThresholdFinding(
        name,
        entry.code,
        entry.item,
        _COMPARISON_SIGNS[operator],
        entry.threshold.value,
        unit,
        entry.sources,
        entry.provenance,
        entry.checked,
        entry.note,
    )


def _source(rules: RuleSet, citation: Citation) -> SourceFinding:
    source = rules.sources[citation.source]
    return SourceFinding(source.id, source.citation, source.address, citation.section, citation.stated_class)

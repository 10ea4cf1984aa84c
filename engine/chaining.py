"""The consult's evaluator: durable-rules chains forward from facts to conditions, criteria, branches, pathway and verdicts.

Each step of the program becomes two rules: one proves it met, one proves it not met. Neither fired means unknown; no rule ever
tests for absence. The hazards of the engine, and the remedy for each, are in `docs/decisions/0003-durable-rules-by-design.md`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import durable_rules_engine
from durable.engine import Ruleset

from engine import conditions as c
from engine.columns import Column
from engine.planes import codes_of
from engine.program import Program, Step
from engine.ruleset import DecisionList, PointsTable
from engine.truth import Truth, points_total
from engine.vocabulary import Vocabulary

ALPHA_NODES_PER_RULESET = 60
"""The engine fails above 64 alpha nodes that one fact satisfies; a ruleset stays below that even if every node is satisfied."""

ALWAYS = "always"
Fact = Mapping[str, float]
Expression = Mapping[str, object]

_OPERATORS: Mapping[str, tuple[str, str]] = {
    "at_least": ("$gte", "$lt"), "at_most": ("$lte", "$gt"), "above": ("$gt", "$lte"), "below": ("$lt", "$gte"),
}
_one_at_a_time = threading.Lock()
_serial = itertools.count(1)


@dataclass(frozen=True)
class Rule:
    """One forward rule: when `expression` holds, `name` is proved. `alpha_nodes` is its share of the engine's network."""

    name: str
    expression: Expression
    properties: frozenset[str]

    @property
    def alpha_nodes(self) -> int:
        return _count_comparisons(self.expression)


class RecordingRuleset(Ruleset):
    """A ruleset without a host, so without the host's timer threads, that reports which rules fired, in order."""

    def __init__(self, name: str, rules: Iterable[Rule]) -> None:
        rules = list(rules)
        self.definition = {rule.name: {"all": [{"m": rule.expression}]} for rule in rules} | {ALWAYS: {"all": [{"m": {ALWAYS: 1}}]}}
        # What `Ruleset` does, with numbers as the engine can read them and without actions: the order of firing is read from the engine itself.
        self._handle = durable_rules_engine.create_ruleset(name, _definition_text(self.definition))
        self.properties = frozenset().union(*(rule.properties for rule in rules)) if rules else frozenset()

    def fire(self, facts: Fact) -> list[str]:
        """Names of the rules that the facts of one patient fire. The state is always deleted."""
        sid = str(next(_serial))
        fact = {"id": sid, "sid": sid, ALWAYS: 1, **{name: facts[name] for name in self.properties if name in facts}}
        try:
            return [name for name in self._fired(self._asserted(fact)) if name != ALWAYS]
        except BaseException:
            self._end_waiting_firings()
            raise
        finally:
            self.delete_state(sid)

    def _end_waiting_firings(self) -> None:
        # Deleting a state with firings that have not come up yet crashes the engine. Under the lock no other state has any.
        started = durable_rules_engine.start_action(self._handle)
        while started and durable_rules_engine.complete_and_start_action(self._handle, started[2]):
            pass

    def _asserted(self, fact: Fact) -> int:
        # What `assert_fact` does, with numbers written as the engine can read them.
        return self._handle_result(durable_rules_engine.assert_fact(self._handle, _as_json(fact)), fact)

    def _fired(self, state: int) -> list[str]:
        # The stock loop copies the state through JSON for every firing (50 us each); only the rule's name is needed.
        started = durable_rules_engine.start_action_for_state(self._handle, state)
        message, names = started[1] if started else None, []
        try:
            while message:
                names.append(_rule_named_in(message))
                message = durable_rules_engine.complete_and_start_action(self._handle, state)
        except BaseException:
            while message:  # deleting a state while a firing is under way crashes the engine
                message = durable_rules_engine.complete_and_start_action(self._handle, state)
            raise
        return names


def _rule_named_in(message: str) -> str:
    """The name of the rule that fired: the first key of the engine's message."""
    return message.split('"', 2)[1]


def _as_json(fact: Mapping[str, float | str]) -> str:
    """A fact as JSON text without exponents: the engine refuses 1e-05."""
    return "{" + ",".join(f'"{name}":{_in_digits(value)}' for name, value in fact.items()) + "}"


def _in_digits(value: float | str) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def _definition_text(part: object) -> str:
    """Rules as JSON text, their numbers written like those of facts."""
    if isinstance(part, Mapping):
        return "{" + ",".join(f'"{key}":{_definition_text(value)}' for key, value in part.items()) + "}"
    return "[" + ",".join(map(_definition_text, part)) + "]" if isinstance(part, list) else _in_digits(part)


@dataclass(frozen=True)
class Proof:
    """What the chain proved about one patient."""

    states: tuple[Truth, ...]
    """The state of each step of the program."""
    possible: Mapping[str, tuple[str, ...]]
    """For each decision list, the outcomes still possible, in rank order."""
    answers: Mapping[str, str]
    """For each decision list, its proved outcome, or its word for 'not settled'."""
    points: Mapping[str, int]
    """Totals of the points tables that are known."""
    fired: tuple[int, ...]
    """Steps in the order in which a rule proved something of them."""


class Chain:
    """The compiled rulesets of one program and its decision lists. Safe to call from many threads: one evaluation at a time."""

    def __init__(self, program: Program, vocabulary: Vocabulary, decisions: Iterable[DecisionList]) -> None:
        self._program, self._vocabulary = program, vocabulary
        self._decisions = tuple(decisions)
        self._levels = _levels(program)
        self._meaning = {f"s{step}_{truth.value}": (step, truth) for step in range(len(program.steps)) for truth in (Truth.MET, Truth.NOT_MET)}
        self._points_rows = {step.condition.table: step.parts for step in program.steps if step.kind == "points"}
        self._branch_steps = {step for decision in self._decisions for step in program.branch_steps(decision) if step is not None}
        self._stages = [self._rulesets(f"steps_{level}", self._step_rules(level)) for level in range(max(self._levels, default=-1) + 1)]
        self._possible = self._rulesets("possible", (rule for decision in self._decisions for rule in _possible_rules(program, decision)))
        self._settled = self._rulesets("settled", (rule for decision in self._decisions for rule in _settled_rules(decision)))

    def prove(self, columns: Mapping[str, Column]) -> Proof:
        """Chain forward from the recorded and derived values of one patient (columns of length 1)."""
        with _one_at_a_time:
            return self._prove(columns)

    def _prove(self, columns: Mapping[str, Column]) -> Proof:
        facts = _facts(self._vocabulary, columns)
        states = [Truth.UNKNOWN] * len(self._program.steps)
        points: dict[str, int] = {}
        fired: dict[int, None] = {}
        for stage in self._stages:
            points.update(self._known_points(states, columns))
            facts.update(points)
            for step, proved in [self._meaning[name] for ruleset in stage for name in ruleset.fire(facts)]:
                if states[step] is not Truth.MET:  # met wins where both directions are proved
                    states[step] = proved
                    facts[f"s{step}"] = 1 if proved is Truth.MET else 0
                fired[step] = None
        facts.update({f"b{step}": _STATE_CODES[states[step]] for step in self._branch_steps})
        possible_rules = {name for ruleset in self._possible for name in ruleset.fire(facts)}
        possible = {decision.name: _possible_outcomes(decision, possible_rules) for decision in self._decisions}
        facts.update(
            {f"p_{decision.name}_{outcome}": int(outcome in possible[decision.name]) for decision in self._decisions for outcome in decision.outcomes}
        )
        settled = {name for ruleset in self._settled for name in ruleset.fire(facts)}
        answers = {decision.name: _answer(decision, settled) for decision in self._decisions}
        return Proof(tuple(states), possible, answers, points, tuple(fired))

    def _known_points(self, states: list[Truth], columns: Mapping[str, Column]) -> dict[str, int]:
        """The totals of the points tables whose items are recorded; a table's rows are proved in an earlier stage than it is read."""
        totals = {}
        for name, rows in self._points_rows.items():
            table = self._program.points_tables[name]
            if all(item in columns and columns[item].recorded[0] for item in table.unknown_while_blank):
                totals[name] = _total(table, [states[row] for row in rows])
        return totals

    def _step_rules(self, level: int) -> list[Rule]:
        rules = []
        for index, step in enumerate(self._program.steps):
            if self._levels[index] == level:
                met, not_met = _expressions(step, self._vocabulary)
                rules += [_rule(f"s{index}_met", met), _rule(f"s{index}_not_met", not_met)]
        return [rule for rule in rules if rule is not None]

    @staticmethod
    def _rulesets(name: str, rules: Iterable[Rule]) -> list[RecordingRuleset]:
        """Rules packed into as many rulesets as the engine's bound asks for."""
        return [RecordingRuleset(f"{name}_{number}", pack) for number, pack in enumerate(pack_rules(rules))]


def pack_rules(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Rules in order, split so that no pack holds more than ALPHA_NODES_PER_RULESET alpha nodes, the always-true one included."""
    packs: list[list[Rule]] = []
    used = ALPHA_NODES_PER_RULESET
    for rule in rules:
        if 1 + rule.alpha_nodes > ALPHA_NODES_PER_RULESET:
            raise ValueError(f"rule {rule.name} alone needs {rule.alpha_nodes} alpha nodes; write its condition in smaller criteria")
        if used + rule.alpha_nodes > ALPHA_NODES_PER_RULESET:
            packs.append([])
            used = 1
        packs[-1].append(rule)
        used += rule.alpha_nodes
    return packs


# From patients to facts: numbers only, so that the engine never compares text

def _facts(vocabulary: Vocabulary, columns: Mapping[str, Column]) -> dict[str, float]:
    facts: dict[str, float] = {}
    for name, column in columns.items():
        item_type = vocabulary.derived[name].type if name not in vocabulary.items else vocabulary.items[name].type
        recorded = bool(column.recorded[0])
        if name in vocabulary.items and vocabulary.items[name].milestone:
            facts[f"{name}_reached"] = int(recorded and column.values[0] == codes_of(vocabulary, name).index("yes"))
        if not recorded or item_type in ("text", "text_list"):
            continue
        if item_type == "category_list":
            mask = int(column.values[0])
            facts.update({f"{name}_{code}": mask >> position & 1 for position, code in enumerate(codes_of(vocabulary, name))})
        else:
            facts[name] = column.values[0].item()
    for item in vocabulary:
        if item.milestone:
            facts.setdefault(f"{item.name}_reached", 0)
    return facts


# From steps to rules

def _expressions(step: Step, vocabulary: Vocabulary) -> tuple[Expression | None, Expression | None]:
    """What proves the step met, and what proves it not met; None where nothing can."""
    met = [{f"s{part}": 1} for part in step.parts]
    not_met = [{f"s{part}": 0} for part in step.parts]
    match step.kind:
        case "leaf":
            return _leaf_expressions(step.condition, vocabulary)
        case "points":
            return _number_expressions(step.condition.table, step.condition.operator, step.condition.threshold.value)
        case "always":
            return {ALWAYS: 1}, None
        case "all":
            return _both(met), _either(not_met)
        case "any":
            return _either(met), _both(not_met)
        case "not":
            return not_met[0], met[0]
        case "at_least":
            enough = itertools.combinations(met, step.count)
            too_few = itertools.combinations(not_met, len(not_met) - step.count + 1)
            return _either([_both(list(some)) for some in enough]), _either([_both(list(some)) for some in too_few])
    return met[0], met[1]  # proved in both directions: met when, cleared when


def _leaf_expressions(leaf: c.Leaf, vocabulary: Vocabulary) -> tuple[Expression, Expression]:
    match leaf:
        case c.Compare(item, operator, threshold):
            return _number_expressions(item, operator, threshold.value)
        case c.OneOf(item, codes):
            positions = [codes_of(vocabulary, item).index(code) for code in sorted(codes)]
            return _either([{item: position} for position in positions]), _both([{"$neq": {item: position}} for position in positions])
        case c.IncludesAny(item, codes):
            return _either([{f"{item}_{code}": 1} for code in sorted(codes)]), _both([{f"{item}_{code}": 0} for code in sorted(codes)])
        case c.AllWithin(item, codes):
            others = [code for code in codes_of(vocabulary, item) if code not in codes]
            return _both([{f"{item}_{code}": 0} for code in others]), _either([{f"{item}_{code}": 1} for code in others])
        case c.MilestoneReached(item):
            return {f"{item}_reached": 1}, {f"{item}_reached": 0}
    raise TypeError(f"not a leaf: {leaf}")


def _number_expressions(name: str, operator: c.Operator, value: float) -> tuple[Expression, Expression]:
    if operator == "equals":
        return {name: value}, {"$neq": {name: value}}
    holds, fails = _OPERATORS[operator]
    return {holds: {name: value}}, {fails: {name: value}}


def _possible_rules(program: Program, decision: DecisionList) -> list[Rule]:
    """A branch is possible when it is not cleared and no branch before it is met."""
    rules, earlier = [], []
    for index, step in enumerate(program.branch_steps(decision)):
        own = [] if step is None else [{"$neq": {f"b{step}": _STATE_CODES[Truth.NOT_MET]}}]
        rules.append(_rule(f"{decision.name}/{index}", _both([*earlier, *own]) if earlier or own else {ALWAYS: 1}))
        if step is not None:
            earlier.append({"$neq": {f"b{step}": _STATE_CODES[Truth.MET]}})
    return rules


def _settled_rules(decision: DecisionList) -> list[Rule]:
    """An outcome is the answer when it is possible and no other is."""
    return [
        _rule(f"{decision.name}/{outcome}", _both([{f"p_{decision.name}_{other}": int(other == outcome)} for other in decision.outcomes]))
        for outcome in decision.outcomes
    ]


def _possible_outcomes(decision: DecisionList, fired: set[str]) -> tuple[str, ...]:
    allowed = {branch.outcome for index, branch in enumerate(decision.branches) if f"{decision.name}/{index}" in fired}
    return tuple(outcome for outcome in decision.outcomes if outcome in allowed)


def _answer(decision: DecisionList, fired: set[str]) -> str:
    """An answer has to be proved; without a proof it is not settled."""
    proved = [outcome for outcome in decision.outcomes if f"{decision.name}/{outcome}" in fired]
    return proved[0] if len(proved) == 1 else decision.unsettled


_STATE_CODES = {Truth.NOT_MET: 0, Truth.MET: 1, Truth.UNKNOWN: 2}


def _total(table: PointsTable, states: list[Truth]) -> int:
    remaining, total = iter(states), 0
    for parameter in table.parameters:
        points = points_total((row.points, next(remaining)) for row in parameter.rows)
        total += points if parameter.floor is None else max(points, parameter.floor)
    return total


def _levels(program: Program) -> list[int]:
    """A step stands one stage after the last of its parts."""
    levels: list[int] = []
    for step in program.steps:
        levels.append(1 + max((levels[part] for part in step.parts), default=-1))
    return levels


def _rule(name: str, expression: Expression | None) -> Rule | None:
    return None if expression is None else Rule(name, expression, frozenset(_properties(expression)))


def _both(expressions: list[Expression]) -> Expression:
    return expressions[0] if len(expressions) == 1 else {"$and": expressions}


def _either(expressions: list[Expression]) -> Expression:
    return expressions[0] if len(expressions) == 1 else {"$or": expressions}


def _properties(expression: Expression) -> Iterable[str]:
    for key, value in expression.items():
        if key in ("$and", "$or"):
            for part in value:
                yield from _properties(part)
        elif key.startswith("$"):
            yield from value
        else:
            yield key


def _count_comparisons(expression: Expression) -> int:
    return sum(1 for _ in _properties(expression))

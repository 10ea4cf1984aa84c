"""Agreement of the two evaluators (`semantics.md` 8.1): leaves, inner nodes, criteria and decision lists, each on the states it can see.

Both are held against the definition (`engine/reference.py`). Leaves and criteria are tried on the cells of their items. Inner nodes and
decision lists are tried on the states of their direct parts: each part is replaced by a question of its own that can be met, not met or
blank, so that both evaluators run as they always do. Nodes of one shape (kind, count, number of parts) are one subject.
Only what was tried exhaustively is proved; what was drawn by seed is counted apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from engine import conditions as c
from engine.cells import cells_of
from engine.chaining import Chain, Proof
from engine.column_building import patient_at
from engine.columns import Column, Columns
from engine.decisions import decide_evaluated
from engine.derived import with_derived
from engine.parity_report import KINDS, Count, Disagreement, Kind, ParityReport
from engine.planes import Evaluation, evaluate
from engine.program import Program, Step, compile_program
from engine.reference import STATE_CODES, STATES, defined_outcomes, defined_states
from engine.ruleset import Criterion, DecisionList, Place, PointsTable, RuleSet
from engine.space import RELATIONS
from engine.truth import Truth
from engine.vocabulary import Item, Vocabulary

MOST_CELLS = 5_000
MOST_PARTS = 8
SEEDED = 5_000
ORDINARY_CHAIN_LIMIT = 100_000
_SEED = 20261
ValuesOf = Callable[[Program, Vocabulary, Item], np.ndarray]


@dataclass(frozen=True)
class _Subject:
    """One thing to try: a small program, what of it is compared, and the patients to try it on."""

    kind: Kind
    name: str
    rules: RuleSet
    program: Program
    target: int | DecisionList
    columns: Columns
    exhaustive: bool

    @property
    def decisions(self) -> tuple[DecisionList, ...]:
        return (self.target,) if isinstance(self.target, DecisionList) else ()


def check_parity(rules: RuleSet, decisions: Iterable[DecisionList], chain_limit: int = ORDINARY_CHAIN_LIMIT) -> ParityReport:
    """Try everything that these decision lists use.

    The columnar evaluator runs all of it; durable-rules at most `chain_limit` evaluations: leaves, nodes and lists first, then an even
    share of every criterion.
    """
    subjects = list(subjects_of(rules, tuple(decisions)))
    shares = _chain_shares(subjects, chain_limit)
    differing = [_first_difference(subject, share) for subject, share in zip(subjects, shares)]
    return ParityReport(tuple(_count(kind, subjects, shares) for kind in KINDS), tuple(found for found in differing if found is not None))


def check_parity_by_columns(rules: RuleSet, decisions: Iterable[DecisionList]) -> ParityReport:
    """The same by the columnar evaluator and the definition alone."""
    return check_parity(rules, decisions, chain_limit=0)


def subjects_of(rules: RuleSet, decisions: Sequence[DecisionList]) -> Iterator[_Subject]:
    """Every leaf, node shape, decision list and criterion, in this order."""
    conditions = [branch.condition for decision in decisions for branch in decision.branches if branch.condition is not None]
    program = compile_program(rules, (), conditions)
    for step in program.steps:
        if step.kind == "leaf":
            yield _leaf_subject(rules, step.condition)
    yield from _node_subjects(rules, program)
    for decision in decisions:
        yield _decision_subject(rules, decision)
    for id in program.criterion_steps:
        yield _criterion_subject(rules, id)


# Leaves and criteria: on the cells of their items

def _leaf_subject(rules: RuleSet, leaf: c.Leaf) -> _Subject:
    program = compile_program(rules, (), [leaf])
    columns, exhaustive = _cell_patients(program, rules.vocabulary, _ends)
    return _Subject("leaf", f"{leaf}", rules, program, program.condition_steps[leaf], columns, exhaustive)


def _criterion_subject(rules: RuleSet, id: str) -> _Subject:
    program = compile_program(rules, [id])
    columns, exhaustive = _cell_patients(program, rules.vocabulary, _representatives)
    return _Subject("criterion", id, rules, program, program.criterion_steps[id], columns, exhaustive)


def _cell_patients(program: Program, vocabulary: Vocabulary, chosen: ValuesOf) -> tuple[Columns, bool]:
    """Patients over the cells of every item that the program reads, 'not recorded' included; and whether they are all there are."""
    items = [item for item in vocabulary if any(item.name in reads for reads in program.reads)]
    values = {item.name: chosen(program, vocabulary, item) for item in items}
    places, exhaustive = _combinations([len(held) + 1 for held in values.values()], MOST_CELLS)
    by_item = {name: Column(held[np.minimum(place, len(held) - 1)], place < len(held)) for (name, held), place in zip(values.items(), places)}
    return Columns(places.shape[1] if items else 1, by_item), exhaustive


def _representatives(program: Program, vocabulary: Vocabulary, item: Item) -> np.ndarray:
    """One value of each cell; both ends of it where two numbers are compared with each other."""
    read = {step.condition.item for step in program.steps if step.kind == "leaf"}
    if any(item.name in pair and relation in read for relation, pair in RELATIONS.items()):
        return _ends(program, vocabulary, item)
    if item.type == "text":
        return _objects(item.codes)
    if item.type == "text_list":
        return _objects(_code_lists(vocabulary, item.name))
    return cells_of(program, vocabulary, item, range(len(program.steps))).values


def _ends(program: Program, vocabulary: Vocabulary, item: Item) -> np.ndarray:
    """Of a number also both ends of every cell, so that a threshold and its neighbours are tried; of anything else one of each cell."""
    if not item.is_number:
        return _representatives(program, vocabulary, item)
    cells = cells_of(program, vocabulary, item, range(len(program.steps)))
    whole = item.type == "integer"
    ends = [np.ceil(cells.lowest()) if whole else cells.lowest(), np.floor(cells.highest()) if whole else cells.highest()]
    return np.unique(np.concatenate([cells.values, *ends]))


def _code_lists(vocabulary: Vocabulary, name: str) -> list[tuple[str, ...]]:
    """Lists of codes that show every mixture of the groups that derived items make of them."""
    starts = [start for derived in vocabulary.derived.values() if name in derived.made_of for group in derived.made_from.values() for start in group]
    others = (f"{letter}00" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    examples = [
        *((start + "00")[:3] if len(start) < 3 else start for start in starts),
        next(code for code in others if not code.startswith(tuple(starts))),
    ]
    return [some for size in range(len(examples) + 1) for some in itertools.combinations(examples, size)]


def _objects(values: Sequence[object]) -> np.ndarray:
    held = np.empty(len(values), object)
    held[:] = values
    return held


def _combinations(sizes: Sequence[int], most: int) -> tuple[np.ndarray, bool]:
    """Places (variables, rows): every combination when there are at most `most`, else `SEEDED` drawn ones."""
    total = int(np.prod([float(size) for size in sizes])) if sizes else 1
    if total <= most:
        return np.indices(sizes).reshape(len(sizes), total), True
    draw = np.random.default_rng(_SEED)
    return np.array([draw.integers(0, size, SEEDED) for size in sizes]), False


# Nodes and decision lists: on the states of their parts

@lru_cache(maxsize=64)
def _question(number: int) -> Item:
    """A stand-in for one part: yes is met, no is not met, blank is unknown."""
    return Item(
        name=f"part_{number}", type="boolean", unit="", minimum=None, maximum=None, codes=("yes", "no"), label=f"Part {number}", question="", help="",
        group="parts", order=number, relevant_when=c.Always(), safety_critical=None, changeability="fixed", milestone=False,
    )


def _part(number: int) -> c.OneOf:
    return c.OneOf(f"part_{number}", frozenset({"yes"}))


@lru_cache(maxsize=64)
def _questions(count: int) -> Vocabulary:
    return Vocabulary({f"part_{number}": _question(number) for number in range(count)}, (), {})


def _node_subjects(rules: RuleSet, program: Program) -> Iterator[_Subject]:
    seen = set()
    for step in program.steps:
        pattern = _pattern(step)
        if step.parts and pattern not in seen:
            seen.add(pattern)
            yield _node_subject(rules, step, program.points_tables)


def _pattern(step: Step) -> tuple:
    """What a node is, its parts apart: kind, count, which parts are the same one, and the comparison of a points table."""
    numbers = {part: number for number, part in enumerate(dict.fromkeys(step.parts))}
    return step.kind, step.count, tuple(numbers[part] for part in step.parts), step.condition if step.kind == "points" else None


def _node_subject(rules: RuleSet, step: Step, tables: Mapping[str, PointsTable]) -> _Subject:
    _, _, numbers, points = _pattern(step)
    parts = tuple(_part(number) for number in numbers)
    count = len(set(numbers))
    own_tables, criteria, condition = {}, {}, None
    match step.kind:
        case "all":
            condition = c.All(parts)
        case "any":
            condition = c.Any(parts)
        case "not":
            condition = c.Not(parts[0])
        case "at_least":
            condition = c.AtLeast(step.count, parts)
        case "proved":
            criteria, condition = {"node": _both_ways(*parts)}, c.CriterionRef("node")
        case "points":
            own_tables, condition = {points.table: _with_rows(tables[points.table], parts, count)}, points
            count += len(tables[points.table].unknown_while_blank)
    stand_in = replace(rules, vocabulary=_questions(count), criteria=criteria, points_tables=own_tables)
    small = compile_program(stand_in, (), [condition])
    columns, exhaustive = _state_patients(count)
    return _Subject("node", f"{step.kind} of {len(parts)}", stand_in, small, small.condition_steps[condition], columns, exhaustive)


def _both_ways(when: c.Condition, cleared: c.Condition) -> Criterion:
    return Criterion("node", "", "", "", when, cleared, (), "project", False, False, "", "", "", Place("", 0))


def _with_rows(table: PointsTable, parts: Sequence[c.Condition], first_free: int) -> PointsTable:
    """The table with its rows, and the items it insists on, replaced by stand-ins."""
    remaining = iter(parts)
    parameters = tuple(
        replace(parameter, rows=tuple(replace(row, when=next(remaining)) for row in parameter.rows)) for parameter in table.parameters
    )
    insisted = tuple(f"part_{first_free + number}" for number in range(len(table.unknown_while_blank)))
    return replace(table, parameters=parameters, unknown_while_blank=insisted)


def _decision_subject(rules: RuleSet, decision: DecisionList) -> _Subject:
    conditions = list(dict.fromkeys(branch.condition for branch in decision.branches if branch.condition is not None))
    stand_ins = {condition: _part(number) for number, condition in enumerate(conditions)}
    branches = tuple(replace(branch, condition=None if branch.condition is None else stand_ins[branch.condition]) for branch in decision.branches)
    stand_in = replace(rules, vocabulary=_questions(len(conditions)), criteria={}, points_tables={})
    columns, exhaustive = _state_patients(len(conditions))
    program = compile_program(stand_in, (), stand_ins.values())
    return _Subject("decision list", decision.name, stand_in, program, replace(decision, branches=branches), columns, exhaustive)


def _state_patients(count: int) -> tuple[Columns, bool]:
    """All states of so many parts; above MOST_PARTS each part alone against every uniform background, and seeded combinations."""
    places, exhaustive = _combinations([3] * count, 3**MOST_PARTS)
    if not exhaustive:
        alone = [np.where(np.arange(count) == part, own, rest) for part in range(count) for own in range(3) for rest in range(3)]
        places = np.hstack([np.array(alone).T, places])
    by_item = {f"part_{number}": Column(np.minimum(place, 1).astype(np.int16), place < 2) for number, place in enumerate(places)}
    return Columns(places.shape[1], by_item), exhaustive


# Running and comparing



def _chain_shares(subjects: Sequence[_Subject], limit: int) -> list[int]:
    """How many patients of each subject durable-rules gets: all of the small kinds, then an even share of what is left for criteria."""
    shares = [0] * len(subjects)
    order = sorted(range(len(subjects)), key=lambda k: (subjects[k].kind == "criterion", subjects[k].columns.rows))
    left = limit
    for done, k in enumerate(order):
        fair = left if subjects[k].kind != "criterion" else left // (len(order) - done)
        shares[k] = min(subjects[k].columns.rows, fair)
        left -= shares[k]
    return shares


def _first_difference(subject: _Subject, chain_rows: int) -> Disagreement | None:
    by_columns = _by_columns(subject, subject.columns)
    by_definition = _by_definition(subject, subject.columns)
    rows = range(subject.columns.rows) if chain_rows == subject.columns.rows else _drawn(subject.columns.rows, chain_rows)
    by_chain = dict(zip(rows, _by_chain(subject, subject.columns, rows)))
    for row, (one, defined) in enumerate(zip(by_columns, by_definition)):
        if one != defined or by_chain.get(row, one) != one:
            return _smallest(subject, row, with_chain=row in by_chain)
    return None


def _drawn(rows: int, count: int) -> list[int]:
    return sorted(np.random.default_rng(_SEED).choice(rows, count, replace=False).tolist())


def _by_columns(subject: _Subject, columns: Columns) -> list[str]:
    evaluation = evaluate(subject.program, subject.rules.vocabulary, columns)
    if isinstance(subject.target, DecisionList):
        return _decided_by_columns(subject.target, evaluation)
    met, not_met = (np.broadcast_to(plane, (columns.rows,)) for plane in evaluation.planes[subject.target])
    texts = np.array(["unknown", "met", "not_met", "met and not met"])
    return texts[met + 2 * not_met.astype(int)].tolist()


def _decided_by_columns(decision: DecisionList, evaluation: Evaluation) -> list[str]:
    decided = decide_evaluated(decision, evaluation)
    texts = []
    for allowed, settled in zip(decided.possible.tolist(), decided.settled.tolist()):
        possible = tuple(outcome for outcome, is_possible in zip(decision.outcomes, allowed) if is_possible)
        texts.append(_outcome_text(possible, decision.unsettled if settled < 0 else decision.outcomes[settled]))
    return texts


def _by_definition(subject: _Subject, columns: Columns) -> list[str]:
    by_name = with_derived(subject.rules.vocabulary, columns)
    states = defined_states(subject.program, subject.rules.vocabulary, by_name, columns.rows)
    if isinstance(subject.target, int):
        return [STATES[code].value for code in states[subject.target].tolist()]
    always = np.full(columns.rows, STATE_CODES[Truth.MET], np.int8)
    branches = np.array([always if step is None else states[step] for step in subject.program.branch_steps(subject.target)])
    return [_defined_text(subject.target, row) for row in branches.T.tolist()]


def _defined_text(decision: DecisionList, branches: Sequence[int]) -> str:
    possible = defined_outcomes(decision, [STATES[code] for code in branches])
    return _outcome_text(possible, possible[0] if len(possible) == 1 else decision.unsettled)


def _by_chain(subject: _Subject, columns: Columns, rows: Iterable[int]) -> list[str]:
    rows = list(rows)
    if not rows:
        return []
    chain = Chain(subject.program, subject.rules.vocabulary, subject.decisions)
    by_name = with_derived(subject.rules.vocabulary, columns)
    return [_proved_text(subject.target, chain.prove(_recorded_at(by_name, row))) for row in rows]


def _recorded_at(by_name: Mapping[str, Column], row: int) -> dict[str, Column]:
    """One patient as `assess` hands it over: what is not recorded has no column at all."""
    rows = {name: _row_of(column, row) for name, column in by_name.items()}
    return {name: column for name, column in rows.items() if column.recorded[0]}


def _row_of(column: Column, row: int) -> Column:
    return column if len(column.values) == 1 else Column(column.values[row : row + 1], column.recorded[row : row + 1])


def _proved_text(target: int | DecisionList, proof: Proof) -> str:
    if isinstance(target, int):
        return proof.states[target].value
    return _outcome_text(proof.possible[target.name], proof.answers[target.name])


def _outcome_text(possible: Sequence[str], answer: str) -> str:
    return f"{answer} of {';'.join(possible)}"


def _smallest(subject: _Subject, row: int, with_chain: bool) -> Disagreement:
    """The patient with every item blanked that the disagreement does not need."""
    columns = Columns(1, {name: _row_of(column, row) for name, column in subject.columns.by_item.items()})
    for name in list(columns.by_item):
        fewer = Columns(1, {other: column for other, column in columns.by_item.items() if other != name})
        if _differs(subject, fewer, with_chain):
            columns = fewer
    patient = patient_at(subject.rules.vocabulary, columns, 0)
    answers = _by_columns(subject, columns)[0], _by_chain(subject, columns, [0])[0] if with_chain else "", _by_definition(subject, columns)[0]
    return Disagreement(subject.kind, subject.name, patient, *answers)


def _differs(subject: _Subject, columns: Columns, with_chain: bool) -> bool:
    answers = {_by_columns(subject, columns)[0], _by_definition(subject, columns)[0], *(_by_chain(subject, columns, [0]) if with_chain else ())}
    return len(answers) > 1


def _count(kind: Kind, subjects: Sequence[_Subject], shares: Sequence[int]) -> Count:
    own = [(subject, share) for subject, share in zip(subjects, shares) if subject.kind == kind]
    proved = [subject.exhaustive and share == subject.columns.rows for subject, share in own]
    return Count(
        kind,
        len(own),
        sum(subject.columns.rows for subject, _ in own if subject.exhaustive),
        sum(subject.columns.rows for subject, _ in own if not subject.exhaustive),
        sum(share for (_, share), whole in zip(own, proved) if whole),
        sum(share for (_, share), whole in zip(own, proved) if not whole),
    )

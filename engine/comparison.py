"""Two guidelines that answer differently for one patient: the first criterion on which they part, and what kind of difference it is.

One side is *held back*: the one that does not apply, else the one that is undecided, else the one with the less favourable verdict
(opposes before optional before supports). Its facts (`engine/deciding.py`) are walked in the order of its decision list, and only those
that keep it from the other side's answer: why a branch with that answer, or one between the two, is not met, and why the branch that
gave its own answer is met. The kinds are exact:

- `scope`: one side is not applicable, and the other cannot become so any more. The first fact that puts the patient outside: that of the
  branch which says so, or, where it is said of everyone who is left, what keeps the branches that support or allow from being met.
- `missing_item`: one side is undecided. The first question of an open branch that is unknown because its item is not recorded.
  `may_still_agree` says whether the undecided side may still come to the other's answer.
- `threshold`: the first fact that the sides do not share compares a number (or a score), the other side's answer rests on a comparison
  of the same number, and the value lies between the two borders: beyond one, not beyond the other. 'At least 3' and 'above 3' are
  different borders. Such a fact counts as not shared even if the other side compares the number with the same border somewhere else,
  where its answer does not rest on it.
- `real_disagreement`: anything else, with its `detail`. `asked_by_one`: the other side never asks for that item or score.
  `read_otherwise`: it asks for it, and not for the same. `same_question`: every fact that holds one side back is a question that the
  other side asks too. `no_condition`: nothing holds it back, it says so of everyone who gets that far. `left_open`: it is undecided
  although everything it asks is recorded.

A question is shared when both lists ask it, or its negation, wherever it stands: shared facts are passed over while a fact follows that
is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Literal

from engine import conditions as c
from engine.assessing import in_words
from engine.cells import cuts_of
from engine.column_building import columns_from_patients
from engine.deciding import Decided, Fact, Question, decided_one, state_in
from engine.errors import UnusableCall
from engine.evaluator import Evaluator
from engine.mistakes import nearest
from engine.planes import Evaluation, codes_of, evaluate_one
from engine.program import base_items
from engine.rules_key import RulesKey
from engine.ruleset import Criterion, DecisionList, Pack, RuleSet, Verdicts
from engine.templates import number_words
from engine.truth import Truth
from engine.values import Value
from engine.vocabulary import Vocabulary

Kind = Literal["threshold", "missing_item", "scope", "real_disagreement"]
Detail = Literal["", "asked_by_one", "read_otherwise", "same_question", "no_condition", "left_open"]
NOT_APPLICABLE, UNDECIDED = "not_applicable", "undecided"
FAVOURABLE_FIRST = ("supports", "optional", "opposes")
COMPARISON_TEXTS = "comparison"
_SIGNS: Mapping[str, str] = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}


@dataclass(frozen=True)
class Parting:
    """Where two decision lists part: the fact of the side that is held back, and the question of the other side beside it."""

    kind: Kind
    detail: Detail
    fact: Fact | None
    other: Fact | None


@dataclass(frozen=True)
class Side:
    """One guideline of a comparison; empty texts where nothing was asked.

    `state` is that of the criterion (of the question, where no criterion asks it), `says` what is therefore known of it.
    """

    column: str
    name: str
    question: str
    verdict: str
    possible: tuple[str, ...]
    branch: str
    criterion: str
    state: str
    says: str
    comparison: str
    threshold: str
    limit: float | None


@dataclass(frozen=True)
class Comparison:
    """The first criterion on which two guidelines part for one patient, as a value of plain types."""

    kind: Kind
    detail: Detail
    held_back: str
    """Column of the side that is held back."""
    items: tuple[str, ...]
    """The items the parting question is read from, where any is recorded; of a missing item those that are not."""
    values: dict[str, str]
    """Their recorded values in words."""
    may_still_agree: bool
    left: Side
    right: Side
    sentence: str

    def as_json(self) -> dict[str, object]:
        """Plain types for JSON."""
        return asdict(self)


def compare(evaluator: Evaluator, recorded: Mapping[str, Value], left: str, right: str) -> Comparison | None:
    """Compare two verdict columns for one patient's parsed values; None when their verdicts are the same.

    Raises UnusableCall when the evaluator has no such column.
    """
    found = list(comparisons(evaluator, recorded, [(left, right)]))
    return found[0] if found else None


def comparisons(evaluator: Evaluator, recorded: Mapping[str, Value], pairs: Iterable[tuple[str, str]] | None = None) -> Iterator[Comparison]:
    """The same for these pairs of columns, or for all pairs in the order of the guidelines."""
    rules, by_column = evaluator.rules, verdict_columns(evaluator)
    asked = list(pairs) if pairs is not None else list(all_pairs(by_column))
    for column in dict.fromkeys(column for pair in asked for column in pair):
        if column not in by_column:
            raise UnusableCall(f"There is no guideline column '{column}' here, so it cannot be compared.{nearest(column, by_column)}")
    evaluation = evaluate_one(evaluator.program, rules.vocabulary, columns_from_patients(rules.vocabulary, [recorded]))
    wanted = dict.fromkeys(column for pair in asked for column in pair)
    decided = {column: decided_one(rules, by_column[column][1].decision, evaluation) for column in wanted}
    for left, right in asked:
        if decided[left].answer != decided[right].answer:
            yield _Writer(rules, recorded, by_column, decided, evaluation).comparison(left, right)


def verdict_columns(evaluator: Evaluator) -> dict[str, tuple[Pack, Verdicts]]:
    """The verdict columns of an evaluator in the order of its guidelines."""
    return {verdicts.column: (pack, verdicts) for pack in evaluator.packs for verdicts in pack.verdicts}


def all_pairs(columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    names = list(columns)
    yield from ((first, second) for place, first in enumerate(names) for second in names[place + 1:])


# Where they part

def is_held_back(one: Decided, other: Decided) -> bool:
    """Whether the first of two different answers is the one that is held back."""
    return _severity(one, other) > _severity(other, one)


def _severity(one: Decided, other: Decided) -> int:
    """Higher is held back. Not applicable counts most, unless the other side is undecided and may yet say the same."""
    if one.answer == NOT_APPLICABLE:
        return 2 if NOT_APPLICABLE in other.possible else 4
    return 3 if one.answer == UNDECIDED else FAVOURABLE_FIRST.index(one.answer) - len(FAVOURABLE_FIRST)


def part(rules: RuleSet, held_back: Decided, other: Decided, other_list: DecisionList) -> Parting:
    """Where two different answers part. `other_list` is the decision list of the other side."""
    if held_back.answer == UNDECIDED:
        return _undecided(held_back)
    reasons = reasons_against(held_back, other.answer)
    if held_back.answer == NOT_APPLICABLE:
        first = next(iter(reasons), None)
        return Parting("scope", "", first, None if first is None else _asked_in(rules, other_list, first))
    return settled_parting(rules, reasons, borders_of(other), other_list)


def _undecided(held_back: Decided) -> Parting:
    open_ = [fact for branch in held_back.branches if branch.state is Truth.UNKNOWN for fact in branch.facts]
    blank = next((fact for fact in open_ if fact.question is not None), None)
    if blank is None:
        return Parting("real_disagreement", "left_open", open_[0], None)
    return Parting("missing_item", "", blank, None)


def reasons_against(held_back: Decided, answer: str) -> tuple[Fact, ...]:
    """The facts that keep a settled list from this answer, in the order of its branches."""
    better = _between(answer, held_back.answer)
    failed = (fact for branch in held_back.branches[:-1] if branch.outcome in better and branch.state is Truth.NOT_MET for fact in branch.facts)
    return tuple(dict.fromkeys([*failed, *held_back.reached.facts]))


def _between(better: str, worse: str) -> frozenset[str]:
    """The first answer and those between it and the second; of a list that does not apply, the answers that would speak for the patient."""
    if worse == NOT_APPLICABLE:
        return frozenset(FAVOURABLE_FIRST[:-1])
    return frozenset(FAVOURABLE_FIRST[FAVOURABLE_FIRST.index(better):FAVOURABLE_FIRST.index(worse)])


def borders_of(decided: Decided) -> tuple[Fact, ...]:
    """The facts on numbers and scores that an answer rests on."""
    return tuple(dict.fromkeys(fact for fact in decided.facts() if _side(fact) is not None))


def settled_parting(rules: RuleSet, reasons: Iterable[Fact], borders: Iterable[Fact], other_list: DecisionList) -> Parting:
    """Two settled verdicts of lists that both apply: the first reason that the other list does not share."""
    borders, shared = tuple(borders), None
    for fact in reasons:
        for border in borders:
            if _asked(border.question) == _asked(fact.question) and _side(fact) not in (None, _side(border)):
                return Parting("threshold", "", fact, border)
        asked = _asked_in(rules, other_list, fact)
        if asked is None:
            return Parting("real_disagreement", "asked_by_one", fact, None)
        if not _same(rules.vocabulary, fact.question, asked.question):
            return Parting("real_disagreement", "read_otherwise", fact, asked)
        shared = shared or Parting("real_disagreement", "same_question", fact, asked)
    return shared or Parting("real_disagreement", "no_condition", None, None)


def _asked(question: Question) -> str:
    """The item or the score that a question is about."""
    return question.table if isinstance(question, c.PointsCompare) else question.item


def _side(fact: Fact) -> bool | None:
    """True beyond the border of a comparison, False before it; None where a fact has no border to lie on a side of."""
    if not isinstance(fact.question, (c.Compare, c.PointsCompare)) or fact.question.operator == "equals" or fact.state is Truth.UNKNOWN:
        return None
    return (fact.question.operator in ("at_least", "above")) == (fact.state is Truth.MET)


def _asked_in(rules: RuleSet, decision: DecisionList, fact: Fact) -> Fact | None:
    """Where another list asks the question of a fact, else where it asks for the item; None when it never does. States are not known."""
    about = questions_of(rules, decision).get(_asked(fact.question), ())
    same = (asked for asked in about if _same(rules.vocabulary, asked.question, fact.question))
    return next(same, about[0] if about else None)


@lru_cache(maxsize=1024)
def _questions(key: RulesKey, decision: DecisionList) -> dict[str, tuple[Fact, ...]]:
    found: dict[str, list[Fact]] = {}
    seen: set[str] = set()
    waiting = [("", branch.condition) for branch in decision.branches if branch.condition is not None]
    while waiting:
        criterion, condition = waiting.pop(0)
        for node in c.walk(condition):
            if isinstance(node, c.CriterionRef) and node.id not in seen:
                seen.add(node.id)
                own = key.rules.criteria[node.id]
                waiting += [(node.id, when) for when in (own.when, own.cleared_when) if when is not None]
            elif isinstance(node, c.PointsCompare) or hasattr(node, "item"):
                found.setdefault(_asked(node), []).append(Fact(criterion, node, Truth.UNKNOWN))
    return {name: tuple(facts) for name, facts in found.items()}


def questions_of(rules: RuleSet, decision: DecisionList) -> dict[str, tuple[Fact, ...]]:
    """Every question of a decision list by the item or score it is about, with the criterion that asks it."""
    return _questions(RulesKey(rules), decision)


def _same(vocabulary: Vocabulary, one: Question, other: Question) -> bool:
    """Whether two questions about one item are the same or each other's negation."""
    return _distinction(vocabulary, one) == _distinction(vocabulary, other)


def _distinction(vocabulary: Vocabulary, question: Question) -> object:
    """What a question tells apart: the same for a question and its negation."""
    match question:
        case c.Compare(item):
            return frozenset(cuts_of(question, vocabulary[item]))
        case c.PointsCompare(_, operator, threshold):
            return operator in ("at_least", "below"), operator == "equals", threshold.value
        case c.OneOf(item, codes):
            return frozenset((codes, frozenset(codes_of(vocabulary, item)) - codes))
        case c.IncludesAny(_, codes):
            return codes
        case c.AllWithin(item, codes):
            return frozenset(codes_of(vocabulary, item)) - codes
    return frozenset({"yes"})


# Writing it down

class _Writer:
    def __init__(
        self, rules: RuleSet, recorded: Mapping[str, Value], by_column: Mapping[str, tuple[Pack, Verdicts]], decided: Mapping[str, Decided],
        evaluation: Evaluation,
    ) -> None:
        self._rules, self._recorded, self._by_column, self._decided, self._evaluation = rules, recorded, by_column, decided, evaluation

    def comparison(self, left: str, right: str) -> Comparison:
        held, other = (left, right) if is_held_back(self._decided[left], self._decided[right]) else (right, left)
        parting = part(self._rules, self._decided[held], self._decided[other], self._by_column[other][1].decision)
        sides = {held: self._side(held, parting.fact), other: self._side(other, self._beside(parting, other))}
        items = self._items(parting)
        values = {name: in_words(self._rules.vocabulary, name, self._recorded.get(name)) for name in items}
        return Comparison(
            parting.kind, parting.detail, held, items, values, self._decided[other].answer in self._decided[held].possible,
            sides[left], sides[right], self._sentence(parting, sides[held], sides[other], items, values),
        )

    def _beside(self, parting: Parting, other: str) -> Fact | None:
        """What to show of the other side: its question on the same item, else the first fact of its answer."""
        decided = self._decided[other]
        if parting.other is None:
            return next(iter(decided.reached.facts), None)
        same = (fact for fact in decided.facts() if (fact.criterion, fact.question) == (parting.other.criterion, parting.other.question))
        return next(same, parting.other)

    def _items(self, parting: Parting) -> tuple[str, ...]:
        if parting.fact is None or parting.fact.question is None:
            return ()
        question = parting.fact.question
        if isinstance(question, c.PointsCompare):
            names = self._rules.points_tables[question.table].unknown_while_blank
        else:
            names = base_items(self._rules.vocabulary, question.item)
        recorded = tuple(name for name in names if name in self._recorded)
        if parting.kind == "missing_item":
            return tuple(name for name in names if name not in recorded)
        return (_asked(question),) if _asked(question) in recorded else recorded or names

    def _side(self, column: str, fact: Fact | None) -> Side:
        pack, verdicts = self._by_column[column]
        decided = self._decided[column]
        criterion = self._rules.criteria[fact.criterion] if fact is not None and fact.criterion else None
        threshold = getattr(fact.question, "threshold", None) if fact is not None else None
        state = self._state(fact)
        return Side(
            column, pack.name, pack.question, decided.answer, decided.possible, decided.reached.branch, criterion.id if criterion else "", state,
            self._says(criterion, state), _SIGNS[fact.question.operator] if threshold else "", threshold.name if threshold else "",
            threshold.value if threshold else None,
        )

    def _state(self, fact: Fact | None) -> str:
        """A question can be met where its criterion is not: behind a 'not', or in what clears the criterion."""
        if fact is None:
            return ""
        return state_in(self._evaluation, c.CriterionRef(fact.criterion) if fact.criterion else fact.question).value

    def _says(self, criterion: Criterion | None, state: str) -> str:
        if criterion is None:
            return ""
        if state == Truth.UNKNOWN.value:
            return self._rules.texts[COMPARISON_TEXTS]["not_known"].format(says=criterion.says)
        return criterion.says if state == Truth.MET.value else criterion.says_not

    def _sentence(self, parting: Parting, held: Side, other: Side, items: tuple[str, ...], values: Mapping[str, str]) -> str:
        vocabulary = self._rules.vocabulary
        template = self._rules.texts[COMPARISON_TEXTS][parting.detail or parting.kind]
        return template.format(
            held_back=held.name, other=other.name, reason=f"{held.says}." if held.says else "",
            verdict=self._rules.label("verdict", held.verdict), other_verdict=self._rules.label("verdict", other.verdict),
            item=", ".join(vocabulary[name].label for name in items), value=", ".join(values.values()),
            limit=_limit(held), other_limit=_limit(other),
        ).strip()


def _limit(side: Side) -> str:
    return "" if side.limit is None else f"{side.comparison} {number_words(side.limit)}"

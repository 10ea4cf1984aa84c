"""A condition in readable words, as a tree that a view draws as nested lines. The phrases are in `rules/texts/condition_words.yaml`.

No source and no patient is involved: this is what a rule asks, said in the labels of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import conditions as c
from engine.ruleset import RuleSet
from engine.templates import number_words
from engine.vocabulary import Derived, Item

PHRASES = "condition_words"
SHORTEST_RANGE = 3


@dataclass(frozen=True)
class Worded:
    """One node: a sentence when it has no parts, else the heading over its parts."""

    text: str
    parts: tuple[Worded, ...] = ()

    @property
    def in_one_line(self) -> str:
        """The whole tree without line breaks."""
        return f"{self.text} ({'; '.join(part.in_one_line for part in self.parts)})" if self.parts else self.text


class ConditionWords:
    """Puts the conditions of one rule set into words."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._phrases: Mapping = rules.texts[PHRASES]
        self._units_not_shown = frozenset(rules.texts["interface"]["inputs"]["units_not_shown"])

    def of(self, condition: c.Condition) -> Worded:
        """The words of a condition; a criterion it refers to is quoted by its sentence and named by its code or id."""
        match condition:
            case c.All(parts):
                return self._over("all", parts)
            case c.Any(parts):
                return self._over("any", parts)
            case c.AtLeast(count, parts):
                return self._over("at_least", parts, count=count)
            case c.Not(part):
                return self._denied(part)
            case c.Always():
                return Worded(self._phrases["always"])
            case c.Compare(item, operator, threshold):
                return self._compared(self.label(item), operator, self.number(item, threshold.value))
            case c.PointsCompare(table, operator, threshold):
                return self._compared(self._rules.points_tables[table].name, operator, number_words(threshold.value))
            case c.CriterionRef(id):
                return self._said("criterion", says=self._rules.criteria[id].says, id=self._rules.criteria[id].code or id)
            case c.MilestoneReached(item):
                return self._said("milestone", item=self.label(item))
            case c.OneOf(item, codes):
                return self._said("one_of", item=self.label(item), codes=self._codes(item, codes))
            case c.IncludesAny(item, codes):
                return self._said("includes" if len(codes) == 1 else "includes_any", item=self.label(item), codes=self._codes(item, codes))
            case c.AllWithin(item, codes):
                return self._said("all_within", item=self.label(item), codes=self._codes(item, codes))
        raise TypeError(f"a condition of this kind has no words: {type(condition).__name__}")

    def label(self, item: str) -> str:
        """What an item, a derived item or a score is called."""
        table = self._rules.points_tables.get(item)
        return table.name if table else self._described(item).label

    def number(self, item: str, value: float) -> str:
        """A number with the unit of its item, where the unit says something."""
        unit = getattr(self._rules.vocabulary.items.get(item), "unit", "")
        return number_words(value) if unit in self._units_not_shown else f"{number_words(value)} {unit}".strip()

    def comparison(self, operator: str) -> str:
        return self._phrases["comparisons"][operator]

    def _described(self, item: str) -> Item | Derived:
        vocabulary = self._rules.vocabulary
        return vocabulary.items.get(item) or vocabulary.derived[item]

    def _said(self, phrase: str, **fields: object) -> Worded:
        return Worded(self._phrases[phrase].format(**fields))

    def _over(self, phrase: str, parts: Sequence[c.Condition], **fields: object) -> Worded:
        """A heading over its parts; one part alone needs none."""
        return self.of(parts[0]) if len(parts) == 1 else Worded(self._phrases[phrase].format(**fields), tuple(map(self.of, parts)))

    def _compared(self, item: str, operator: str, limit: str) -> Worded:
        return self._said("compare", item=item, comparison=self.comparison(operator), limit=limit)

    def _denied(self, part: c.Condition) -> Worded:
        match part:
            case c.OneOf(item, codes):
                return self._said("not_one_of", item=self.label(item), codes=self._codes(item, codes))
            case c.IncludesAny(item, codes):
                return self._said("not_includes", item=self.label(item), codes=self._codes(item, codes))
            case c.MilestoneReached(item):
                return self._said("not_milestone", item=self.label(item))
            case c.CriterionRef(id):
                return self._said("not_criterion", says=self._rules.criteria[id].says, id=self._rules.criteria[id].code or id)
            case c.Any(parts):
                return Worded(self._phrases["none"], tuple(map(self.of, parts)))
        return Worded(self._phrases["not"], (self.of(part),))

    def _codes(self, item: str, codes: Iterable[str]) -> str:
        """Codes in the order of the vocabulary, with their labels; a run of ordered ones as a range."""
        described, wanted = self._described(item), frozenset(codes)
        positions = [place for place, code in enumerate(described.codes) if code in wanted]
        runs = _runs(positions) if item in self._phrases["items_with_ranges"] else [[place] for place in positions]
        words = [described.code_labels.get(code, code) for code in described.codes]
        texts = [text for run in runs for text in self._run([words[place] for place in run])]
        return texts[0] if len(texts) == 1 else self._listed([self._phrases["code_among_several"].format(code=text) for text in texts])

    def _run(self, words: list[str]) -> list[str]:
        return [self._phrases["range"].format(first=words[0], last=words[-1])] if len(words) >= SHORTEST_RANGE else words

    def _listed(self, words: list[str]) -> str:
        comma, last = self._phrases["comma"], self._phrases["or"]
        return last.join([comma.join(words[:-1]), words[-1]])


def _runs(positions: list[int]) -> list[list[int]]:
    """Positions grouped where they follow each other without a gap."""
    runs: list[list[int]] = []
    for place in positions:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs

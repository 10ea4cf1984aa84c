"""Small random decision lists with contradictions, and patients for them, to hold exact reasoning against brute force."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from engine import conditions as c
from engine.ruleset import DecisionList, RuleSet
from engine.vocabulary import Item
from tests.small_rules import RULES, criterion, decision_list

LISTS = {
    "imaging_done": [{"mri"}, {"bone_scan", "spect_ct"}, {"xray", "ct", "mri"}],
    "fracture_levels": [{"S1", "S2", "C7"}, {"T1", "T2", "T3", "T4"}, {f"T{n}" for n in range(1, 13)} | {f"L{n}" for n in range(1, 6)}],
}
NUMBERS = {
    "pain_nrs": [0, 5, 7], "symptom_duration_weeks": [6, 12], "conservative_weeks": [0.14, 3, 6], "imaging_age_days": [42, 90], "levels_planned": [2, 3, 6],
    "inr": [1.8, 2.5],
}
CODES = ["marrow_oedema", "pain_trend", "neurological_status", "spinal_instability", "of_type"]
MILESTONES = ["mdt_agreed", "contrast_plan_agreed"]
DERIVED = ["conservative_longer_than_symptoms", "imaging_predates_pain"]
RELATED = [
    ["symptom_duration_weeks", "conservative_weeks"], ["symptom_duration_weeks", "imaging_age_days"], ["levels_planned", "fracture_levels"],
    ["symptom_duration_weeks", "conservative_weeks", "imaging_age_days"], [],
]  # fmt: skip
ALWAYS_CONTRADICTORY = ["levels_planned_differs", *DERIVED]
"""As in the shipped rules: a relation that holds is a contradiction, whatever else is."""


class GeneratedList:
    """One random decision list, the rule set it stands in, and random patients for it."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.names = list(dict.fromkeys([*self.draw.choice(RELATED), *self.draw.sample([*NUMBERS, *CODES, *LISTS, *MILESTONES], 2)]))[:5]
        branches = self.draw.choice([2, 3, 3, 4])
        tests = [(self.draw.choice("abc"), self.condition(2)) for _ in range(branches)]
        self.decision: DecisionList = decision_list(*tests, (self.draw.choice("abc"), None), name=f"generated_{seed}")
        self.rules: RuleSet = self._rules()

    def _rules(self) -> RuleSet:
        made = {name: criterion(name, c.OneOf(name, frozenset({"yes"}))) for name in ALWAYS_CONTRADICTORY}
        # The number of levels apart: without it the list stands in for it, so 'which values contradict' has two answers.
        own = [name for name in self.names if name != "levels_planned"] or CODES
        for number in range(self.draw.choice([0, 1, 2])):
            pair = c.All((self._leaf_on(self.draw.choice(own)), self._leaf_on(self.draw.choice(own))))
            made[f"random_{number}"] = criterion(f"random_{number}", pair)
        return replace(RULES, criteria=made, contradictions=tuple(made))

    def condition(self, depth: int) -> c.Condition:
        if depth == 0 or self.draw.random() < 0.3:
            return self.leaf()
        parts = tuple(self.condition(depth - 1) for _ in range(self.draw.choice([2, 2, 3])))
        return self.draw.choice([c.All(parts), c.Any(parts), c.Not(parts[0]), c.AtLeast(min(2, len(parts)), parts)])

    def leaf(self) -> c.Leaf:
        names = [*self.names, *(derived for derived in DERIVED if derived[:5] in {name[:5] for name in self.names} and self.draw.random() < 0.3)]
        return self._leaf_on(self.draw.choice(names))

    def _leaf_on(self, name: str) -> c.Leaf:
        if name in NUMBERS:
            value = self.draw.choice(NUMBERS[name])
            operator = self.draw.choice(["at_least", "at_most", "above", "below", "equals"])
            return c.Compare(name, operator, c.Threshold(f"{name}_{value}", value))
        if name in LISTS:
            codes = frozenset(self.draw.choice(LISTS[name]))
            return self.draw.choice([c.IncludesAny, c.AllWithin])(name, codes)
        if name in MILESTONES:
            return c.MilestoneReached(name)
        codes = ("yes", "no") if name in DERIVED else RULES.vocabulary[name].codes
        return c.OneOf(name, frozenset(self.draw.sample(codes, self.draw.randint(1, len(codes) - 1))))

    def patient(self, items: list[Item], most_blank: int) -> Mapping[str, object]:
        """A random patient, at most so many of these items blank."""
        blank = set(self.draw.sample([item.name for item in items], min(len(items), self.draw.randint(1, most_blank))))
        return {item.name: self.value(item) for item in items if item.name not in blank}

    def value(self, item: Item) -> object:
        if item.is_number:
            marks = NUMBERS.get(item.name, [item.minimum, item.maximum])
            value = self.draw.choice(marks) + self.draw.choice([0, -1, 1] if item.type == "integer" else [0, -0.1, 0.1, 3])
            return float(min(max(value, item.minimum), item.maximum))
        if item.type == "category_list":
            codes = [code for code in item.codes if code != "none"]
            count = self.draw.choice([1, 1, 2, 3]) if item.name == "fracture_levels" else self.draw.choice([0, 1, 2])
            return tuple(sorted(self.draw.sample(codes, count), key=codes.index))
        return self.draw.choice(item.codes)

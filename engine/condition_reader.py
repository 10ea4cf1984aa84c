"""Reads a condition written as YAML into frozen nodes, naming every unknown item, code, threshold, set and criterion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from engine import conditions as c
from engine.mistakes import nearest
from engine.yaml_files import line_of

NUMBER_COMPARISONS = ("at_least", "at_most", "above", "below", "equals")
LIST_COMPARISONS = ("includes", "includes_any", "all_within")
NODE_KEYS = ("all", "any", "not", "at_least", "of", "criterion", "milestone_reached", "always")
TRUTHY = ("yes", "true")


@dataclass(frozen=True)
class ItemShape:
    """What a condition may ask of an item: recorded, derived, or the points of a score."""

    kind: str  # number, codes, list, points
    codes: tuple[str, ...] = ()
    milestone: bool = False
    unit: str = ""


@dataclass(frozen=True)
class NamedThreshold:
    threshold: c.Threshold
    item: str


class ConditionMistake(Exception):
    """What is wrong with a condition, and on which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class ConditionReader:
    """One file's view of the names it may use. `report` receives each mistake; a mistaken part reads as None."""

    shapes: Mapping[str, ItemShape]
    sets: Mapping[str, tuple[str, ...]]
    thresholds: Mapping[str, NamedThreshold]
    criteria: Collection[str]
    """All that exist; besides the shared ones, only those of `own` may be referred to."""
    own: str
    milestones_allowed: bool
    report: Callable[[int, str], None]

    def read(self, raw: object, line: int) -> c.Condition | None:
        """The condition, or None after reporting what is wrong with it."""
        try:
            return self._node(raw, line)
        except ConditionMistake as mistake:
            self.report(mistake.line, mistake.message)
            return None

    def _node(self, raw: object, line: int) -> c.Condition:
        if not isinstance(raw, dict) or not raw:
            raise ConditionMistake(line, f"a condition is a mapping such as {{item: code}}, not '{raw}'.")
        line = line_of(raw, [])
        if "of" in raw or ("at_least" in raw and len(raw) == 2):
            return self._at_least(raw, line)
        if len(raw) != 1:
            raise ConditionMistake(line, f"one condition holds one key; {', '.join(raw)} are {len(raw)}. Join them with 'all' or 'any'.")
        key, value = next(iter(raw.items()))
        match key:
            case "all":
                return c.All(self._parts(value, line))
            case "any":
                return c.Any(self._parts(value, line))
            case "not":
                return c.Not(self._node(value, line))
            case "always":
                if value not in TRUTHY:
                    raise ConditionMistake(line, f"'always' takes yes, not '{value}'.")
                return c.Always()
            case "criterion":
                return self._reference(value, line)
            case "milestone_reached":
                return self._milestone(value, line)
            case _:
                return self._leaf(key, value, line)

    def _parts(self, value: object, line: int) -> tuple[c.Condition, ...]:
        if not isinstance(value, list) or not value:
            raise ConditionMistake(line, "'all', 'any' and 'of' take a list of conditions, at least one.")
        return tuple(self._node(part, line_of(value, [index])) for index, part in enumerate(value))

    def _at_least(self, raw: Mapping, line: int) -> c.Condition:
        if set(raw) != {"at_least", "of"}:
            raise ConditionMistake(line, "'at_least: n' and 'of: [...]' belong together and stand alone.")
        parts, count = self._parts(raw["of"], line), raw["at_least"]
        if not str(count).isdigit() or not 1 <= int(count) <= len(parts):
            raise ConditionMistake(line, f"'at_least' takes a whole number from 1 to {len(parts)}, not '{count}'.")
        return c.AtLeast(int(count), parts)

    def _reference(self, value: object, line: int) -> c.Condition:
        if value not in self.criteria:
            raise ConditionMistake(line, f"unknown criterion '{value}'.{nearest(str(value), filter(self._is_ours, self.criteria))}")
        if not self._is_ours(value):
            raise ConditionMistake(line, borrowed(value))
        return c.CriterionRef(value)

    def _is_ours(self, criterion: str) -> bool:
        return criterion.startswith(("shared.", f"{self.own}."))

    def _milestone(self, value: object, line: int) -> c.Condition:
        if not self.milestones_allowed:
            raise ConditionMistake(line, "'milestone_reached' may only be used in the pathway; a pack compares the item.")
        if value not in self.shapes or not self.shapes[value].milestone:
            milestones = [name for name, shape in self.shapes.items() if shape.milestone]
            raise ConditionMistake(line, f"'{value}' is not a milestone.{nearest(str(value), milestones)}")
        return c.MilestoneReached(value)

    def _leaf(self, item: str, value: object, line: int) -> c.Condition:
        shape = self.shapes.get(item)
        if shape is None:
            names = [*self.shapes, *NODE_KEYS]
            raise ConditionMistake(line, f"unknown item '{item}'.{nearest(item, names)}")
        if isinstance(value, str):
            return self._equals(item, shape, value, line)
        if not isinstance(value, dict) or len(value) != 1:
            raise ConditionMistake(line, f"'{item}' takes a code or one comparison such as {{at_least: threshold}}.")
        comparison, constant = next(iter(value.items()))
        if shape.kind in ("number", "points"):
            return self._number(item, shape, comparison, constant, line)
        if shape.kind == "list":
            return self._list(item, shape, comparison, constant, line)
        if comparison != "one_of":
            raise ConditionMistake(line, f"'{item}' has codes: compare it with a code or 'one_of', not '{comparison}'.")
        return c.OneOf(item, self._codes(item, shape, constant, line))

    def _equals(self, item: str, shape: ItemShape, code: str, line: int) -> c.Condition:
        if shape.kind != "codes":
            hint = "a named threshold" if shape.kind in ("number", "points") else "'includes', 'includes_any' or 'all_within'"
            raise ConditionMistake(line, f"'{item}' is not compared with the text '{code}': use {hint}.")
        return c.OneOf(item, self._codes(item, shape, [code], line))

    def _number(self, item: str, shape: ItemShape, comparison: str, constant: object, line: int) -> c.Condition:
        if comparison == "between":
            if not isinstance(constant, list) or len(constant) != 2:
                raise ConditionMistake(line, "'between' takes two named thresholds, the lower one first.")
            low, high = (self._number(item, shape, side, name, line) for side, name in zip(("at_least", "at_most"), constant))
            if low.threshold.value > high.threshold.value:
                raise ConditionMistake(line, "'between' takes the lower threshold first.")
            return c.All((low, high))
        if comparison not in NUMBER_COMPARISONS:
            raise ConditionMistake(line, f"'{item}' is a number: '{comparison}' cannot be asked of it.{nearest(comparison, NUMBER_COMPARISONS)}")
        if _is_number(constant):
            raise ConditionMistake(
                line,
                f"'{comparison}' takes the name of a threshold, not the number {constant}: numbers stand under 'thresholds', with their source.",
            )
        named = self.thresholds.get(str(constant))
        if named is None:
            raise ConditionMistake(line, f"unknown threshold '{constant}'.{nearest(str(constant), self.thresholds)}")
        if named.item != item:
            raise ConditionMistake(line, f"the threshold '{constant}' belongs to {self._with_unit(named.item)}, not to {self._with_unit(item)}.")
        if shape.kind == "points":
            return c.PointsCompare(item, comparison, named.threshold)
        return c.Compare(item, comparison, named.threshold)

    def _with_unit(self, item: str) -> str:
        unit = self.shapes[item].unit if item in self.shapes else ""
        return f"'{item}' ({unit})" if unit else f"'{item}'"

    def _list(self, item: str, shape: ItemShape, comparison: str, constant: object, line: int) -> c.Condition:
        if comparison not in LIST_COMPARISONS:
            raise ConditionMistake(line, f"'{item}' is a list: '{comparison}' cannot be asked of it.{nearest(comparison, LIST_COMPARISONS)}")
        codes = self._codes(item, shape, [constant] if comparison == "includes" else constant, line)
        return c.AllWithin(item, codes) if comparison == "all_within" else c.IncludesAny(item, codes)

    def _codes(self, item: str, shape: ItemShape, constant: object, line: int) -> frozenset[str]:
        if isinstance(constant, str):
            if constant not in self.sets:
                raise ConditionMistake(line, f"unknown set '{constant}'.{nearest(constant, self.sets)}")
            constant = self.sets[constant]
        if not isinstance(constant, (list, tuple)) or not constant:
            raise ConditionMistake(line, f"'{item}' is compared with a list of codes or the name of a set.")
        for code in constant:
            if code not in shape.codes:
                raise ConditionMistake(line, f"'{item}' has no code '{code}'.{nearest(str(code), shape.codes)}")
        return frozenset(constant)


def borrowed(criterion: str) -> str:
    """What is wrong with a reference to a criterion of someone else."""
    owner = criterion.partition(".")[0]
    return f"'{criterion}' belongs to '{owner}', and packs never borrow from each other or from the pathway."


def _is_number(text: object) -> bool:
    try:
        float(str(text))
    except ValueError:
        return False
    return True

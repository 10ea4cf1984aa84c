"""Contradictions taken apart: each way in which recorded values can contradict each other.

One contradiction may stand for several reasons (imaging that was not done, of two kinds). A new value contradicts a recorded one when
a reason holds that did not hold before; so reasons, not ids, are compared.
"""

from __future__ import annotations

import itertools

from engine import conditions as c
from engine.ruleset import RuleSet


def reasons(rules: RuleSet) -> tuple[c.Condition, ...]:
    """Every smallest combination of comparisons that makes a contradiction stand."""
    return tuple(dict.fromkeys(
        c.All(tuple(dict.fromkeys(parts))) for id in rules.contradictions for parts in _ways(rules, c.CriterionRef(id), holds=True)
    ))


def _ways(rules: RuleSet, condition: c.Condition, holds: bool) -> list[tuple[c.Condition, ...]]:
    """The combinations of leaves (or their negations) that make the condition met, or not met."""
    match condition:
        case c.CriterionRef(id):
            criterion = rules.criteria[id]
            if not holds and criterion.cleared_when is not None:
                return _ways(rules, criterion.cleared_when, True)
            return _ways(rules, criterion.when, holds)
        case c.Not(part):
            return _ways(rules, part, not holds)
        case c.All(parts) if holds:
            return _together(rules, parts, holds)
        case c.Any(parts) if not holds:
            return _together(rules, parts, holds)
        case c.All(parts) | c.Any(parts):
            return [way for part in parts for way in _ways(rules, part, holds)]
        case c.AtLeast(count, parts):
            needed = count if holds else len(parts) - count + 1
            return [way for chosen in itertools.combinations(parts, needed) for way in _together(rules, chosen, holds)]
        case c.Always():
            return [()] if holds else []
    return [(condition if holds else c.Not(condition),)]


def _together(rules: RuleSet, parts: tuple[c.Condition, ...], holds: bool) -> list[tuple[c.Condition, ...]]:
    return [tuple(itertools.chain.from_iterable(ways)) for ways in itertools.product(*(_ways(rules, part, holds) for part in parts))]

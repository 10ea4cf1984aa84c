"""What one criterion rests on, followed through the criteria that it refers to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assessment import Assessment, CriterionFinding, ItemFinding, ThresholdFinding
from engine.values import text_form
from ui.knowledge import rules, texts


def with_references(assessment: Assessment, finding: CriterionFinding) -> Iterator[CriterionFinding]:
    """The criterion and every criterion it refers to, each once."""
    waiting, seen = [finding.id], set()
    while waiting:
        id = waiting.pop(0)
        if id not in seen and id in assessment.criteria:
            seen.add(id)
            yield assessment.criteria[id]
            waiting.extend(assessment.criteria[id].refers_to)


def items_read(assessment: Assessment, finding: CriterionFinding) -> tuple[str, ...]:
    """Names of all items behind the criterion."""
    return tuple(dict.fromkeys(name for part in with_references(assessment, finding) for name in part.items))


def limits(assessment: Assessment, finding: CriterionFinding) -> tuple[ThresholdFinding, ...]:
    """All thresholds behind the criterion."""
    return tuple(dict.fromkeys(limit for part in with_references(assessment, finding) for limit in part.thresholds))


def limit_in_words(limit: ThresholdFinding) -> str:
    return f"{limit.comparison} {limit.value:g}"


def without_silent_unit(text: str, unit: str) -> str:
    """A number in words without a unit that the label says already ('8 0-10')."""
    return text.removesuffix(unit).strip() if unit in texts("inputs")["units_not_shown"] else text


def value_in_words(item: ItemFinding) -> str:
    """A value as it was used; without a unit that the label says already."""
    if isinstance(item.value, float):
        unit = "" if item.unit in texts("inputs")["units_not_shown"] else item.unit
        return f"{text_form(rules().vocabulary[item.name], item.value)} {unit}".strip()
    return item.text


def values_in_words(assessment: Assessment, finding: CriterionFinding, only_recorded: bool = True) -> tuple[str, ...]:
    """Each item with the value that was used, as 'INR 2.6'."""
    read = [assessment.items[name] for name in items_read(assessment, finding)]
    return tuple(f"{item.label}: {value_in_words(item)}" for item in read if item.value is not None or not only_recorded)


def reason(assessment: Assessment, finding: CriterionFinding) -> str:
    """The sentence of a criterion with its values and limits: 'The INR is outside the limit (INR: 2.6; limit > 1.8)'."""
    values = "; ".join(values_in_words(assessment, finding))
    compared = [limit for limit in limits(assessment, finding) if assessment.items.get(limit.item) and assessment.items[limit.item].value is not None]
    limit = ", ".join(dict.fromkeys(limit_in_words(limit) for limit in sorted(compared, key=lambda limit: limit.value)))
    basis = "; ".join(part for part in (values, f"limit {limit}" if limit else "") if part)
    return f"{finding.sentence} ({basis})" if basis else finding.sentence


def finding_of(assessment: Assessment, code: str) -> CriterionFinding:
    """The criterion with this code or, for criteria without one, this id."""
    return assessment.criteria[code] if code in assessment.criteria else assessment.with_code(code)


def item_labels(assessment: Assessment, names: tuple[str, ...]) -> str:
    return ", ".join(assessment.items[name].label for name in names)


def is_recorded(assessment: Assessment, name: str, value: str) -> bool:
    """Whether an item is recorded with just this value, in the text form of files."""
    recorded = assessment.items[name].value
    return recorded is not None and text_form(rules().vocabulary[name], recorded) == value

"""What hangs on one measurement: recorded numbers whose crossing of one limit would change a settled answer, the nearest first."""

from __future__ import annotations

from html import escape

from engine.assessment import Assessment
from engine.evaluator import Evaluator
from engine.margins import Margin, margins_of
from engine.outlook import deciding_margins
from engine.values import text_form
from ui.basis import without_silent_unit
from ui.columns import column_names
from ui.knowledge import rules, texts
from ui.markup import folded, part, small, table

SHOWN_AT_ONCE = 4


def margins_part(evaluator: Evaluator, assessment: Assessment) -> str:
    """One folded part."""
    words = texts("margins")
    deciding = deciding_margins(margins_of(evaluator, assessment.patient))
    if not deciding:
        return part(words["title"], small(words["none"]))
    rows = [_row(evaluator, assessment, margin) for margin in deciding]
    headings = [words["measurement"], words["limit"], words["distance"], words["then"]]
    near, far = rows[:SHOWN_AT_ONCE], rows[SHOWN_AT_ONCE:]
    further = folded(words["more"].format(count=len(far)), table(words["title"], headings, far)) if far else ""
    return part(f"{words['title']} ({len(rows)})", small(words["lead"]) + table(words["title"], headings, near) + further)


def _row(evaluator: Evaluator, assessment: Assessment, margin: Margin) -> list[str]:
    item = rules().vocabulary[margin.item]
    unit = "" if item.unit in texts("inputs")["units_not_shown"] else f" {item.unit}"
    recorded = without_silent_unit(assessment.items[margin.item].text, item.unit)
    return [
        f"{escape(item.label)}: <b>{escape(recorded)}</b>", escape(f"{margin.comparison} {margin.limit:g}{unit}"),
        escape(f"{text_form(item, abs(margin.distance))}{unit}"), "<br>".join(map(escape, _answers(evaluator, assessment, margin))),
    ]


def _answers(evaluator: Evaluator, assessment: Assessment, margin: Margin) -> list[str]:
    names = column_names(evaluator, assessment)
    pathway = [texts("margins")["pathway"].format(answer=assessment.labels[margin.pathway])] if margin.pathway else []
    return pathway + [f"{names[column]}: {assessment.labels[verdict]}" for column, verdict in margin.verdicts.items()]

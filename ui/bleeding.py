"""The bleeding plan: laboratory values against their limits, and for each medicine what the sources say, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from engine.advice_findings import BleedingPlan, DrugPlan, LaboratoryFinding, SourceInterval, Span
from engine.assessment import Assessment
from ui.basis import value_in_words
from ui.knowledge import texts
from ui.markup import bullets, open_part, paragraph, part, small, table
from ui.sources import cited_list, cited_part, source_fold, sources_of


def bleeding_part(plan: BleedingPlan, assessment: Assessment) -> str:
    """Open while it counts for this patient, else folded."""
    words = texts("bleeding")
    content = paragraph(plan.lead) + (cited_part(plan.notes) if plan.notes else "") + _laboratory(plan, assessment)
    if plan.is_indicated:
        content += "".join(map(_drug, plan.drugs)) + _whole_plan(plan)
    content += small(words["sign_off"].format(state=plan.sign_off))
    return (open_part if plan.is_indicated and (plan.drugs or plan.to_correct) else part)(plan.title, content)


def barriers_table(plan: BleedingPlan) -> str:
    """Exactly what to correct before the procedure can be thought of."""
    words = texts("next_steps")
    rows = [[f"<b>{escape(one.code)}</b> {escape(one.says)}", escape(one.goal), escape(one.next_step)] for one in plan.to_correct]
    return table(words["to_correct"], [words["barrier"], words["goal"], words["step"]], rows) if rows else ""


def _laboratory(plan: BleedingPlan, assessment: Assessment) -> str:
    words = texts("bleeding")
    headings = [words["test"], words["value"], words["state"], words["limits"]]
    return table(words["laboratory"], headings, [_test(test, assessment) for test in plan.laboratory]) if plan.laboratory else ""


def _test(test: LaboratoryFinding, assessment: Assessment) -> list[str]:
    words = texts("bleeding")
    stated = {"within": test.within, "warning": test.warning, "correct_first": test.correct_first}
    limits = "<br>".join(escape(words[kind].format(text=text)) for kind, text in stated.items() if text)
    judged = f"<b>{escape(test.words)}</b>{small(test.note)}"
    return [escape(test.test), escape(value_in_words(assessment.items[test.item])), judged, limits + source_fold(test.sources, test.provenance)]


def _drug(drug: DrugPlan) -> str:
    """Two sources side by side, then what is shown as default."""
    words = texts("bleeding")
    content = f"<h3>{escape(drug.name)}</h3>{paragraph(drug.message)}"
    if drug.row:
        headings = [words["source"], words["hold"], words["doses"], words["days"], words["restart"]]
        content += table(drug.name, headings, map(_interval, drug.row.columns))
        content += f"<p><b>{escape(drug.row.default_sentence)}</b></p>{small(drug.row.default_note)}"
        content += source_fold(drug.row.sources, drug.row.provenance)
    return content + paragraph(drug.information) + (cited_part([drug.restart_conflict]) if drug.restart_conflict else "")


def _interval(column: SourceInterval) -> list[str]:
    words = texts("bleeding")
    hold = column.hold or words["not_stated"]
    return [
        f"<b>{escape(column.source)}</b>", escape(hold) + small(words["confirm"]) + small(column.remark),
        escape(_span(column.doses)), escape(_span(column.days)), escape(column.restart or words["not_stated"]),
    ]


def _span(span: Span | None) -> str:
    if span is None:
        return texts("bleeding")["not_stated"]
    return f"{span.lowest:g}" if span.lowest == span.highest else f"{span.lowest:g} to {span.highest:g}"


def _whole_plan(plan: BleedingPlan) -> str:
    words = texts("bleeding")
    said = bullets(_said(plan)) + (cited_list([plan.reminder]) if plan.reminder and plan.drugs else "")
    return said + part(words["background"], cited_list(plan.facts) + sources_of(source for fact in plan.facts for source in fact.sources))


def _said(plan: BleedingPlan) -> Iterator[str]:
    if plan.longest:
        yield f"<b>{escape(plan.longest)}</b>"
    if plan.drugs and plan.hold_status:
        yield escape(plan.hold_status)

"""Why: every line of every gate, held or not, with its values, limits and sources; then scores, and what hangs on one measurement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape

import streamlit as st

from engine.assessment import Assessment, CriterionFinding, GateFinding, ThresholdFinding
from engine.evaluator import Evaluator
from ui.basis import limit_in_words, limits, values_in_words
from ui.gates import shown_state
from ui.knowledge import rules, texts
from ui.margins_view import margins_part
from ui.markup import folded, numbered, part, small, state_badge, table, trigger_badge
from ui.scores import scores_part
from ui.sources import source_fold

Badge = Callable[[str, str], str]
STATES = ("met", "unknown", "not_met")


def show_why(assessment: Assessment, evaluator: Evaluator) -> None:
    """Each gate and each part is a piece of its own, so that the browser redraws only what changed."""
    st.caption(texts("why")["lead"])
    with st.container(gap="xxsmall"):
        for gate in assessment.gates:
            st.html(_gate(assessment, gate))
        for content in (margins_part(evaluator, assessment), scores_part(assessment.score_lines, assessment), *_other_parts(assessment)):
            st.html(content)


def _other_parts(assessment: Assessment) -> Iterator[str]:
    """What the gates rest on, the choice of procedure, and the order of proof."""
    words = texts("why")
    for name, prefix in (("indication", "shared."), ("procedure", "pathway.procedure.")):
        yield part(words[name], criteria_table(assessment, words[name], _starting_with(assessment, prefix), state_badge))
    fired = (assessment.criteria[id] for id in assessment.fired)
    yield part(words["fired"], numbered(f"{_name(finding)} {_badge(finding, state_badge)}" for finding in fired))


def _starting_with(assessment: Assessment, prefix: str) -> Iterable[CriterionFinding]:
    return (finding for id, finding in assessment.criteria.items() if id.startswith(prefix))


def _gate(assessment: Assessment, gate: GateFinding) -> str:
    """The met lines at once; open and clear ones by their number, folded."""
    words = texts("why")
    heading = f'<h3>{escape(gate.label)} {state_badge(shown_state(gate), texts("states")[shown_state(gate)])}</h3>'
    findings = [assessment.criteria[id] for id in next(own.criteria for own in rules().gates if own.code == gate.code)]
    if not findings:
        return heading + small(words["no_lines"])
    by_state = {state: [finding for finding in findings if finding.state == state] for state in STATES}
    clear = words["gate_clear"] if len(by_state["not_met"]) == len(findings) else words["clear_lines"]
    summaries = {"unknown": words["open_lines"], "not_met": clear}
    pieces = [criteria_table(assessment, gate.label, by_state["met"], trigger_badge)] if by_state["met"] else []
    pieces += [
        folded(summary.format(count=len(by_state[state])), criteria_table(assessment, gate.label, by_state[state], trigger_badge))
        for state, summary in summaries.items() if by_state[state]
    ]
    return heading + "".join(pieces)


def criteria_table(assessment: Assessment, caption: str, findings: Iterable[CriterionFinding], badge: Badge) -> str:
    """Criteria with their state, sentence, values, limits and sources; met before unknown before not met."""
    words = texts("why")
    ordered = sorted(findings, key=lambda finding: STATES.index(finding.state))
    return table(caption, [words["state"], words["criterion"]], [[_badge(finding, badge), _what(assessment, finding)] for finding in ordered])


def _badge(finding: CriterionFinding, badge: Badge) -> str:
    return badge(finding.state, texts("states")[finding.state])


def _name(finding: CriterionFinding) -> str:
    code = f"<b>{escape(finding.code)}</b> " if finding.code else ""
    return code + escape(finding.says_not if finding.state == "not_met" else finding.says)


def _what(assessment: Assessment, finding: CriterionFinding) -> str:
    values = "; ".join(values_in_words(assessment, finding, only_recorded=False))
    lines = [values, _limits(assessment, finding), finding.note]
    return f"{_name(finding)}{''.join(map(small, lines))}{source_fold(finding.sources, finding.provenance)}"


def _limits(assessment: Assessment, finding: CriterionFinding) -> str:
    compared = sorted(limits(assessment, finding), key=lambda limit: (limit.item, limit.value))
    said = list(dict.fromkeys(_limit(assessment, limit) for limit in compared))
    return texts("why")["limit"].format(limits="; ".join(said)) if said else ""


def _limit(assessment: Assessment, limit: ThresholdFinding) -> str:
    label = assessment.items[limit.item].label if limit.item in assessment.items else limit.item
    basis = [limit.note, "" if limit.provenance == "read" else texts("provenance_words")[limit.provenance]]
    said = ", ".join(filter(None, basis))
    unit = "" if limit.unit in texts("inputs")["units_not_shown"] else limit.unit
    return f"{label} {limit_in_words(limit)} {unit}".strip() + (f" ({said})" if said else "")

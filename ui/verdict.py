"""The answer at its one fixed place: an alert whose body is the reason, then what is still needed."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment
from engine.rendering import needs_dissent_note
from engine.vocabulary import Vocabulary
from ui.basis import finding_of, item_labels, reason, value_in_words
from ui.entries import Entries
from ui.knowledge import rules, texts
from ui.markup import folded

ALERTS = {"stop": st.error, "caution": st.warning, "go": st.success, "neutral": st.info}
AUGMENTATION, CORRECT_FIRST, MORE_INFORMATION = "augmentation", "correct_first", "more_information"
OTHERS_SHOWN = 8


def show_verdict(assessment: Assessment) -> None:
    """The pathway with its reason; dissent beside a positive answer."""
    look = texts("pathways")[assessment.pathway]
    ALERTS[look["tone"]]("\n\n".join(reasons(assessment)), icon=f":material/{look['icon']}:", title=assessment.pathway_label)
    if assessment.procedure and needs_dissent_note(assessment):
        st.caption(f"**{texts('answer')['dissent_heading']}:** {rules().texts['evidence']['dissent_note']['text']}")


def show_suspended(entries: Entries, vocabulary: Vocabulary) -> None:
    """In place of an answer while an input cannot be used."""
    words = texts("answer")
    lines = [words["suspended"].format(label=vocabulary[name].label, raw=raw) for name, (raw, _) in entries.problems.items()]
    st.warning("\n\n".join(lines), icon=":material/pause_circle:", title=words["suspended_title"])


def show_disagreement() -> None:
    """In place of an answer when the evaluators differ: no suggestion."""
    words = texts("answer")
    st.error(words["disagree"], icon=":material/error:", title=words["disagree_title"])


def reasons(assessment: Assessment) -> list[str]:
    """The lines of the answer's body."""
    words = texts("answer")
    lines = [f"{reason(assessment, finding_of(assessment, code))}." for code in assessment.deciding_criteria]
    if assessment.pathway == MORE_INFORMATION:
        lines = [*_open_answer(assessment), *lines]
    if assessment.pathway == AUGMENTATION:
        lines.append(f"{words['indication_met']} {_indication(assessment)}".strip())
    if assessment.pathway == CORRECT_FIRST and assessment.procedure:
        lines.insert(0, words["only_preparation"])
    if assessment.procedure:
        lines.append(words["preference"].format(procedure=assessment.labels[assessment.procedure]))
    if assessment.triggered_criteria and assessment.pathway != AUGMENTATION:
        lines.append(words["ruled_out"])
    return lines


def _open_answer(assessment: Assessment) -> list[str]:
    words = texts("answer")
    if not assessment.patient:
        return [words["nothing_recorded"]]
    possible = "; ".join(assessment.labels[code] for code in assessment.possible_pathways)
    certain = [words["already_certain"].format(pathway=assessment.labels[assessment.already_certain])] if assessment.already_certain else []
    return [*certain, words["still_possible"].format(pathways=possible)]


def _indication(assessment: Assessment) -> str:
    """The sentences that the met indication is made of, with the values that it reads itself."""
    indications = [assessment.criteria[id] for id in ("shared.indication_fragility", "shared.indication_tumour")]
    met = [finding for finding in indications if finding.state == "met"]
    parts = [assessment.criteria[id].says for finding in met for id in finding.refers_to]
    values = [f"{item.label}: {value_in_words(item)}" for finding in met for item in (assessment.items[name] for name in finding.items)]
    return f"{'; '.join(dict.fromkeys((*parts, *values)))}."


def show_still_needed(assessment: Assessment) -> None:
    """The next item with its question, then the others."""
    words = texts("answer")
    missing = assessment.missing_items
    if not missing:
        st.markdown(f"**{words['still_needed']} (0).** {words['nothing_needed']}" if assessment.pathway != MORE_INFORMATION else "")
        return
    first = assessment.items[assessment.next_item or missing[0]]
    others = tuple(name for name in missing if name != first.name)
    st.markdown(f"**{words['still_needed']} ({len(missing)}).** {words['next']}: **{first.label}**. {first.question}")
    if others:
        st.html(_others(item_labels(assessment, others[:OTHERS_SHOWN]), item_labels(assessment, others[OTHERS_SHOWN:]), len(others) - OTHERS_SHOWN))


def _others(first: str, rest: str, more: int) -> str:
    """The other items: some at once, the rest folded away."""
    folded_rest = folded(texts("answer")["and_more"].format(count=more), escape(rest)) if rest else ""
    return f'<p class="small">{escape(first)}</p>{folded_rest}'


def show_caution_counts(assessment: Assessment) -> None:
    """Says that there are warnings or contradictions, and where."""
    words = texts("answer")
    counts = [_counted(len(assessment.contradictions), "contradiction"), _counted(len(assessment.warnings), "warning")]
    said = [count for count in counts if count]
    if said:
        st.html(f'<p class="caution-counts">{escape(words["cautions"].format(counts=" · ".join(said)))}</p>')


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""

"""The answer at its one fixed place: an alert whose body is the reason, then what is still needed."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment
from engine.vocabulary import Vocabulary
from ui.basis import finding_of, reason, value_in_words
from ui.entries import Entries
from ui.knowledge import texts
from ui.markup import chips, folded, small

ALERTS = {"stop": st.error, "caution": st.warning, "go": st.success, "neutral": st.info}
AUGMENTATION, CORRECT_FIRST, MORE_INFORMATION = "augmentation", "correct_first", "more_information"
EITHER = "either"
INDICATIONS = ("shared.indication_fragility", "shared.indication_tumour")
OTHERS_SHOWN = 8


def show_verdict(assessment: Assessment) -> None:
    """The pathway with its reason; dissent beside a positive answer."""
    look = texts("pathways")[assessment.pathway]
    ALERTS[look["tone"]]("\n\n".join(reasons(assessment)), icon=f":material/{look['icon']}:", title=assessment.pathway_label)
    if assessment.procedure and assessment.evidence.dissent_note:
        st.html(small(f"{texts('answer')['dissent_heading']}: {assessment.evidence.dissent_note.text}"))


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
    """The paragraphs of the answer's body, in Markdown."""
    words = texts("answer")
    lines = [f"{reason(assessment, finding_of(assessment, code))}." for code in assessment.deciding_criteria]
    if assessment.pathway == MORE_INFORMATION:
        lines = [*_open_answer(assessment), *lines]
    if assessment.pathway == AUGMENTATION:
        lines.append("\n".join([words["indication_met"], "", *(f"- {part}" for part in _indication(assessment))]))
    if assessment.triggered_criteria and assessment.pathway != AUGMENTATION:
        lines.append(words["ruled_out_until_prepared"] if assessment.procedure else words["ruled_out"])
    if assessment.procedure:
        lines = [words["only_preparation"], *lines] if assessment.pathway == CORRECT_FIRST else lines
        lines.append(_preference(assessment))
    return lines


def _preference(assessment: Assessment) -> str:
    if assessment.procedure == EITHER:
        return texts("answer")["no_preference"]
    return texts("answer")["preference"].format(procedure=assessment.labels[assessment.procedure])


def _open_answer(assessment: Assessment) -> list[str]:
    words = texts("answer")
    if not assessment.patient:
        return [words["nothing_recorded"]]
    possible = "; ".join(assessment.labels[code] for code in assessment.possible_pathways)
    certain = [words["already_certain"].format(pathway=assessment.labels[assessment.already_certain])] if assessment.already_certain else []
    return [*certain, words["still_possible"].format(pathways=possible)]


def _indication(assessment: Assessment) -> list[str]:
    """The sentences that the met indication is made of, and the values that it reads itself."""
    met = [finding for finding in map(assessment.criteria.__getitem__, INDICATIONS) if finding.state == "met"]
    parts = [assessment.criteria[id].says for finding in met for id in finding.refers_to]
    values = [f"{item.label}: {value_in_words(item)}" for finding in met for item in (assessment.items[name] for name in finding.items)]
    return list(dict.fromkeys((*parts, "; ".join(values))))


def show_still_needed(assessment: Assessment) -> None:
    """The next item with its question, then the others."""
    words = texts("answer")
    missing = assessment.missing_items
    if not missing:
        st.markdown(f"**{words['still_needed']} (0).** {words['nothing_needed']}" if assessment.pathway != MORE_INFORMATION else "")
        return
    first = assessment.items[assessment.next_item or missing[0]]
    others = [assessment.items[name].label for name in missing if name != first.name]
    st.markdown(f"**{words['still_needed']} ({len(missing)}).** {words['next']}: **{first.label}**. {first.question}")
    if others:
        st.html(_others(others[:OTHERS_SHOWN], others[OTHERS_SHOWN:]))


def _others(first: list[str], rest: list[str]) -> str:
    """The other items: some at once, the rest folded away."""
    return chips(first) + (folded(texts("answer")["and_more"].format(count=len(rest)), chips(rest)) if rest else "")


def show_caution_counts(assessment: Assessment) -> None:
    """Says that there are warnings, contradictions or remarks on codes, and where."""
    words = texts("answer")
    found = {"contradiction": assessment.contradictions, "warning": assessment.warnings, "code_warning": assessment.code_warnings}
    said = [_counted(len(cautions), *words["counted"][kind]) for kind, cautions in found.items() if cautions]
    if said:
        st.html(f'<p class="caution-counts">{escape(words["cautions"].format(counts=" · ".join(said)))}</p>')


def _counted(count: int, one: str, several: str) -> str:
    return one if count == 1 else several.format(count=count)

"""Path: the gates as a picture, drawn in the browser from a DOT text."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment, GateFinding
from engine.evaluator import Evaluator
from ui.gates import shown_state
from ui.knowledge import texts

_CLEAR, _QUIET = ("#e9f7f0", "#0b5c3b"), ("#f0f2f5", "#4b5563")
_FILL = {"triggered": ("#fdecec", "#9b1c1c"), "open": ("#eaf1ff", "#1d4ed8"), "cleared": _CLEAR, "reached": _CLEAR, "not_reached": _QUIET}
_STYLE = (
    'graph [bgcolor="transparent" ranksep=0.22] '
    'node [shape=box style="filled,rounded" fontname="sans-serif" fontsize=10 width=5.4 height=0.36] edge [color="#6b7684" arrowsize=0.6]'
)
_SIGNS = {"triggered": "!", "open": "?", "cleared": "✓", "reached": "✓", "not_reached": "–"}


def show_path(assessment: Assessment, evaluator: Evaluator) -> None:
    """The picture, and the same in words for those who cannot see it."""
    words = texts("path")
    st.caption(words["lead"])
    states = "; ".join(f"{gate.label}: {texts('states')[shown_state(gate)]}" for gate in assessment.gates)
    st.graphviz_chart(dot(assessment), width="stretch", alt=words["alt"].format(states=states))


def dot(assessment: Assessment) -> str:
    """The gates from top to bottom; the pathway's own gate has a thick border."""
    nodes = [_node(assessment, gate) for gate in assessment.gates]
    edges = [f"g{position} -> g{position + 1}" for position in range(len(nodes) - 1)]
    named = [f"g{position} {node}" for position, node in enumerate(nodes)]
    return "digraph path { " + _STYLE + " " + "; ".join([*named, *edges]) + " }"


def _node(assessment: Assessment, gate: GateFinding) -> str:
    state = shown_state(gate)
    fill, line = _FILL[state]
    codes = ", ".join(assessment.criteria[id].code for id in gate.triggered)
    label = f"{_SIGNS[state]}  {gate.label}: {texts('states')[state]}{' by ' + codes if codes else ''}"
    width = 3 if gate.code == assessment.pathway else 1
    return f'[label="{label}" fillcolor="{fill}" color="{line}" fontcolor="{line}" penwidth={width}]'

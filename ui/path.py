"""Path: the gates as a picture, drawn in the browser from a DOT text."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment, GateFinding
from engine.evaluator import Evaluator
from ui.knowledge import texts

_FILL = {"triggered": ("#fdecec", "#9b1c1c"), "open": ("#eaf1ff", "#1d4ed8"), "cleared": ("#e9f7f0", "#0b5c3b")}
_GO = ("#e9f7f0", "#0b5c3b")
_SIGNS = {"triggered": "!", "open": "?", "cleared": "✓"}


def show_path(assessment: Assessment, evaluator: Evaluator) -> None:
    """The picture, and the same in words for those who cannot see it."""
    words = texts("path")
    st.caption(words["lead"])
    states = "; ".join(f"{gate.label}: {texts('states')[gate.state]}" for gate in assessment.gates)
    st.graphviz_chart(dot(assessment), width="stretch", alt=words["alt"].format(states=states))


def dot(assessment: Assessment) -> str:
    """The gates from top to bottom; the pathway's own gate has a thick border."""
    nodes = [_node(assessment, gate) for gate in assessment.gates]
    edges = [f"g{position} -> g{position + 1}" for position in range(len(nodes) - 1)]
    named = [f"g{position} {node}" for position, node in enumerate(nodes)]
    style = 'graph [bgcolor="transparent" ranksep=0.22] node [shape=box style="filled,rounded" fontname="sans-serif" fontsize=12 width=4.2 height=0.5] edge [color="#6b7684" arrowsize=0.6]'
    return "digraph path { " + style + " " + "; ".join([*named, *edges]) + " }"


def _node(assessment: Assessment, gate: GateFinding) -> str:
    fill, line = _GO if gate.code == "augmentation" and gate.state == "triggered" else _FILL[gate.state]
    codes = ", ".join(assessment.criteria[id].code for id in gate.triggered)
    label = f"{_SIGNS[gate.state]}  {gate.label}\\n{texts('states')[gate.state]}{': ' + codes if codes else ''}"
    width = 3 if gate.code == assessment.pathway else 1
    return f'[label="{label}" fillcolor="{fill}" color="{line}" fontcolor="{line}" penwidth={width}]'

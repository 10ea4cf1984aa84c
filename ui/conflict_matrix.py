"""The conflict tables drawn as matrices that are read without colour: words in every cell, a sign before each class."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.knowledge import ConflictCell, ConflictMatrix, ConflictRow, Knowledge
from ui.knowledge import rules, texts
from ui.markup import headed, link, matrix, small

WARNING = "warning"


def show_conflicts(knowledge: Knowledge) -> None:
    """Both matrices with their legend."""
    st.html(small(texts("knowledge")["conflicts_lead"]) + "".join(map(_matrix, knowledge.matrices)))


def _matrix(found: ConflictMatrix) -> str:
    words = texts("knowledge")
    with_pathway = any(row.pathway for row in found.rows)
    headings = [words["question"], *(column.label for column in found.columns), *([words["in_pathway"]] if with_pathway else [])]
    rows = [_row(found, row, with_pathway) for row in found.rows]
    legend = f"{words['legend']} · {words['recalled_sign']}" if with_pathway else words["recalled_sign"]
    return headed(words[found.id], small(legend) + matrix(words[found.id], headings, rows))


def _row(found: ConflictMatrix, row: ConflictRow, with_pathway: bool) -> list[str]:
    cells = [_cell(row.cells.get(column.id)) for column in found.columns]
    return [escape(row.label), *cells, *([_pathway(row)] if with_pathway else [])]


def _cell(cell: ConflictCell | None) -> str:
    words = texts("knowledge")
    if cell is None:
        return escape(words["silent"])
    sign = next((f'<span aria-hidden="true">{mark}</span> ' for name, mark in words["class_signs"].items() if cell.text.startswith(name)), "")
    said = f"{sign}{escape(cell.text)}" + (_recalled("") if cell.recalled else "")
    source = f"<br>{link(cell.source.citation, cell.source.address)}" if cell.source else ""
    return said + (f"<br>{_recalled(cell.recalled_text)}" if cell.recalled_text else "") + source


def _recalled(text: str) -> str:
    return f'{escape(text)} <span class="basis-unread">† {escape(texts("knowledge")["recalled"])}</span>'


def _pathway(row: ConflictRow) -> str:
    labels = [f"{when}: {_route(code)}" if when else _route(code) for when, code in row.pathway]
    return "<br>".join(map(escape, labels)) or escape(texts("knowledge")["silent"])


def _route(code: str) -> str:
    return texts("knowledge")["warning"] if code == WARNING else rules().label("pathway", code)

"""Small pieces of HTML for tables and badges. Every text is escaped; colours come from `style.css`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_SIGNS = {"met": "✓", "not_met": "–", "unknown": "?", "triggered": "!", "cleared": "✓", "open": "?"}
_VERDICT_SIGNS = {"supports": "✓", "optional": "~", "opposes": "✕", "undecided": "?", "not_applicable": "–"}


def state_badge(state: str, words: str) -> str:
    """A state as sign, word and colour."""
    return f'<span class="badge state-{escape(state)}"><span aria-hidden="true">{_SIGNS[state]}</span> {escape(words)}</span>'


def verdict_badge(verdict: str, label: str) -> str:
    """A verdict as sign, word and colour."""
    return f'<span class="badge verdict-{escape(verdict)}"><span aria-hidden="true">{_VERDICT_SIGNS[verdict]}</span> {escape(label)}</span>'


def link(text: str, address: str) -> str:
    """A link for a web address or a DOI; plain text where the source has none."""
    target = f"https://doi.org/{address}" if address.startswith("10.") else address
    if not target.startswith(("https://", "http://")):
        return escape(text)
    return f'<a href="{escape(target, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are HTML; on a narrow screen each row becomes a block with its headings as labels."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f'<td data-label="{escape(heading, quote=True)}">{cell}</td>' for heading, cell in zip(headings, row)) + "</tr>" for row in rows
    )
    return f'<table class="plain"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def folded(summary: str, content: str) -> str:
    """Content that opens without a run of the script."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def bullets(entries: Iterable[str]) -> str:
    """A list of HTML entries."""
    return "<ul>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"


def numbered(entries: Iterable[str]) -> str:
    """An ordered list of HTML entries."""
    return "<ol>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ol>"

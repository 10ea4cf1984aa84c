"""Small pieces of HTML for tables and badges. Every text is escaped; colours come from `style.css`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_SIGNS = {"met": "✓", "not_met": "–", "unknown": "?", "triggered": "!", "cleared": "✓", "open": "?", "reached": "✓", "not_reached": "–"}
_VERDICT_SIGNS = {"supports": "✓", "optional": "~", "opposes": "✕", "undecided": "?", "not_applicable": "–"}


def state_badge(state: str, words: str) -> str:
    """A state as sign, word and colour."""
    return f'<span class="badge state-{escape(state)}"><span aria-hidden="true">{_SIGNS[state]}</span> {escape(words)}</span>'


def trigger_badge(state: str, words: str) -> str:
    """The state of a line that stands in the way: met is what warns."""
    return state_badge("triggered" if state == "met" else state, words)


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
    labels = [escape(heading, quote=True) for heading in headings]
    body = "".join("<tr>" + "".join(f'<td data-label="{label}">{cell}</td>' for label, cell in zip(labels, row)) + "</tr>" for row in rows)
    return f'<table class="plain"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def matrix(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A wide table with a heading for each row; it scrolls within itself and can be scrolled by keyboard."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows)
    name = escape(caption, quote=True)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{name}"><table class="matrix"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """Content that opens without a run of the script."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def part(heading: str, content: str) -> str:
    """A folded part with a heading of its own weight; nothing without content."""
    return f'<details class="part"><summary>{escape(heading)}</summary>{content}</details>' if content else ""


def open_part(heading: str, content: str) -> str:
    """The same, open from the start."""
    return f'<details class="part" open><summary>{escape(heading)}</summary>{content}</details>' if content else ""


def titled(heading: str, content: str) -> str:
    """Content under a heading; nothing without content."""
    return f"<h3>{escape(heading)}</h3>{content}" if content else ""


def headed(heading: str, content: str) -> str:
    """Content under a heading of the second rank, for pages whose own headings are made of HTML."""
    return f"<h2>{escape(heading)}</h2>{content}"


def paragraph(text: str) -> str:
    """An escaped paragraph; nothing for an empty text."""
    return f"<p>{escape(text)}</p>" if text else ""


def small(text: str) -> str:
    """An escaped paragraph in small type; nothing for an empty text."""
    return f'<p class="small">{escape(text)}</p>' if text else ""


def chips(labels: Iterable[str]) -> str:
    """Short words side by side."""
    return '<ul class="chips">' + "".join(f"<li>{escape(label)}</li>" for label in labels) + "</ul>"


def beside(*columns: str) -> str:
    """Pieces side by side where there is room, else one under the other."""
    return '<div class="beside">' + "".join(f"<div>{column}</div>" for column in columns) + "</div>"


def bullets(entries: Iterable[str]) -> str:
    """A list of HTML entries."""
    return "<ul>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"


def numbered(entries: Iterable[str]) -> str:
    """An ordered list of HTML entries."""
    return "<ol>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ol>"

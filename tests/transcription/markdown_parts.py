"""Sections, tables and code blocks of a markdown document."""
from __future__ import annotations

import re


class DocumentError(ValueError):
    """A section, table, block or id that is expected is not in the document."""


def section(document: str, heading: str) -> str:
    """The text under the heading that starts so, up to the next heading of the same or a higher rank."""
    rank = len(heading) - len(heading.lstrip("#"))
    lines = document.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith(heading)]
    if len(starts) != 1:
        raise DocumentError(f"{len(starts)} headings start with {heading!r}, one expected")
    kept, fenced = [], False
    for line in lines[starts[0] + 1:]:
        if line.startswith("```"):
            fenced = not fenced
        if not fenced and re.match(rf"#{{1,{rank}}} ", line):
            break
        kept.append(line)
    return "\n".join(kept)


def table(text: str, *first_headers: str) -> list[list[str]]:
    """Rows of the one table whose header starts with these cells."""
    found, current, wanted = [], None, list(first_headers)
    for line in text.splitlines():
        if not line.startswith("|"):
            current = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if current is None:
            current = []
            if cells[:len(wanted)] == wanted:
                found.append((len(cells), current))
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            current.append(cells)
    if len(found) != 1 or not found[0][1]:
        raise DocumentError(f"{len(found)} tables start with the headers {wanted}, one with rows expected")
    width, rows = found[0]
    for row in rows:
        if len(row) != width:
            raise DocumentError(f"a row of {len(row)} cells in a table of {width}: {row[0]}")
    return rows


def code_block(text: str) -> str:
    """The one code block of a section."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.M | re.S)
    if len(blocks) != 1:
        raise DocumentError(f"{len(blocks)} code blocks, one expected, in: {text[:80]!r}")
    return blocks[0].strip("\n")


def statements(block: str, starts: re.Pattern) -> list[str]:
    """Joins continuation lines; a remark in brackets at the end of a line is dropped.

    The notation has no free-standing bracket, so ' (' after a blank can only open a remark.
    """
    joined: list[str] = []
    for line in block.splitlines():
        if not line.strip():
            continue
        if starts.match(line):
            joined.append(line.rstrip())
        elif joined:
            joined[-1] += "\n" + line
        else:
            raise DocumentError(f"a code block starts with {line!r}")
    cleaned = []
    for statement in joined:
        head, separator, body = statement.partition(":")
        body = re.sub(r"\s\([^()]*\)[ \t]*$", "", body, flags=re.M)
        cleaned.append(" ".join((head + separator + body).split()))
    return cleaned

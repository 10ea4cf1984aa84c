"""What a caller can do wrong. Each message is one readable sentence: what, where, why it matters, what to do."""

from __future__ import annotations


class UnusableCall(Exception):
    """The call or a file cannot be used and nothing was written: exit code 2."""


class UnusableInput(UnusableCall):
    """An input file, a column map or an option cannot be used."""


class UnusableOutput(UnusableCall):
    """The result cannot be written where the caller asked for it."""

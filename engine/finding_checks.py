"""Static findings as lines of `python -m engine check`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from engine.accepted_findings import AcceptedForm
from engine.checked import Checked
from engine.findings import findings, no_longer_found, without_accepted
from engine.findings_words import KINDS, Finding, Key
from engine.mistakes import RuleErrors
from engine.ruleset import RuleSet


def static_findings(rules: RuleSet) -> Checked:
    """Counts by kind, each finding that is not accepted with its patient, and each accepted one that no longer occurs.

    For packs added to proved rules findings are advice; only those that contradict themselves fail the check.
    """
    started = time.perf_counter()
    try:
        found = findings(rules)
        open_, stale = without_accepted(rules, found), () if rules.additional else no_longer_found(rules, found)
    except RuleErrors as errors:
        return Checked(tuple(map(str, errors.mistakes)), False)
    seconds = time.perf_counter() - started
    word = "advice" if rules.additional else "not accepted"
    head = f"static findings: {len(found)} found, {len(open_)} {word} ({seconds:.1f} s)"
    lines = (head, *_counts(found), *(_line(finding, word) for finding in open_), *map(_stale, stale))
    failing = [finding for finding in open_ if finding.is_contradictory] if rules.additional else [*open_, *stale]
    return Checked(lines, not failing)


def _counts(found: Iterable[Finding]) -> Iterator[str]:
    counted = Counter(finding.kind for finding in found)
    yield from (f"  {kind}: {counted[kind]}" for kind in KINDS)


def _line(finding: Finding, word: str) -> str:
    what = "contradictory" if finding.is_contradictory else word
    return f"  {what}: {_named(finding.key)}: {finding.sentence}; {_shown(finding)}"


def _shown(finding: Finding) -> str:
    if finding.example is None:
        return "no patient shows it"
    values = ", ".join(f"{item}={_written(value)}" for item, value in finding.example.items())
    return f"patient: {values or 'nothing recorded'}"


def _written(value: object) -> str:
    return ";".join(map(str, value)) or "none" if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def _stale(entry: AcceptedForm) -> str:
    return f"  accepted, but not found any more (or listed twice): {_named(entry.key)}"


def _named(key: Key) -> str:
    kind, rules, about = key
    return f"{kind} [{', '.join(rules)}]" + (f" ({about})" if about else "")

"""What a run of `score` did, so that it can be repeated and audited. Counts and hashes only: no value of any patient."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from engine.coded import Coded
from engine.ruleset import RuleSet
from engine.version import ENGINE_VERSION

LIBRARIES = ("numpy", "pandas", "pyarrow", "durable-rules")
_PIECE = 1 << 20


@dataclass
class Counts:
    """What was counted over all rows. Lists are counted by entry, everything else by cell."""

    rows: int = 0
    empty_lines: int = 0
    issues: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    assumed: Counter[str] = field(default_factory=Counter)
    rows_with_assumptions: int = 0
    resting_on_assumptions: Counter[str] = field(default_factory=Counter)
    """Pathways of rows whose pathway would be another one without the assumptions."""

    def add_answers(self, scored: Mapping[str, Coded], names: Sequence[str]) -> None:
        for name in names:
            counter = self.answers.setdefault(name, Counter())
            for text, rows in _rows_by_text(scored[name]):
                counter[text] += rows

    @property
    def has_invalid(self) -> bool:
        from engine.issues import KINDS_THAT_MAKE_A_RUN_IMPERFECT

        return any(self.issues[kind] for kind in KINDS_THAT_MAKE_A_RUN_IMPERFECT)


def _rows_by_text(column: Coded) -> list[tuple[str, int]]:
    import numpy as np

    return [(text, int(rows)) for text, rows in zip(column.texts, np.bincount(column.codes, minlength=len(column.texts))) if rows]


def versions() -> dict[str, str]:
    """Versions of everything that can change an answer."""
    return {"engine": ENGINE_VERSION, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def file_facts(path: Path) -> dict[str, object]:
    """Name, size and sha256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def rule_facts(rules: RuleSet, packs: Sequence[str]) -> dict[str, object]:
    return {"fingerprint": rules.fingerprint, "directory": rules.directory, "guidelines": list(packs)}


def count_facts(counts: Counts) -> dict[str, object]:
    pathways = counts.answers.get("pathway", Counter())
    return {
        "rows": counts.rows,
        "empty_lines_skipped": counts.empty_lines,
        "issues": dict(sorted(counts.issues.items())),
        "pathways": dict(pathways),
        "verdicts": {name: dict(counter) for name, counter in counts.answers.items() if name != "pathway"},
        "assumptions": {
            "rows_by_assumption": dict(counts.assumed),
            "rows_with_an_assumption": counts.rows_with_assumptions,
            "pathways_that_rest_on_one": dict(counts.resting_on_assumptions),
        },
    }


def write_manifest(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

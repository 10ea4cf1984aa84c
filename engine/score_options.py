"""The options of `score`, as `interfaces.md` names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROWS_PER_BATCH = 100_000
ROWS_VERIFIED = 200


@dataclass(frozen=True)
class ScoreOptions:
    """guidelines: pack ids instead of the defaults, or `+id` beside them. columns: a column map. missing: further words for a blank."""

    guidelines: tuple[str, ...] | None = None
    trials: bool = False
    rules: Path | None = None
    batch_rows: int = ROWS_PER_BATCH
    verify: int = ROWS_VERIFIED
    strict: bool = False
    columns: Path | None = None
    missing: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    keep_inputs: bool = False


DEFAULTS = ScoreOptions()

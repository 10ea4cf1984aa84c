"""An uploaded cohort through `engine.cohort`, in a temporary folder that is emptied at once."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from engine.cohort import score_file
from engine.reading import read_table
from engine.score_options import ScoreOptions
from engine.vocabulary import RECORD_ID
from ui.knowledge import rules, rules_folder


@dataclass(frozen=True)
class ScoredCohort:
    """What was understood of a file, and the files that `score` writes, as bytes."""

    name: str
    rows: int
    separator: str
    columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    scored: bytes
    issues: bytes

    def scored_frame(self) -> pd.DataFrame:
        """The scored file as text."""
        return _as_text(self.scored)

    def issues_frame(self) -> pd.DataFrame:
        """The issues file as text."""
        return _as_text(self.issues)


def cohort_key(content: bytes) -> str:
    """What a result depends on: every byte of the file and the rules. Never a sample of a frame."""
    return f"{hashlib.sha256(content).hexdigest()}-{rules().fingerprint}"


def score_upload(name: str, content: bytes) -> ScoredCohort:
    """Score the bytes of a file. Raises UnusableCall, in one sentence, when they cannot be used."""
    vocabulary = rules().vocabulary
    with TemporaryDirectory(prefix="cohort-") as folder:
        source, output = Path(folder) / _file_name(name), Path(folder) / "result" / "scored.csv"
        source.write_bytes(content)
        output.parent.mkdir()
        table = read_table(source, vocabulary)
        report = score_file(str(source), output, ScoreOptions(rules=rules_folder()))
        found = tuple(item for item in vocabulary.names if item in table.header.position_of_item)
        missing = tuple(item for item in vocabulary.names if item not in table.header.position_of_item and item != RECORD_ID)
        return ScoredCohort(name, report.counts.rows, table.separator, found, missing, output.read_bytes(), report.places.issues.read_bytes())


def _file_name(name: str) -> str:
    """A name of our own, so that nothing in the caller's reaches the file system."""
    return "cohort.csv.gz" if name.lower().endswith(".gz") else "cohort.csv"


def _as_text(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)

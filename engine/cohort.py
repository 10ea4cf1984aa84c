"""`score`: a file of patients in, the scored file, its issues, manifest and summary out. Streams by batches, so memory is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine import conditions as c
from engine.assumptions import assumption_text, parse_assumptions
from engine.batch_parsing import ParsedBatch, parse_batch
from engine.coded import LIST_SEPARATOR, Coded
from engine.column_building import restored
from engine.column_map import NO_COLUMN_MAP, read_column_map
from engine.columns import Column, Columns
from engine.errors import UnusableInput, UnusableOutput
from engine.evaluator import Evaluator, evaluator_for
from engine.issues import Issue, write_issues
from engine.manifest import Counts, count_facts, file_facts, rule_facts, versions, write_manifest
from engine.output import ScoredFile, check_ending, scored_file
from engine.program import base_items
from engine.reading import PARQUET_ENDINGS, Batch, DuplicateRecordIds, InputFiles, TextTable, find_inputs, read_table
from engine.rule_choice import rules_at
from engine.ruleset import Criterion, RuleSet
from engine.score_options import DEFAULTS, ScoreOptions
from engine.scoring import pathway_answers, score_columns
from engine.summary import Summary, write_summary
from engine.text_files import opened
from engine.values import Value, text_form
from engine.verification import RandomRows
from engine.vocabulary import RECORD_ID
from engine.writing import whole_files

DONE, DONE_WITH_INVALID_CELLS = 0, 1
VERIFICATION_SEED = 20_261_101
PLACES_SHOWN = 10
INPUT_PREFIX = "input_"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Places:
    """OUTPUT and the files beside it."""

    output: Path
    issues: Path
    manifest: Path
    summary: Path

    def __iter__(self) -> Iterator[Path]:
        yield from (self.output, self.issues, self.manifest, self.summary)


@dataclass(frozen=True)
class ScoreReport:
    """What a run did: its exit code (0, or 1 when a cell or row was invalid), where everything is, and the counts."""

    exit_code: int
    places: Places
    counts: Counts
    defused_cells: int
    summary: Summary
    verified_rows: int
    ignored_files: tuple[Path, ...]
    seconds: float

    def lines(self) -> Iterator[str]:
        """What a person is told at the end: counts and places, nothing of any patient."""
        rows, issues = self.counts.rows, self.counts.issues
        yield f"Scored {rows} rows in {self.seconds:.1f} s into {self.places.output}."
        yield f"{self.verified_rows} random rows were answered again by durable-rules, all the same."
        if self.counts.has_invalid:
            yield f"{issues['invalid']} invalid cells and {issues['ragged_row']} rows with a wrong number of cells count as not recorded."
        if sum(issues.values()):
            kinds = ", ".join(f"{kind} {many}" for kind, many in sorted(issues.items()))
            yield f"{sum(issues.values())} findings ({kinds}) are listed in {self.places.issues}."
        if first := next(iter(self.summary.questions()), None):
            asked = f"{first['would_settle']} of {self.summary.undecided}"
            yield f"Recording {first['item']} alone would settle {asked} undecided patients; {self.places.summary} counts every item."
        if self.counts.rows_with_assumptions:
            resting = sum(self.counts.resting_on_assumptions.values())
            yield f"{self.counts.rows_with_assumptions} rows have an assumed item; {resting} pathways would be others without it."
        if self.defused_cells:
            yield f"{self.defused_cells} cells that a spreadsheet would run as a formula begin with an apostrophe now."


def score_file(inputs: str | Sequence[str], output: Path, options: ScoreOptions = DEFAULTS, progress: Progress | None = None) -> ScoreReport:
    """Score a file, a folder, a glob, or several of them in order, into `output`; write the issues, the manifest and the summary beside it.

    progress is called with the rows done and all rows (0 while unknown) after each batch. Raises UnusableCall when the call or a file
    cannot be used, RuleErrors for a rule set with mistakes, VerificationFailed when durable-rules answers otherwise; then, and when the
    run is interrupted, nothing is written.
    """
    started = datetime.now(UTC)
    places = places_beside(output)
    _check_options(options)
    rules = rules_at(options.rules)
    evaluator = evaluator_for(rules, options.guidelines, options.trials)
    found = _inputs((inputs,) if isinstance(inputs, str) else inputs, places)
    run = _Run(evaluator, _tables(found, rules, options), options, progress)
    with whole_files() as files:
        issues_path, manifest_path, summary_path, output_path = (
            files.temporary(path) for path in (places.issues, places.manifest, places.summary, places.output)
        )
        run.scored = scored_file(output_path, frozenset(f"{table}_points" for table in rules.points_tables))
        try:
            defused = write_issues(issues_path, run.issues())
        finally:
            run.scored.close()
        if options.strict and run.counts.has_invalid:
            raise _refused_by_strict(run)
        with run.clock("verify"):
            verified = run.drawn.verify()
        report = ScoreReport(
            DONE_WITH_INVALID_CELLS if run.counts.has_invalid else DONE,
            places,
            run.counts,
            run.scored.defused_cells + defused,
            run.summary,
            verified,
            found.ignored,
            (datetime.now(UTC) - started).total_seconds(),
        )
        write_summary(summary_path, run.summary.facts(count_facts(run.counts)))
        write_manifest(manifest_path, _manifest(run, report, found, options, started, output_path))
    return report


def places_beside(output: Path) -> Places:
    """The names of the files beside OUTPUT, its ending replaced. Raises UnusableOutput for an ending that cannot be written."""
    check_ending(output)
    return Places(output, output.with_suffix(".issues.csv"), output.with_suffix(".manifest.json"), output.with_suffix(".summary.json"))


def _check_options(options: ScoreOptions) -> None:
    for value, name, least in ((options.batch_rows, "--batch-rows", 1), (options.verify, "--verify", 0)):
        if value < least:
            raise UnusableInput(f"{name} {value} cannot be used, for fewer than {least} rows make no sense; give a number of at least {least}.")


def _inputs(texts: Sequence[str], places: Places) -> InputFiles:
    """The input files, each once; results of an earlier run in the same folder are not taken for patients."""
    found = [find_inputs(text) for text in texts]
    every = tuple(dict.fromkeys(path for part in found for path in part.files))
    own = {path.resolve() for path in places}
    files = tuple(path for path in every if path.resolve() not in own)
    if len(files) < len(texts):
        raise UnusableOutput(f"{places.output} or a file beside it is the input itself, so the patients would be lost; give the output another name.")
    ignored = tuple(path for part in found for path in part.ignored)
    return InputFiles(files, (*ignored, *(path for path in every if path not in files)))


def _tables(found: InputFiles, rules: RuleSet, options: ScoreOptions) -> tuple[TextTable, ...]:
    column_map = read_column_map(options.columns, rules.vocabulary) if options.columns else NO_COLUMN_MAP
    tables = tuple(read_table(path, rules.vocabulary, column_map=column_map, extra_missing=options.missing) for path in found.files)
    if options.keep_inputs and len({table.header.names for table in tables}) > 1:
        raise UnusableInput("The input files differ in their columns, so --keep-inputs cannot keep them in one table; score them one by one.")
    return tables


class _Run:
    """One run: scores batch after batch and counts. Issues are drawn from it one by one, so that none has to be kept."""

    def __init__(self, evaluator: Evaluator, tables: tuple[TextTable, ...], options: ScoreOptions, progress: Progress | None) -> None:
        self.evaluator, self.rules, self.tables, self.options, self.progress = evaluator, evaluator.rules, tables, options, progress
        self.assumptions = parse_assumptions(options.assume, self.rules.vocabulary)
        self.counts, self.seconds = Counts(), dict.fromkeys(("read", "score", "summary", "write", "verify"), 0.0)
        self.drawn = RandomRows(evaluator, options.verify, VERIFICATION_SEED)
        self.summary = Summary(evaluator)
        self.invalid_places: list[Issue] = []
        self.scored: ScoredFile
        self._duplicates = DuplicateRecordIds()
        criteria = [self.rules.criteria[id] for id in self.rules.contradictions]
        self._contradictions = {criterion.code or criterion.id: (criterion, items_read(self.rules, criterion)) for criterion in criteria}
        self._counted = ("pathway", *(verdicts.column for pack in evaluator.packs for verdicts in pack.verdicts))

    def issues(self) -> Iterator[Issue]:
        """Scores and writes everything; yields what is to be said, in row order, what concerns whole files first."""
        for issue in self._all_issues():
            self.counts.issues[issue.kind] += 1
            if issue.kind in ("invalid", "ragged_row") and len(self.invalid_places) < PLACES_SHOWN:
                self.invalid_places.append(issue)
            yield issue

    def clock(self, stage: str) -> _Clock:
        return _Clock(self.seconds, stage)

    def _all_issues(self) -> Iterator[Issue]:
        total = _all_rows(self.tables) if self.progress else 0
        for table in self.tables:
            yield from (issue if len(self.tables) == 1 else replace(issue, reason=f"{table.path.name}: {issue.reason}") for issue in table.issues)
        for table in self.tables:
            for batch in self._batches(replace(table, first_row=self.counts.rows + 1)):
                yield from self._score(table, batch)
                if self.progress:
                    self.progress(self.counts.rows, total)
        yield from self._duplicates.issues()

    def _batches(self, table: TextTable) -> Iterator[Batch]:
        batches = table.iter_batches(self.options.batch_rows)
        while True:
            with self.clock("read"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def _score(self, table: TextTable, batch: Batch) -> list[Issue]:
        with self.clock("read"):
            parsed = parse_batch(self.rules.vocabulary, table, batch, self.assumptions)
        with self.clock("score"):
            entries = {assumption_text(self.rules.vocabulary, name, value): parsed.assumed[name] for name, value in self.assumptions.items()}
            scored = score_columns(self.evaluator, parsed.columns, parsed.invalid, entries)
            self._count(batch, parsed, scored, entries)
            self.drawn.consider(batch.first_row, parsed.columns, scored)
        with self.clock("summary"):
            self.summary.add(parsed.columns, scored)
        with self.clock("write"):
            self.scored.write({**self._inputs_of(table, batch), RECORD_ID: _record_ids(batch), **scored})
        self._duplicates.add(batch.record_ids, batch.lines)
        return sorted([*parsed.issues, *self._contradiction_issues(table, batch, parsed.columns, scored)], key=lambda issue: issue.row or 0)

    def _count(self, batch: Batch, parsed: ParsedBatch, scored: Mapping[str, Coded], entries: Mapping[str, np.ndarray]) -> None:
        counts = self.counts
        counts.rows += batch.rows
        counts.empty_lines += batch.empty_lines
        counts.add_answers(scored, self._counted)
        for entry, where in entries.items():
            counts.assumed[entry] += int(where.sum())
        if entries:
            rests = np.any(list(entries.values()), axis=0)
            counts.rows_with_assumptions += int(rests.sum())
            alone = pathway_answers(self.evaluator, _without_assumptions(parsed)).cells()
            pathways = scored["pathway"].cells()
            counts.resting_on_assumptions.update(pathways[rests & (pathways != alone)].tolist())

    def _inputs_of(self, table: TextTable, batch: Batch) -> dict[str, Coded]:
        if not self.options.keep_inputs:
            return {}
        names = (name.strip() or f"column_{position}" for position, name in enumerate(table.header.names, start=1))
        return {f"{INPUT_PREFIX}{name}": _coded(batch.input_texts(position)) for position, name in enumerate(names)}

    def _contradiction_issues(self, table: TextTable, batch: Batch, columns: Columns, scored: Mapping[str, Coded]) -> Iterator[Issue]:
        column = scored["contradictions"]
        codes_of_text = [[code for code in text.split(LIST_SEPARATOR) if code] for text in column.texts]
        heading = {name: table.header.names[place].strip() for name, place in table.header.position_of_item.items()}
        for position in np.flatnonzero(np.array([bool(codes) for codes in codes_of_text])[column.codes]).tolist():
            for code in codes_of_text[column.codes[position]]:
                criterion, items = self._contradictions[code]
                recorded = [name for name in items if name in columns.by_item and columns.by_item[name].recorded[position]]
                yield Issue(
                    *batch.issue_place(position),
                    LIST_SEPARATOR.join(heading.get(name, name) for name in recorded),
                    " ".join(f"{name}={self._text_at(columns, name, position)}" for name in recorded),
                    "contradiction",
                    f"{code}: {criterion.says}; these values cannot all be true.",
                    criterion.next_step or criterion.tell or "Check the values and mend the wrong one.",
                )

    def _text_at(self, columns: Columns, name: str, position: int) -> str:
        item = self.rules.vocabulary[name]
        return text_form(item, restored(item, columns.by_item[name].values[position]))


class _Clock:
    """Adds the time of a block to a stage."""

    def __init__(self, seconds: dict[str, float], stage: str) -> None:
        self._seconds, self._stage = seconds, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._stage] += time.perf_counter() - self._start


def items_read(rules: RuleSet, criterion: Criterion) -> tuple[str, ...]:
    """The recorded items a criterion reads, in the form's order."""
    leaves = (node.item for node in c.walk(criterion.when) if hasattr(node, "item"))
    read = {name for leaf in leaves for name in base_items(rules.vocabulary, leaf)}
    return tuple(name for name in rules.vocabulary.names if name in read)


def _without_assumptions(parsed: ParsedBatch) -> Columns:
    by_item = dict(parsed.columns.by_item)
    for name, where in parsed.assumed.items():
        by_item[name] = Column(by_item[name].values, by_item[name].recorded & ~where)
    return Columns(parsed.columns.rows, by_item)


def _coded(texts: list[str]) -> Coded:
    codes, distinct = pd.factorize(np.array(texts, object), use_na_sentinel=False)
    return Coded(codes, tuple(distinct))


def _record_ids(batch: Batch) -> Coded:
    return Coded(np.arange(batch.rows), batch.record_ids)


def _all_rows(tables: tuple[TextTable, ...]) -> int:
    """About how many rows there are, for the time left: quoted line ends and empty lines count too."""
    return sum(_rows_in(table) for table in tables)


def _rows_in(table: TextTable) -> int:
    if table.path.name.lower().endswith(PARQUET_ENDINGS):
        return pq.ParquetFile(table.path).metadata.num_rows
    lines, last = 0, b"\n"
    with opened(table.path) as file:
        while piece := file.read(1 << 20):
            lines, last = lines + piece.count(b"\n"), piece[-1:]
    return max(1, lines + (last != b"\n") - (table.header_line or 0))


def _refused_by_strict(run: _Run) -> UnusableInput:
    many = sum(run.counts.issues[kind] for kind in ("invalid", "ragged_row"))
    places = "; ".join(_place(issue) for issue in run.invalid_places)
    more = f"; and {many - len(run.invalid_places)} more" if many > len(run.invalid_places) else ""
    return UnusableInput(
        f"{many} cells or rows are invalid and --strict was asked for, so nothing was written: {places}{more}. "
        "Mend them, or run without --strict to get them listed with their reasons."
    )


def _place(issue: Issue) -> str:
    line = f" (line {issue.line})" if issue.line else ""
    return f"row {issue.row}{line}, {f'column {issue.column}' if issue.column else 'wrong number of cells'}"


def _manifest(run: _Run, report: ScoreReport, found: InputFiles, options: ScoreOptions, started: datetime, output_path: Path) -> dict[str, object]:
    return {
        "what": "Scored cohort: suggestions for clinicians and researchers to review, not decisions.",
        "versions": versions(),
        "rules": rule_facts(run.rules, [pack.id for pack in run.evaluator.packs]),
        "input": [file_facts(path) for path in found.files],
        "ignored_files": [str(path) for path in found.ignored],
        "output": {**file_facts(output_path), "path": str(report.places.output), "issues": str(report.places.issues)},
        "options": {**_options(options), "assume": _assumed(run.rules, run.assumptions)},
        "counts": {**count_facts(run.counts), "defused_cells": report.defused_cells},
        "verify": {"asked": options.verify, "rows_checked": report.verified_rows, "disagreements": 0, "seed": VERIFICATION_SEED},
        "times": {
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(report.seconds, 3),
            **{stage: round(spent, 3) for stage, spent in run.seconds.items()},
        },
    }


def _options(options: ScoreOptions) -> dict[str, object]:
    return {
        "guidelines": list(options.guidelines) if options.guidelines is not None else None,
        "trials": options.trials,
        "rules": str(options.rules) if options.rules else None,
        "batch_rows": options.batch_rows,
        "verify": options.verify,
        "strict": options.strict,
        "columns": str(options.columns) if options.columns else None,
        "missing": list(options.missing),
        "keep_inputs": options.keep_inputs,
    }


def _assumed(rules: RuleSet, assumptions: Mapping[str, Value]) -> list[str]:
    return [assumption_text(rules.vocabulary, name, value) for name, value in assumptions.items()]

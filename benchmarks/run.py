"""Everything that is timed, side by side in one run: `python benchmarks/run.py [--write]`; `--write` renews docs/performance.md.

Rates are the best of three. The machine does other things too, so compare the ratios before the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow.csv

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.page_latency import CLICKS, click_times  # noqa: E402
from engine import assess, load_rules, loading  # noqa: E402
from engine.assessing import parse_patient  # noqa: E402
from engine.cohort import score_file  # noqa: E402
from engine.column_building import columns_from_frame  # noqa: E402
from engine.columns import Column, Columns  # noqa: E402
from engine.decisions import decide_evaluated  # noqa: E402
from engine.evaluator import Evaluator, evaluator_for  # noqa: E402
from engine.planes import evaluate  # noqa: E402
from engine.scoring import ROWS_PER_SLICE, score_columns  # noqa: E402
from engine.what_to_ask import what_to_ask  # noqa: E402
from engine.what_would_change import what_would_change  # noqa: E402
from examples.make_cohort import make_cohort  # noqa: E402
from tests.transcription.patients import random_patients  # noqa: E402

THREE_PACKS = ("medicare_l34106", "nice_ta279", "aaos_2010")
PATIENTS, ROWS, REPEATS = 1_000, 100_000, 3
PAGE = ROOT / "docs" / "performance.md"
Line = tuple[str, str, str]
"""What was timed, the figure, and what it is compared with."""


def main() -> None:
    options = argparse.ArgumentParser(description="Time the engine.")
    options.add_argument("--write", action="store_true", help="Renew docs/performance.md.")
    chosen = options.parse_args()
    lines = []
    for measure in (loading_lines, assess_lines, reasoning_lines, evaluator_lines, score_lines, page_lines):
        for line in measure():
            print(" | ".join(line), flush=True)
            lines.append(line)
    if chosen.write:
        PAGE.write_text(page(lines), encoding="utf-8")


def best(run: Callable[..., object], *arguments: object, repeats: int = REPEATS) -> float:
    """The shortest of several runs with these arguments, in seconds."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(*arguments)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def loading_lines() -> Iterator[Line]:
    def again() -> None:
        loading._shipped.cache_clear()
        loading._proved.cache_clear()
        loading._read.cache_clear()
        load_rules()

    process = best(lambda: subprocess.run([sys.executable, "-c", "import engine; engine.load_rules()"], cwd=ROOT, check=True))
    bare = best(lambda: subprocess.run([sys.executable, "-c", "import engine"], cwd=ROOT, check=True))
    parsed = best(again)
    yield "Whole rule set, new process", f"{1000 * (process - bare):,.0f} ms", f"starting Python and importing the engine: {1000 * bare:,.0f} ms"
    yield "Whole rule set, again in a running process", f"{1000 * parsed:,.0f} ms", "goal 300 ms from a warm start"
    yield "Whole rule set, already loaded", f"{1e6 * best(load_rules):,.0f} us", ""


def assess_lines() -> Iterator[Line]:
    patients = [{name: value if value != [] else ["none"] for name, value in patient.items()} for patient in random_patients(PATIENTS, seed=7)]
    for name, packs, goal in (("three packs", THREE_PACKS, 10), ("all default packs", None, 15)):
        # The first patients make the diagrams; that is measured apart.
        before = best(lambda some: [assess(patient, None, some) for patient in patients[:100]], packs, repeats=1)
        milliseconds = [1000 * best(assess, patient, None, packs, repeats=1) for patient in patients]
        middle, high = np.percentile(milliseconds, [50, 95])
        figure = f"p50 {middle:.1f} ms, p95 {high:.1f} ms"
        yield f"assess, {name}, {PATIENTS:,} random patients", figure, f"goal p95 {goal} ms; {before:.0f} s for the first 100, diagrams included"


def reasoning_lines() -> Iterator[Line]:
    rules = load_rules()
    evaluator = evaluator_for(rules, list(rules.packs))
    patients = [
        parse_patient(rules.vocabulary, {name: value if value != [] else ["none"] for name, value in patient.items()})
        for patient in random_patients(PATIENTS, seed=7)
    ]
    for name, asked in (("what to ask next", what_to_ask), ("what would change it", what_would_change)):
        for patient in patients[:20]:
            asked(evaluator, patient)
        milliseconds = [1000 * best(asked, evaluator, patient, repeats=1) for patient in patients]
        middle, high = np.percentile(milliseconds, [50, 95])
        lists = f"pathway and all {len(evaluator.decisions) - 1} verdicts"
        yield f"{name}, {lists}, {PATIENTS:,} random patients", f"p50 {middle:.1f} ms, p95 {high:.1f} ms", "goal p95 50 ms"


def evaluator_lines() -> Iterator[Line]:
    rules = load_rules()
    columns, _ = columns_from_frame(rules.vocabulary, make_cohort(ROWS))
    for name, evaluator in (("pathway and three packs", evaluator_for(rules, THREE_PACKS)), ("pathway and all default packs", evaluator_for(rules))):
        for times in (1, 10):
            many = repeated(columns, times)
            rate = many.rows / best(evaluated, evaluator, many)
            yield f"Columnar evaluator, {name}, {many.rows:,} rows", f"{rate:,.0f} rows/s", "goal 1,000,000 rows/s" if "three" in name else ""


def repeated(columns: Columns, times: int) -> Columns:
    """The same patients several times over: what a row costs does not depend on its neighbours."""
    by_item = {name: Column(np.tile(column.values, times), np.tile(column.recorded, times)) for name, column in columns.by_item.items()}
    return Columns(columns.rows * times, by_item)


def evaluated(evaluator: Evaluator, columns: Columns) -> None:
    """Every criterion and every decision list, slice by slice as `score` does it."""
    for start in range(0, columns.rows, ROWS_PER_SLICE):
        rows = slice(start, min(start + ROWS_PER_SLICE, columns.rows))
        part = {name: Column(column.values[rows], column.recorded[rows]) for name, column in columns.by_item.items()}
        evaluation = evaluate(evaluator.program, evaluator.rules.vocabulary, Columns(rows.stop - rows.start, part))
        for decision in evaluator.decisions:
            decide_evaluated(decision, evaluation)


def score_lines() -> Iterator[Line]:
    rules = load_rules()
    evaluator = evaluator_for(rules)
    cohort = make_cohort(ROWS)
    made = best(lambda: evaluator_for(rules, ["nice_ta279"]).missing(rules.pathway), repeats=1)
    yield "Decision diagrams of the pathway, once in a process", f"{made:.1f} s", ""
    evaluator.missing(rules.pathway)
    columns, _ = columns_from_frame(rules.vocabulary, cohort)
    yield from still_needed_lines(evaluator, columns)
    with TemporaryDirectory() as folder:
        source, output = Path(folder) / "cohort.csv", Path(folder) / "scored.csv"
        cohort.to_csv(source, index=False, lineterminator="\n")
        floor = best(lambda: pyarrow.csv.read_csv(source))
        reports = [score_file(str(source), output) for _ in range(REPEATS)]
        report = min(reports, key=lambda one: one.seconds)
        times = json.loads(report.places.manifest.read_text())["times"]
        undecided = report.counts.answers["pathway"]["more_information"]
    size = f"{ROWS:,} rows x {cohort.shape[1]} columns"
    yield f"`score`, {size}, all default packs", f"{ROWS / report.seconds:,.0f} rows/s ({report.seconds:.2f} s)", f"{undecided:,} undecided"
    for stage in ("read", "score", "summary", "write", "verify"):
        yield f"- of which {stage}", f"{times[stage]:.2f} s", f"{times[stage] / report.seconds:.0%}"
    yield "The same file through pyarrow's reader alone", f"{floor:.2f} s", f"`score` takes {report.seconds / floor:.1f} times as long"


def still_needed_lines(evaluator: Evaluator, columns: Columns) -> Iterator[Line]:
    whole = best(lambda: score_columns(evaluator, columns))
    plain = best(lambda: evaluated(evaluator, columns))
    beside = f"{whole / plain:.1f} times the evaluator alone"
    yield f"Columns to answers and texts, {columns.rows:,} rows", f"{columns.rows / whole:,.0f} rows/s", beside
    pathway, vocabulary = evaluator.rules.pathway, evaluator.rules.vocabulary
    asks = evaluator.next_item(pathway)
    evaluation = evaluate(asks.program, vocabulary, columns)
    where = np.flatnonzero(decide_evaluated(pathway, evaluation).settled < 0)
    part = evaluation.at_rows(where)
    missing = evaluator.missing(pathway).of(part.by_name, len(where))
    asked = best(lambda: evaluator.missing(pathway).of(part.by_name, len(where)))
    following = best(lambda: asks.of(part, decide_evaluated(pathway, part), missing))
    yield f"- missing items, {len(where):,} undecided rows", f"{len(where) / asked:,.0f} rows/s", ""
    yield f"- next item, {len(where):,} undecided rows", f"{len(where) / following:,.0f} rows/s", "goal 100,000 rows/s"
    settled = best(lambda: asks.settling(part, missing))
    yield f"- what recording each item would settle, {len(where):,} undecided rows", f"{len(where) / settled:,.0f} rows/s", ""


def page_lines() -> Iterator[Line]:
    middle, high = np.percentile(click_times(), [50, 95])
    yield f"{CLICKS} clicks to the changed answer in a browser", f"p50 {middle:.0f} ms, p95 {high:.0f} ms", "goal p95 300 ms"


def page(lines: list[Line]) -> str:
    table = "\n".join(f"| {what} | {figure} | {beside} |" for what, figure, beside in lines)
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}, pyarrow {pyarrow.__version__}"
    return f"""# Performance

Measured by `python benchmarks/run.py --write` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({processor()}), {versions}.
Rates are the best of {REPEATS} runs in one sitting; other work on the machine makes every figure worse, so compare ratios first.

| What | Figure | Beside it |
|---|---|---|
{table}

What the cohort run does: text is made once for each distinct pattern of criteria and attached by code; the missing and the next item are asked
only of rows whose pathway is not settled; batches keep memory bounded; rows are joined into CSV by Arrow.
"""


def processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()

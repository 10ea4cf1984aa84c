"""Many threads put many patients through one chain; what came of it is printed as JSON. `test_chaining_stress.py` runs it in a process of its own.

The program is that of the pathway alone, so that the ordinary test run can afford it; what is stressed does not depend on the rules.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engine.chaining import Chain, Proof
from engine.column_building import columns_from_patients
from engine.columns import Column
from engine.decisions import decide_evaluated
from engine.derived import with_derived
from engine.planes import evaluate
from engine.program import compile_program
from engine.truth import Truth
from tests.small_rules import RULES, parsed
from tests.transcription.patients import random_patients

THREADS = 16
EVALUATIONS = 20_000
FIRST_PART = 2_000
DISTINCT_PATIENTS = 1_000
_STATES = (Truth.UNKNOWN, Truth.MET, Truth.NOT_MET)

DECISION = RULES.pathway
PROGRAM = compile_program(RULES, (), [branch.condition for branch in DECISION.branches if branch.condition is not None])

Expected = tuple[tuple[Truth, ...], tuple[str, ...]]
"""The state of every step, and the possible pathways."""


def distinct_patients(count: int, seed: int) -> list[dict]:
    """Random patients of whom no two are alike."""
    found: dict[str, dict] = {}
    while len(found) < count:
        for patient in random_patients(count, seed):
            found.setdefault(json.dumps(patient, sort_keys=True), patient)
        seed += 1
    return list(found.values())[:count]


def expected_of(patients: Sequence[Mapping[str, object]]) -> list[Expected]:
    """What the columnar evaluator says of each of them, all at once."""
    evaluation = evaluate(PROGRAM, RULES.vocabulary, columns_from_patients(RULES.vocabulary, patients))
    rows = len(patients)
    states = np.array([np.broadcast_to(met + 2 * not_met.astype(int), (rows,)) for met, not_met in evaluation.planes])
    allowed = decide_evaluated(DECISION, evaluation).possible
    return [
        (tuple(_STATES[code] for code in states[:, row]), tuple(outcome for outcome, may_be in zip(DECISION.outcomes, allowed[row]) if may_be))
        for row in range(rows)
    ]


def is_right(proof: Proof, expected: Expected) -> bool:
    states, possible = expected
    answer = possible[0] if len(possible) == 1 else DECISION.unsettled
    return (proof.states, proof.possible[DECISION.name], proof.answers[DECISION.name]) == (states, possible, answer)


def resident_bytes() -> int:
    """Memory that this process holds now, by the kernel's account."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def main() -> None:
    patients = [parsed(patient) for patient in distinct_patients(DISTINCT_PATIENTS, seed=2026)]
    expected = expected_of(patients)
    columns: list[Mapping[str, Column]] = [with_derived(RULES.vocabulary, columns_from_patients(RULES.vocabulary, [one])) for one in patients]
    chain = Chain(PROGRAM, RULES.vocabulary, [DECISION])
    seen: set[int] = set()

    def wrong_among(numbers: range) -> int:
        seen.add(threading.get_ident())
        return sum(not is_right(chain.prove(columns[number % len(columns)]), expected[number % len(columns)]) for number in numbers)

    def wrong_from(first: int, last: int) -> int:
        return sum(pool.map(wrong_among, [range(first + thread, last, THREADS) for thread in range(THREADS)]))

    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        wrong = wrong_from(0, FIRST_PART)
        resident_first = resident_bytes()
        wrong += wrong_from(FIRST_PART, EVALUATIONS)
        resident_last = resident_bytes()
    json.dump({
        "threads": len(seen), "evaluations": EVALUATIONS, "patients": len(patients), "answers": len(set(expected)), "wrong": wrong,
        "resident_after_first_part": resident_first, "resident_after_all": resident_last, "seconds": round(time.monotonic() - started, 1),
    }, sys.stdout)  # fmt: skip


if __name__ == "__main__":
    main()

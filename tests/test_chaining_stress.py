"""The rules engine under sixteen threads: no wrong answer, no crash, no growing memory (`notes/durable-rules.md`, issue 2)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import chaining_stress as stress

TOP = Path(__file__).parents[1]


def test_twenty_thousand_evaluations_on_sixteen_threads_are_right_and_leave_no_memory_behind():
    # A process of its own: a segmentation fault of the engine is then an exit code, and the memory is the engine's alone.
    run = subprocess.run([sys.executable, "-m", "tests.chaining_stress"], cwd=TOP, capture_output=True, text=True, timeout=900)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    print(found)
    assert (found["threads"], found["evaluations"], found["patients"]) == (16, 20_000, stress.DISTINCT_PATIENTS)
    assert found["answers"] > 500, "patients of whom the same holds would hide that one gets the answer of another"
    assert found["wrong"] == 0
    assert found["resident_after_all"] <= 1.10 * found["resident_after_first_part"]

"""What to record next, for the pathway and for each guideline verdict apart (`semantics.md` 7)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.column_building import columns_from_patients
from engine.decisions import decide_one
from engine.evaluator import Evaluator
from engine.next_item import Asked
from engine.planes import evaluate_one
from engine.values import Value


def what_to_ask(evaluator: Evaluator, recorded: Mapping[str, Value]) -> dict[str, Asked]:
    """By decision list, the next item of one patient's parsed values; lists that are settled are left out."""
    vocabulary = evaluator.rules.vocabulary
    columns = columns_from_patients(vocabulary, [recorded])
    evaluation = evaluate_one(evaluator.program, vocabulary, columns)
    found = {}
    for decision in evaluator.decisions:
        possible, _ = decide_one(decision, evaluation)
        if len(possible) == 1:  # settled; beside a standing contradiction, what is blank could still move it, and is not asked for
            continue
        asked = evaluator.next_item(decision).ask_one(columns, evaluator.missing(decision).of_one(evaluation.by_name))
        if asked is not None:
            found[decision.name] = asked
    return found

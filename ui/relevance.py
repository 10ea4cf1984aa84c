"""Which inputs to show. An item is hidden for irrelevance only when its condition is known not to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from engine.assessment import Assessment
from engine.column_building import columns_from_patients
from engine.planes import evaluate
from engine.program import Program, compile_program
from engine.values import Value
from engine.vocabulary import Vocabulary
from ui.knowledge import rules


@lru_cache(maxsize=4)
def _program(fingerprint: str) -> Program:
    return compile_program(rules(), (), [item.relevant_when for item in rules().vocabulary])


def irrelevant_items(recorded: Mapping[str, Value]) -> frozenset[str]:
    """Items whose relevance condition is not met by what is recorded; an unknown condition keeps the item."""
    vocabulary, program = rules().vocabulary, _program(rules().fingerprint)
    evaluation = evaluate(program, vocabulary, columns_from_patients(vocabulary, [recorded]))
    return frozenset(
        item.name for item in vocabulary if np.all(evaluation.planes[program.condition_steps[item.relevant_when]].not_met)
    )


def core_items(vocabulary: Vocabulary) -> frozenset[str]:
    """What every patient is asked first: the items whose blank can keep the pathway open for safety's sake."""
    return frozenset(item.name for item in vocabulary if item.safety_critical is not None)


def named_as_missing(assessment: Assessment, with_packs: bool) -> frozenset[str]:
    """Items that the page names as missing: for the pathway, and for the packs while they are looked at."""
    of_packs = (verdict.missing_items for pack in assessment.packs for verdict in pack.verdicts) if with_packs else ()
    return frozenset(assessment.missing_items).union(*of_packs)


def visible_items(
    vocabulary: Vocabulary, held: Iterable[str], missing: frozenset[str], shown: frozenset[str], irrelevant: frozenset[str],
) -> frozenset[str]:
    """Core and once opened items that are not irrelevant, and always what holds an entry or is named as missing."""
    return ((core_items(vocabulary) | shown) - irrelevant) | frozenset(held) | missing

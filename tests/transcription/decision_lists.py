"""Decision lists: branches in order, every result that the unknowns still allow is collected."""
from __future__ import annotations

import numpy as np

from .formulas import MET, NOT_MET


def possible_results(branches: list[tuple[str, np.ndarray]], rank_order: list[str]) -> list[list[str]]:
    size = len(branches[0][1])
    possible = {result: np.zeros(size, dtype=bool) for result in rank_order}
    reached = np.ones(size, dtype=bool)
    for result, state in branches:
        possible[result] |= reached & (state != NOT_MET)
        reached &= state != MET
    if reached.any():
        raise ValueError("a decision list ran out of branches")
    columns = [(result, possible[result]) for result in rank_order]
    return [[result for result, column in columns if column[row]] for row in range(size)]


def settle(possible: list[list[str]], open_word: str) -> list[str]:
    return [results[0] if len(results) == 1 else open_word for results in possible]

"""Patients as typed columns: one array of values and one mask of what is recorded for each item.

Every evaluator starts here, whatever the caller's types were (`str`, `float64`, `string` with `<NA>`, Arrow): a missing value is
`recorded == False`, never a number, a code or an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """One item over n patients.

    values: number and integer items float64; boolean and category items int16 positions in `Item.codes`; category lists uint64
    bit masks (bit k set: `Item.codes[k]` is in the list; 0 is a recorded empty list); free text and text lists object.
    Where `recorded` is False the value carries no meaning and must not be read.
    """

    values: np.ndarray
    recorded: np.ndarray

    def __post_init__(self) -> None:
        if self.recorded.dtype != np.bool_ or self.values.shape != self.recorded.shape:
            raise TypeError("a column needs a boolean mask of the shape of its values")


@dataclass(frozen=True)
class Columns:
    """Columns by item name, all of `rows` patients; an item without a column is not recorded for anyone."""

    rows: int
    by_item: Mapping[str, Column]

"""Owns the explanation of a table: which segments make actual differ from expected."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import process_time
from typing import Literal

import numpy as np
import pandas as pd

from assistant.insights.localise.causes import FEWEST_LEAVES, Cause, find_causes
from assistant.insights.localise.leaves import Leaves, TableProblem, read_leaves
from assistant.insights.localise.ratio import keep_present

Unjudged = Literal["no_rows", "no_values", "no_actual", "no_expected", "few_leaves"]
"""Why a table without causes tells nothing, instead of being normal."""


@dataclass(frozen=True, slots=True)
class TableExplanation:
    """Causes by falling score; `seconds` is the CPU time from the loaded table to here.

    `unjudged`: why nothing could be told; None where the leaves were judged.
    """

    causes: tuple[Cause, ...]
    seconds: float
    unjudged: Unjudged | None = None

    @property
    def normal(self) -> bool:
        """Whether nothing moved beyond its noise."""
        return not self.causes

    def to_json(self, file: str) -> dict[str, object]:
        """The object printed for one file."""
        causes = [{**asdict(cause), "elements": list(cause.elements)} for cause in self.causes]
        return {
            "file": file,
            "causes": causes,
            "normal": self.normal,
            "seconds": self.seconds,
            "unjudged": self.unjudged,
        }


def explain_table(
    frame: pd.DataFrame,
    dimensions: Sequence[str],
    actual: str,
    expected: str,
    actual_denominator: str | None = None,
    expected_denominator: str | None = None,
) -> TableExplanation | TableProblem:
    """The segments of a table of leaves whose actual differs from the expected beyond the noise.

    With both denominators the measure is a ratio of sums and causes may lie in the rate or in the
    mix. Rows of equal members are added up; a missing number counts as nothing. What makes an
    answer impossible comes back as a TableProblem.
    """
    start = process_time()
    pair: tuple[str, str] | None = None
    if actual_denominator is not None and expected_denominator is not None:
        pair = (actual_denominator, expected_denominator)
    elif (actual_denominator is None) != (expected_denominator is None):
        return TableProblem("missing_column", actual_denominator or expected_denominator or "")
    leaves = read_leaves(frame, dimensions, actual, expected, pair)
    del frame  # a million members and their frame need not stay side by side
    _give_back()
    if isinstance(leaves, TableProblem):
        return leaves
    if pair is not None:
        leaves = keep_present(leaves)
        for name, column in zip(
            pair, (leaves.actual_denominator, leaves.expected_denominator), strict=True
        ):
            if column is not None and leaves.size and not np.any(column > 0.0):
                return TableProblem("no_denominator", name)
    unjudged = _find_silence(leaves)
    causes = () if unjudged else find_causes(leaves)
    return TableExplanation(causes, process_time() - start, unjudged)


def _give_back() -> None:
    """Give the memory that reading texts has used and left back to the system."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _find_silence(leaves: Leaves) -> Unjudged | None:
    """Why the leaves tell nothing, if so."""
    actual, expected = bool(np.any(leaves.actual)), bool(np.any(leaves.expected))
    if not leaves.size:
        return "no_rows"
    if not actual and not expected:
        return "no_values"
    if leaves.actual_denominator is None and not (actual and expected):
        return "no_expected" if actual else "no_actual"
    return "few_leaves" if leaves.size < FEWEST_LEAVES else None

"""Owns what a ratio needs before it can be explained: denominators that are there."""

from dataclasses import replace

import numpy as np

from assistant.insights.localise.leaves import Floats, Leaves


def keep_present(leaves: Leaves) -> Leaves:
    """The leaves with everything absent set to 0.

    A leaf whose denominator in a period is not positive has no rate and no share there: it counts
    as absent from that period, its numerator too.
    """
    assert leaves.actual_denominator is not None and leaves.expected_denominator is not None
    actual, actual_denominator = _drop_absent(leaves.actual, leaves.actual_denominator)
    expected, expected_denominator = _drop_absent(leaves.expected, leaves.expected_denominator)
    return replace(
        leaves,
        actual=actual,
        expected=expected,
        actual_denominator=actual_denominator,
        expected_denominator=expected_denominator,
    )


def _drop_absent(numerator: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    present = denominator > 0.0
    return np.where(present, numerator, 0.0), np.where(present, denominator, 0.0)

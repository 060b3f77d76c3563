"""Owns the relative deviation of a leaf: how far it moved, and how much it tells."""

from dataclasses import dataclass

import numpy as np

from assistant.insights.localise.leaves import Codes, Floats, Leaves, Mask

# What is there in one period and gone in the other moved further than any share of itself, where
# noise is far from making leaves vanish, i.e. its scale is below VANISHING_SCALE.
VANISHED = 1.3
VANISHING_SCALE = 0.21
# A share of a count is never taken to vary less than at this distance from 100 %.
SMALLEST_REST = 0.01


@dataclass(frozen=True, slots=True)
class Deviation:
    """Per leaf: `relative` change (0 where nothing can be told), and a `size`.

    `size` orders leaves by how precisely they are measured; noise usually falls with it. `gone`
    marks leaves that are 0 in one period only.
    """

    relative: Floats
    size: Floats
    gone: Mask

    @property
    def known(self) -> Mask:
        """The leaves that tell something."""
        return self.size > 0.0

    def take(self, rows: Codes) -> "Deviation":
        """The deviation of some leaves."""
        return Deviation(self.relative[rows], self.size[rows], self.gone[rows])

    def stretch(self, scale: Floats) -> Floats:
        """Factors that put vanished leaves beyond -100 % where the noise does not reach there."""
        return np.where(self.gone & (scale < VANISHING_SCALE), VANISHED, 1.0)


def measure_sum(leaves: Leaves) -> Deviation:
    """Deviation of an additive measure: (actual - expected) / the larger of the two.

    Divided by the larger, a leaf that shrinks by x deviates by exactly -x, and the tails of
    multiplicative noise stay light on both sides.
    """
    return _compare(leaves.actual, leaves.expected)


def measure_mix(leaves: Leaves) -> Deviation:
    """Deviation of the denominators of a ratio; a common growth of all is left to the noise."""
    assert leaves.actual_denominator is not None and leaves.expected_denominator is not None
    return _compare(leaves.actual_denominator, leaves.expected_denominator)


def measure_rate(leaves: Leaves) -> Deviation:
    """Deviation of the rates, relative to the rate of both periods together.

    Only leaves present in both periods have one. Size is the numerator both periods would have
    at the common rate, weighed harmonically: the inverse variance of a rate of counts.
    """
    assert leaves.actual_denominator is not None and leaves.expected_denominator is not None
    now, before = leaves.actual_denominator, leaves.expected_denominator
    numerators = leaves.actual + leaves.expected
    known = (now > 0.0) & (before > 0.0) & (numerators > 0.0)
    relative = np.zeros(leaves.size)
    size = np.zeros(leaves.size)
    both = now[known] + before[known]
    rate = numerators[known] / both
    gap = leaves.actual[known] / now[known] - leaves.expected[known] / before[known]
    relative[known] = gap / rate
    size[known] = numerators[known] * (now[known] / both) * (before[known] / both)
    if np.all(leaves.actual <= now) and np.all(leaves.expected <= before):
        # Parts of a count: near 100 % a rate hardly varies.
        size[known] /= np.maximum(1 - rate, SMALLEST_REST)
    return Deviation(relative, size, np.zeros(leaves.size, dtype=bool))


def _compare(actual: Floats, expected: Floats) -> Deviation:
    larger = np.maximum(np.abs(actual), np.abs(expected))
    known = larger > 0.0
    scale = np.where(known, larger, 1.0)
    relative = actual / scale - expected / scale
    gone = known & ((actual == 0.0) != (expected == 0.0))
    # Ordered by what was expected alone: a size that holds the deviation would sort by it.
    size = np.where(expected != 0.0, np.abs(expected), np.abs(actual))
    return Deviation(relative, size, gone)

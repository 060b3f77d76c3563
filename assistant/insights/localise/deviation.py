"""Owns the relative deviation of a leaf: how far it moved, and how much it tells."""

from dataclasses import dataclass

import numpy as np

from assistant.insights.localise.leaves import Floats, Leaves

# What is there in one period and gone in the other moved further than any share of itself.
VANISHED = 1.3


@dataclass(frozen=True, slots=True)
class Deviation:
    """Per leaf: `relative` change (0 where nothing can be told), `size` for the noise, `known`.

    `size` orders leaves by how precisely they are measured; noise usually falls with it.
    """

    relative: Floats
    size: Floats

    @property
    def known(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """The leaves that tell something."""
        return self.size > 0.0


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
    return Deviation(relative, size)


def _compare(actual: Floats, expected: Floats) -> Deviation:
    larger = np.maximum(np.abs(actual), np.abs(expected))
    known = larger > 0.0
    scale = np.where(known, larger, 1.0)
    relative = actual / scale - expected / scale
    gone = known & ((actual == 0.0) != (expected == 0.0))
    relative = np.where(gone, VANISHED * np.sign(relative), relative)
    return Deviation(relative, np.where(known, (np.abs(actual) / 2 + np.abs(expected) / 2), 0.0))

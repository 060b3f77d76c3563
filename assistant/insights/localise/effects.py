"""Owns the effect of a segment: how much of the total change its leaves account for."""

import numpy as np

from assistant.insights.localise.leaves import Floats, Leaves


def measure_effects(leaves: Leaves) -> Floats:
    """Per leaf its part of the change of the total; over all leaves they add up to it.

    Additive: actual - expected. Ratio: (w1-w0)((r1+r0)/2 - (R1+R0)/2) + (r1-r0)(w1+w0)/2 with the
    leaf's rate r and share w of the denominator, R the total rate, 1 actual and 0 expected (the
    symmetric mix and rate split). A leaf absent from a period has w = 0 there and the other
    period's r.
    """
    if leaves.actual_denominator is None or leaves.expected_denominator is None:
        return leaves.actual - leaves.expected
    share1, rate1, total1 = _split_rate(leaves.actual, leaves.actual_denominator)
    share0, rate0, total0 = _split_rate(leaves.expected, leaves.expected_denominator)
    rate1, rate0 = (
        np.where(share1 > 0.0, rate1, rate0),
        np.where(share0 > 0.0, rate0, rate1),
    )
    mix = (share1 - share0) * ((rate1 + rate0) / 2 - (total1 + total0) / 2)
    return mix + (rate1 - rate0) * (share1 + share0) / 2


def _split_rate(numerator: Floats, denominator: Floats) -> tuple[Floats, Floats, float]:
    """Shares of the denominator, rates, and the total rate of one period."""
    total = float(denominator.sum())
    if total <= 0.0:
        return np.zeros_like(denominator), np.zeros_like(denominator), 0.0
    present = denominator > 0.0
    rates = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=present)
    return denominator / total, rates, float(numerator.sum()) / total

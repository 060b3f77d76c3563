"""Owns the small statistics of findings: quantiles, p-values, many tests at once, effect sizes.

Plain Python on purpose: a cold answer must not wait for a statistics library.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

SURE = 0.95
"""The confidence of every interval and test."""
ALPHA = 1 - SURE
MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation of a normal."""

_NORMAL = NormalDist()


def t_quantile(probability: float, freedom: float) -> float:
    """Return Student's t quantile (Hill 1970, Algorithm 396; error under 1e-3 from 3 up).

    `probability` in (0, 1); raises ValueError for fewer than 1 degree of freedom.
    """
    if freedom < 1:
        raise ValueError("freedom")
    if probability == 0.5:
        return 0.0
    sign = 1.0 if probability > 0.5 else -1.0
    tail = 2 * min(probability, 1 - probability)
    if freedom == 1:
        return sign / math.tan(tail * math.pi / 2)
    if freedom == 2:
        return sign * math.sqrt(2 / (tail * (2 - tail)) - 2)
    return sign * _hill(tail, freedom)


def _hill(tail: float, n: float) -> float:
    a = 1 / (n - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    x = d * tail
    y = x ** (2 / n)
    if y > 0.05 + a:
        x = _NORMAL.inv_cdf(tail / 2)
        y = x * x
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y * y)
    else:
        first = ((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3
        y = ((1 / first + 0.5 / (n + 4)) * y - 1) * (n + 1) / (n + 2) + 1 / y
    return math.sqrt(n * y)


def two_sided(z: float) -> float:
    """Return the p-value of a standard normal deviate, both sides."""
    return math.erfc(abs(z) / math.sqrt(2))


def t_two_sided(t: float, freedom: float) -> float:
    """Return the p-value of Student's t, both sides (Wallace 1959, as a normal deviate)."""
    if not math.isfinite(t):
        return 0.0
    scale = (8 * freedom + 1) / (8 * freedom + 3)
    return two_sided(scale * math.sqrt(freedom * math.log1p(t * t / freedom)))


def discoveries(p_values: Sequence[float], alpha: float = ALPHA) -> tuple[bool, ...]:
    """Return which tests stand when the false discovery rate is `alpha` (Benjamini, Hochberg)."""
    ranked = sorted(range(len(p_values)), key=lambda place: p_values[place])
    last = 0
    for rank, place in enumerate(ranked, start=1):
        if p_values[place] <= alpha * rank / len(p_values):
            last = rank
    kept = set(ranked[:last])
    return tuple(place in kept for place in range(len(p_values)))


def cliffs_delta(left: Sequence[float], right: Sequence[float]) -> float:
    """Return P(left > right) − P(left < right), −1 to 1; 0 where a side is empty."""
    if not left or not right:
        return 0.0
    wins = sum((a > b) - (a < b) for a in left for b in right)
    return wins / (len(left) * len(right))


def rank_sum_p(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the two-sided p-value of Mann and Whitney's test (normal, ties and step corrected)."""
    n, m = len(left), len(right)
    if not n or not m:
        return 1.0
    pooled = sorted([*left, *right])
    ties = sum(pooled.count(value) ** 3 - pooled.count(value) for value in set(pooled))
    total = n + m
    variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    distance = abs(cliffs_delta(left, right)) * n * m / 2
    return two_sided(max(0.0, distance - 0.5) / math.sqrt(variance))


def median(values: Sequence[float]) -> float:
    """Return the middle of `values`; raises ValueError where there is none."""
    if not values:
        raise ValueError("values")
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def robust_sd(values: Sequence[float]) -> float:
    """Return the standard deviation as the median absolute deviation tells it."""
    centre = median(values)
    return MAD_TO_SD * median([abs(value - centre) for value in values])

"""Owns the effect of the parts of a formula: sums, differences, products and ratios of metrics.

Products and ratios of positive values by the logarithmic mean Divisia index (Ang 2004), with its
limits where a value is zero (Ang and Liu 2007); with negative values by Shapley's average over
all orders. Both are exact: the effects sum to the change of the formula.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Literal

EdgeKind = Literal["sum", "difference", "product", "ratio"]

NEAR = 1e-4
"""Values closer than this (relative) take the series of the logarithmic mean."""


def evaluate(kind: EdgeKind, values: Sequence[float]) -> float | None:
    """Return the formula's value; None for a ratio by zero."""
    match kind:
        case "sum":
            return math.fsum(values)
        case "difference":
            return values[0] - math.fsum(values[1:])
        case "product":
            return math.prod(values)
        case "ratio":
            below = math.prod(values[1:])
            return values[0] / below if below else None


def edge_effects(
    kind: EdgeKind, current: Sequence[float], base: Sequence[float]
) -> tuple[float, ...] | None:
    """Return each part's effect on the formula; None for a ratio by zero on a side or between."""
    moved = [now - before for now, before in zip(current, base, strict=True)]
    if kind == "sum":
        return tuple(moved)
    if kind == "difference":
        return (moved[0], *(-step for step in moved[1:]))
    signs = [1] * len(current) if kind == "product" else [1] + [-1] * (len(current) - 1)
    below = [v for side in (current, base) for v, s in zip(side, signs, strict=True) if s < 0]
    if 0 in below:
        return None
    if min(*current, *base) >= 0:
        return _divisia(signs, current, base)
    return _shapley(lambda values: evaluate(kind, values) or 0.0, current, base)


def log_mean(a: float, b: float) -> float:
    """Return (a − b) / ln(a / b) for positive a and b, its limit a where they are equal."""
    gap = (a - b) / b
    if abs(gap) < NEAR:
        return b * (1 + gap / 2 - gap * gap / 12)
    return (a - b) / math.log(a / b)


def _divisia(
    signs: Sequence[int], current: Sequence[float], base: Sequence[float]
) -> tuple[float, ...]:
    now = math.prod(v**s for v, s in zip(current, signs, strict=True))
    before = math.prod(v**s for v, s in zip(base, signs, strict=True))
    if now == before:
        return _to_the_same(signs, current, base, now)
    if 0 in (now, before):
        # ln 0 outweighs every finite logarithm: who is zero on one side alone shares the change
        zero = [(a == 0) != (b == 0) for a, b in zip(current, base, strict=True)]
        return tuple((now - before) / sum(zero) if z else 0.0 for z in zero)
    return _to_the_same(signs, current, base, log_mean(now, before))


def _to_the_same(
    signs: Sequence[int], current: Sequence[float], base: Sequence[float], mean: float
) -> tuple[float, ...]:
    if mean == 0:
        return tuple(0.0 for _ in signs)
    return tuple(s * mean * math.log(a / b) for a, b, s in zip(current, base, signs, strict=True))


def _shapley(
    formula: Callable[[Sequence[float]], float], current: Sequence[float], base: Sequence[float]
) -> tuple[float, ...]:
    places = range(len(current))

    def with_current(chosen: frozenset[int]) -> float:
        return formula([current[i] if i in chosen else base[i] for i in places])

    effects = []
    for place in places:
        others = [other for other in places if other != place]
        effect = 0.0
        for size in range(len(others) + 1):
            weight = 1 / (len(current) * math.comb(len(others), size))
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                effect += weight * (with_current(before | {place}) - with_current(before))
        effects.append(effect)
    return tuple(effects)

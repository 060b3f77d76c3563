"""Owns the exact decompositions of a change by the members of one dimension.

Every function returns parts whose effects sum to the change; what no member can be given is the
residual (member None). Ratios: R = Σ wᵢ rᵢ with w the denominator share; the effect of a member
splits into mix (wᵢ¹ − wᵢ⁰)((rᵢ¹ + rᵢ⁰)/2 − (R¹ + R⁰)/2) and rate (rᵢ¹ − rᵢ⁰)(wᵢ¹ + wᵢ⁰)/2, the
symmetric form of Marshall and Edgeworth's weights; a member absent from a period has w = 0 there
and the other period's r, so it is mix as a whole.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.insights.cells import Cells
from assistant.insights.finding import Driver

EXACT = 1e-9
"""Parts that miss the total by less, relative to the values, add up: the rest is rounding."""
ROUNDING = 1e-12
"""A residual smaller than this part of the effects is rounding, not a residual."""
OTHER = "other"
SIMPSON_WEIGHT = 0.01
"""Members with a smaller denominator share do not count for Simpson's paradox."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The drivers of one dimension, and per member the effect net of the common drift.

    `net`: the member's effect minus its share of the change, had all members moved alike; sums
    to 0. `weights`: that share, from 0 to 1. `residual` is the effect of no member. `kept`: how
    much of the metric's weight has the same member in both periods, from 0 to 1.
    """

    drivers: tuple[Driver, ...]
    net: tuple[tuple[str, float], ...]
    residual: float = 0.0
    simpson: bool = False
    weights: tuple[tuple[str, float], ...] = ()
    kept: float = 1.0


def adds_up(parts: Mapping[str, Cells], whole: float | None) -> bool:
    """Return whether the members' values sum to the total."""
    values = [cells.value or 0.0 for cells in parts.values()]
    scale = sum(abs(value) for value in values)
    return abs(math.fsum(values) - (whole or 0.0)) <= EXACT * max(scale, abs(whole or 0.0))


def additive_parts(
    dimension: str, current: Mapping[str, Cells], base: Mapping[str, Cells], change: float
) -> Parts:
    """Return each member's difference; what the members do not sum to is the residual."""
    effects, sizes, sides = {}, {}, {}
    drivers = []
    for member in sorted({*current, *base}):
        now, before = _value(current, member), _value(base, member)
        effects[member] = (now or 0.0) - (before or 0.0)
        sides[member] = abs(now or 0.0), abs(before or 0.0)
        sizes[member] = sum(sides[member])
        drivers.append(Driver(dimension, member, "additive", effects[member], now, before))
    found = _with_residual(dimension, drivers, effects, sizes, change)
    return replace(found, kept=_overlap(sides))


def removal_parts(
    dimension: str,
    whole: tuple[float, float],
    without: Mapping[str, tuple[float | None, float | None]],
    current: Mapping[str, Cells],
    base: Mapping[str, Cells],
) -> Parts:
    """Return by how much less the total would have changed without each member.

    `whole` is (current, base); `without` the same totals with the member left out (None = no
    rows are left, taken as 0). For distinct counts the residual is the change of the overlap.
    `other` is as large as all the members that are not left out one by one.
    """
    change = whole[0] - whole[1]
    effects, sizes = {}, {}
    drivers = []
    rest = [m for m in {*current, *base} if m == OTHER or m not in without]
    for member, (now_rest, before_rest) in sorted(without.items()):
        effects[member] = change - ((now_rest or 0.0) - (before_rest or 0.0))
        now, before = _value(current, member), _value(base, member)
        held = rest if member == OTHER else [member]
        sizes[member] = math.fsum(
            abs(_value(side, m) or 0.0) for side in (current, base) for m in held
        )
        drivers.append(Driver(dimension, member, "additive", effects[member], now, before))
    return _with_residual(dimension, drivers, effects, sizes, change)


def ratio_parts(
    dimension: str, current: Mapping[str, Cells], base: Mapping[str, Cells], change: float
) -> Parts | None:
    """Return mix and rate per member; None where a period has no denominator.

    Where members overlap (their denominators do not sum to the total's) the decomposition is of
    the members' pooled rate, and the residual is what the overlap changes.
    """
    bottoms = [
        math.fsum(cells.denominator or 0.0 for cells in side.values()) for side in (current, base)
    ]
    if not all(bottoms):
        return None
    tops = [
        math.fsum(cells.numerator or 0.0 for cells in side.values()) for side in (current, base)
    ]
    middle = (tops[0] / bottoms[0] + tops[1] / bottoms[1]) / 2
    drivers: list[Driver] = []
    effects, weights, shares, moves = {}, {}, {}, []
    for member in sorted({*current, *base}):
        now, before = current.get(member, Cells()), base.get(member, Cells())
        w1 = (now.denominator or 0.0) / bottoms[0]
        w0 = (before.denominator or 0.0) / bottoms[1]
        r1, r0 = _rate(now), _rate(before)
        rate = (r1 - r0) * (w1 + w0) / 2 if r1 is not None and r0 is not None else 0.0
        part = (now.numerator or 0.0) / bottoms[0] - (before.numerator or 0.0) / bottoms[1]
        effects[member] = part - (w1 - w0) * middle
        weights[member] = abs(w1 + w0) / 2
        mix, shares[member] = effects[member] - rate, (w1, w0)
        drivers.append(Driver(dimension, member, "mix", mix, r1, r0, (w1, w0)))
        drivers.append(Driver(dimension, member, "rate", rate, r1, r0, (w1, w0)))
        if r1 is not None and r0 is not None and weights[member] >= SIMPSON_WEIGHT:
            moves.append(r1 - r0)
    simpson = bool(moves) and (
        all(move > 0 > change for move in moves) or all(move < 0 < change for move in moves)
    )
    found = _with_residual(dimension, drivers, effects, weights, change)
    return replace(found, simpson=simpson, kept=_overlap(shares))


def _rate(cells: Cells) -> float | None:
    if not cells.denominator:
        return None
    return (cells.numerator or 0.0) / cells.denominator


def _value(side: Mapping[str, Cells], member: str) -> float | None:
    return side[member].value if member in side else None


def _with_residual(
    dimension: str,
    drivers: Sequence[Driver],
    effects: Mapping[str, float],
    sizes: Mapping[str, float],
    change: float,
) -> Parts:
    explained = math.fsum(effects.values())
    whole = math.fsum(sizes.values())
    weights = {member: size / whole if whole else 0.0 for member, size in sizes.items()}
    net = {member: effect - explained * weights[member] for member, effect in effects.items()}
    residual = change - explained
    scale = max(abs(change), math.fsum(abs(effect) for effect in effects.values()))
    if abs(residual) <= ROUNDING * scale:
        residual = 0.0
    else:
        drivers = [*drivers, Driver(dimension, None, "residual", residual)]
    return Parts(
        tuple(drivers), tuple(sorted(net.items())), residual, weights=tuple(sorted(weights.items()))
    )


def _overlap(sides: Mapping[str, tuple[float, float]]) -> float:
    """How much of the weight has the same member in both periods; 1 where a period is empty."""
    now, before = (math.fsum(pair[side] for pair in sides.values()) for side in (0, 1))
    if now <= 0 or before <= 0:
        return 1.0
    return math.fsum(min(a / now, b / before) for a, b in sides.values())

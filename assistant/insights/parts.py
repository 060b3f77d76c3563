"""Owns the exact decompositions of a change by the members of one dimension.

Every function returns parts whose effects sum to the change; what no member can be given is the
residual (member None). Ratios: R = Σ wᵢ rᵢ with w the denominator share; the effect of a member
splits into mix (wᵢ¹ − wᵢ⁰)((rᵢ¹ + rᵢ⁰)/2 − (R¹ + R⁰)/2) and rate (rᵢ¹ − rᵢ⁰)(wᵢ¹ + wᵢ⁰)/2, the
symmetric form of Marshall and Edgeworth's weights; a member absent from a period has w = 0 there
and the other period's r, so it is mix as a whole.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.insights.cells import Cells
from assistant.insights.finding import Driver

EXACT = 1e-9
"""Parts that miss the total by less, relative to the values, add up: the rest is rounding."""
ROUNDING = 1e-12
"""A residual smaller than this part of the effects is rounding, not a residual."""
OTHER = "other"
MAX_MEMBERS = 20
OPPOSITE_WEIGHT = 0.5
"""How a part against the direction of the change counts when parts are put in order."""
SHRUNK_WEIGHT = 0.25
"""How a part counts there that comes from a smaller share: what grew is named before it."""
SIMPSON_WEIGHT = 0.01
"""Members with a smaller denominator share do not count for Simpson's paradox."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The drivers of one dimension, and per member the effect net of the common drift.

    `net`: the member's effect minus its share of the change, had all members moved alike; sums
    to 0. `residual` is the effect of no member.
    """

    drivers: tuple[Driver, ...]
    net: tuple[tuple[str, float], ...]
    residual: float = 0.0
    simpson: bool = False

    @property
    def concentration(self) -> float:
        """How much of the change is special to few members: the length of the net effects."""
        return math.hypot(*(size for _, size in self.net))


def adds_up(parts: Mapping[str, Cells], whole: float | None) -> bool:
    """Return whether the members' values sum to the total."""
    values = [cells.value or 0.0 for cells in parts.values()]
    scale = sum(abs(value) for value in values)
    return abs(math.fsum(values) - (whole or 0.0)) <= EXACT * max(scale, abs(whole or 0.0))


def additive_parts(
    dimension: str, current: Mapping[str, Cells], base: Mapping[str, Cells], change: float
) -> Parts:
    """Return each member's difference; what the members do not sum to is the residual."""
    effects, sizes = {}, {}
    drivers = []
    for member in sorted({*current, *base}):
        now, before = _value(current, member), _value(base, member)
        effects[member] = (now or 0.0) - (before or 0.0)
        sizes[member] = abs(now or 0.0) + abs(before or 0.0)
        drivers.append(Driver(dimension, member, "additive", effects[member], now, before))
    return _with_residual(dimension, drivers, effects, sizes, change)


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
    """
    change = whole[0] - whole[1]
    effects, sizes = {}, {}
    drivers = []
    for member, (now_rest, before_rest) in sorted(without.items()):
        effects[member] = change - ((now_rest or 0.0) - (before_rest or 0.0))
        now, before = _value(current, member), _value(base, member)
        sizes[member] = abs(now or 0.0) + abs(before or 0.0)
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
    effects, weights, moves = {}, {}, []
    for member in sorted({*current, *base}):
        now, before = current.get(member, Cells()), base.get(member, Cells())
        w1 = (now.denominator or 0.0) / bottoms[0]
        w0 = (before.denominator or 0.0) / bottoms[1]
        r1, r0 = _rate(now), _rate(before)
        rate = (r1 - r0) * (w1 + w0) / 2 if r1 is not None and r0 is not None else 0.0
        part = (now.numerator or 0.0) / bottoms[0] - (before.numerator or 0.0) / bottoms[1]
        effects[member] = part - (w1 - w0) * middle
        weights[member] = abs(w1 + w0) / 2
        mix, shares = effects[member] - rate, (w1, w0)
        drivers.append(Driver(dimension, member, "mix", mix, r1, r0, shares))
        drivers.append(Driver(dimension, member, "rate", rate, r1, r0, shares))
        if r1 is not None and r0 is not None and weights[member] >= SIMPSON_WEIGHT:
            moves.append(r1 - r0)
    simpson = bool(moves) and (
        all(move > 0 > change for move in moves) or all(move < 0 < change for move in moves)
    )
    found = _with_residual(dimension, drivers, effects, weights, change)
    return Parts(found.drivers, found.net, found.residual, simpson)


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
    net = {
        member: effect - (explained * (sizes[member] / whole) if whole else 0.0)
        for member, effect in effects.items()
    }
    residual = change - explained
    scale = max(abs(change), math.fsum(abs(effect) for effect in effects.values()))
    if abs(residual) <= ROUNDING * scale:
        residual = 0.0
    else:
        drivers = [*drivers, Driver(dimension, None, "residual", residual)]
    return Parts(tuple(drivers), tuple(sorted(net.items())), residual)


def arranged(parts: Parts, change: float, most: int = MAX_MEMBERS) -> tuple[Driver, ...]:
    """Return the drivers, the most special members first, those beyond `most` summed as `other`.

    Parts in the direction of the change come before equally large ones against it, members whose
    share grew before those that made room for them; the residual is last.
    """
    weight = dict(parts.net)
    gone = _made_room(parts)

    def rank(member: str) -> tuple[float, float, str]:
        net = weight.get(member, 0.0)
        against = net * change < 0
        effect = math.fsum(d.effect for d in parts.drivers if d.member == member)
        size = abs(net) * (OPPOSITE_WEIGHT if against else 1.0)
        return -size * (SHRUNK_WEIGHT if member in gone else 1.0), -abs(effect), member

    order = sorted((m for m in weight if m != OTHER or len(weight) <= most), key=rank)
    named = order[: most if len(weight) <= most else most - 1]
    kept = [
        driver
        for member in named
        for driver in sorted(
            (d for d in parts.drivers if d.member == member), key=lambda d: -abs(d.effect)
        )
    ]
    residual = [d for d in parts.drivers if d.member is None]
    return (*kept, *_other(parts, set(named)), *residual)


def _made_room(parts: Parts) -> frozenset[str | None]:
    """The members whose largest part is that their share became smaller."""
    largest: dict[str | None, Driver] = {}
    for driver in parts.drivers:
        kept = largest.get(driver.member)
        if kept is None or abs(driver.effect) > abs(kept.effect):
            largest[driver.member] = driver
    return frozenset(member for member, driver in largest.items() if driver.shrank)


def _other(parts: Parts, named: set[str]) -> list[Driver]:
    rest = [d for d in parts.drivers if d.member is not None and d.member not in named]
    merged = []
    for kind in dict.fromkeys(d.kind for d in rest):
        alike = [d for d in rest if d.kind == kind]
        effect = math.fsum(d.effect for d in alike)
        sums: list[float | None] = [None, None]
        if kind == "additive":
            sums = [
                math.fsum(d.current or 0.0 for d in alike), math.fsum(d.base or 0.0 for d in alike)
            ]  # fmt: skip
        merged.append(Driver(alike[0].dimension, OTHER, kind, effect, sums[0], sums[1]))
    return merged


def special(parts: Parts, usual: Sequence[Parts]) -> float:
    """Return how far the change is special to few members, beyond what is usual between periods.

    In the metric's unit: the root of the squared concentration minus the mean usual one. A change
    shared by all members alike, and the noise of many small members, both count as nothing.
    """
    now = parts.concentration
    if not usual or not now:
        return now
    # in units of `now`: squares of huge amounts would overflow
    noise = math.fsum(min(p.concentration / now, 1.0) ** 2 for p in usual) / len(usual)
    return now * math.sqrt(max(0.0, 1.0 - noise))

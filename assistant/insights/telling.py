"""Owns what tells most: of the members of a dimension, and of the dimensions of a change.

A member tells by two things: how much of the change is its own, beyond the drift that all share
(its net effect n), and how surprising that is for a member of its size. For leaves whose noise
grows with the root of their size w (a share of the metric), the likelihood ratio of "this member
moved apart from all others" to "all moved alike" is n² / (w (1 − w)) in units of one noise that
all dimensions of the same rows share (a sum of squares between two groups), so dimensions may be
compared by it. Explanatory power and surprise together are how Adtributor (Bhagwan 2014) ranks
dimensions too; the one who carries the change is named before a small member that moved further.
"""

import math
from collections.abc import Sequence

from assistant.insights.finding import Driver
from assistant.insights.parts import OTHER, Parts

EFFECT_WEIGHT, SURPRISE_WEIGHT = 2 / 3, 1 / 3
"""Exponents of effect and surprise: between effect alone and the likelihood ratio alone the order
of random correlated dimensions hardly changes; either extreme is worse (tests, docs)."""
LEAST_SPREAD = 1e-12
TURNED_OVER = 0.5
"""Where less of the weight kept its member, the dimension is another name for the time."""
MAX_MEMBERS = 20
OPPOSITE_WEIGHT = 0.5
"""How a part against the direction of the change counts when parts are put in order."""
SHRUNK_WEIGHT = 0.25
"""How a part counts there that comes from a smaller share: what grew is named before it."""


def tell(net: float, weight: float) -> float:
    """Return how much a member tells, in the metric's unit: its net effect, more if surprising."""
    surprise = abs(net) / math.sqrt(max(weight * (1 - weight), LEAST_SPREAD))
    return float(abs(net) ** EFFECT_WEIGHT * surprise**SURPRISE_WEIGHT)


def most_telling(parts: Parts) -> float:
    """Return how much the member that tells most does, in the metric's unit."""
    weights, merged = dict(parts.weights), _has_merged(parts)
    return max(
        (
            tell(net, weights.get(member, 0.0))
            for member, net in parts.net
            if not (merged and member == OTHER)
        ),
        default=0.0,
    )


def _has_merged(parts: Parts) -> bool:
    """Whether `other` is all the members that were not looked at one by one, and none itself."""
    found = [d for d in parts.drivers if d.member == OTHER and d.kind == "additive"]
    return any(d.current is None and d.base is None for d in found)


def special(parts: Parts, usual: Sequence[Parts]) -> float:
    """Return how much the change tells of one member, beyond what is usual between periods.

    In the metric's unit: the root of the squared `most_telling` minus the usual one. A change
    shared by all members alike, and the noise of many small members, both count as nothing. Usual
    is the quieter of the earlier changes: in the other the cause may already have been at work.
    """
    now = most_telling(parts)
    if not usual or not now:
        return now
    # in units of `now`: squares of huge amounts would overflow
    noise = min(min(most_telling(p) / now, 1.0) for p in usual)
    return now * math.sqrt(1.0 - noise * noise)


def has_turned_over(parts: Parts) -> bool:
    """Return whether most of the weight changed its member, as over versions or cohorts.

    Such a dimension takes in every change between the periods, whatever made it.
    """
    return parts.kept < TURNED_OVER


def arranged(parts: Parts, change: float, most: int = MAX_MEMBERS) -> tuple[Driver, ...]:
    """Return the drivers, the most telling members first, those beyond `most` summed as `other`.

    Parts in the direction of the change come before equally large ones against it, members whose
    share grew before those that made room for them; what is merged and the residual are last.
    """
    net, weights = dict(parts.net), dict(parts.weights)
    gone, merged = _made_room(parts), _has_merged(parts)

    def rank(member: str) -> tuple[bool, float, float, str]:
        own = net.get(member, 0.0)
        effect = math.fsum(d.effect for d in parts.drivers if d.member == member)
        if own * change < 0:  # who only stayed while all others moved tells no more than it did
            own = OPPOSITE_WEIGHT * min(abs(own), abs(effect))
        size = tell(own, weights.get(member, 0.0))
        size *= SHRUNK_WEIGHT if member in gone else 1.0
        return merged and member == OTHER, -size, -abs(effect), member

    order = sorted((m for m in net if m != OTHER or len(net) <= most), key=rank)
    named = order[: most if len(net) <= most else most - 1]
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

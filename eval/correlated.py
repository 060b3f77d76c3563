"""Owns generated changes whose cause lies in one of several correlated dimensions.

Rows fall into members of a dimension `root`; `derived` follows from it for most rows, `coarse`
groups its members, `fine` splits them; `few` and `many` are independent. In the last of five
periods one to three members of one of them move: their rate falls, their share grows while their
rate is low, their amount falls, or (`flag`) more of their rows carry a flag that lowers the rate.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.insights.cells import Cells

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]
Cause = Literal["rate", "mix", "sum", "flag"]
Side = dict[str, Cells]

CAUSES: tuple[Cause, ...] = ("rate", "mix", "sum", "flag")
PERIODS = 5
LEAST_SHARE, MOST_SHARE = 0.02, 0.7
USUAL_MOVE = 0.04
"""How far members move apart between any two periods, as a standard deviation of logarithms."""


@dataclass(frozen=True)
class World:
    """Per dimension its members' cells in each period, oldest first; where the cause lies."""

    cause: Cause
    planted: str
    sides: Mapping[str, tuple[Side, ...]]


@dataclass(frozen=True)
class _Plan:
    """What moves the rows: the planted rows, how far, and how the flag acts."""

    cause: Cause
    inside: NDArray[np.bool_]
    severity: float
    flag: tuple[float, float, float, float]
    """Share of flagged rows as usual and where planted, its factor on the rate, share recorded."""


def generate_world(seed: int) -> World:
    """The same seed gives the same world."""
    rng = np.random.default_rng(seed)
    codes = _draw_dimensions(rng)
    rows = len(codes["root"])
    planted = str(rng.choice([name for name, code in codes.items() if code.max() > 0]))
    cause = CAUSES[int(rng.integers(len(CAUSES)))]
    flag = rng.uniform((0.02, 0.3, 0.1, 0.5), (0.08, 0.8, 0.5, 1.0))
    inside = _draw_members(rng, codes[planted])
    plan = _Plan(cause, inside, float(rng.uniform(0.15, 0.8)), tuple(flag.tolist()))
    level = math.log(rng.uniform(0.1, 0.6))
    for name in ("root", "derived", "few"):
        level = level + rng.normal(0, 0.25, codes[name].max() + 1)[codes[name]]
    rate = 1 / (1 + np.exp(-level))
    weight = np.exp(rng.normal(0, 0.3, rows))
    sides: dict[str, list[Side]] = {name: [] for name in codes}
    if cause == "flag":
        sides["flagged"] = []
    for place in range(PERIODS):
        last = place == PERIODS - 1
        counts, hits, seen = _period(rng, codes, plan, rate, weight, last)
        for name, found in sides.items():
            code = seen if name == "flagged" else codes[name]
            found.append(_cells(code, counts, hits, cause == "sum"))
    return World(cause, planted, {name: tuple(found) for name, found in sides.items()})


def _draw_dimensions(rng: np.random.Generator) -> dict[str, Codes]:
    rows = int(rng.integers(2_000, 60_000))

    def draw(count: int, evenness: float = 3.0) -> Codes:
        return rng.choice(count, rows, p=rng.dirichlet(np.full(count, evenness))).astype(np.intp)

    members = int(rng.integers(3, 13))
    root = draw(members, 2.0)
    kinds, groups, parts = (int(rng.integers(2, high)) for high in (9, max(3, members - 1), 6))
    follows = rng.random(rows) < rng.uniform(0.5, 0.95)
    derived = np.where(
        follows, rng.integers(0, kinds, members)[root], rng.integers(0, kinds, rows)
    ).astype(np.intp)
    coarse = rng.integers(0, groups, members).astype(np.intp)[root]
    fine = root * parts + draw(parts)
    return {
        "root": root, "derived": derived, "coarse": coarse, "fine": fine,
        "few": draw(4), "many": draw(20),
    }  # fmt: skip


def _draw_members(rng: np.random.Generator, code: Codes) -> NDArray[np.bool_]:
    """The rows of one to three members of middling size, never of all."""
    share = np.bincount(code) / len(code)
    fit = np.flatnonzero((share > LEAST_SHARE) & (share < MOST_SHARE))
    fit = fit if len(fit) else np.array([int(share.argmin())])
    count = 1 if rng.random() < 0.8 else int(rng.integers(2, 4))
    chosen = rng.choice(fit, min(count, len(fit), max(len(share) - 1, 1)), replace=False)
    return np.isin(code, chosen)


def _period(
    rng: np.random.Generator,
    codes: Mapping[str, Codes],
    plan: _Plan,
    rate: Floats,
    weight: Floats,
    moved: bool,
) -> tuple[Floats, Floats, Codes]:
    """Counts, how many of them hit, and which rows are seen to carry the flag."""
    mean = weight.copy()
    for code in codes.values():
        mean *= np.exp(rng.normal(0, USUAL_MOVE, code.max() + 1))[code]
    rate = np.where(plan.inside, rate * 0.4, rate) if plan.cause == "mix" else rate
    usual, planted, lowers, recorded = plan.flag
    flagged = np.zeros(len(rate), dtype=bool)
    if plan.cause == "flag":
        flagged = rng.random(len(rate)) < np.where(plan.inside & moved, planted, usual)
        rate = np.where(flagged, rate * lowers, rate)
    if moved:
        rate = rate * math.exp(rng.normal(0, 0.03))
        fall = np.where(plan.inside, 1 - plan.severity, 1.0)
        if plan.cause == "rate":
            rate = rate * fall
        elif plan.cause == "sum":
            mean = mean * fall
        elif plan.cause == "mix":
            mean = np.where(plan.inside, mean * (1 + 4 * plan.severity), mean)
    counts = rng.poisson(mean)
    hits = rng.binomial(counts, np.clip(rate, 0.0, 1.0))
    seen = flagged & (rng.random(len(rate)) < recorded)
    return counts.astype(np.float64), hits.astype(np.float64), seen.astype(np.intp)


def _cells(code: Codes, counts: Floats, hits: Floats, additive: bool) -> Side:
    below, above = np.bincount(code, counts), np.bincount(code, hits)
    if additive:
        return {str(m): Cells(float(n)) for m, n in enumerate(below) if n}
    return {
        str(m): Cells(float(k / n), float(k), float(n))
        for m, (k, n) in enumerate(zip(above, below, strict=True))
        if n
    }

"""Owns generated tables of leaves with known causes, for measuring how well causes are found.

Two families. `grid` tables follow the recipe published with RiskLoc (Kalander 2022,
arXiv 2205.10004): a full grid, Weibull sizes, one side of every leaf noisy, zeros, and groups of
segments that shrink together by one severity. The other kinds are sums or ratios over sparse or
full grids whose causes are planted so that they can be told from every neighbouring segment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.leaf_causes import Cell, Floats, Grid, Planted, plant_causes

Pair = tuple[str, str]
# Under heavy tails a single leaf may move by anything; no reader can tell it was a cause.
HEAVY_FEWEST = 5
# A group that found no room in so many draws has none.
GROUP_DRAWS = 2000
# How many dimensions, how many members each, the fewest and the most leaves.
SHAPES = (3, 6), (4, 16), 1_000, 30_000
SMALL_SHAPES = (2, 4), (3, 13), 24, 500


@dataclass(frozen=True, slots=True)
class LeafTable:
    """A table with its columns' roles and the causes planted in it, as elements."""

    frame: pd.DataFrame
    dimensions: tuple[str, ...]
    causes: tuple[tuple[str, ...], ...]
    denominators: Pair | None = None


@dataclass(frozen=True, slots=True)
class GridKind:
    """A full grid in the way of RiskLoc; ranges are (low, high), `deepest` plants single leaves."""

    sizes: tuple[int, ...]
    noise: tuple[float, float]
    severity: tuple[float, float]
    spread: tuple[float, float]
    groups: tuple[int, int]
    elements: tuple[int, int]
    deepest: bool


SMALL_GRID = GridKind(
    (10, 12, 10, 8, 5), (0.0, 0.25), (0.2, 1.0), (0.0, 0.1), (1, 3), (1, 3), False
)
LARGE_GRID = GridKind((10, 24, 10, 15), (0.0, 0.1), (0.5, 1.0), (0.0, 0.0), (1, 5), (1, 1), True)


@dataclass(frozen=True, slots=True)
class SumKind:
    """An additive measure. `noise` is the law of actual / expected.

    relative: lognormal, one scale for all leaves. heavy: Student's t with 3 degrees of freedom,
    cut at -1. counts: Poisson with a little extra spread, so small leaves are noisier.
    `sizes`: lognormal or pareto leaf sizes. `fill`: share of the grid's cells that exist.
    `zeros`: share of leaves that are 0 in both. `drift`: how far everything moves together.
    `few`: tables of a question's size, 24 to 500 leaves.
    """

    noise: str
    sizes: str = "lognormal"
    fill: float = 1.0
    zeros: float = 0.0
    drift: float = 0.0
    few: bool = False


@dataclass(frozen=True, slots=True)
class RatioKind:
    """Counts over counts: binomial rates, Poisson denominators; where causes lie: rate, mix, both.

    Denominators grow together by up to `growth`, which is no cause; `sizes`, `few` as in SumKind.
    """

    where: tuple[str, ...]
    sizes: str = "lognormal"
    growth: float = 0.2
    few: bool = False


Kind = GridKind | SumKind | RatioKind

KINDS: Mapping[str, Kind] = {
    "grid small": SMALL_GRID,
    "grid large": LARGE_GRID,
    "sum relative": SumKind("relative"),
    "sum pareto zeros": SumKind("relative", sizes="pareto", zeros=0.2),
    "sum sparse": SumKind("relative", fill=0.3),
    "sum heavy tails": SumKind("heavy"),
    "sum counts": SumKind("counts"),
    "sum counts pareto": SumKind("counts", sizes="pareto", fill=0.5),
    "sum drift": SumKind("relative", drift=0.1),
    "ratio rate": RatioKind(("rate",)),
    "ratio mix": RatioKind(("mix",)),
    "ratio both": RatioKind(("rate", "mix")),
    "ratio pareto": RatioKind(("rate", "mix"), sizes="pareto"),
    "few sum relative": SumKind("relative", few=True),
    "few sum heavy tails": SumKind("heavy", few=True),
    "few sum counts": SumKind("counts", few=True),
    "few ratio rate": RatioKind(("rate",), few=True),
    "few ratio both": RatioKind(("rate", "mix"), few=True),
}


def generate_table(kind: Kind, seed: int, planted: bool = True) -> LeafTable:
    """A table of a kind; the same seed gives the same table. Without `planted`: a placebo."""
    rng = np.random.default_rng(seed)
    match kind:
        case GridKind():
            return _generate_grid(kind, rng, planted)
        case SumKind():
            return _generate_sum(kind, rng, planted)
        case RatioKind():
            return _generate_ratio(kind, rng, planted)


def _generate_grid(kind: GridKind, rng: np.random.Generator, planted: bool) -> LeafTable:
    grid = Grid.full(kind.sizes)
    noise = rng.uniform(*kind.noise)
    size = rng.weibull(rng.uniform(0.5, 1.0), grid.rows) * 100
    size = size * (rng.random(grid.rows) > rng.uniform(0, 0.25))
    noisy = size * (1 + rng.normal(0, noise, grid.rows))
    left = rng.random(grid.rows) < 0.5
    actual = np.where(left, noisy, size)
    expected = np.maximum(np.where(left, size, noisy), 0.0)
    shrinks = actual.sum() <= expected.sum()
    groups: list[tuple[tuple[int, ...], list[Cell]]] = []
    for _ in range(rng.integers(*kind.groups, endpoint=True) if planted else 0):
        cells = _draw_group(kind, grid, rng, groups, actual != 0.0)
        if not cells:
            break
        groups.append((tuple(d for d, _ in cells[0]), cells))
        moved = np.logical_or.reduce([grid.inside(cell) for cell in cells])
        severity = rng.uniform(*kind.severity) + noise
        draws = rng.normal(severity, rng.uniform(*kind.spread), int(moved.sum()))
        factor = np.maximum(1 - draws, 0.0)
        if shrinks:
            actual[moved] = expected[moved] * factor
        else:
            expected[moved] = actual[moved] * factor
    causes = tuple(grid.name(cell) for _, cells in groups for cell in cells)
    return _tabulate(grid, causes, {"actual": actual, "expected": expected})


def _draw_group(
    kind: GridKind,
    grid: Grid,
    rng: np.random.Generator,
    groups: list[tuple[tuple[int, ...], list[Cell]]],
    present: NDArray[np.bool_],
) -> list[Cell]:
    """Distinct cells over one set of dimensions, with members no earlier group uses there.

    None where earlier groups have left too few members.
    """
    count = len(kind.sizes)
    depth = count if kind.deepest else int(rng.integers(1, count + 1))
    wanted = int(rng.integers(*kind.elements, endpoint=True))
    for _ in range(GROUP_DRAWS):
        dimensions = tuple(sorted(rng.choice(count, depth, replace=False).tolist()))
        if depth < count and any(dimensions == used for used, _ in groups):
            continue
        columns: list[list[int]] = []
        for d in dimensions:
            used = {dict(cell)[d] for _, cells in groups for cell in cells if d in dict(cell)}
            free = [m for m in range(kind.sizes[d]) if m not in used]
            columns.append(rng.choice(free, wanted).tolist() if free else [])
        if not all(columns):
            continue
        cells = sorted(
            {tuple(zip(dimensions, members, strict=True)) for members in zip(*columns, strict=True)}
        )
        if len(cells) == wanted and all(present[grid.inside(cell)].any() for cell in cells):
            return cells
    return []


def _generate_sum(kind: SumKind, rng: np.random.Generator, planted: bool) -> LeafTable:
    grid = _draw_shape(rng, kind.fill, kind.few)
    expected = _draw_sizes(kind.sizes, grid.rows, rng)
    expected = np.where(rng.random(grid.rows) < kind.zeros, 0.0, expected)
    level = rng.uniform(0.02, 0.15)
    noise, scale = _draw_noise(kind.noise, expected, level, rng)
    weight = np.where(expected > 0, 1 / scale**2, 0.0)
    fewest = HEAVY_FEWEST if kind.noise == "heavy" else 1
    found = (
        plant_causes(grid, weight, rng, fewest=fewest) if planted else Planted.nothing(grid.rows)
    )
    drift = rng.uniform(-kind.drift, kind.drift)
    mean = expected * found.factor * (1 + drift)
    actual = rng.poisson(mean * noise).astype(float) if kind.noise == "counts" else mean * noise
    return _tabulate(grid, found.causes, {"actual": actual, "expected": expected})


def _draw_noise(
    law: str, size: Floats, level: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Factors with mean about 1, and the standard deviation of actual / expected."""
    rows = len(size)
    if law == "counts":
        extra = level / 2
        shape = 1 / extra**2
        return rng.gamma(shape, 1 / shape, rows), np.sqrt(1 / np.maximum(size, 1e-9) + extra**2)
    if law == "heavy":
        draws = np.maximum(1 + level * rng.standard_t(3, rows), 0.0)
        return draws, np.full(rows, level * np.sqrt(3.0))
    return np.exp(rng.normal(0, level, rows) - level**2 / 2), np.full(rows, level)


def _generate_ratio(kind: RatioKind, rng: np.random.Generator, planted: bool) -> LeafTable:
    grid = _draw_shape(rng, 1.0, kind.few)
    size = _draw_sizes(kind.sizes, grid.rows, rng) * 5
    rate = np.full(grid.rows, rng.uniform(0.05, 0.3))
    for code, count in zip(grid.codes, grid.sizes, strict=True):
        rate = rate * np.exp(rng.normal(0, 0.15, count))[code]
    rate = np.clip(rate, 0.01, 0.45)
    extra = rng.uniform(0.01, 0.06)
    nothing = Planted.nothing(grid.rows)
    mix = rates = nothing
    if planted and "mix" in kind.where:
        weight = 1 / (2 / np.maximum(size, 1e-9) + extra**2)
        mix = plant_causes(grid, weight, rng, most=2)
    if planted and "rate" in kind.where:
        weight = size * rate / (1 - rate) / 2
        rates = plant_causes(grid, weight, rng, most=2, apart_from=mix.cells)
    grown = size * mix.factor * (1 + rng.uniform(-kind.growth, kind.growth))
    before = rng.poisson(size)
    now = rng.poisson(grown * rng.gamma(1 / extra**2, extra**2, grid.rows))
    columns = {
        "actual": rng.binomial(now, np.clip(rate * rates.factor, 0.0, 1.0)).astype(float),
        "expected": rng.binomial(before, rate).astype(float),
        "actual_denominator": now.astype(float),
        "expected_denominator": before.astype(float),
    }
    pair = ("actual_denominator", "expected_denominator")
    return _tabulate(grid, (*mix.causes, *rates.causes), columns, pair)


def _draw_shape(rng: np.random.Generator, fill: float, few: bool) -> Grid:
    deep, wide, least, most = SMALL_SHAPES if few else SHAPES
    count = int(rng.integers(*deep))
    while True:
        sizes = tuple(int(s) for s in rng.integers(*wide, count))
        if least <= np.prod(sizes) * fill <= most:
            return Grid.full(sizes).sample(fill, rng)


def _draw_sizes(law: str, rows: int, rng: np.random.Generator) -> Floats:
    if law == "pareto":
        return np.minimum(20 * (1 + rng.pareto(1.3, rows)), 1e6)
    return rng.lognormal(4.0, 1.2, rows)


def _tabulate(
    grid: Grid,
    causes: tuple[tuple[str, ...], ...],
    measures: Mapping[str, Floats],
    denominators: Pair | None = None,
) -> LeafTable:
    columns: dict[str, object] = {
        name: np.array(members, dtype=object)[code]
        for name, members, code in zip(grid.dimensions, grid.members, grid.codes, strict=True)
    }
    frame = pd.DataFrame({**columns, **measures})
    return LeafTable(frame, grid.dimensions, causes, denominators)

"""Owns the planting of causes into a grid, so that each can be told from its neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Cell = tuple[tuple[int, int], ...]
# Log likelihood ratio by which a cause stands out from noise and from any nearby segment.
STANDS_OUT = 40.0
TOLD_APART = 20.0
MOST_OVERLAP = 0.1
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Grid:
    """Leaves as member codes per dimension; a dimension is a letter, a member letter and number."""

    sizes: tuple[int, ...]
    codes: tuple[Codes, ...]

    @classmethod
    def full(cls, sizes: tuple[int, ...]) -> "Grid":
        """Every combination once."""
        codes = np.indices(sizes).reshape(len(sizes), -1)
        return cls(sizes, tuple(code.astype(np.intp) for code in codes))

    def sample(self, share: float, rng: np.random.Generator) -> "Grid":
        """A random share of the leaves."""
        if share >= 1.0:
            return self
        keep = rng.random(self.rows) < share
        return Grid(self.sizes, tuple(code[keep] for code in self.codes))

    @property
    def rows(self) -> int:
        """Number of leaves."""
        return len(self.codes[0])

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple("abcdefgh"[: len(self.sizes)])

    @property
    def members(self) -> tuple[tuple[str, ...], ...]:
        """Names of the members, per dimension."""
        return tuple(
            tuple(f"{name}{i + 1}" for i in range(size))
            for name, size in zip(self.dimensions, self.sizes, strict=True)
        )

    def inside(self, cell: Cell) -> NDArray[np.bool_]:
        """The leaves of a cell."""
        found = np.ones(self.rows, dtype=bool)
        for dimension, member in cell:
            found &= self.codes[dimension] == member
        return found

    def name(self, cell: Cell) -> tuple[str, ...]:
        """The elements of a cell, in the order of the dimensions."""
        return tuple(f"{self.dimensions[d]}={self.members[d][m]}" for d, m in cell)


@dataclass(frozen=True, slots=True)
class Planted:
    """Causes, and per leaf the factor they multiply it with."""

    cells: tuple[Cell, ...]
    causes: tuple[tuple[str, ...], ...]
    factor: Floats

    @classmethod
    def nothing(cls, rows: int) -> "Planted":
        """No cause: every factor is 1."""
        return cls((), (), np.ones(rows))


def plant_causes(
    grid: Grid,
    weight: Floats,
    rng: np.random.Generator,
    most: int = 3,
    apart_from: tuple[Cell, ...] = (),
    fewest: int = 1,
) -> Planted:
    """One to `most` causes of 1 to 5 dimensions, each 10 to 100 % up or down.

    `weight` is the inverse noise variance of a leaf's relative change. A draw is kept only if the
    cause stands out from the noise and from every segment with one element more or fewer, and
    hardly overlaps the others; so a perfect reader of the table could name it. `fewest`: leaves a
    cause must have.
    """
    factor = np.ones(grid.rows)
    cells: list[Cell] = []
    for _ in range(int(rng.integers(1, most + 1))):
        for _ in range(DRAWS):
            depth = int(rng.integers(1, len(grid.sizes) + 1))
            chosen = sorted(rng.choice(len(grid.sizes), depth, replace=False).tolist())
            cell = tuple((d, int(rng.integers(grid.sizes[d]))) for d in chosen)
            change = float(rng.uniform(0.1, 1.0) * rng.choice([-1.0, 1.0]))
            others = (*cells, *apart_from)
            if grid.inside(cell).sum() < fewest:
                continue
            if _is_clear(grid, weight, cell, change) and _is_apart(grid, weight, cell, others):
                factor = factor * np.where(grid.inside(cell), 1 + change, 1.0)
                cells.append(cell)
                break
    return Planted(tuple(cells), tuple(grid.name(cell) for cell in cells), factor)


def _is_clear(grid: Grid, weight: Floats, cell: Cell, change: float) -> bool:
    """Whether the cell stands out from noise, from its parents and from its children."""
    # A growth by x is the smaller deviation, seen from where it ends.
    gain = (change / (1 + max(change, 0.0))) ** 2 / 2
    inside = grid.inside(cell)
    own = float(weight[inside].sum())
    if gain * own < STANDS_OUT:
        return False
    for place in range(len(cell)):
        outside = float(weight[grid.inside(cell[:place] + cell[place + 1 :]) & ~inside].sum())
        if gain * own * outside / max(own + outside, 1e-300) < TOLD_APART:
            return False
    for dimension in set(range(len(grid.sizes))) - {d for d, _ in cell}:
        part = np.bincount(grid.codes[dimension][inside], weight[inside], grid.sizes[dimension])
        if gain * (own - float(part.max())) < TOLD_APART:
            return False
    return True


def _is_apart(grid: Grid, weight: Floats, cell: Cell, others: tuple[Cell, ...]) -> bool:
    inside = grid.inside(cell)
    for other in others:
        there = grid.inside(other)
        both = float(weight[inside & there].sum())
        least = min(float(weight[inside].sum()), float(weight[there].sum()))
        if both > MOST_OVERLAP * least:
            return False
    return True

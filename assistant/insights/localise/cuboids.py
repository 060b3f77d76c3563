"""Owns the cuboids: for a set of dimensions, the cell every leaf falls into."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assistant.insights.localise.leaves import DENSE_CELLS_PER_LEAF, Codes

# A segment with more elements than this is not an explanation a person can use.
MAX_DEPTH = 5
# With more dimensions than this, only pairs are tried for all of them.
MAX_FULL_DIMENSIONS = 6


@dataclass(frozen=True, slots=True)
class Cuboid:
    """Every segment over one set of dimensions: `keys[i]` is the cell of leaf i."""

    dimensions: tuple[int, ...]
    keys: Codes
    cells: int
    occupied: int

    def count_leaves(self) -> Codes:
        """Leaves per cell."""
        return np.bincount(self.keys, minlength=self.cells)


def build_cuboids(
    codes: Sequence[Codes], sizes: Sequence[int], wanted: Iterable[tuple[int, ...]]
) -> list[Cuboid]:
    """The wanted cuboids, shallow ones first, without those that only repeat a shallower one.

    A cuboid with as many occupied cells as one of its parts cuts the leaves in the same way with
    more words (a city and its province), so it and everything below it is left out.
    """
    rows = len(codes[0]) if codes else 0
    built: dict[tuple[int, ...], Cuboid] = {
        (): Cuboid((), np.zeros(rows, dtype=np.intp), 1, min(rows, 1))
    }
    for dimensions in sorted(wanted, key=lambda item: (len(item), item)):
        parts = [built.get(part) for part in combinations(dimensions, len(dimensions) - 1)]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            continue
        last = dimensions[-1]
        cuboid = _split(built[dimensions[:-1]], last, codes[last], sizes[last])
        if all(part.occupied < cuboid.occupied for part in known):
            built[dimensions] = cuboid
    return [cuboid for dimensions, cuboid in built.items() if dimensions]


def _split(parent: Cuboid, dimension: int, codes: Codes, size: int) -> Cuboid:
    keys = parent.keys * size + codes
    cells = parent.cells * size
    dimensions = (*parent.dimensions, dimension)
    if cells > DENSE_CELLS_PER_LEAF * len(keys):
        uniques, keys = np.unique(keys, return_inverse=True)
        return Cuboid(dimensions, keys, len(uniques), len(uniques))
    occupied = int(np.count_nonzero(np.bincount(keys, minlength=cells)))
    return Cuboid(dimensions, keys, cells, occupied)


def list_dimension_sets(count: int, chosen: Sequence[int] | None = None) -> list[tuple[int, ...]]:
    """All sets of up to MAX_DEPTH of `count` dimensions.

    Beyond MAX_FULL_DIMENSIONS dimensions: all pairs, and deeper sets of the `chosen` ones only.
    """
    if count <= MAX_FULL_DIMENSIONS:
        depths = range(1, min(count, MAX_DEPTH) + 1)
        return [item for depth in depths for item in combinations(range(count), depth)]
    shallow = [item for depth in (1, 2) for item in combinations(range(count), depth)]
    deep = sorted(chosen or ())
    return shallow + [
        item
        for depth in range(3, min(len(deep), MAX_DEPTH) + 1)
        for item in combinations(deep, depth)
    ]

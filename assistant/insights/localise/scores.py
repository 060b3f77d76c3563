"""Owns the score of every segment: how much likelier its leaves moved together than not."""

from collections.abc import Sequence

import numpy as np

from assistant.insights.localise.cuboids import Cuboid
from assistant.insights.localise.leaves import Codes, Floats, Mask
from assistant.insights.localise.noise import Noise

# A cell whose weight fell to this share of what it was is empty.
ROUNDING = 1e-9
# Taking out at least one leaf per this many cells is quicker for all cells at once.
BULK = 4


class ScoreBoard:
    """Scores of all cells of some cuboids over some leaves, kept while leaves are taken out.

    A cell's score is (sum w d)^2 / (2 sum w) - penalty with w = 1 / noise variance: the log
    likelihood ratio of "its leaves share one deviation" to "they do not deviate" (Kulldorff's scan
    for normal data), less the log of the number of cells looked at in that layer and half the log
    of its leaves (the cost of estimating the shared deviation, Schwarz 1978).
    """

    def __init__(self, cuboids: Sequence[Cuboid], penalties: Sequence[Floats]) -> None:
        self.cuboids = cuboids
        self.starts = np.concatenate([[0], np.cumsum([c.cells for c in cuboids])]).astype(np.intp)
        self.penalty = np.concatenate(penalties) if len(penalties) else np.zeros(0)

    def fill(self, noise: Noise, rows: Codes | None = None) -> None:
        """Adds up the leaves (those in `rows`, or all)."""
        self.weight = 1.0 / noise.scale**2
        self.moved = noise.deviation * self.weight
        total = int(self.starts[-1])
        self.sums = np.empty(total)
        self.weights = np.empty(total)
        moved = self.moved if rows is None else self.moved[rows]
        weight = self.weight if rows is None else self.weight[rows]
        for cuboid, start in zip(self.cuboids, self.starts, strict=False):
            keys = cuboid.keys if rows is None else cuboid.keys[rows]
            part = slice(start, start + cuboid.cells)
            self.sums[part] = np.bincount(keys, moved, cuboid.cells)
            self.weights[part] = np.bincount(keys, weight, cuboid.cells)
        # Taking out the last leaf leaves a rounding error, not a weight.
        self.least = self.weights * ROUNDING
        self.scores = np.empty(total)
        self._score(slice(None))

    def remove(self, rows: Codes) -> None:
        """Takes leaves out of every cell that holds them."""
        moved, weight = self.moved[rows], self.weight[rows]
        for cuboid, start in zip(self.cuboids, self.starts, strict=False):
            cells = cuboid.keys[rows] + start
            if len(rows) * BULK > cuboid.cells:
                part = slice(start, start + cuboid.cells)
                self.sums[part] -= np.bincount(cells - start, moved, cuboid.cells)
                self.weights[part] -= np.bincount(cells - start, weight, cuboid.cells)
                self._score(part)
            else:
                np.subtract.at(self.sums, cells, moved)
                np.subtract.at(self.weights, cells, weight)
                self._score(cells)

    def best(self) -> tuple[int, float]:
        """The cell with the highest score, and that score (minus infinity without cells)."""
        if not len(self.scores):
            return 0, -np.inf
        cell = int(np.argmax(self.scores))
        return cell, float(self.scores[cell])

    def close(self, cells: Codes | Mask) -> None:
        """Takes cells out of the running for good."""
        self.penalty = self.penalty.copy()
        self.penalty[cells] = np.inf
        self.scores[cells] = -np.inf

    def _score(self, cells: Codes | slice) -> None:
        weights = self.weights[cells]
        filled = weights > self.least[cells]
        square = np.divide(self.sums[cells] ** 2, 2 * weights, where=filled, out=np.zeros_like(weights))
        self.scores[cells] = square - self.penalty[cells]

    def locate(self, cell: int) -> tuple[int, int]:
        """The cuboid's place and the key of a cell of the board."""
        place = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return place, cell - int(self.starts[place])


def weigh_cells(cuboids: Sequence[Cuboid], counts: Sequence[Codes]) -> list[Floats]:
    """The penalty of every cell, per cuboid, from its number of leaves; see ScoreBoard."""
    layers: dict[int, int] = {}
    for cuboid in cuboids:
        depth = len(cuboid.dimensions)
        layers[depth] = layers.get(depth, 0) + cuboid.occupied
    return [
        np.log(layers[len(cuboid.dimensions)]) + np.log(np.maximum(count, 1)) / 2
        for cuboid, count in zip(cuboids, counts, strict=True)
    ]

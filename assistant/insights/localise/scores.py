"""Owns the score of every segment: how much likelier its leaves moved together than not."""

from collections.abc import Sequence

import numpy as np

from assistant.insights.localise.cuboids import Cuboid
from assistant.insights.localise.leaves import Codes, Floats
from assistant.insights.localise.noise import Noise


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
        self.counts = np.empty(total, dtype=np.intp)
        moved = self.moved if rows is None else self.moved[rows]
        weight = self.weight if rows is None else self.weight[rows]
        for cuboid, start in zip(self.cuboids, self.starts, strict=False):
            keys = cuboid.keys if rows is None else cuboid.keys[rows]
            part = slice(start, start + cuboid.cells)
            self.sums[part] = np.bincount(keys, moved, cuboid.cells)
            self.weights[part] = np.bincount(keys, weight, cuboid.cells)
            self.counts[part] = np.bincount(keys, minlength=cuboid.cells)

    def remove(self, rows: Codes) -> None:
        """Takes leaves out of every cell that holds them."""
        moved, weight = self.moved[rows], self.weight[rows]
        for cuboid, start in zip(self.cuboids, self.starts, strict=False):
            keys = cuboid.keys[rows] + start
            np.subtract.at(self.sums, keys, moved)
            np.subtract.at(self.weights, keys, weight)
            np.subtract.at(self.counts, keys, 1)

    def rate(self) -> Floats:
        """The score of every cell; minus the penalty where no leaf is left."""
        filled = self.counts > 0
        weights = np.where(filled, self.weights, 1.0)
        return np.where(filled, self.sums**2 / (2 * weights), 0.0) - self.penalty

    def locate(self, cell: int) -> tuple[int, int]:
        """The cuboid's place and the key of a cell of the board."""
        place = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return place, cell - int(self.starts[place])


def weigh_cells(cuboids: Sequence[Cuboid]) -> list[Floats]:
    """The penalty of every cell, per cuboid; see ScoreBoard."""
    layers: dict[int, int] = {}
    for cuboid in cuboids:
        depth = len(cuboid.dimensions)
        layers[depth] = layers.get(depth, 0) + cuboid.occupied
    return [
        np.log(layers[len(c.dimensions)])
        + np.log(np.maximum(np.bincount(c.keys, minlength=c.cells), 1)) / 2
        for c in cuboids
    ]



"""Owns the score of every segment: how much likelier its leaves moved together than not."""

from collections.abc import Sequence

import numpy as np

from assistant.insights.localise.cuboids import Cuboid
from assistant.insights.localise.leaves import Codes, Floats
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

    def __init__(
        self, cells: Codes, starts: Codes, penalty: Floats, noise: Noise, least: float = 0.0
    ) -> None:
        """`cells[k, i]` is the cell of leaf i in cuboid k, whose cells begin at `starts[k]`.

        `penalty` has one entry per cell. Cells whose common deviation is below `least` score
        nothing.
        """
        self.cells = cells
        self.penalty = penalty.copy()
        self.least = least
        self.weight = 1.0 / (noise.scale * noise.scale)
        self.moved = noise.deviation * self.weight
        self.sums = np.empty(len(penalty))
        self.weights = np.empty(len(penalty))
        ends = np.append(starts[1:], len(penalty))
        for row, low, high in zip(cells, starts.tolist(), ends.tolist(), strict=True):
            self.sums[low:high] = np.bincount(row - low, self.moved, high - low)
            self.weights[low:high] = np.bincount(row - low, self.weight, high - low)
        # Taking out the last leaf leaves a rounding error, not a weight.
        self.empty = self.weights * ROUNDING
        self.scores = np.empty(len(penalty))
        self._score(slice(None))

    def remove(self, leaves: Codes) -> None:
        """Takes leaves out of every cell that holds them."""
        cells = self.cells[:, leaves].ravel()
        moved = np.tile(self.moved[leaves], len(self.cells))
        weight = np.tile(self.weight[leaves], len(self.cells))
        if len(cells) * BULK > len(self.penalty):
            self.sums -= np.bincount(cells, moved, len(self.penalty))
            self.weights -= np.bincount(cells, weight, len(self.penalty))
            self._score(slice(None))
        else:
            np.subtract.at(self.sums, cells, moved)
            np.subtract.at(self.weights, cells, weight)
            self._score(cells)

    def best(self) -> tuple[int, float]:
        """The cell with the highest score, and that score."""
        cell = int(np.argmax(self.scores))
        return cell, float(self.scores[cell])

    def close(self, cell: int) -> None:
        """Takes a cell out of the running for good."""
        self.penalty[cell] = np.inf
        self.scores[cell] = -np.inf

    def _score(self, cells: Codes | slice) -> None:
        weights, sums = self.weights[cells], self.sums[cells]
        counts = weights > self.empty[cells]
        if self.least:
            counts &= np.abs(sums) >= self.least * weights
        square = sums**2 / np.where(counts, 2 * weights, np.inf)
        self.scores[cells] = square - self.penalty[cells]


def weigh_cells(cuboids: Sequence[Cuboid]) -> Floats:
    """The penalty of every cell, cuboid by cuboid; see ScoreBoard."""
    layers: dict[int, int] = {}
    for cuboid in cuboids:
        depth = len(cuboid.dimensions)
        layers[depth] = layers.get(depth, 0) + cuboid.occupied
    return np.concatenate(
        [
            np.log(layers[len(cuboid.dimensions)])
            + np.log(np.maximum(cuboid.count_leaves(), 1)) / 2
            for cuboid in cuboids
        ]
    )

"""Owns the search: a few segments that together explain what moved, the surest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.insights.localise.cuboids import Cuboid
from assistant.insights.localise.leaves import Codes, Floats, Mask
from assistant.insights.localise.noise import MAD_TO_SIGMA, Noise
from assistant.insights.localise.scores import ScoreBoard, weigh_cells

# Log odds a segment must reach before it is named.
SURE = 3.0
# The surest segment of a table must reach this much more: only then did anything happen at all.
SURER = 1.0
# A list longer than this is not an explanation.
MOST_CAUSES = 40
MOST_PARTS = 12
# To protect the noise estimate, only segments moved this many noise scales are covered.
ROUGH_SCALES = 0.5
# Deeper segments hold too few leaves to colour the noise.
ROUGH_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """A cell of a cuboid, the leaves it explains (not those of surer segments), and its score."""

    cuboid: Cuboid
    cell: int
    rows: Codes
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Segments in the order they were found, and the leaves none of them holds."""

    segments: tuple[Segment, ...]
    quiet: Mask


@dataclass(frozen=True, slots=True)
class Search:
    """The cuboids of a table, shallow ones first, with the cells of their leaves.

    `cells[k, i]` is the cell of leaf i in cuboid k, whose cells begin at `starts[k]`; `penalty` is
    what each cell pays. A segment is named from `sure` log odds on.
    """

    cuboids: tuple[Cuboid, ...]
    starts: Codes
    cells: Codes
    penalty: Floats
    sure: float

    @classmethod
    def prepare(cls, cuboids: Sequence[Cuboid], sure: float = SURE) -> "Search":
        """A search among some cuboids (at least one)."""
        sizes = np.array([cuboid.cells for cuboid in cuboids], dtype=np.intp)
        starts: Codes = np.cumsum(sizes) - sizes
        cells: Codes = np.empty((len(cuboids), len(cuboids[0].keys)), dtype=np.intp)
        for row, cuboid, start in zip(cells, cuboids, starts, strict=True):
            np.add(cuboid.keys, start, out=row)
        return cls(tuple(cuboids), starts, cells, weigh_cells(cuboids), sure)

    def keep_shallow(self, depth: int) -> "Search":
        """The same search among segments of at most `depth` elements."""
        count = sum(len(cuboid.dimensions) <= depth for cuboid in self.cuboids)
        end = sum(cuboid.cells for cuboid in self.cuboids[:count])
        return replace(
            self,
            cuboids=self.cuboids[:count],
            starts=self.starts[:count],
            cells=self.cells[:count],
            penalty=self.penalty[:end],
        )

    def find(self, noise: Noise, least: float = 0.0) -> Found:
        """The segments whose leaves deviate together, found greedily and refined one by one.

        Only those with a common deviation of at least `least` are looked for.
        """
        board = ScoreBoard(self.cells, self.starts, self.penalty, noise, least)
        quiet = np.isfinite(noise.scale)
        segments: list[Segment] = []
        while len(segments) < MOST_CAUSES:
            best, score = board.best()
            if not score > self.sure:
                break
            board.close(best)
            for segment in self.refine(noise, quiet, best, score):
                segments.append(segment)
                quiet[segment.rows] = False
                board.remove(segment.rows)
        return Found(tuple(segments), quiet)

    def confirm(self, segments: Sequence[Segment], noise: Noise, known: int) -> tuple[Segment, ...]:
        """The segments that still score under another view of the noise, with that score.

        `known`: leaves the noise was measured by. With few of them its scale is unsure, which
        turns the log likelihood ratio z^2 / 2 into known / 2 log(1 + z^2 / known), Student's. None
        where even the surest is doubtful.
        """
        weight = 1 / noise.scale**2
        kept: list[Segment] = []
        for segment in segments:
            rows = segment.rows
            sums = float((noise.deviation[rows] * weight[rows]).sum())
            square = sums**2 / float(weight[rows].sum())
            gain = known / 2 * float(np.log1p(square / known))
            score = gain - float(self.penalty[segment.cell])
            if score > self.sure:
                kept.append(replace(segment, score=score))
        surest = max((segment.score for segment in kept), default=0.0)
        return tuple(kept) if surest > self.sure + SURER else ()

    def refine(self, noise: Noise, quiet: Mask, cell: int, score: float) -> list[Segment]:
        """The segment itself, or the parts of it that explain its quiet leaves better.

        The leaves of a cause share one deviation up to their own spread, which is measured here:
        parts replace the whole only if what they leave uncovered is quiet, i.e. if together they
        score more than the whole, each paying its own penalty.
        """
        place = int(np.searchsorted(self.starts, cell, side="right")) - 1
        whole = self.cuboids[place]
        rows = np.flatnonzero((self.cells[place] == cell) & quiet)
        segment = Segment(whole, cell, rows, score)
        inner = set(whole.dimensions)
        below = [i for i, item in enumerate(self.cuboids) if inner < set(item.dimensions)]
        if len(rows) < 2 or not below:
            return [segment]
        names, local = np.unique(
            self.cells[np.array(below)[:, np.newaxis], rows], return_inverse=True
        )
        board = ScoreBoard(
            local.reshape(len(below), len(rows)).astype(np.intp),
            np.searchsorted(names, self.starts[below]),
            self.penalty[names],
            _share_noise(noise, rows),
        )
        parts = _cover(board, float(self.penalty[cell]) + self.sure, self.sure)
        found: list[Segment] = []
        open_rows = quiet.copy()
        for part, part_score in parts:
            for item in self.refine(noise, open_rows, int(names[part]), part_score):
                open_rows[item.rows] = False
                found.append(item)
        return [item for item in found if len(item.rows)] if parts else [segment]


def _share_noise(noise: Noise, rows: Codes) -> Noise:
    """The noise with its scale raised to the spread these leaves show around their middle."""
    deviation, scale = noise.deviation[rows], noise.scale[rows]
    off = np.abs(deviation - np.median(deviation)) / scale
    factor = max(1.0, MAD_TO_SIGMA * float(np.median(off)))
    return Noise(deviation, scale * factor)


def _cover(board: ScoreBoard, own_cost: float, sure: float) -> list[tuple[int, float]]:
    """Cells of the board that explain its leaves better than one shared deviation, or none.

    The parts are judged by the deviation they share: they win by leaving quiet leaves out, not by
    telling apart how far each of them moved.
    """
    parts: list[tuple[int, float]] = []
    left = np.ones(board.cells.shape[1], dtype=bool)
    cost = rest = 0.0
    while len(parts) < MOST_PARTS:
        best, score = board.best()
        if not score > sure:
            break
        parts.append((best, score))
        cost += float(board.penalty[best]) + sure
        inside = np.flatnonzero((board.cells == best).any(axis=0) & left)
        rest += _sum_squares(board, inside)
        board.remove(inside)
        left[inside] = False
    if not parts:
        return []
    gain = _score_together(board, np.flatnonzero(~left))
    own = _score_together(board, np.arange(len(left)))
    # If the leaves vary further even inside the parts, that variation is no reason to split.
    rest += float((board.moved[left] ** 2 / board.weight[left]).sum())
    slack = max(1.0, rest / len(left))
    return parts if gain / slack - cost > own / slack - own_cost else []


def _score_together(board: ScoreBoard, rows: Codes) -> float:
    """Log likelihood ratio of one deviation shared by the rows to none."""
    return float(board.moved[rows].sum() ** 2 / (2 * board.weight[rows].sum()))


def _sum_squares(board: ScoreBoard, rows: Codes) -> float:
    """Sum of squared standardised deviations from their mean."""
    weight, moved = board.weight[rows], board.moved[rows]
    return float((moved**2 / weight).sum()) - float(moved.sum() ** 2 / weight.sum())

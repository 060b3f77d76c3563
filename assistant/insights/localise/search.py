"""Owns the search: a few segments that together explain what moved, the surest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.insights.localise.cuboids import Cuboid
from assistant.insights.localise.leaves import Codes, Mask
from assistant.insights.localise.noise import MAD_TO_SIGMA, Noise
from assistant.insights.localise.scores import ScoreBoard, weigh_cells

# Log odds a segment must reach before it is named.
SURE = 2.5
# A list longer than this is not an explanation.
MOST_CAUSES = 40
MOST_PARTS = 12
# To protect the noise estimate, only segments moved this many noise scales are covered.
ROUGH_SCALES = 0.5


@dataclass(frozen=True, slots=True)
class Segment:
    """A cell of a cuboid, the leaves it explains (not those of surer segments), and its score."""

    cuboid: Cuboid
    place: int
    key: int
    rows: Codes
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Segments in the order they were found, and the leaves none of them holds."""

    segments: tuple[Segment, ...]
    quiet: Mask


class Search:
    """The cuboids of a table with the penalties of their cells; they serve several searches."""

    def __init__(self, cuboids: Sequence[Cuboid]) -> None:
        self.cuboids = cuboids
        counts = [np.bincount(c.keys, minlength=c.cells) for c in cuboids]
        self.penalties = weigh_cells(cuboids, counts)

    def find(self, noise: Noise, least: float = 0.0) -> Found:
        """The segments whose leaves deviate together, found greedily and refined one by one.

        Only those with a common deviation of at least `least` are looked for.
        """
        board = ScoreBoard(self.cuboids, self.penalties)
        board.fill(noise)
        quiet = np.ones(len(noise.deviation), dtype=bool)
        segments: list[Segment] = []
        while len(segments) < MOST_CAUSES:
            if least:
                board.close(np.abs(board.sums) < least * board.weights)
            best, score = board.best()
            if not score > SURE:
                break
            board.close(np.array([best]))
            place, key = board.locate(best)
            for segment in self.refine(noise, quiet, place, key, score):
                segments.append(segment)
                quiet[segment.rows] = False
                board.remove(segment.rows)
        return Found(tuple(segments), quiet)

    def confirm(self, segments: Sequence[Segment], noise: Noise) -> tuple[Segment, ...]:
        """The segments that still score under another view of the noise, with that score."""
        weight = 1 / noise.scale**2
        kept: list[Segment] = []
        for segment in segments:
            rows = segment.rows
            sums = float((noise.deviation[rows] * weight[rows]).sum())
            penalty = self.penalties[segment.place][segment.key]
            score = sums**2 / (2 * float(weight[rows].sum())) - float(penalty)
            if score > SURE:
                kept.append(replace(segment, score=score))
        return tuple(kept)

    def refine(
        self, noise: Noise, quiet: Mask, place: int, key: int, score: float
    ) -> list[Segment]:
        """The segment itself, or the parts of it that explain its leaves better.

        The leaves of a cause share one deviation up to their own spread, which is measured here:
        parts replace the whole only if what they leave uncovered is quiet, i.e. if their scores
        (each paying its own penalty) add up to more than the score of the whole.
        """
        whole = self.cuboids[place]
        rows = np.flatnonzero((whole.keys == key) & quiet)
        segment = Segment(whole, place, key, rows, score)
        inner = set(whole.dimensions)
        below = [i for i, cuboid in enumerate(self.cuboids) if inner < set(cuboid.dimensions)]
        if len(rows) < 2 or not below:
            return [segment]
        shared = _share_noise(noise, rows)
        board = ScoreBoard([self.cuboids[i] for i in below], [self.penalties[i] for i in below])
        board.fill(shared, rows)
        moved, weight = board.moved[rows].sum(), board.weight[rows].sum()
        own = moved**2 / (2 * weight)
        parts = _cover(board, rows, own, float(self.penalties[place][key]) + SURE)
        if not parts:
            return [segment]
        found: list[Segment] = []
        for cell, part_score in parts:
            part_place, part_key = board.locate(cell)
            found += self.refine(noise, quiet, below[part_place], part_key, part_score)
            for item in found:
                quiet = quiet.copy()
                quiet[item.rows] = False
        return [item for item in found if len(item.rows)]


def _share_noise(noise: Noise, rows: Codes) -> Noise:
    """The noise with its scale raised to the spread these leaves show around their middle."""
    deviation, scale = noise.deviation[rows], noise.scale[rows]
    off = np.abs(deviation - np.median(deviation)) / scale
    factor = max(1.0, MAD_TO_SIGMA * float(np.median(off)))
    return Noise(noise.deviation, noise.scale * factor)


def _cover(
    board: ScoreBoard, rows: Codes, own: float, own_cost: float
) -> list[tuple[int, float]]:
    """Cells of the board that explain the rows better than one shared deviation, or none.

    The parts are judged by the deviation they share: they win by leaving quiet leaves out, not by
    telling apart how far each of them moved.
    """
    parts: list[tuple[int, float]] = []
    left = rows
    cost = rest = 0.0
    while len(parts) < MOST_PARTS:
        best, score = board.best()
        if not score > SURE:
            break
        parts.append((best, score))
        cost += float(board.penalty[best]) + SURE
        place, key = board.locate(best)
        inside = board.cuboids[place].keys[left] == key
        rest += _sum_squares(board, left[inside])
        board.remove(left[inside])
        left = left[~inside]
    rest += float((board.moved[left] ** 2 / board.weight[left]).sum())
    covered = np.setdiff1d(rows, left, assume_unique=True)
    if not len(covered):
        return []
    gain = float(board.moved[covered].sum() ** 2 / (2 * board.weight[covered].sum()))
    # If the leaves vary further even inside the parts, that variation is no reason to split.
    slack = max(1.0, rest / len(rows))
    return parts if gain / slack - cost > own / slack - own_cost else []


def _sum_squares(board: ScoreBoard, rows: Codes) -> float:
    """Sum of squared standardised deviations from their mean."""
    weight, moved = board.weight[rows], board.moved[rows]
    return float((moved**2 / weight).sum()) - float(moved.sum() ** 2 / weight.sum())

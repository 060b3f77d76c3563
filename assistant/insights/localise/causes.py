"""Owns the causes of a change: named segments with a score and an effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.insights.localise.cuboids import (
    MAX_DEPTH,
    MAX_FULL_DIMENSIONS,
    build_cuboids,
    list_dimension_sets,
)
from assistant.insights.localise.deviation import (
    Deviation,
    measure_mix,
    measure_rate,
    measure_sum,
)
from assistant.insights.localise.effects import measure_effects
from assistant.insights.localise.few import FEW_LEAVES, choose_segments
from assistant.insights.localise.leaves import Codes, Floats, Leaves, Mask
from assistant.insights.localise.noise import fit_noise, guess_noise, guess_still
from assistant.insights.localise.scores import ScoreBoard
from assistant.insights.localise.search import ROUGH_DEPTH, ROUGH_SCALES, SURE, Search, Segment

# Fewer leaves than this give no measure of their noise.
FEWEST_LEAVES = 12


@dataclass(frozen=True, slots=True)
class Cause:
    """A segment as `dimension=member` elements, its score (log odds) and its effect."""

    elements: tuple[str, ...]
    score: float
    effect: float


def find_causes(leaves: Leaves) -> tuple[Cause, ...]:
    """The causes of the change of a table, by falling score."""
    ratio = leaves.actual_denominator is not None
    views = [measure_rate(leaves), measure_mix(leaves)] if ratio else [measure_sum(leaves)]
    rows = np.flatnonzero(np.logical_or.reduce([view.known for view in views]))
    if len(rows) < FEWEST_LEAVES or not leaves.dimensions:
        return ()
    codes = list(leaves.codes)
    if len(rows) < leaves.size:
        codes = [code[rows] for code in codes]
        views = [view.take(rows) for view in views]
    sizes = [len(members) for members in leaves.members]
    wanted = list_dimension_sets(len(codes), _choose_dimensions(codes, sizes, views))
    cuboids = build_cuboids(codes, sizes, wanted)
    if not cuboids:
        return ()
    search = Search.prepare(cuboids, SURE + float(np.log(len(views))))
    scores: dict[tuple[tuple[int, int], ...], float] = {}
    for view in views:
        for segment in _localise(search, view):
            first = segment.rows[0]
            cell = tuple((d, int(codes[d][first])) for d in segment.cuboid.dimensions)
            scores[cell] = max(segment.score, scores.get(cell, 0.0))
    effects = measure_effects(leaves)
    causes = [_name_cause(leaves, cell, score, effects) for cell, score in scores.items()]
    return tuple(sorted(causes, key=lambda cause: (-cause.score, cause.elements)))


def _localise(search: Search, view: Deviation) -> tuple[Segment, ...]:
    """Two searches: a rough one covers what clearly moved, a second one knows the noise.

    Of few leaves several views of the noise are searched, and the likeliest list is chosen.
    """
    known = np.flatnonzero(view.known)
    if len(known) < FEWEST_LEAVES:
        return ()
    rough = guess_noise(view)
    by_size = known[np.argsort(view.size[known], kind="stable")]
    least = ROUGH_SCALES * float(rough.scale[known[0]])
    moved = search.keep_shallow(ROUGH_DEPTH).find(rough, least)
    quiet = _keep_enough(moved.quiet, view)
    noise = fit_noise(view, by_size, quiet)
    found = search.find(noise)
    if len(known) < FEW_LEAVES:
        others = (fit_noise(view, by_size, quiet, tails=False), guess_still(view))
        lists = [found.segments, moved.segments, *(search.find(n).segments for n in others)]
        return choose_segments(view, noise, lists, search)
    if not found.segments:
        return ()
    # What was found last may have coloured the noise it was judged by.
    quiet = _keep_enough(found.quiet, view)
    return search.confirm(found.segments, fit_noise(view, by_size, quiet), int(quiet.sum()))


def _keep_enough(quiet: Mask, view: Deviation) -> Mask:
    """The quiet leaves, or all known ones where too few are left to show the noise."""
    return quiet if quiet.sum() >= FEWEST_LEAVES else view.known


def _choose_dimensions(
    codes: list[Codes], sizes: list[int], views: Sequence[Deviation]
) -> list[int]:
    """The dimensions worth combining deeply, by the best score of a pair they take part in."""
    if len(codes) <= MAX_FULL_DIMENSIONS:
        return list(range(len(codes)))
    search = Search.prepare(build_cuboids(codes, sizes, list_dimension_sets(len(codes))))
    boards = [
        ScoreBoard(search.cells, search.starts, search.penalty, guess_noise(view)) for view in views
    ]
    scores = np.maximum.reduce([board.scores for board in boards])
    best = dict.fromkeys(range(len(codes)), -np.inf)
    for cuboid, start in zip(search.cuboids, search.starts, strict=True):
        top = float(scores[start : start + cuboid.cells].max())
        for dimension in cuboid.dimensions:
            best[dimension] = max(best[dimension], top)
    return sorted(best, key=lambda dimension: -best[dimension])[:MAX_DEPTH]


def _name_cause(
    leaves: Leaves, cell: tuple[tuple[int, int], ...], score: float, effects: Floats
) -> Cause:
    inside = np.ones(leaves.size, dtype=bool)
    for dimension, code in cell:
        inside &= leaves.codes[dimension] == code
    elements = tuple(f"{leaves.dimensions[d]}={leaves.members[d][code]}" for d, code in cell)
    return Cause(elements, score, float(effects[inside].sum()))

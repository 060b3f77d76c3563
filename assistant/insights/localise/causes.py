"""Owns the causes of a change: named segments with a score and an effect."""

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
from assistant.insights.localise.leaves import Codes, Floats, Leaves, Mask
from assistant.insights.localise.noise import Noise, fit_noise, guess_noise
from assistant.insights.localise.scores import ScoreBoard
from assistant.insights.localise.search import ROUGH_SCALES, SURE, Search, Segment

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
    scores: dict[tuple[tuple[int, int], ...], float] = {}
    for view in views:
        rows = np.flatnonzero(view.known)
        if len(rows) < FEWEST_LEAVES:
            continue
        codes = [code[rows] for code in leaves.codes]
        for segment in _localise(leaves, codes, view.take(rows), SURE + np.log(len(views))):
            first = segment.rows[0]
            cell = tuple((d, int(codes[d][first])) for d in segment.cuboid.dimensions)
            scores[cell] = max(segment.score, scores.get(cell, 0.0))
    effects = measure_effects(leaves)
    causes = [_name_cause(leaves, cell, score, effects) for cell, score in scores.items()]
    return tuple(sorted(causes, key=lambda cause: (-cause.score, cause.elements)))


def _localise(
    leaves: Leaves, codes: list[Codes], view: Deviation, sure: float
) -> tuple[Segment, ...]:
    """Two searches: a rough one covers what clearly moved, a second one knows the noise."""
    rough = guess_noise(view.relative)
    sizes = [len(members) for members in leaves.members]
    chosen = _choose_dimensions(codes, sizes, rough)
    search = Search(build_cuboids(codes, sizes, list_dimension_sets(len(codes), chosen)), sure)
    by_size = np.argsort(view.size, kind="stable")
    quiet = _keep_enough(search.find(rough, ROUGH_SCALES * float(rough.scale[0])).quiet)
    found = search.find(fit_noise(view, by_size, quiet))
    if not found.segments:
        return ()
    # What was found last may have coloured the noise it was judged by.
    return search.confirm(found.segments, fit_noise(view, by_size, _keep_enough(found.quiet)))


def _keep_enough(quiet: Mask) -> Mask:
    """The quiet leaves, or all where too few are left to show the noise."""
    return quiet if quiet.sum() >= FEWEST_LEAVES else np.ones(len(quiet), dtype=bool)


def _choose_dimensions(codes: list[Codes], sizes: list[int], noise: Noise) -> list[int]:
    """The dimensions worth combining deeply, by the best score of a pair they take part in."""
    if len(codes) <= MAX_FULL_DIMENSIONS:
        return list(range(len(codes)))
    search = Search(build_cuboids(codes, sizes, list_dimension_sets(len(codes))))
    scores = ScoreBoard(search.cells, search.penalty, noise).scores
    best = dict.fromkeys(range(len(codes)), -np.inf)
    for cuboid, start in zip(search.cuboids, search.starts, strict=False):
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

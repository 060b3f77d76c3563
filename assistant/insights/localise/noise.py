"""Owns the noise of leaves: its centre, its scale by size, and its tail."""

from dataclasses import dataclass

import numpy as np

from assistant.insights.localise.deviation import Deviation
from assistant.insights.localise.leaves import Codes, Floats, Mask
from assistant.insights.localise.size_law import FREEDOMS, NORMAL, fit_law

MAD_TO_SIGMA = 1.4826
# Noise below this share of a leaf is never what anybody asks about.
SMALLEST_SCALE = 2e-3
# Leaves per group of equal size, and the most groups.
GROUP_LEAVES = 200
MOST_GROUPS = 16
# Fewer groups do not show how the scale falls with size: its law is fitted instead.
FEWEST_GROUPS = 3
# Deviations beyond this many scales count as this many when the scale is measured.
CLIP_AT = 4.0
# A group's centre differs from that of all leaves only beyond this many standard errors.
CENTRE_ERRORS = 5.0
# Counts vary with the root of their size; no noise is taken to fall faster.
STEEPEST = -0.5
# The shortest interval with this share of the leaves: where most of them are, whatever the rest.
CORE_SHARE = 0.3
CORE_TO_SIGMA = 1 / (2 * 0.38532)
# The share of leaves nearest to 0 taken to have stayed there, however many moved.
STILL_SHARE = 0.15
STILL_TO_SIGMA = 1 / 0.18912
# A core within CORE_NEAR of its own scales covers zero; from CORE_FAR on, its flank does not.
CORE_NEAR = 1.5
CORE_FAR = 3.0
# Leaves have stayed at zero if there are more than the flank explains, this many times.
FLANK = 1.5
STAYED_SHARE = 0.1
# Survival probabilities of |z| at which the tail is compared with a normal one, and its quantiles.
TAIL_SHARES = np.array([0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005])
TAIL_NORMAL = np.array([1.64485, 1.95996, 2.32635, 2.57583, 2.80703, 3.09023, 3.29053, 3.48076])
TAIL_LEAVES = 6
HEAVY = 1.2
# So many of the farthest quantiles together show the scale of the tail.
TAIL_QUANTILES = 3


@dataclass(frozen=True, slots=True)
class Noise:
    """Per leaf: the deviation with centre and heavy tail taken off, and its standard deviation.

    A leaf that tells nothing has deviation 0 and an infinite standard deviation.
    """

    deviation: Floats
    scale: Floats


def guess_noise(view: Deviation) -> Noise:
    """A first view of the noise, sound while up to about half of the leaves moved."""
    relative = view.relative[view.known]
    centre, reach = _find_centre(relative)
    off = relative - centre
    # Where most moved together, only those that stayed show the noise.
    still = off[np.abs(off) < reach]
    if len(still) == 0:
        still = off
    share = float(np.quantile(np.abs(off), CORE_SHARE)) * 2 * CORE_TO_SIGMA
    scale = max(min(MAD_TO_SIGMA * float(np.median(np.abs(still))), share), SMALLEST_SCALE)
    deviation = np.zeros(len(view.relative))
    deviation[view.known] = np.clip(off, -CLIP_AT * scale, CLIP_AT * scale)
    return Noise(deviation, np.where(view.known, scale, np.inf))


def _find_centre(relative: Floats) -> tuple[float, float]:
    """Where leaves are that did not move: 0, unless all drifted together; how far they reach.

    Most leaves may have moved for a cause while the others stayed at 0; a drift leaves nobody
    there but the flank of the noise.
    """
    middle, core = _find_core(relative)
    distance = abs(middle) / core
    around = relative[np.abs(relative - middle) < 2 * core]
    if distance < CORE_NEAR:
        centre = float(around.mean())
        return (centre if abs(centre) > core / 2 else 0.0), np.inf
    if distance < CORE_FAR:
        at_zero = float((np.abs(relative) < core / 2).mean())
        at_middle = float((np.abs(relative - middle) < core / 2).mean())
        stayed = at_zero > at_middle * (FLANK * np.exp(-(distance**2) / 2) + STAYED_SHARE)
    else:
        stayed = float((np.abs(relative) < abs(middle) / 2).mean()) > STAYED_SHARE
        if stayed:
            return 0.0, abs(middle) / 2
    return (0.0 if stayed else float(around.mean())), np.inf


def guess_still(view: Deviation) -> Noise:
    """A view of the noise if leaves that did not move lie around 0, however many moved."""
    near = float(np.quantile(np.abs(view.relative[view.known]), STILL_SHARE))
    scale = max(near * STILL_TO_SIGMA, SMALLEST_SCALE)
    spread = np.where(view.known, scale, np.inf)
    return Noise(np.where(view.known, view.relative * view.stretch(spread), 0.0), spread)


def fit_noise(view: Deviation, by_size: Codes, quiet: Mask, tails: bool = True) -> Noise:
    """The noise as the quiet leaves show it: centre and scale by size, tail made normal.

    `by_size` are the leaves ordered by size. Without `tails` few leaves are taken to be normal.
    """
    order = by_size[quiet[by_size]]
    still, sizes = view.relative[order], np.log(view.size[order])
    groups = max(1, min(MOST_GROUPS, len(order) // GROUP_LEAVES))
    if groups < FEWEST_GROUPS:
        return _fit_few(view, order, quiet, tails)
    parts = np.array_split(np.arange(len(order)), groups)
    fits = np.array([_fit_group(still[part]) for part in parts])
    middle = float(np.average(fits[:, 0], weights=fits[:, 1] ** -2))
    fits[:, 0] -= middle
    fits[np.abs(fits[:, 0]) < CENTRE_ERRORS * fits[:, 1] * np.sqrt(groups / len(order)), 0] = 0.0
    places = np.array([sizes[part].mean() for part in parts])
    place = np.log(np.where(view.known, view.size, 1.0))
    centre = middle + (np.interp(place, places, fits[:, 0]) if fits[:, 0].any() else 0.0)
    scale = np.exp(_continue(place, places, np.log(_smooth(fits[:, 1]))))
    return _weigh(view, (view.relative - centre) / scale, scale, quiet)


def _fit_few(view: Deviation, order: Codes, quiet: Mask, tails: bool) -> Noise:
    """The noise of few leaves: one centre, and one law of its scale and tail."""
    still = view.relative[order]
    centre = float(np.median(still))
    freedoms = FREEDOMS if tails else (NORMAL,)
    law = fit_law(still - centre, np.log(view.size[order]), SMALLEST_SCALE, freedoms)
    scale = law.scale(np.log(np.where(view.known, view.size, 1.0)))
    return _weigh(view, law.tame((view.relative - centre) / scale), scale, quiet)


def _weigh(view: Deviation, standard: Floats, scale: Floats, quiet: Mask) -> Noise:
    """The noise of leaves standardised by a scale: vanished ones stretched, the tail tamed."""
    standard = standard * view.stretch(scale)
    # What the quiet leaves have in common once weighed by precision is no segment's deviation.
    common = np.clip(standard[quiet], -CLIP_AT, CLIP_AT) / scale[quiet]
    standard = standard - float(common.sum() / (1 / scale[quiet] ** 2).sum()) / scale
    deviation = _tame(standard, np.abs(standard[quiet])) * scale
    return Noise(np.where(view.known, deviation, 0.0), np.where(view.known, scale, np.inf))


def _fit_group(relative: Floats) -> tuple[float, float]:
    """Centre and scale of one group of leaves."""
    centre = float(np.median(relative))
    spread = MAD_TO_SIGMA * float(np.median(np.abs(relative - centre)))
    if spread == 0.0:
        spread = float(np.std(relative))
    limit = CLIP_AT * max(spread, SMALLEST_SCALE)
    clipped = np.clip(relative, centre - limit, centre + limit)
    return float(clipped.mean()), max(float(clipped.std()), SMALLEST_SCALE)


def _continue(place: Floats, places: Floats, levels: Floats) -> Floats:
    """Levels between the places, and a fall with size continued below the smallest."""
    found: Floats = np.interp(place, places, levels)
    reach = min(2, len(places) - 1)
    width = places[reach] - places[0]
    if width <= 0.0:
        return found
    slope = min((levels[reach] - levels[0]) / width, 0.0)
    beyond: Floats = np.minimum(place - places[0], 0.0) * max(slope, STEEPEST)
    return found + beyond


def _smooth(scales: Floats) -> Floats:
    """Each scale averaged with its neighbours', since groups are small."""
    padded = np.concatenate([scales[:1], scales, scales[-1:]])
    smooth: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return smooth


def _find_core(relative: Floats) -> tuple[float, float]:
    """Middle and scale of the shortest interval that holds CORE_SHARE of the leaves."""
    ordered = np.sort(relative)
    width = max(1, int(CORE_SHARE * len(ordered)))
    spans = ordered[width:] - ordered[: len(ordered) - width]
    if len(spans) == 0:
        return 0.0, SMALLEST_SCALE
    start = int(np.argmin(spans))
    middle = float(ordered[start] + ordered[start + width]) / 2
    return middle, max(float(spans[start]) * CORE_TO_SIGMA, SMALLEST_SCALE)


def _tame(standard: Floats, quiet: Floats) -> Floats:
    """Standardised deviations with a heavy tail pulled in to a normal one; others unchanged.

    A tail that is only wider keeps its shape. Else, inside, quantiles that enough quiet leaves
    support are mapped to normal ones. Beyond them the tail is taken as a power law (Hill 1975),
    whose log survival is that of the normal returned.
    """
    use = TAIL_SHARES * len(quiet) >= TAIL_LEAVES
    if use.sum() < 2:
        return standard
    found = np.quantile(quiet, 1 - TAIL_SHARES[use])
    normal = TAIL_NORMAL[use]
    if found[0] <= 0.0:
        return standard
    if np.all(found < HEAVY * normal):
        return _rescale_tail(standard, found, normal)
    tail = quiet[quiet > found[0]]
    if not len(tail):  # all of the farthest lie equally far, as few whole numbers do
        return standard
    power = 1 / float(np.log(tail / found[0]).mean())
    found = np.maximum.accumulate(np.maximum(found, normal))
    magnitude = np.abs(standard)
    tamed = np.interp(magnitude, np.concatenate([[0.0], found]), np.concatenate([[0.0], normal]))
    beyond = np.log(np.maximum(magnitude / found[-1], 1.0))
    tamed = np.where(beyond > 0.0, np.sqrt(normal[-1] ** 2 + 2 * power * beyond), tamed)
    signed: Floats = np.copysign(np.minimum(tamed, magnitude), standard)
    return signed


def _rescale_tail(standard: Floats, found: Floats, normal: Floats) -> Floats:
    """Standardised deviations by the scale of the tail, where that is wider than the middle's.

    A noise that is bounded on one side only looks narrower in the middle than it is.
    """
    wider = max(1.0, float(np.mean((found / normal)[-TAIL_QUANTILES:])))
    rescaled: Floats = standard / np.interp(np.abs(standard), found[[0, -1]], [1.0, wider])
    return rescaled

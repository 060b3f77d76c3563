"""Owns the noise of leaves: its centre, its scale by size, and its tail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.insights.localise.leaves import Floats

MAD_TO_SIGMA = 1.4826
# Noise below this share of a leaf is never what anybody asks about.
SMALLEST_SCALE = 2e-3
# Leaves per group of equal size, and the most groups.
GROUP_LEAVES = 200
MOST_GROUPS = 16
# Deviations beyond this many scales count as this many when the scale is measured.
CLIP_AT = 4.0
# A centre is moved off zero only when it is this many standard errors away.
CENTRE_ERRORS = 5.0
# The shortest interval with this share of the leaves: where most of them are, whatever the rest.
CORE_SHARE = 0.3
CORE_TO_SIGMA = 1 / (2 * 0.38532)
# A core further off than this many of its own scales has left zero, if few leaves stayed there.
CORE_NEAR = 1.5
STAYED_SHARE = 0.1
# Survival probabilities of |z| at which the tail is compared with a normal one, and its quantiles.
TAIL_SHARES = np.array([0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005])
TAIL_NORMAL = np.array([1.95996, 2.32635, 2.57583, 2.80703, 3.09023, 3.29053, 3.48076])
TAIL_LEAVES = 20
HEAVY = 1.08

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Noise:
    """Per leaf: the deviation with centre and heavy tail taken off, and its standard deviation."""

    deviation: Floats
    scale: Floats


def guess_noise(relative: Floats) -> Noise:
    """A first view of the noise, sound while up to about half of the leaves moved."""
    centre, core = _find_core(relative)
    if abs(centre) < CORE_NEAR * core:
        near = relative[np.abs(relative - centre) < 2 * core]
        middle = float(near.mean())
        error = core / np.sqrt(len(near))
        centre = middle if abs(middle) > CENTRE_ERRORS * error and abs(middle) > core / 2 else 0.0
    elif (np.abs(relative) < abs(centre) / 2).mean() > STAYED_SHARE:
        centre = 0.0
    off = relative - centre
    share = float(np.quantile(np.abs(off), CORE_SHARE)) / 0.38532
    scale = max(min(MAD_TO_SIGMA * float(np.median(np.abs(off))), share), SMALLEST_SCALE)
    return Noise(np.clip(off, -CLIP_AT * scale, CLIP_AT * scale), np.full(len(off), scale))


def fit_noise(relative: Floats, size: Floats, quiet: Mask) -> Noise:
    """The noise as the quiet leaves show it: centre and scale by size, tail made normal."""
    order = np.argsort(size[quiet], kind="stable")
    groups = max(1, min(MOST_GROUPS, len(order) // GROUP_LEAVES))
    still, sizes = relative[quiet][order], size[quiet][order]
    parts = np.array_split(np.arange(len(order)), groups)
    fits = np.array([_fit_group(still[part]) for part in parts])
    middles = np.array([np.log(sizes[len(part) // 2 + part[0]]) for part in parts])
    place = np.log(np.maximum(size, np.finfo(float).tiny))
    centre = np.interp(place, middles, fits[:, 0])
    scale = np.exp(np.interp(place, middles, np.log(_smooth(fits[:, 1]))))
    standard = (relative - centre) / scale
    return Noise(_tame(standard, np.abs(standard[quiet])) * scale, scale)


def _fit_group(relative: Floats) -> tuple[float, float]:
    """Centre (0 unless clearly elsewhere) and scale of one group of leaves."""
    middle = float(np.median(relative))
    spread = MAD_TO_SIGMA * float(np.median(np.abs(relative - middle)))
    if spread == 0.0:
        spread = float(np.std(relative))
    limit = CLIP_AT * max(spread, SMALLEST_SCALE)
    clipped = np.clip(relative, middle - limit, middle + limit)
    centre, scale = float(clipped.mean()), float(clipped.std())
    if abs(centre) < CENTRE_ERRORS * scale / np.sqrt(len(relative)):
        centre = 0.0
        scale = float(np.sqrt(np.mean(clipped**2)))
    return centre, max(scale, SMALLEST_SCALE)


def _smooth(scales: Floats) -> Floats:
    """Each scale averaged with its neighbours', since groups are small."""
    padded = np.concatenate([scales[:1], scales, scales[-1:]])
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


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

    The tail is read off the quantiles that enough quiet leaves support, and continued beyond
    them along a straight line in logarithms.
    """
    use = TAIL_SHARES * len(quiet) >= TAIL_LEAVES
    if use.sum() < 2:
        return standard
    found = np.quantile(quiet, 1 - TAIL_SHARES[use])
    normal = TAIL_NORMAL[use]
    if found[-1] < HEAVY * normal[-1] or found[0] <= 0.0:
        return standard
    found = np.maximum.accumulate(np.maximum(found, normal))
    slope = np.log(normal[-1] / normal[0]) / max(np.log(found[-1] / found[0]), 1e-9)
    magnitude = np.abs(standard)
    inside = np.interp(magnitude, found, normal)
    ratio = np.maximum(magnitude, found[-1]) / found[-1]
    beyond = normal[-1] * ratio ** min(slope, 1.0)
    tamed = np.where(magnitude > found[-1], beyond, inside)
    tamed = np.where(magnitude < found[0], magnitude * normal[0] / found[0], tamed)
    return np.sign(standard) * np.minimum(tamed, magnitude)

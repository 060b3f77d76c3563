"""Owns the law of noise where leaves are too few to see it group by group: one for all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.insights.chance import t_quantile
from assistant.insights.localise.leaves import Floats

# Exponents of the size: 0 where noise is one share of every leaf, 0.5 where leaves are counts.
EXPONENTS = np.linspace(0.0, 0.5, 6)
# Degrees of freedom of the noise: heavy, less so, as good as normal.
NORMAL = 100.0
FREEDOMS = (3.0, 6.0, NORMAL)
# A heavy tail is believed where its log likelihood is greater by this much.
HEAVY_GAIN = 1.0
UPPER_QUARTILE = 0.75
# Deviations beyond this many scales count as this many when the scale is measured.
CLIP_AT = 4.0


@dataclass(frozen=True, slots=True)
class SizeLaw:
    """Noise is Student's t with `freedom`, its scale falling with the size to the `exponent`.

    `spread` is the scale of a leaf of middle size; `middle` the logarithm of that.
    """

    exponent: float
    freedom: float
    spread: float
    middle: float

    def scale(self, sizes: Floats) -> Floats:
        """The scale of leaves by the logarithm of their size."""
        found: Floats = self.spread * np.exp(-self.exponent * (sizes - self.middle))
        return found

    def tame(self, standard: Floats) -> Floats:
        """Deviations in scales of t as normal ones that are as unlikely (Wallace 1959)."""
        if self.freedom == NORMAL:
            return standard
        shrink = (8 * self.freedom + 1) / (8 * self.freedom + 3)
        normal = shrink * np.sqrt(self.freedom * np.log1p(standard**2 / self.freedom))
        signed: Floats = np.copysign(normal, standard)
        return signed


def fit_law(
    off: Floats, sizes: Floats, least: float, freedoms: Sequence[float] = FREEDOMS
) -> SizeLaw:
    """The likeliest law of deviations from their centre, its spread at least `least`.

    `sizes` are logarithms.
    """
    middle = float(sizes.mean())
    best, found = -math.inf, SizeLaw(0.0, NORMAL, max(float(off.std()), least), middle)
    for exponent in EXPONENTS:
        level = off * np.exp(exponent * (sizes - middle))
        half = float(np.median(np.abs(level)))
        if half <= 0.0:
            return found
        for freedom in freedoms:
            scale = half / t_quantile(UPPER_QUARTILE, freedom)
            likelihood = _log_likelihood(level / scale, freedom) - len(off) * math.log(scale)
            likelihood -= 0.0 if freedom == NORMAL else HEAVY_GAIN
            if likelihood > best:
                spread = _clipped_spread(level, scale) if freedom == NORMAL else scale
                best = likelihood
                found = SizeLaw(float(exponent), freedom, max(spread, least), middle)
    return found


def _clipped_spread(level: Floats, scale: float) -> float:
    """The standard deviation without the farthest: surer than the median's of a normal noise."""
    return float(np.clip(level, -CLIP_AT * scale, CLIP_AT * scale).std())


def _log_likelihood(standard: Floats, freedom: float) -> float:
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    constant -= math.log(freedom * math.pi) / 2
    tail = float(np.log1p(standard**2 / freedom).sum())
    return len(standard) * constant - (freedom + 1) / 2 * tail

"""Owns the choice among found segments where leaves are few: which of them noise does not explain.

A search takes the farthest leaves out first, and the rest looks quiet: a heavy tail then passes for
causes, as a cause among few leaves passes for a heavy tail. So whole lists of segments are judged,
each by the likelihood of all leaves under the law of noise that suits it best, less what its
segments cost (Schwarz 1978).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from assistant.insights.localise.deviation import Deviation
from assistant.insights.localise.leaves import Floats, Mask
from assistant.insights.localise.noise import MAD_TO_SIGMA, SMALLEST_SCALE, Noise
from assistant.insights.localise.search import Search, Segment
from assistant.insights.localise.size_law import EXPONENTS, FREEDOMS, HEAVY_GAIN, NORMAL

# Fewer leaves than this are few: the noise cannot be seen group by group of equal size.
FEW_LEAVES = 600
# A longer list is no explanation of so few leaves.
MOST_SEGMENTS = 12
# What it costs that all leaves drifted together, and that a leaf shares its deviation with none.
DRIFT_COST = 2.0
ALONE_COST = 1.0
# The best list must be this much likelier than none.
SURER_FEW = 2.0
# From this share of leaves on that did not move at all, staying put is a law of its own.
STILL_LEAVES = 0.2
# What that law costs, which learns how many stay and how far the others move.
STILL_COST = 4.0
# Steps of the reweighted least squares of a heavy law.
STEPS = 6

Laws = NDArray[np.float64]
LAWS: Laws = np.array(list(product(EXPONENTS, FREEDOMS, (0.0, 1.0))))
"""One row per law: exponent of the size, degrees of freedom, 1 where all may drift together."""


@dataclass(frozen=True, slots=True)
class FewLeaves:
    """The known leaves: relative deviation, logarithm of the size around its mean."""

    relative: Floats
    sizes: Floats
    known: Mask

    @property
    def may_stay(self) -> bool:
        """Whether many leaves did not move at all, as amounts of few buyers or old forecasts do."""
        return float((np.abs(self.relative) < SMALLEST_SCALE).mean()) >= STILL_LEAVES

    @classmethod
    def read(cls, view: Deviation, scale: Floats) -> "FewLeaves":
        """The known leaves of a view; `scale`: their noise at a first sight."""
        known = view.known
        sizes = np.log(view.size[known])
        relative = (view.relative * view.stretch(scale))[known]
        return cls(relative, sizes - sizes.mean(), known)

    def judge(self, segments: Sequence[Segment], laws: Laws = LAWS) -> tuple[float, float]:
        """The log likelihood under the likeliest of `laws`, and that law's exponent.

        Each segment is moved by what its leaves share.
        """
        taken = np.zeros(len(self.known), dtype=np.intp)
        for place, segment in enumerate(segments, 1):
            taken[segment.rows] = place
        taken = taken[self.known]
        law = self._judge_staying if self.may_stay else self._judge_moving
        return law(taken, len(segments) + 1, laws)

    def _judge_staying(
        self, taken: NDArray[np.intp], groups: int, laws: Laws
    ) -> tuple[float, float]:
        """The same where leaves stay put as a rule: the noise is that of the others alone.

        Of those in segments the law is not learned: they may share a deviation to the last digit.
        """
        middle = np.array([_median(self.relative[taken == place]) for place in range(groups)])
        middle[0] = 0.0
        off = self.relative - middle[taken]
        moved = (np.abs(off) >= SMALLEST_SCALE) | (taken > 0)
        apart = moved & (taken == 0)
        laws = laws[laws[:, 2] == 0.0]
        weight = np.exp(laws[:, :1] * self.sizes)
        scale = np.full((len(laws), 1), SMALLEST_SCALE)
        if apart.any():
            noisy = replace(self, relative=off[apart], sizes=self.sizes[apart])
            alone = np.zeros(int(apart.sum()), dtype=np.intp)
            _, scale = noisy._fit(alone, 1, laws, weight[:, apart])
        found, exponent = _likeliest(off[moved] * weight[:, moved], scale, weight[:, moved], laws)
        sharp = _constant(NORMAL) - math.log(SMALLEST_SCALE)
        counts = int((~moved).sum()), int(apart.sum())
        if counts[1]:  # else nothing is left that the law must explain
            found += sum(n * math.log(n / sum(counts)) for n in counts if n) - STILL_COST
        return found + counts[0] * sharp, exponent

    def _judge_moving(
        self, taken: NDArray[np.intp], groups: int, laws: Laws
    ) -> tuple[float, float]:
        """The same where every leaf has noise."""
        weight = np.exp(laws[:, :1] * self.sizes)
        off, scale = self._fit(taken, groups, laws, weight)
        return _likeliest(off, scale, weight, laws)

    def _fit(
        self, taken: NDArray[np.intp], groups: int, laws: Laws, weight: Floats
    ) -> tuple[Floats, Floats]:
        """Weighted distances from what each group shares, and their scale, per law.

        Groups are the segments and, first, the other leaves, which share 0 or a drift. A scale and
        centres of Student's t are those of least squares reweighted by distance (Lange 1989).
        """
        inside = np.eye(groups)[taken]
        middle = np.array([_median(self.relative[taken == place]) for place in range(groups)])
        shared = np.where(_drifts(laws, groups), middle, 0.0)
        off = (self.relative - shared[:, taken]) * weight
        half = np.median(np.abs(off), axis=1, keepdims=True)
        scale = np.maximum(MAD_TO_SIGMA * half, SMALLEST_SCALE)
        freedom = laws[:, 1:2]
        for _ in range(STEPS):
            robust = (freedom + 1) / (freedom + (off / scale) ** 2)
            robust = np.where(freedom == NORMAL, 1.0, robust)
            leverage = robust * weight**2
            weights = leverage @ inside
            sums = (leverage * self.relative) @ inside
            centres = sums / np.where(weights > 0.0, weights, 1.0)
            shared = np.where(_drifts(laws, groups), centres, 0.0)
            off = (self.relative - shared[:, taken]) * weight
            spread = np.sqrt((robust * off**2).mean(axis=1, keepdims=True))
            scale = np.maximum(spread, SMALLEST_SCALE)
        return off, scale


def _likeliest(off: Floats, scale: Floats, weight: Floats, laws: Laws) -> tuple[float, float]:
    """The log likelihood of weighted distances under the likeliest law, and its exponent."""
    found = _log_likelihood(off / scale, laws[:, 1:2])
    found += np.log(weight).sum(axis=1) - weight.shape[1] * np.log(scale[:, 0])
    found -= np.where(laws[:, 1] == NORMAL, 0.0, HEAVY_GAIN) + DRIFT_COST * laws[:, 2]
    best = int(np.argmax(found))
    return float(found[best]), float(laws[best, 0])


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _drifts(laws: Laws, groups: int) -> NDArray[np.bool_]:
    """Per law and group, whether its leaves may share anything but 0."""
    allowed: NDArray[np.bool_] = np.ones((len(laws), groups), dtype=bool)
    allowed[:, 0] = laws[:, 2] > 0.0
    return allowed


def _log_likelihood(standard: Floats, freedom: Floats) -> Floats:
    """Per law the log likelihood of standardised distances, normal ones or Student's."""
    square = standard**2
    normal = freedom == NORMAL
    tail = (freedom + 1) / 2 * np.log1p(square / freedom)
    body = np.where(normal, square / 2, tail).sum(axis=1)
    constants = np.array([_constant(float(each)) for each in freedom[:, 0]])
    found: Floats = standard.shape[1] * constants - body
    return found


def _constant(freedom: float) -> float:
    if freedom == NORMAL:
        return -math.log(2 * math.pi) / 2
    gammas = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    return gammas - math.log(freedom * math.pi) / 2


def choose_segments(
    view: Deviation, noise: Noise, lists: Sequence[Sequence[Segment]], search: Search
) -> tuple[Segment, ...]:
    """The likeliest part of one of the lists, with new scores; none where noise explains all.

    `noise`: the noise at a first sight.
    """
    asked = _differing(lists)
    if not asked:
        return ()
    choice = _Choice(FewLeaves.read(view, noise.scale), search)
    kept: tuple[Segment, ...] = ()
    best = choice.leaves.judge(())[0] + SURER_FEW
    for segments in asked:
        for worth, part in choice.thin_out(segments):
            if worth > best:
                best, kept = worth, part
    return choice.score(kept)


def _differing(lists: Sequence[Sequence[Segment]]) -> list[Sequence[Segment]]:
    """Each list once, without those that are empty or too long."""
    named = {frozenset(segment.cell for segment in one): one for one in lists}
    return [one for one in named.values() if 0 < len(one) <= MOST_SEGMENTS]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Lists of segments and what they are worth: log likelihood less costs."""

    leaves: FewLeaves
    search: Search

    def cost(self, segment: Segment) -> float:
        alone = ALONE_COST if len(segment.rows) == 1 else 0.0
        return float(self.search.penalty[segment.cell]) + self.search.sure + alone

    def value(self, segments: Sequence[Segment], laws: Laws = LAWS) -> tuple[float, float]:
        likelihood, exponent = self.leaves.judge(segments, laws)
        return likelihood - sum(map(self.cost, segments)), exponent

    def thin_out(self, segments: Sequence[Segment]) -> list[tuple[float, tuple[Segment, ...]]]:
        """The worth of the list, and of what is left as one by one the least is left out."""
        left = tuple(segments)
        worth, exponent = self.value(left)
        found = [(worth, left)]
        while len(left) > 1:
            laws = LAWS[LAWS[:, 0] == exponent]  # another segment hardly changes how noise falls
            parts = [tuple(s for s in left if s is not out) for out in left]
            left = max(parts, key=lambda part: self.value(part, laws)[0])
            worth, exponent = self.value(left)
            found.append((worth, left))
        return found

    def score(self, kept: tuple[Segment, ...]) -> tuple[Segment, ...]:
        """The segments with their log odds beside all others."""
        whole = self.leaves.judge(kept)[0] if kept else 0.0
        found = []
        for segment in kept:
            gain = whole - self.leaves.judge([s for s in kept if s is not segment])[0]
            odds = gain - float(self.search.penalty[segment.cell])
            found.append(replace(segment, score=max(odds, 0.0)))
        return tuple(found)

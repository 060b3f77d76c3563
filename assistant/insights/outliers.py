"""Owns outliers of a history: single values and short runs that its model is not to learn from.

A run moves its neighbours' expectation towards it (a wandering level follows it down and is late
to come up again), so that what is usual around it looks odd, and single values inside it do not.
So runs are tested as a whole: one more regressor that is 1 inside the run (Chen and Liu 1993 test
single values, fading and lasting shifts alike), the strongest first, then again without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Places = NDArray[np.int_]
Run = tuple[int, int]
"""The place of the first value, and the one after the last."""

OUTLIER = 4.0
"""A single value is odd from so many standard deviations on."""
ODD_RUN = 5.0
"""A run is: there are more of them to be tried."""
LONGEST = 6
LEAST_AROUND = 6
"""A run is at most this part of the history: 1 / LEAST_AROUND."""
MOST_PASSES = 8
OUTLIER_NOISE = 1e4
"""The noise variance of a value that is not to be heard, where that of the others is 1."""
FLOOR = 1e-9
ROUNDING = 1e-6


def project(line: Vector, covariance: Vector) -> Vector:
    """Return the precision of the values once the line (n × p) is taken out of them, n × n."""
    precision = np.linalg.inv(covariance)
    weighed = precision @ line
    projected: Vector = precision - weighed @ np.linalg.inv(line.T @ weighed) @ weighed.T
    return projected


def mute(line: Vector, kernel: Vector, y: Vector, lasting: bool = False) -> Vector:
    """Return the noise variance of each value: 1, and `OUTLIER_NOISE` for outliers.

    `kernel`: covariance of the signal, n × n, in units of the noise's variance. A run counts only
    where it has ended, for one that lasts until now may be the new level; `lasting`: that one too.
    """
    noise = np.ones(len(y))
    for _ in range(MOST_PASSES):
        tests = _Tests.of(project(line, kernel + np.diag(noise)), y, noise > 1, line.shape[1])
        found = _apart(tests.odd(lasting))
        if not found:
            break
        for first, last in found:
            noise[first:last] = OUTLIER_NOISE
    return noise


@dataclass(frozen=True)
class _Tests:
    """Tests of runs, each as one regressor beside the model: all by running sums.

    `weighed` are the sums of the projected values, `spreads` those of the precision, both sides.
    """

    weighed: Vector
    spreads: Vector
    muted: NDArray[np.int_]
    rss: float
    freedom: int

    @staticmethod
    def of(projected: Vector, y: Vector, muted: NDArray[np.bool_], regressors: int) -> "_Tests":
        """Return the tests of `y` with the precision `projected`."""
        weighed = projected @ y
        spreads = np.zeros((len(y) + 1, len(y) + 1))
        spreads[1:, 1:] = projected.cumsum(axis=0).cumsum(axis=1)
        return _Tests(
            np.concatenate([[0.0], weighed.cumsum()]),
            spreads,
            np.concatenate([[0], muted.cumsum()]),
            max(float(y @ weighed), FLOOR * FLOOR * (1.0 + float(y @ y))),
            max(len(y) - int(muted.sum()) - regressors - 1, 1),
        )

    def sizes(self, first: Places, last: Places) -> Vector:
        """Return how far the runs stand out, in standard deviations; 0 for what the line is."""
        top = self.weighed[last] - self.weighed[first]
        inner = self.spreads[last, last] + self.spreads[first, first]
        spread = inner - self.spreads[last, first] - self.spreads[first, last]
        explained = top**2 / np.maximum(spread, FLOOR)
        left = np.maximum(self.rss - explained, FLOOR * self.rss) / self.freedom
        sizes: Vector = np.sqrt(explained / left)
        sizes[spread < FLOOR] = 0.0
        return sizes

    def odd(self, lasting: bool) -> list[Run]:
        """Return the odd runs, the strongest first, by how far they are beyond what is odd."""
        count = len(self.weighed) - 1
        every = np.arange(count + 1)
        steps = self.sizes(every, np.full_like(every, count))
        # the strongest step that begins up to a run's length before a place
        reached = np.array([steps[max(0, at - LONGEST) : at + 1].max() for at in every])
        found = []
        for length in range(1, min(LONGEST, count // LEAST_AROUND) + 1):
            first = np.arange(count - length + (lasting or length == 1))
            last = first + length
            sizes = self.sizes(first, last)
            over = sizes / (OUTLIER if length == 1 else ODD_RUN)
            # what never came back is a step, and a part of it no outlier
            rivals = np.maximum(reached[first], steps[last])
            # a run at the very start is a step by itself, as strong as all others there
            rivals[0] = steps.max() * (1 - ROUNDING)
            over[sizes < rivals] = 0.0
            over[self.muted[last] > self.muted[first]] = 0.0
            found += [(float(over[at]), at, at + length) for at in first[over > 1].tolist()]
        return [(start, end) for _, start, end in sorted(found, reverse=True)]


def _apart(runs: Sequence[Run]) -> list[Run]:
    """The runs that are far from every stronger one: what is near may be odd by that alone."""
    kept: list[Run] = []
    for first, last in runs:
        if all(last + LONGEST <= start or first >= end + LONGEST for start, end in kept):
            kept.append((first, last))
    return kept

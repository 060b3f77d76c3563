"""Owns what a period was expected to bring, judged by the periods before it.

Positive values are taken as logarithms: seasons multiply. The model is `process`'s.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.insights.chance import SURE, t_quantile, t_two_sided
from assistant.insights.process import FLOOR, Vector, forecast, points_of
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period

SEASON_TREND, TREND = "season_trend", "trend"
MIN_EARLIER = 6
"""Fewer earlier values say nothing about noise."""
YEAR_DAYS = 365.25
ALLOWANCE = 1.05
"""A grid leaves some uncertainty out; with this false alarms stay under their level (measured)."""
LOG_RATIO = 200.0
"""Positive values that span more than this are not taken as logarithms."""
RECENT_DAYS = 84
ANNIVERSARY_REACH_DAYS = 24


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected value, its 95 % interval, and how surprising each earlier value was.

    `places`: which of the earlier values were looked at; for these `surprises` are the deviations
    from what all others say, in standard deviations (leave-one-out), and `fitted` what the others
    say, with `freedom` degrees of freedom. `basis`: `season_trend`, or `trend` where history is
    shorter than a year. `centre_taken`, `sd_taken`: on the scale of logarithms where `logs`.
    """

    centre: float
    interval: tuple[float, float]
    basis: str
    places: tuple[int, ...]
    surprises: tuple[float, ...]
    fitted: tuple[float, ...]
    freedom: float
    logs: bool
    centre_taken: float
    sd_taken: float

    def chance(self, value: float) -> float:
        """Return the probability of a value at least as far from the centre as `value`."""
        return t_two_sided(self.surprise(value), self.freedom)

    def surprise(self, value: float) -> float:
        """Return how many standard deviations `value` lies above the centre."""
        if self.logs and value <= 0:
            return -math.inf
        taken = math.log(value) if self.logs else value
        return (taken - self.centre_taken) / max(self.sd_taken, FLOOR)


def expect(
    earlier: Sequence[Period],
    values: Sequence[float],
    target: Period,
    calendar: Calendar,
    sure: float = SURE,
    lasting: bool = False,
) -> Expectation | None:
    """Return what `target` was expected to bring; None where history does not suffice.

    `earlier` are closed periods in order, each with its value. `lasting`: values are odd, too,
    that have been so until now; else they may be the new level.
    """
    if len(values) < MIN_EARLIER:
        return None
    kept = _relevant(earlier, target)
    earlier = [earlier[place] for place in kept]
    y = np.array([values[place] for place in kept], dtype=np.float64)
    points = points_of([*earlier, target], calendar)
    taken, logs = take(y)
    found = forecast(points, taken, lasting)
    sd = ALLOWANCE * float(np.sqrt(found.variance))
    half = t_quantile((1 + sure) / 2, found.freedom) * sd
    low, centre, high, *fitted = _back(
        logs, [found.mean - half, found.mean, found.mean + half, *(taken - found.residuals)]
    )
    basis = SEASON_TREND if points.seasonal else TREND
    surprises = tuple(float(z) for z in found.surprises)
    how = (tuple(kept), surprises, tuple(fitted), found.freedom)
    return Expectation(centre, (low, high), basis, *how, logs, found.mean, sd)


def take(values: Vector) -> tuple[Vector, bool]:
    """Return the values on the scale they are judged on, and whether these are logarithms."""
    logs = bool(values.min() > 0 and values.max() <= LOG_RATIO * values.min())
    return (np.log(values) if logs else values), logs


def _back(logs: bool, values: Sequence[float]) -> list[float]:
    """Undo the logarithm; beyond what a float holds, infinity."""
    with np.errstate(over="ignore"):
        return [float(np.exp(value)) if logs else float(value) for value in values]


def _relevant(earlier: Sequence[Period], target: Period) -> list[int]:
    """Of days the last twelve weeks and those around the target's anniversaries; else all."""
    if (target.days or 0) > 1:
        return list(range(len(earlier)))
    at = target.bounds()[0]
    kept = []
    for place, period in enumerate(earlier):
        away = (at - period.bounds()[0]).days
        season = (away + YEAR_DAYS / 2) % YEAR_DAYS - YEAR_DAYS / 2
        if away <= RECENT_DAYS or abs(season) <= ANNIVERSARY_REACH_DAYS:
            kept.append(place)
    return kept

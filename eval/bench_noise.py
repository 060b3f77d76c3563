"""Measures how often unchanged series are called changed, and planted changes are found.

`python -m eval.bench_noise [SERIES]`: invented seasonal series (trend, season of the year with
holidays, moving Spring Festival, weekdays, noise) of months, weeks and days. Reported per kind:
false alarms at 95 %, planted changes of 3 standard deviations of the noise found (the value lies
exactly there / there plus its own noise, of which a perfect oracle finds 85 %), and the width
of the interval against the oracle's. `ratio` is the plain rule for comparison: last year's value
scaled by the median growth of recent periods, with the spread of its earlier errors.
"""

import argparse
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.insights.chance import robust_sd, t_quantile
from assistant.insights.expectation import expect
from assistant.insights.history import earlier_periods
from metric_catalog.calendars import DEFAULT_CALENDAR, spring_festival
from metric_catalog.periods import Grain, Period, unit

Vector = NDArray[np.float64]
Interval = tuple[float, float] | None
Method = Callable[[Sequence[Period], Sequence[float], Period], Interval]

PLANTED_SD = 3.0
NORMAL_95 = 1.96
ORIGIN = dt.datetime(2020, 1, 1)
DAYS = 2600
RECENT = 6


@dataclass(frozen=True)
class Kind:
    """One kind of series: its grain, how many earlier values, periods in a year.

    `plain` = trend and a smooth season alone, no holidays. `days` = free ranges of that length,
    4 = on the same weekdays, one a week.
    """

    name: str
    grain: Grain
    earlier: int
    year: int
    plain: bool = False
    days: int | None = None


KINDS = (
    Kind("months, 14", Grain.MONTH, 14, 12),
    Kind("months, 26", Grain.MONTH, 26, 12),
    Kind("months, 38", Grain.MONTH, 38, 12),
    Kind("months, 38, plain", Grain.MONTH, 38, 12, plain=True),
    Kind("months, 62, plain", Grain.MONTH, 62, 12, plain=True),
    Kind("weeks, 112, plain", Grain.WEEK, 112, 52, plain=True),
    Kind("weeks, 112", Grain.WEEK, 112, 52),
    Kind("4 days, 110", Grain.WEEK, 110, 52, days=4),
    Kind("30 days, 26", Grain.DAY, 26, 12, days=30),
    Kind("days, 790", Grain.DAY, 790, 364),
)


def signal(draw: np.random.Generator, plain: bool) -> Vector:
    """The logarithm of the true daily level: trend, season, holidays, weekdays, festival."""
    days = np.arange(DAYS)
    phase = 2 * np.pi * (days % 365.25) / 365.25
    level: Vector = draw.uniform(-0.1, 0.3) * days.astype(np.float64) / 365.25
    for harmonic in (1, 2, 3):
        size = draw.uniform(0, 0.2) / harmonic
        level = level + size * np.sin(harmonic * phase + draw.uniform(0, 6.28))
    if plain:
        return level
    if draw.random() < 0.7:
        level = level + draw.uniform(0.2, 0.8) * (np.abs(days % 365.25 - 314) < 7)
    level = level + draw.uniform(0, 0.3) * np.isin((days + 2) % 7, (5, 6))
    if draw.random() < 0.7:
        level = level + _festival(draw)
    return level


def _festival(draw: np.random.Generator) -> Vector:
    effect = np.zeros(DAYS)
    before, during = draw.uniform(0, 0.4), draw.uniform(-0.6, 0.1)
    for year in range(2020, 2028):
        day = spring_festival(year)
        if day is not None:
            at = (dt.datetime(day.year, day.month, day.day) - ORIGIN).days
            effect[max(at - 20, 0) : max(at - 2, 0)] += before
            effect[max(at - 2, 0) : at + 6] += during
    return effect


def series(
    kind: Kind, draw: np.random.Generator
) -> tuple[tuple[Period, ...], Vector, Vector, float]:
    """Periods (target last), their true means, the noisy values, the noise's log sd."""
    at = ORIGIN + dt.timedelta(days=int(draw.integers(1900, 2500)))
    target = unit(at, kind.grain) if kind.days is None else _range(at, kind.days)
    earlier = earlier_periods(target, DEFAULT_CALENDAR, None)[-kind.earlier :]
    daily = np.exp(signal(draw, kind.plain))
    every = (*earlier, target)
    edges = [((p.bounds()[0] - ORIGIN).days, (p.bounds()[1] - ORIGIN).days) for p in every]
    means = 1000 * np.array([daily[a:b].sum() for a, b in edges])
    sd = float(draw.uniform(0.01, 0.08))
    return every, means, means * np.exp(sd * draw.standard_normal(len(means))), sd


def _range(at: dt.datetime, days: int) -> Period:
    """A range that is no first part of a month or week."""
    start = at.replace(day=2) if at.weekday() == 0 else at
    return Period(start, start + dt.timedelta(days=days))


def process(earlier: Sequence[Period], values: Sequence[float], target: Period) -> Interval:
    """The product's method."""
    found = expect(earlier, values, target, DEFAULT_CALENDAR)
    return found.interval if found else None


def ratio_rule(year: int) -> Method:
    """Last year's value times the recent growth."""

    def method(_: Sequence[Period], values: Sequence[float], __: Period) -> Interval:
        logs = np.log(np.asarray(values, dtype=np.float64))
        growth = logs[year:] - logs[:-year]
        errors = [
            growth[i] - float(np.median(growth[max(0, i - RECENT) : i]))
            for i in range(2, len(growth))
        ]
        if len(errors) < 3:
            return None
        centre = logs[len(logs) - year] + float(np.median(growth[-RECENT:]))
        half = t_quantile(0.975, len(errors) - 1) * max(robust_sd(errors), float(np.std(errors)))
        return float(np.exp(centre - half)), float(np.exp(centre + half))

    return method


def measure(kind: Kind, method: Method, count: int, seed: int = 7) -> dict[str, float]:
    """Rates over `count` series, and CPU milliseconds per series."""
    draw = np.random.default_rng(seed)
    false = exact = noisy = judged = 0
    widths: list[float] = []
    started = time.process_time()
    for _ in range(count):
        periods, means, values, sd = series(kind, draw)
        sign = 1 if draw.random() < 0.5 else -1
        interval = method(periods[:-1], [float(v) for v in values[:-1]], periods[-1])
        if interval is None:
            continue
        judged += 1
        shift = float(np.exp(sign * PLANTED_SD * sd))
        false += not interval[0] <= values[-1] <= interval[1]
        exact += not interval[0] <= means[-1] * shift <= interval[1]
        noisy += not interval[0] <= values[-1] * shift <= interval[1]
        widths.append(float(np.log(interval[1] / interval[0])) / (2 * NORMAL_95 * sd))
    spent = (time.process_time() - started) * 1000 / count
    rates = [x / max(judged, 1) for x in (false, exact, noisy)]
    width = float(np.median(widths)) if widths else float("nan")
    return dict(zip(("false", "exact", "noisy"), rates, strict=True)) | {
        "judged": judged,
        "width": width,
        "ms": spent,
    }


def main() -> None:
    """Print one line per kind and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    count = parser.parse_args().count
    for kind in KINDS:
        for name, method in (("process", process), ("ratio", ratio_rule(kind.year))):
            found = measure(kind, method, count)
            figures = "  ".join(f"{key} {value:.3f}" for key, value in found.items())
            print(f"{kind.name:17} {name:8} {figures}", flush=True)


if __name__ == "__main__":
    main()

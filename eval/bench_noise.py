"""Measures how often unchanged series are called changed, and planted changes are found.

`python -m eval.bench_noise [SERIES] [--seeds …]`: invented seasonal series of days (trend, season
of the year, weekdays, noise of the day; `events` add a shopping festival and the moving Spring
Festival), asked by day, week, month and free range. Reported per kind:

- `false`: unchanged series called changed at 95 %.
- `exact`, `noisy`: changes of 3 standard deviations of the day's noise, lasting the whole period
  asked, that are found: where the value lies exactly there, and there plus its own noise. Of a
  single noisy day nobody finds more than P(Z > 1.96 - 3) = 85 %.
- `width`: of the interval, in those of an oracle that knows the mean and the noise of a day.

Kinds named `own noise` have one independent draw per period instead, so that a change of 3
standard deviations is one of the period: the hardest case. There `bound` is what is found by
least squares told the true form of the season, on series without events. `ratio` is the plain
rule for comparison: last year's value scaled by the median growth of recent periods, with the
spread of its earlier errors.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

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
FIXED_SEED = 7
FESTIVAL = dt.datetime(2026, 2, 17)
SERIES = 1000


@dataclass(frozen=True)
class Kind:
    """One kind of series: its grain, how many earlier values, periods in a year.

    `events` = with holidays. `own_noise` = one draw per period, else one per day. `days` = free
    ranges of that length, 4 = on the same weekdays, one a week. `memory`: autocorrelation of the
    noise from one draw to the next. `count`: whole numbers, so many in a middling period, with
    a count's own noise and no other. `festival`: the period asked lies around Spring Festival.
    """

    name: str
    grain: Grain
    earlier: int
    year: int
    events: bool = False
    own_noise: bool = False
    days: int | None = None
    memory: float = 0.0
    count: float = 0.0
    festival: bool = False


KINDS = (
    Kind("day, 790", Grain.DAY, 790, 364),
    Kind("week, 112", Grain.WEEK, 112, 52),
    Kind("month, 26", Grain.MONTH, 26, 12),
    Kind("month, 38", Grain.MONTH, 38, 12),
    Kind("4 days, 110", Grain.WEEK, 110, 52, days=4),
    Kind("30 days, 26", Grain.DAY, 26, 12, days=30),
    Kind("day, events", Grain.DAY, 790, 364, events=True),
    Kind("week, events", Grain.WEEK, 112, 52, events=True),
    Kind("month, events", Grain.MONTH, 26, 12, events=True),
    Kind("month 14, own noise", Grain.MONTH, 14, 12, own_noise=True),
    Kind("month 26, own noise", Grain.MONTH, 26, 12, own_noise=True),
    Kind("month 38, own noise", Grain.MONTH, 38, 12, own_noise=True),
    Kind("month 62, own noise", Grain.MONTH, 62, 12, own_noise=True),
    Kind("week 112, own noise", Grain.WEEK, 112, 52, own_noise=True),
    Kind("quarter 12", Grain.QUARTER, 12, 4),
    Kind("quarter 20", Grain.QUARTER, 20, 4),
    Kind("day, memory .5", Grain.DAY, 790, 364, memory=0.5),
    Kind("week, memory .5", Grain.WEEK, 112, 52, own_noise=True, memory=0.5),
    Kind("month 38, memory .5", Grain.MONTH, 38, 12, own_noise=True, memory=0.5),
    Kind("day, 5 a day", Grain.DAY, 790, 364, count=5),
    Kind("day, 50 a day", Grain.DAY, 790, 364, count=50),
    Kind("week, 10 a week", Grain.WEEK, 112, 52, count=10),
    Kind("month, 30 a month", Grain.MONTH, 38, 12, count=30),
    Kind("day, festival", Grain.DAY, 790, 364, events=True, festival=True),
    Kind("week, festival", Grain.WEEK, 112, 52, events=True, festival=True),
    Kind("month 38, festival", Grain.MONTH, 38, 12, events=True, festival=True),
)


def signal(draw: np.random.Generator, events: bool) -> Vector:
    """The logarithm of the true daily level: trend, season, weekdays; holidays, festival."""
    days = np.arange(DAYS)
    phase = 2 * np.pi * (days % 365.25) / 365.25
    level: Vector = draw.uniform(-0.1, 0.3) * days.astype(np.float64) / 365.25
    for harmonic in (1, 2, 3):
        size = draw.uniform(0, 0.2) / harmonic
        level = level + size * np.sin(harmonic * phase + draw.uniform(0, 6.28))
    level = level + draw.uniform(0, 0.3) * np.isin((days + 2) % 7, (5, 6))
    if not events:
        return level
    if draw.random() < 0.7:
        level = level + draw.uniform(0.2, 0.8) * (np.abs(days % 365.25 - 314) < 7)
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
    if kind.festival:
        at = FESTIVAL + dt.timedelta(days=int(draw.integers(-21, 15)))
    target = unit(at, kind.grain) if kind.days is None else _range(at, kind.days)
    earlier = earlier_periods(target, DEFAULT_CALENDAR, None)[-kind.earlier :]
    daily = 1000 * np.exp(signal(draw, kind.events))
    every = (*earlier, target)
    sd = float(draw.uniform(0.01, 0.08))
    means = _sums(daily, every)
    if kind.count:
        means = means * (kind.count / float(np.median(means)))
        return every, means, draw.poisson(means).astype(np.float64), float(means[-1]) ** -0.5
    if kind.own_noise:
        return every, means, means * np.exp(sd * _noise(kind, draw, len(means))), sd
    return every, means, _sums(daily * np.exp(sd * _noise(kind, draw, DAYS)), every), sd


def _noise(kind: Kind, draw: np.random.Generator, count: int) -> Vector:
    """Standard normal draws, each remembering the one before."""
    fresh = draw.standard_normal(count)
    if not kind.memory:
        return fresh
    found = fresh.copy()
    for place in range(1, count):
        new = (1 - kind.memory**2) ** 0.5 * fresh[place]
        found[place] = kind.memory * found[place - 1] + new
    return found


def _sums(daily: Vector, periods: Sequence[Period]) -> Vector:
    edges = [((p.bounds()[0] - ORIGIN).days, (p.bounds()[1] - ORIGIN).days) for p in periods]
    return np.array([daily[a:b].sum() for a, b in edges])


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


def told_season(earlier: Sequence[Period], values: Sequence[float], target: Period) -> Interval:
    """Least squares on the true form of the series: a line and three harmonics of the year."""
    every = [*earlier, target]
    lengths = np.array([(p.bounds()[1] - p.bounds()[0]).days for p in every], dtype=np.float64)
    starts = np.array([(p.bounds()[0] - ORIGIN).days for p in every], dtype=np.float64)
    phase = 2 * np.pi * (starts + lengths / 2) / 365.25
    waves = [wave(h * phase) for h in (1, 2, 3) for wave in (np.sin, np.cos)]
    x = np.column_stack([np.ones_like(phase), phase, *waves])
    y = np.log(values) - np.log(lengths[:-1])
    freedom = len(y) - x.shape[1]
    if freedom < 2:
        return None
    inverse = np.linalg.pinv(x[:-1].T @ x[:-1])
    beta = inverse @ (x[:-1].T @ y)
    left = y - x[:-1] @ beta
    centre = float(x[-1] @ beta + np.log(lengths[-1]))
    spread = float(left @ left) / freedom * (1 + float(x[-1] @ inverse @ x[-1]))
    half = t_quantile(0.975, freedom) * spread**0.5
    return float(np.exp(centre - half)), float(np.exp(centre + half))


def measure(kind: Kind, method: Method, count: int, seed: int = FIXED_SEED) -> dict[str, float]:
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
        if interval[0] <= 0:  # not judged on logarithms
            continue
        widths.append(float(np.log(interval[1] / interval[0])) / (2 * NORMAL_95 * sd))
    spent = (time.process_time() - started) * 1000 / count
    rates = [x / max(judged, 1) for x in (false, exact, noisy)]
    width = float(np.median(widths)) if widths else float("nan")
    return dict(zip(("false", "exact", "noisy"), rates, strict=True)) | {
        "judged": judged,
        "width": width,
        "ms": spent,
    }


def methods(kind: Kind) -> dict[str, Method]:
    """The methods worth comparing on a kind."""
    found: dict[str, Method] = {"process": process, "ratio": ratio_rule(kind.year)}
    return found | ({"bound": told_season} if kind.own_noise and not kind.events else {})


def report(count: int, seeds: Sequence[int], wanted: Sequence[str]) -> None:
    """Print one line per kind and method, for each of the seeds."""
    for seed in seeds:
        print(f"{'series of seed ' + str(seed):20}")
        for kind in KINDS:
            for name, method in methods(kind).items():
                if name in wanted:
                    found = measure(kind, method, count, seed)
                    figures = "  ".join(f"{key} {value:.3f}" for key, value in found.items())
                    print(f"{kind.name:20} {name:8} {figures}", flush=True)


def main() -> None:
    """Reads the arguments and reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=SERIES)
    parser.add_argument("--seeds", type=int, nargs="*", default=[FIXED_SEED])
    parser.add_argument("--methods", nargs="*", default=["process", "ratio", "bound"])
    arguments = parser.parse_args()
    report(arguments.count, arguments.seeds, arguments.methods)


if __name__ == "__main__":
    main()

"""Owns the model of a value over time: a Gaussian process averaged over its variances.

A value is a line, plus a wandering level, a season of the year, a weekday and the Spring
Festival, plus noise. The variances are not fitted but averaged over a grid, each point weighted
by how well it explains history (Rasmussen and Williams 2006, chapters 2 and 5; line and scale
integrated out as in section 2.7, giving Student's t). With little history many grid points stay
likely, so the interval stays honest; nothing but numpy is needed.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.insights.outliers import mute, project
from metric_catalog.calendars import Calendar, spring_festival
from metric_catalog.periods import Period

Vector = NDArray[np.float64]

LEAP_DAYS = 366
FULL_YEAR_DAYS = 360
"""History this long has seen each season once."""
FESTIVAL_WINDOWS = ((-21, -7), (-7, -1), (-1, 6), (6, 15))
"""Days from the festival: shopping before it, the last days, the holiday, after it."""

FESTIVAL_DAYS = 0.7
"""How alike neighbouring days around the festival are: hardly, for a day is not the next."""

WANDER = (0.0, 0.1, 0.3, 0.8)
SEASON = (1.0, 3.0, 9.0)
SHARP, SMOOTH_DAYS = 0.3, 30.0
WEEKDAY = (0.0, 2.0, 6.0)
FESTIVAL = (4.0, 0.0, 12.0)
"""Grids: standard deviations as multiples of the noise's; WANDER per step of the history."""
UNLIKELY = 6.0
"""Grid points whose evidence is lower than the best by this (natural logarithm) hardly count."""
FLOOR = 1e-9
BLOCK = 32
"""Rows of a triangular system that are solved at once."""


@dataclass(frozen=True)
class Points:
    """What is known of the periods, target last: x, and one kernel per effect (unit size)."""

    line: Vector
    wander: Vector
    sharp: Vector
    smooth: Vector
    weekday: Vector | None
    festival: Vector | None
    years: float

    @property
    def seasonal(self) -> bool:
        """Whether each season has been seen at least once."""
        return self.years >= 1


@dataclass(frozen=True)
class Fit:
    """One grid point: log evidence, mean and variance of the target, the signal's covariance."""

    evidence: float
    mean: float
    variance: float
    kernel: Vector


@dataclass(frozen=True)
class Forecast:
    """The target's mean and variance over the grid; how history fits, leave-one-out."""

    mean: float
    variance: float
    freedom: float
    residuals: Vector
    surprises: Vector


def points_of(periods: Sequence[Period], calendar: Calendar) -> Points:
    """Return what the model knows of the periods; the last one is the target."""
    middles = [p.bounds()[0] + (p.bounds()[1] - p.bounds()[0]) / 2 for p in periods]
    days = np.array([(m - middles[0]).total_seconds() / 86400 for m in middles])
    spacing = float(np.median(np.diff(days)))
    phase = np.array([_day_of_year(m) for m in middles])
    apart = np.abs(phase[:, None] - phase[None, :])
    apart = np.minimum(apart, LEAP_DAYS - apart)
    length = float(np.median([p.days or 1.0 for p in periods]))
    weekday = np.array([m.weekday() for m in middles])
    span = max(float(days[-1]), 1.0)
    steps = days / spacing
    return Points(
        np.column_stack([np.ones_like(days), days / span]),
        np.minimum(steps[:, None], steps[None, :]),
        np.exp(-0.5 * (apart / (SHARP * length)) ** 2),
        np.exp(-0.5 * (apart / SMOOTH_DAYS) ** 2),
        (weekday[:, None] == weekday[None, :]).astype(np.float64) if length <= 1 else None,
        _festival_kernel(periods, calendar),
        float(days[-1]) / FULL_YEAR_DAYS,
    )


def _day_of_year(moment: dt.datetime) -> float:
    """Days into a leap year, so that the same date has the same phase every year."""
    start = dt.datetime(2024, 1, 1)
    return (moment.replace(year=2024) - start).total_seconds() / 86400


def _festival_kernel(periods: Sequence[Period], calendar: Calendar) -> Vector | None:
    """Shares of each period's days in the windows around Spring Festival, as a linear kernel."""
    if calendar.holidays != "cn":
        return None
    shares: Vector = np.array([_festival_shares(p) for p in periods])
    if not shares.any():
        return None
    windows: Vector = shares @ shares.T
    if max(p.days or 0.0 for p in periods) > 1:
        return windows
    # of days: half by the window, half by the very day, as festivals have hard edges
    place = np.array([_from_festival(p) for p in periods])
    near = np.exp(-0.5 * ((place[:, None] - place[None, :]) / FESTIVAL_DAYS) ** 2)
    inside = (shares.sum(axis=1) > 0).astype(np.float64)
    both: Vector = (windows + near * np.outer(inside, inside)) / 2
    return both


def _from_festival(day: Period) -> float:
    """Days from the nearest Spring Festival."""
    start = day.bounds()[0]
    known = [spring_festival(year) for year in (start.year - 1, start.year, start.year + 1)]
    away = [(start.date() - each).days for each in known if each is not None]
    return float(min(away, key=abs, default=0))


def _festival_shares(period: Period) -> list[float]:
    start, end = period.bounds()
    length = (end - start).total_seconds()
    shares = []
    for first, after in FESTIVAL_WINDOWS:
        inside = 0.0
        for year in {start.year, end.year}:
            day = spring_festival(year)
            if day is not None:
                zero = dt.datetime(day.year, day.month, day.day)
                low = max(start, zero + dt.timedelta(days=first))
                high = min(end, zero + dt.timedelta(days=after))
                inside += max(0.0, (high - low).total_seconds())
        shares.append(inside / length)
    return shares


def forecast(points: Points, y: Vector, lasting: bool = False) -> Forecast:
    """Return the target over the grid, after muting outliers of history.

    `lasting`: a run of odd values is one, too, where it lasts until the history's end.
    """
    noise = np.ones(len(y))
    fits = _fit_all(points, y, noise)
    best = max(fits, key=lambda fit: fit.evidence)
    noise = mute(points.line[: len(y)], best.kernel[: len(y), : len(y)], y, lasting)
    odd = noise > 1
    if odd.any():
        fits = _fit_all(points, y, noise)
        best = max(fits, key=lambda fit: fit.evidence)
    residuals, surprises = leave_one_out(points, best.kernel, y, noise)
    evidence = np.array([fit.evidence for fit in fits])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    means = np.array([fit.mean for fit in fits])
    mean = float(weights @ means)
    variance = float(weights @ (np.array([fit.variance for fit in fits]) + (means - mean) ** 2))
    freedom = float(max(len(y) - int(odd.sum()) - points.line.shape[1], 1))
    return Forecast(mean, variance, freedom, residuals, surprises)


def best_kernel(points: Points, y: Vector) -> Vector:
    """Return the likeliest covariance of the values (n × n, noise added), usual noise variance 1.

    Outliers have a larger noise.
    """
    count = len(y)
    best = max(_fit_all(points, y, np.ones(count)), key=lambda fit: fit.evidence)
    noise = mute(points.line[:count], best.kernel[:count, :count], y)
    if (noise > 1).any():
        best = max(_fit_all(points, y, noise), key=lambda fit: fit.evidence)
    return best.kernel[:count, :count] + np.diag(noise)


def _fit_all(points: Points, y: Vector, noise: Vector) -> list[Fit]:
    """The fits of all grid points; unlikely ones are not tried with every festival."""
    first, *rest = _scaled(points.festival, FESTIVAL)
    fits = []
    kernels = list(_kernels(points))
    tried = [_fit(points, _added(kernel, first), y, noise) for kernel in kernels]
    most = max(fit.evidence for fit in tried if fit is not None)
    for kernel, fit in zip(kernels, tried, strict=True):
        if fit is not None:
            fits.append(fit)
            if fit.evidence >= most - UNLIKELY:
                others = (_fit(points, _added(kernel, other), y, noise) for other in rest)
                fits += [other for other in others if other is not None]
    return fits


def _kernels(points: Points) -> Iterator[Vector]:
    """The covariance of the signal but for the festival, in units of the noise's variance."""
    weekdays = _scaled(points.weekday, WEEKDAY)
    for q, season, weekday in itertools.product(WANDER, _seasons(points), weekdays):
        yield _added(_added(q * q * points.wander, season), weekday)


def _added(kernel: Vector, effect: Vector | None) -> Vector:
    return kernel if effect is None else kernel + effect


def _seasons(points: Points) -> list[Vector | None]:
    """No season, one of its own for every period of the year, and a smooth one."""
    shapes = (points.sharp, points.smooth) if points.seasonal else ()
    return [None, *(a * a * shape for shape in shapes for a in SEASON)]


def _scaled(kernel: Vector | None, sizes: Sequence[float]) -> list[Vector | None]:
    if kernel is None:
        return [None]
    return [a * a * kernel if a else None for a in sizes]


def _fit(points: Points, kernel: Vector, y: Vector, noise: Vector) -> Fit | None:
    """Generalised least squares with the scale integrated out; None where it cannot be solved."""
    n, p = len(y), points.line.shape[1]
    x, there = points.line[:n], points.line[n]
    try:
        lower = np.linalg.cholesky(kernel[:n, :n] + np.diag(noise))
        white = forward(lower, np.column_stack([x, y, kernel[:n, n]]))
        wx, wy, wk = white[:, :p], white[:, p], white[:, p + 1]
        normal = wx.T @ wx
        spread = np.linalg.inv(normal)
    except np.linalg.LinAlgError:
        return None
    beta = spread @ (wx.T @ wy)
    left = wy - wx @ beta
    rss = max(float(left @ left), FLOOR * FLOOR * (1.0 + float(y @ y)))
    freedom = n - p
    log_det = 2 * float(np.log(np.diag(lower)).sum())
    evidence = -0.5 * (log_det + float(np.linalg.slogdet(normal)[1]) + freedom * np.log(rss))
    mean = float(there @ beta + wk @ left)
    gap = there - wx.T @ wk
    unit = 1 + kernel[n, n] - wk @ wk + gap @ spread @ gap
    return Fit(float(evidence), mean, rss / freedom * float(unit), kernel)


def forward(lower: NDArray[np.floating[Any]], right: Vector) -> Vector:
    """Return lower⁻¹ right for a lower triangle, by forward substitution of blocks.

    Libraries spread larger systems over threads, which wait for each other on a busy machine
    hundreds of times longer than they work.
    """
    found = np.empty_like(right)
    for start in range(0, len(right), BLOCK):
        rows = slice(start, start + BLOCK)
        left = right[rows] - lower[rows, :start] @ found[:start]
        found[rows] = np.linalg.solve(lower[rows, rows], left)
    return found


def leave_one_out(
    points: Points, kernel: Vector, y: Vector, noise: Vector
) -> tuple[Vector, Vector]:
    """Residuals of each value against what all others say: plain, and studentised.

    A muted value is judged as if it were none, by the others that are not muted.
    """
    n, p = len(y), points.line.shape[1]
    projected = project(points.line[:n], kernel[:n, :n] + np.diag(noise))
    weighed = projected @ y
    weight = np.maximum(np.diag(projected), FLOOR)
    residuals = weighed / weight
    rss = max(float(y @ weighed), FLOOR * FLOOR * (1.0 + float(y @ y)))
    without = np.maximum(rss - weighed * residuals, FLOOR * rss)
    heard = n - int((noise > 1).sum())
    variance = np.maximum(1 / weight - (noise - 1), FLOOR)
    return residuals, residuals / np.sqrt(without / max(heard - p - 1, 1) * variance)

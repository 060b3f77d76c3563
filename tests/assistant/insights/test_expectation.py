"""Expectations: seasons, trends, festivals, outliers; and honest about little history."""

import datetime as dt
import math
import random
from collections.abc import Callable

import pytest

from assistant.insights.expectation import MIN_EARLIER, Expectation, expect
from assistant.insights.history import earlier_periods
from metric_catalog.calendars import Calendar, spring_festival
from metric_catalog.periods import Grain, Period, unit

CALENDAR = Calendar()


def month(year: int, number: int) -> Period:
    return unit(dt.datetime(year, number, 1), Grain.MONTH)


def expected(
    target: Period, count: int, value: Callable[[Period], float], noise: float = 0.01
) -> tuple[Expectation, float]:
    """The expectation of `target` from `count` earlier values, and its true value."""
    draw = random.Random(3)
    earlier = earlier_periods(target, CALENDAR, None)[-count:]
    values = [value(p) * (1 + noise * draw.gauss(0, 1)) for p in earlier]
    found = expect(earlier, values, target, CALENDAR)
    assert found is not None
    return found, value(target)


def seasonal(period: Period) -> float:
    at = period.bounds()[0]
    grown = 1.01 ** ((at.year - 2020) * 12 + at.month)
    return 1000 * grown * (2.0 if at.month == 11 else 1 + 0.2 * math.sin(at.month))


def test_the_season_and_the_trend_are_expected() -> None:
    found, truth = expected(month(2026, 11), 36, seasonal)
    assert found.basis == "season_trend"
    assert found.interval[0] < truth < found.interval[1]
    assert found.centre == pytest.approx(truth, rel=0.05)


def test_a_moving_festival_is_expected() -> None:
    def shopping(period: Period) -> float:
        start, end = period.bounds()
        day = spring_festival(start.year)
        assert day is not None
        zero = dt.datetime(day.year, day.month, day.day)
        first, last = zero - dt.timedelta(days=21), zero - dt.timedelta(days=7)
        inside = max(0.0, (min(end, last) - max(start, first)).days)
        return 1000.0 * (1 + inside / (end - start).days)

    found, truth = expected(month(2026, 1), 60, shopping)
    last_year = shopping(month(2025, 1))
    assert abs(found.centre - truth) < 0.5 * abs(last_year - truth)


@pytest.mark.parametrize("away", [-2, 0, 5])
def test_the_hard_edges_of_a_festival_are_expected(away: int) -> None:
    def trade(period: Period) -> float:
        at = period.bounds()[0]
        day = spring_festival(at.year)
        assert day is not None
        return 1000.0 * (0.6 if -2 <= (at.date() - day).days < 6 else 1.0)

    festival = spring_festival(2026)
    assert festival is not None
    at = dt.datetime(festival.year, festival.month, festival.day) + dt.timedelta(days=away)
    found, truth = expected(unit(at, Grain.DAY), 790, trade, 0.02)
    assert found.interval[0] < truth < found.interval[1]


def test_weekdays_are_expected() -> None:
    def week(period: Period) -> float:
        return 100.0 if period.bounds()[0].weekday() < 5 else 160.0

    found, truth = expected(unit(dt.datetime(2026, 10, 31), Grain.DAY), 500, week, 0.02)
    assert found.centre == pytest.approx(truth, rel=0.03)
    assert found.interval[0] > 145


def test_an_outlier_is_surprising_and_does_not_widen_the_interval() -> None:
    target = month(2026, 10)
    earlier = earlier_periods(target, CALENDAR, None)[-36:]
    draw = random.Random(1)
    values = [100 + draw.gauss(0, 1) for _ in earlier]
    plain = expect(earlier, values, target, CALENDAR)
    values[20] = 200.0
    found = expect(earlier, values, target, CALENDAR)
    assert plain is not None and found is not None
    assert max(range(36), key=lambda place: abs(found.surprises[place])) == 20
    assert found.interval[1] - found.interval[0] < 2 * (plain.interval[1] - plain.interval[0])


def test_little_history_widens_and_then_refuses() -> None:
    wide, _ = expected(month(2026, 10), 8, lambda _: 100.0, 0.02)
    narrow, _ = expected(month(2026, 10), 36, lambda _: 100.0, 0.02)
    assert wide.basis == "trend"
    assert wide.interval[1] - wide.interval[0] > narrow.interval[1] - narrow.interval[0]
    earlier = earlier_periods(month(2026, 10), CALENDAR, None)[-(MIN_EARLIER - 1) :]
    assert expect(earlier, [1.0] * len(earlier), month(2026, 10), CALENDAR) is None


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0])
def test_constant_values_are_expected_to_stay(value: float) -> None:
    earlier = earlier_periods(month(2026, 10), CALENDAR, None)[-24:]
    found = expect(earlier, [value] * 24, month(2026, 10), CALENDAR)
    assert found is not None and found.centre == pytest.approx(value, abs=1e-6)


def test_values_of_both_signs_are_taken_as_they_are() -> None:
    earlier = earlier_periods(month(2026, 10), CALENDAR, None)[-24:]
    draw = random.Random(2)
    values = [draw.gauss(0, 10) for _ in range(24)]
    found = expect(earlier, values, month(2026, 10), CALENDAR)
    assert found is not None and not found.logs and found.interval[0] < 0 < found.interval[1]
    assert found.chance(1e6) < 0.001 < found.chance(found.centre)


def test_false_alarms_stay_near_the_level() -> None:
    draw = random.Random(11)
    target = month(2026, 10)
    earlier = earlier_periods(target, CALENDAR, None)[-30:]
    alarms = 0
    for _ in range(200):
        size, shift = draw.uniform(0, 0.3), draw.uniform(0, 6.28)
        levels = [
            1000
            * math.exp(size * math.sin(p.bounds()[0].month / 1.91 + shift) + draw.gauss(0, 0.03))
            for p in (*earlier, target)
        ]
        found = expect(earlier, levels[:-1], target, CALENDAR)
        assert found is not None
        alarms += not found.interval[0] <= levels[-1] <= found.interval[1]
    assert alarms <= 20  # 10 expected; more than 20 by chance in 1 of 1,000 runs

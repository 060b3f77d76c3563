"""Trend, anomaly, change point and forecast, on series made by hand."""

import datetime as dt
import random
from collections.abc import Callable

import numpy as np
import pytest

from assistant.insights.detectors import anomaly, change_point, forecast, trend
from assistant.insights.detectors.trend import kendall_chance, slope
from assistant.insights.investigation import Intent, Investigation
from metric_catalog.periods import Period
from metric_catalog.query import MetricQuery
from tests.assistant.insights.engine import Engine, total_of
from tests.assistant.insights.tables import OCTOBER, investigation, months_back

MONTHS = [*months_back(OCTOBER, 36), OCTOBER]


def engine(value: Callable[[int], float], noise: float = 0.01) -> Engine:
    draw = random.Random(9)
    rows = [
        {"at": p.start, "amount": value(place) * (1 + noise * draw.gauss(0, 1))}
        for place, p in enumerate(MONTHS)
    ]
    return Engine(rows, {"sales": total_of("amount")})


def asked(intent: Intent, months: int = 12, as_of: dt.date = dt.date(2026, 11, 1)) -> Investigation:
    span = Period(MONTHS[-months].start, OCTOBER.end)
    query = MetricQuery(("sales",), periods=(span,), grain="month")
    return investigation(intent, span, None, query=query, as_of=as_of)


@pytest.mark.parametrize(("step", "way"), [(10, "up"), (-10, "down")])
def test_the_trend_is_told_only_where_there_is_one(step: float, way: str) -> None:
    (finding,) = engine(lambda place: 1000 + step * place).findings(trend.DETECTOR, asked("trend"))
    assert finding.direction == way
    assert finding.size == pytest.approx(step, abs=4)
    assert len(finding.points) == 12 and finding.fact("last_incomplete") is False


def test_noise_has_no_trend() -> None:
    draw = random.Random(1)
    alarms = sum(kendall_chance([draw.gauss(0, 1) for _ in range(12)]) < 0.05 for _ in range(400))
    assert alarms <= 35  # 20 expected


def test_an_incomplete_last_month_does_not_count() -> None:
    made = engine(lambda place: 1000 + 10 * place if place < 36 else 5)
    (finding,) = made.findings(trend.DETECTOR, asked("trend", as_of=dt.date(2026, 10, 5)))
    assert finding.direction == "up" and finding.fact("last_incomplete") is True


def test_slope_and_chance_by_hand() -> None:
    assert slope([1, 3, 2, 5]) == pytest.approx((2 - 1 + 3 + 0.5 + 1 + 4 / 3) / 6, rel=0.2)
    assert slope([0, 2, 4, 6]) == 2
    assert kendall_chance([1.0, 1.0, 1.0, 1.0]) == 1.0
    assert kendall_chance([float(i) for i in range(12)]) < 0.001


def test_the_odd_month_is_the_anomaly() -> None:
    made = engine(lambda place: 1500 if place == 30 else 1000)
    found = made.findings(anomaly.DETECTOR, asked("anomaly"))
    assert [finding.fact("start") for finding in found] == ["2026-04-01"]
    assert found[0].direction == "up" and found[0].size == pytest.approx(500, rel=0.1)
    assert engine(lambda _: 1000).findings(anomaly.DETECTOR, asked("anomaly")) == ()


def test_the_step_is_the_change_point() -> None:
    made = engine(lambda place: 1000 if place < 31 else 800)
    (finding,) = made.findings(change_point.DETECTOR, asked("trend"))
    assert finding.fact("start") == "2026-05-01"
    assert finding.size == pytest.approx(-200, rel=0.15)
    assert engine(lambda p: 1000 + p).findings(change_point.DETECTOR, asked("trend")) == ()


def test_steps_are_found_in_order_of_significance() -> None:
    draw = np.random.default_rng(0)
    y = np.concatenate([np.zeros(20), np.full(20, 3.0), np.full(20, 13.0)])
    y = y + 0.2 * draw.standard_normal(60)
    found = change_point.steps(y, np.eye(60))
    assert sorted(place for place, _, _ in found[:2]) == [20, 40]


def test_the_forecast_holds_the_truth() -> None:
    made = engine(lambda place: 1000 + 10 * place)
    coming = Period(OCTOBER.end, dt.datetime(2027, 1, 1))
    question = investigation("forecast", coming, None, history_start=dt.date(2023, 10, 1))
    (finding,) = made.findings(forecast.DETECTOR, question)
    low, high = finding.fact("low"), finding.fact("high")
    assert isinstance(low, float) and isinstance(high, float)
    assert low < 1370 + 1380 < high and high - low < 600
    assert [label for label, _ in finding.points] == ["2026-11-01", "2026-12-01"]
    assert finding.points[0][1] == pytest.approx(1370, rel=0.02)


def test_without_a_coming_period_the_next_month_is_forecast() -> None:
    made = engine(lambda _: 1000)
    (finding,) = made.findings(forecast.DETECTOR, investigation("forecast", None, None))
    assert finding.period == Period(OCTOBER.end, dt.datetime(2026, 12, 1))
    assert finding.size == pytest.approx(1000, rel=0.02)


DAYS = [
    Period(OCTOBER.end - dt.timedelta(days=back), OCTOBER.end - dt.timedelta(days=back - 1))
    for back in range(300, 0, -1)
]


def daily(low: range) -> Engine:
    """Days with a weekly rhythm; a third is missing at the places of `low`."""
    draw = random.Random(5)
    rows = [
        {
            "at": day.start,
            "amount": (1000 + 150 * (day.bounds()[0].weekday() >= 5))
            * (1 + 0.03 * draw.gauss(0, 1))
            * (0.7 if place in low else 1),
        }
        for place, day in enumerate(DAYS)
    ]
    return Engine(rows, {"sales": total_of("amount")})


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_days_around_a_short_fall_are_not_odd(after: int) -> None:
    fallen = range(288, 292)
    last = 292 + after
    span = Period(DAYS[287].start, DAYS[last - 1].end)
    query = MetricQuery(("sales",), periods=(span,), grain="day")
    question = investigation("trend", span, None, query=query)
    found = daily(fallen).findings(anomaly.DETECTOR, question)
    assert sorted(str(f.fact("start")) for f in found) == [
        DAYS[place].bounds()[0].date().isoformat() for place in fallen
    ]
    assert all(f.direction == "down" for f in found)
    steps = daily(fallen).findings(change_point.DETECTOR, question)
    assert after == 0 or not any(f.direction == "up" for f in steps)

"""Which earlier periods judge a period, and how their values are read."""

import datetime as dt
from itertools import pairwise

import pytest

from assistant.insights.history import History, earlier_periods, history_of
from executors.result import Cell, ResultTable
from metric_catalog.periods import Grain, Period
from metric_catalog.query import MetricQuery, Query
from tests.assistant.insights.tables import CALENDAR, investigation, table

DAY = dt.timedelta(days=1)


def days(first: str, last: str) -> Period:
    return Period.of_days(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("target", "before"),
    [
        (days("2026-10-01", "2026-10-31"), days("2026-09-01", "2026-09-30")),
        (days("2026-07-01", "2026-09-30"), days("2026-04-01", "2026-06-30")),
        (days("2026-10-19", "2026-10-25"), days("2026-10-12", "2026-10-18")),
        (days("2026-10-20", "2026-10-20"), days("2026-10-19", "2026-10-19")),
        # month to date: the same days of the month before, clamped
        (days("2026-10-01", "2026-10-09"), days("2026-09-01", "2026-09-09")),
        # four days, Tuesday to Friday: the same weekdays
        (days("2026-10-20", "2026-10-23"), days("2026-10-13", "2026-10-16")),
        # thirty days: the thirty before
        (days("2026-10-02", "2026-10-31"), days("2026-09-02", "2026-10-01")),
    ],
)
def test_the_period_before(target: Period, before: Period) -> None:
    earlier = earlier_periods(target, CALENDAR, None)
    assert earlier[-1] == before
    assert all(a.bounds()[0] < b.bounds()[0] for a, b in pairwise(earlier))


def test_nothing_before_the_data_and_nothing_unfinished() -> None:
    asked = investigation(history_start=dt.date(2026, 7, 1), as_of=dt.date(2026, 10, 15))
    history = history_of(asked, days("2026-12-01", "2026-12-31"), "sales")
    assert history is not None
    assert history.earlier == (
        days("2026-07-01", "2026-07-31"),
        days("2026-08-01", "2026-08-31"),
        days("2026-09-01", "2026-09-30"),
    )


def test_a_running_month_is_judged_by_the_same_days() -> None:
    asked = investigation(as_of=dt.date(2026, 10, 11))
    history = history_of(asked, days("2026-10-01", "2026-10-31"), "sales")
    assert history is not None and history.target == days("2026-10-01", "2026-10-10")
    assert history.earlier[-8] == days("2026-02-01", "2026-02-10")
    whole = history_of(asked, days("2026-10-01", "2026-10-31"), "sales", whole=True)
    assert whole is not None and whole.target == days("2026-10-01", "2026-10-31")


def daily(history: History, rate: bool) -> ResultTable:
    """One row per day: 1, 2, 3, …; as a ratio over 10."""
    query = history.by_grain()
    start, end = query.periods[0].bounds()
    rows: list[list[Cell]] = []
    for place in range((end - start).days):
        value = float(place + 1)
        cells: list[Cell] = [value / 10, value, 10.0] if rate else [value]
        rows.append([start + place * DAY, *cells])
    columns = [("metric_time__day", "time"), ("sales", "metric")]
    columns += [("sales__numerator", "component"), ("sales__denominator", "component")][: 2 * rate]
    return table(query, columns, rows)


def by_period(query: MetricQuery, values: list[float]) -> ResultTable:
    columns = [("period__start", "time"), ("period__end", "time"), ("sales", "metric")]
    rows = [[p.start, p.end, v] for p, v in zip(query.periods, values, strict=True)]
    return table(query, columns, rows)


def short() -> History:
    asked = investigation(history_start=dt.date(2026, 9, 29))
    history = history_of(asked, days("2026-10-20", "2026-10-23"), "sales")
    assert history is not None and len(history.earlier) == 3 and history.grain is None
    return history


@pytest.mark.parametrize("rate", [False, True])
def test_free_ranges_are_sums_of_days_where_days_add_up(rate: bool) -> None:
    history = short()
    sums = [sum(range(1 + 7 * week, 5 + 7 * week)) for week in range(4)]
    values = [value / 40 if rate else float(value) for value in sums]
    days_table, check = history.by_grain(), history.by_period(3)
    assert history.missing({}) == (days_table, check)
    tables: dict[Query, ResultTable] = {
        days_table: daily(history, rate), check: by_period(check, values[1:])
    }  # fmt: skip
    assert history.missing(tables) == ()
    assert history.values(tables) == pytest.approx(values)


def test_free_ranges_are_asked_one_by_one_where_days_do_not_add_up() -> None:
    history = short()
    days_table, check, each = history.by_grain(), history.by_period(3), history.by_period()
    tables: dict[Query, ResultTable] = {
        days_table: daily(history, False), check: by_period(check, [1.0, 2.0, 3.0])
    }  # fmt: skip
    assert history.missing(tables) == (each,)
    tables[each] = by_period(each, [9.0, 1.0, 2.0, 3.0])
    assert history.missing(tables) == ()
    assert history.values(tables) == (9.0, 1.0, 2.0, 3.0)


def test_grains_are_read_from_one_query() -> None:
    history = history_of(investigation(), days("2026-10-19", "2026-10-25"), "sales")
    assert history is not None and history.grain is Grain.WEEK
    assert history.missing({}) == (history.by_grain(),)
    assert history.by_grain().grain == "week"


def test_rows_of_months_are_not_looked_through_by_day() -> None:
    asked = investigation(history_start=dt.date(2026, 1, 1), row_grain=Grain.MONTH)
    assert history_of(asked, days("2026-10-20", "2026-10-23"), "sales") is None
    assert history_of(asked, days("2026-10-19", "2026-10-25"), "sales") is None
    month = history_of(asked, days("2026-10-01", "2026-10-31"), "sales")
    assert month is not None and month.by_grain().grain == "month"
    two = history_of(asked, days("2026-09-01", "2026-10-31"), "sales")
    assert two is not None and two.by_grain().grain == "month"

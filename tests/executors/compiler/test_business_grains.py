"""Units of fiscal and retail years: what SQL makes of them is what the calendar says."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from executors.compiler.syntax import cast, column
from executors.compiler.units import unit_start
from metric_catalog.business_years import BUSINESS_GRAINS, business_floor, business_shift
from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.comparisons import base_of
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.query import Compare, Comparison, GroupBy, MetricQuery, Order
from tests.executors.compiler.checked import answer, by_hand, shop

FIRST = dt.datetime(1995, 1, 1)
DAYS = 366 * 40


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(BUSINESS_GRAINS),
    st.builds(
        Calendar, fiscal_year_start_month=st.integers(1, 12), retail_week_start=st.integers(0, 6)
    ),
    st.integers(0, 86_399),
)
def test_every_day_of_forty_years(grain: str, calendar: Calendar, second: int) -> None:
    value = unit_start(grain, column("days", "day"), calendar).sql("duckdb")
    first = FIRST + dt.timedelta(seconds=second)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT day, {value} FROM (SELECT unnest(generate_series("
            f"TIMESTAMP '{first}', TIMESTAMP '{first}' + INTERVAL {DAYS} DAY, INTERVAL 1 DAY"
            ")) AS day) AS days"
        ).fetchall()
    assert len(rows) == DAYS + 1
    assert all(start == business_floor(day, grain, calendar) for day, start in rows)


def test_a_date_is_as_good_as_a_moment() -> None:
    value = unit_start("retail_month", cast(column("days", "day"), "DATE"), Calendar())
    with duckdb.connect() as connection:
        (row,) = connection.execute(
            f"SELECT {value.sql('duckdb')} FROM (SELECT '2024-02-03' AS day) AS days"
        ).fetchall()
    assert row == (dt.datetime(2023, 12, 31),)


GRAINS = st.sampled_from(BUSINESS_GRAINS)
CALENDAR = Calendar(fiscal_year_start_month=2)
DEFINED = {
    "since_fiscal_year": {
        "type": "cumulative", "metric": {"metric": "orders"}, "grain_to_date": "fiscal_year",
    },
    "since_retail_quarter": {
        "type": "cumulative", "metric": {"metric": "orders"}, "grain_to_date": "retail_quarter",
    },
    "quarter_before": {
        "type": "derived", "expr": "orders",
        "inputs": [
            {"metric": "orders", "offset_window": {"count": 1, "grain": "fiscal_quarter"}}
        ],
    },
    "retail_before": {
        "type": "derived", "expr": "orders",
        "inputs": [
            {"metric": "orders", "offset_window": {"count": 1, "grain": "retail_month"}}
        ],
    },
}  # fmt: skip


@cache
def catalog() -> Catalog:
    """The shop with business years of its own and no table of days."""
    own = {
        name: Metric.model_validate({"id": name, "name": name, "of": of})
        for name, of in DEFINED.items()
    }
    return replace(shop(), calendar=CALENDAR, time_spines=(), metrics={**shop().metrics, **own})


@cache
def orders() -> tuple[tuple[dt.datetime, str | None, int | None], ...]:
    return tuple(by_hand("SELECT ordered_at, channel, amount FROM orders"))  # type: ignore[arg-type]


def totals(grain: str, period: Period | None = None) -> dict[object, int]:
    found: dict[object, int] = defaultdict(int)
    for moment, _, amount in orders():
        if (period is None or period.contains(moment)) and amount is not None:
            found[business_floor(moment, grain, CALENDAR)] += amount
    return dict(found)


def cells(query: MetricQuery, column: str) -> dict[object, object]:
    names, rows = answer(query, None, catalog())
    place = names.index(column)
    return {row[0]: row[place] for row in rows if row[place] is not None}


@pytest.mark.parametrize("grain", BUSINESS_GRAINS)
def test_sums_by_unit(grain: str) -> None:
    assert cells(MetricQuery(("amount",), grain=grain), "amount") == totals(grain)
    by = MetricQuery(("amount",), (GroupBy(f"metric_time__{grain}"),))
    assert cells(by, "amount") == totals(grain)


@settings(max_examples=40, deadline=None)
@given(
    GRAINS,
    st.datetimes(dt.datetime(2023, 3, 1), dt.datetime(2024, 4, 1)),
    st.integers(1, 4),
    st.sampled_from(("previous", "year")),
)
def test_units_stand_beside_those_at_the_same_place(
    grain: str, moment: dt.datetime, count: int, kind: str
) -> None:
    start = business_floor(moment, grain, CALENDAR)
    period = Period(start, business_shift(start, count, grain, CALENDAR))
    base = base_of(period, kind, CALENDAR, grain)  # type: ignore[arg-type]
    query = MetricQuery(
        ("amount",),
        periods=(period,),
        grain=grain,
        comparison=Comparison(kind),  # type: ignore[arg-type]
    )
    assert cells(query, "amount") == totals(grain, period)
    before = totals(grain, base)
    first = business_floor(base.bounds()[0], grain, CALENDAR)
    places = {business_shift(first, i, grain, CALENDAR): i for i in range(count)}
    moved = {
        business_shift(start, places[at], grain, CALENDAR): value  # type: ignore[index]
        for at, value in before.items()
    }
    assert cells(query, "amount__base") == moved


@pytest.mark.parametrize("grain", BUSINESS_GRAINS)
def test_units_without_rows_are_shown_on_a_spine(grain: str) -> None:
    period = Period(dt.datetime(2023, 1, 1), dt.datetime(2025, 1, 1))
    query = MetricQuery(("orders_or_0",), periods=(period,), grain=grain)
    unit, every = business_floor(period.bounds()[0], grain, CALENDAR), []
    while unit < period.bounds()[1]:
        every.append(unit)
        unit = business_shift(unit, 1, grain, CALENDAR)
    for spines in ((), shop().time_spines):
        _, rows = answer(query, None, replace(catalog(), time_spines=spines))
        if not (spines and grain == "fiscal_year"):  # which is a column of the spine
            assert [row[0] for row in rows] == every
        assert sum(row[1] for row in rows) == len(orders())


def test_units_are_compared_with_dates() -> None:
    quarter = dt.datetime(2023, 5, 1)
    only = Compare("metric_time__fiscal_quarter", "=", ("2023-05-01",))
    got = cells(MetricQuery(("amount",), filters=only, grain="fiscal_quarter"), "amount")
    assert got == {quarter: totals("fiscal_quarter")[quarter]}


@pytest.mark.parametrize(
    ("metric", "unit"),
    [("since_fiscal_year", "fiscal_year"), ("since_retail_quarter", "retail_quarter")],
)
def test_running_values_begin_with_the_unit(metric: str, unit: str) -> None:
    period = Period(dt.datetime(2024, 1, 20), dt.datetime(2024, 2, 10))
    got = cells(MetricQuery((metric,), periods=(period,), grain="day"), metric)
    wanted = {}
    for day in (period.bounds()[0] + dt.timedelta(days=i) for i in range(21)):
        start, end = business_floor(day, unit, CALENDAR), day + dt.timedelta(days=1)
        wanted[day] = sum(start <= moment < end for moment, _, _ in orders())
    assert got == {day: value for day, value in wanted.items() if value}


@pytest.mark.parametrize("grain", ["fiscal_quarter", "fiscal_month", "month"])
def test_a_fiscal_quarter_ago(grain: str) -> None:
    period = Period(dt.datetime(2023, 8, 1), dt.datetime(2024, 2, 1))
    now = cells(MetricQuery(("quarter_before",), periods=(period,), grain=grain), "quarter_before")
    base = Period(dt.datetime(2023, 5, 1), dt.datetime(2023, 11, 1))
    before = cells(MetricQuery(("orders",), periods=(base,), grain=grain), "orders")
    assert list(now.values()) == list(before.values()) and now


def test_what_is_not_possible_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedQuery) as refused:
        answer(MetricQuery(("retail_before",), grain="day"), None, catalog())
    assert dict(refused.value.issues[0].arguments)["grain"] == "retail_month"
    for text, near in (("fiscal_quater", "fiscal_quarter"), ("retail_mont", "retail_month")):
        with pytest.raises(CatalogError) as unknown:
            answer(MetricQuery(("orders",), grain=text), None, catalog())
        assert unknown.value.issues[0].code == "unknown_grain"
        assert near in unknown.value.issues[0].nearest


def test_units_alone_and_in_order() -> None:
    query = MetricQuery((), (GroupBy("ordered_at", "retail_year"),))
    _, rows = answer(query, None, catalog())
    assert sorted(row[0] for row in rows) == sorted(
        {business_floor(moment, "retail_year", CALENDAR) for moment, _, _ in orders()}
    )
    descending = MetricQuery(
        ("orders",), grain="retail_month", order=(Order("metric_time__retail_month", True),)
    )
    starts = [row[0] for row in answer(descending, None, catalog())[1]]
    assert starts == sorted(starts, reverse=True)


def test_units_of_a_spine_stand_beside_those_at_the_same_place() -> None:
    """Two units of 28 days beside the two before, and those of 4, 5 and 4 weeks a quarter on."""
    fours = [dt.datetime(2023, 1, 2) + dt.timedelta(days=28 * i) for i in range(12)]
    weeks = (0, 28, 63, 91, 119, 154, 182)
    months = [dt.datetime(2023, 1, 2) + dt.timedelta(days=days) for days in weeks]
    for grain, starts, first, end in (("period_28", fours, 4, 6), ("month_454", months, 3, 6)):
        period, count = Period(starts[first], starts[end]), end - first
        query = MetricQuery(
            ("amount",), periods=(period,), grain=grain, comparison=Comparison("previous")
        )
        names, rows = answer(query)
        wanted: dict[object, list[int]] = {at: [0, 0] for at in starts[first:end]}
        for moment, _, amount in orders():
            for side, place in ((0, first), (1, first - count)):
                for i in range(count):
                    if starts[place + i] <= moment < starts[place + i + 1]:
                        wanted[starts[first + i]][side] += amount or 0
        columns = [names.index("amount"), names.index("amount__base")]
        assert {row[0]: [row[c] for c in columns] for row in rows} == wanted

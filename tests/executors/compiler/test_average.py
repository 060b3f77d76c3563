"""Means per unit of time: what has no date is in no unit."""

import datetime as dt
import statistics
from dataclasses import replace

import pytest

from executors.compiler.compile import compile_query
from metric_catalog.business_years import BUSINESS_GRAINS, business_unit
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import AveragePer, GroupBy, MetricQuery
from tests.executors.compiler.worlds import Engine, World, star

ENGINE = Engine()


@pytest.mark.parametrize("metric", ["amount_sum", "amount_count", "amount_count_distinct"])
@pytest.mark.parametrize("grain", ["day", "month"])
def test_rows_without_a_date_are_in_no_unit(metric: str, grain: str) -> None:
    dates = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 29), None]
    sales = [
        {"sale_id": i, "customer_id": i, "shop_id": None, "channel": "app", "amount": 10 * i + 10,
         "is_paid": True, "sold_at": date}
        for i, date in enumerate(dates)
    ]  # fmt: skip
    tables = {"customers": [], "zones": [], "shops": [], "sales": sales, "visits": []}
    ENGINE.fill(World(tables, star(), {}))
    query = MetricQuery((metric,), post=AveragePer(grain))
    split = MetricQuery((metric,), (GroupBy("channel"),), post=AveragePer(grain))
    wanted = {"amount_sum": 60, "amount_count": 3, "amount_count_distinct": 3}[metric]
    for asked in (query, split):
        (row,) = ENGINE.rows(compile_query(asked, star(), EVERYTHING))
        assert row[metric] == pytest.approx(wanted / {"day": 60, "month": 2}[grain])


@pytest.mark.parametrize("month", [1, 4, 12])
@pytest.mark.parametrize("grain", BUSINESS_GRAINS)
def test_units_of_a_business_year_are_counted_as_civil_ones_are(grain: str, month: int) -> None:
    """A sum by the elapsed units; a unit cut by the period counts by its part."""
    catalog = replace(star(), calendar=Calendar(fiscal_year_start_month=month))
    start, end = dt.datetime(2023, 2, 10), dt.datetime(2024, 12, 1)
    days = [start + dt.timedelta(days=n) for n in range(-40, 700)]
    sales = [
        {"sale_id": i, "customer_id": i, "shop_id": None, "channel": "app", "amount": i,
         "is_paid": True, "sold_at": day}
        for i, day in enumerate(days)
    ]  # fmt: skip
    tables = {"customers": [], "zones": [], "shops": [], "sales": sales, "visits": []}
    ENGINE.fill(World(tables, catalog, {}))
    asked = ("amount_sum", "amount_max")
    query = MetricQuery(asked, periods=(Period(start, end),), post=AveragePer(grain))
    (row,) = ENGINE.rows(compile_query(query, catalog, EVERYTHING))
    inside = [s for s in sales if start <= s["sold_at"] < end]
    weight, best = 0.0, {}
    for each in inside:
        whole = business_unit(each["sold_at"], grain, catalog.calendar)
        weight += 1 / whole.days  # type: ignore[operator]
        best[whole.start] = max(best.get(whole.start, 0), each["amount"])
    assert row["amount_sum"] == pytest.approx(sum(s["amount"] for s in inside) / weight)
    assert row["amount_max"] == pytest.approx(statistics.fmean(best.values()))

"""Means per unit of time: what has no date is in no unit."""

import datetime as dt

import pytest

from executors.compiler.compile import compile_query
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

"""Running values: a unit asked for alone is the same unit in a split by time."""

import datetime as dt
from dataclasses import replace

import pytest

from executors.compiler.compile import compile_query
from metric_catalog.periods import Grain, Period, unit, units
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import MetricQuery
from tests.executors.compiler.worlds import Engine, World, defined, star

FIRST = dt.datetime(2024, 1, 1)
YEAR = Period(dt.datetime(2024, 4, 1), dt.datetime(2025, 4, 1))
ENGINE = Engine()


def _world(count: int, length: str) -> World:
    """One sale a day of a different amount each, with a running sum and the one a month before."""
    window = {"count": count, "grain": length}
    running = defined("running", type="cumulative", metric={"metric": "amount_sum"}, window=window)
    month = {"count": 1, "grain": "month"}
    before = {"metric": "running", "alias": "before", "offset_window": month}
    metrics = [running, defined("before", type="derived", expr="before + 0", inputs=[before])]
    sales = [
        {"sale_id": i, "customer_id": None, "shop_id": None, "channel": "app",
         "amount": i * i, "is_paid": True, "sold_at": FIRST + dt.timedelta(days=i)}
        for i in range(500)
    ]  # fmt: skip
    catalog = star()
    known = {**catalog.metrics, **{metric.id: metric for metric in metrics}}
    tables = {"customers": [], "zones": [], "shops": [], "sales": sales, "visits": []}
    return World(tables, replace(catalog, metrics=known), {})


@pytest.mark.parametrize(
    ("count", "length"),
    [(1, "month"), (2, "month"), (1, "quarter"), (1, "year"), (3, "week"), (10, "day")],
)
def test_a_unit_alone_is_the_unit_in_a_split(count: int, length: str) -> None:
    world = _world(count, length)
    ENGINE.fill(world)

    def value(name: str, period: Period) -> object:
        (row,) = ENGINE.rows(
            compile_query(MetricQuery((name,), periods=(period,)), world.catalog, EVERYTHING)
        )
        return row[name]

    for name, grains in (("running", ("month", "quarter", "week")), ("before", ("month",))):
        for grain in grains:
            split = MetricQuery((name,), periods=(YEAR,), grain=grain)
            rows = ENGINE.rows(compile_query(split, world.catalog, EVERYTHING))
            inside = [u for u in units(YEAR, Grain(grain)) if u.start >= YEAR.start]  # type: ignore[operator]
            for row in rows:
                whole = unit(row[f"metric_time__{grain}"], Grain(grain))
                if whole in inside and whole.end <= YEAR.end:  # type: ignore[operator]
                    assert row[name] == value(name, whole), (name, whole)


def test_an_offset_looks_at_the_whole_unit_before() -> None:
    """May ends a day later than April and June: its own last value is what June looks back on."""
    world = _world(1, "month")
    ENGINE.fill(world)
    query = MetricQuery(("running", "before"), periods=(YEAR,), grain="month")
    rows = ENGINE.rows(compile_query(query, world.catalog, EVERYTHING))
    values = [row["running"] for row in rows]
    assert [row["before"] for row in rows][1:] == values[:-1]

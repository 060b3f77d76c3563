"""A small shop with rows, and queries on it beside SQL that was written by hand for them."""

import datetime as dt
import math
from functools import cache
from random import Random
from typing import Any

import duckdb

from executors.compiler.compile import compile_query
from executors.result import plain_cell
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import (
    CustomGrain,
    Dimension,
    Entity,
    Measure,
    SemanticModel,
    TimeSpine,
)
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import Query

FIRST = dt.datetime(2023, 1, 2)
DAYS = 500
TABLES = """
CREATE TABLE orders (order_id INT, buyer_id INT, store_id INT, channel TEXT, amount INT,
    paid BOOLEAN, ordered_at TIMESTAMP);
CREATE TABLE visits (visit_id INT, buyer_id INT, source TEXT, seen_at TIMESTAMP);
CREATE TABLE buyers (buyer_id INT, city TEXT, level TEXT);
CREATE TABLE stores (store_id INT, region TEXT, valid_from TIMESTAMP, valid_to TIMESTAMP);
CREATE TABLE payouts (payout_id INT, buyer_id INT, value INT, paid_month TIMESTAMP);
CREATE TABLE parts (part_id INT, ds TIMESTAMP, kind TEXT);
CREATE TABLE uses (use_id INT, part_id INT, ds TIMESTAMP, pieces INT);
CREATE TABLE stock (depot TEXT, product_id INT, counted_on TIMESTAMP, units INT);
CREATE TABLE products (product_id INT, maker_id INT);
CREATE TABLE calendar AS
    SELECT day::TIMESTAMP AS ds,
        CASE WHEN month(day) >= 4 THEN make_date(year(day), 4, 1)
             ELSE make_date(year(day) - 1, 4, 1) END::TIMESTAMP AS fiscal_year,
        (DATE '2023-01-02' + (28 * ((day::DATE - DATE '2023-01-02') // 28))::INT)::TIMESTAMP AS period_28,
        CASE WHEN week_in_quarter < 4 THEN quarter_start
             WHEN week_in_quarter < 9 THEN quarter_start + 28
             ELSE quarter_start + 63 END::TIMESTAMP AS month_454
    FROM (
        SELECT day::DATE AS day, (day::DATE - DATE '2023-01-02') // 7 % 13 AS week_in_quarter,
            DATE '2023-01-02' + (91 * ((day::DATE - DATE '2023-01-02') // 91))::INT AS quarter_start
        FROM generate_series(TIMESTAMP '2022-01-03', TIMESTAMP '2024-12-31', INTERVAL 1 DAY) t(day)
    );
"""


def _key(name: str, kind: str, expr: str | None = None) -> Entity:
    return Entity.model_validate({"name": name, "type": kind, "expr": expr or f"{name}_id"})


def _time(name: str, grain: str = "day", **more: Any) -> Dimension:
    return Dimension.model_validate({"name": name, "type": "time", "grain": grain, **more})


def _measures(**aggregates: str) -> tuple[Measure, ...]:
    return tuple(
        Measure.model_validate({"name": n, "agg": a.split()[0], "expr": a.split()[1]})
        for n, a in aggregates.items()
    )


def _edge(name: str, choice: str, *holders: str) -> Measure:
    edge = {"name": "counted_on", "window_choice": choice, "window_groupings": holders}
    return Measure.model_validate(
        {"name": name, "agg": "sum", "expr": "units", "non_additive": edge}
    )


def _models() -> list[SemanticModel]:
    return [
        SemanticModel(
            id="sales",
            table="orders",
            time_dimension="ordered_at",
            entities=(_key("order", "primary"), _key("buyer", "foreign"), _key("store", "foreign")),
            dimensions=(
                Dimension(name="channel"),
                Dimension(name="paid"),
                _time("ordered_at", "minute"),
            ),
            measures=_measures(
                amount="sum amount", orders="count order_id", buyers="count_distinct buyer_id"
            ),
        ),
        SemanticModel(
            id="traffic",
            table="visits",
            time_dimension="seen_at",
            entities=(_key("visit", "primary"), _key("buyer", "foreign")),
            dimensions=(Dimension(name="source"), _time("seen_at")),
            measures=_measures(visits="count visit_id"),
        ),
        SemanticModel(
            id="people",
            table="buyers",
            entities=(_key("buyer", "primary"),),
            dimensions=(Dimension(name="city"), Dimension(name="level")),
        ),
        SemanticModel(
            id="store_history",
            table="stores",
            primary_entity="store",
            entities=(_key("store", "natural"),),
            dimensions=(
                Dimension(name="region"),
                _time("valid_from", validity="start"),
                _time("valid_to", validity="end"),
            ),
        ),
        SemanticModel(
            id="payments",
            table="payouts",
            time_dimension="paid_month",
            entities=(_key("payout", "primary"), _key("buyer", "foreign")),
            dimensions=(_time("paid_month", "month"),),
            measures=_measures(payouts="count payout_id"),
        ),
        SemanticModel(
            id="stock_counts",
            table="stock",
            time_dimension="counted_on",
            primary_entity="stock",
            entities=(_key("product", "foreign"),),
            dimensions=(Dimension(name="depot"), _time("counted_on")),
            measures=(
                _edge("last_units", "max"),
                _edge("first_units", "min"),
                _edge("units_by_product", "max", "product"),
                _edge("units_by_maker", "max", "maker"),
            ),
        ),
        SemanticModel(
            id="product_list",
            table="products",
            entities=(_key("product", "primary"), _key("maker", "foreign")),
        ),
        SemanticModel(
            id="part_list",
            table="parts",
            entities=(_key("part", "primary"),),
            dimensions=(Dimension(name="kind"), _time("ds", is_partition=True)),
        ),
        SemanticModel(
            id="part_uses",
            table="uses",
            time_dimension="ds",
            entities=(_key("use", "primary"), _key("part", "foreign")),
            dimensions=(_time("ds", is_partition=True),),
            measures=_measures(pieces="sum pieces"),
        ),
    ]


def _metrics() -> dict[str, dict[str, Any]]:
    def simple(model: str, measure: str, **more: Any) -> dict[str, Any]:
        return {"type": "simple", "model": model, "measure": measure, **more}

    visit = {"metric": "visits"}
    return {
        "amount": simple("sales", "amount"),
        "orders": simple("sales", "orders"),
        "orders_or_0": simple("sales", "orders", fill_nulls_with=0, join_to_time_spine=True),
        "buyers": simple("sales", "buyers"),
        "visits": simple("traffic", "visits"),
        "payouts": simple("payments", "payouts", fill_nulls_with=0),
        "orders_a_month_ago": {
            "type": "derived",
            "expr": "orders",
            "inputs": [{"metric": "orders", "offset_window": {"count": 1, "grain": "month"}}],
        },
        "last_units": simple("stock_counts", "last_units"),
        "first_units": simple("stock_counts", "first_units"),
        "units_by_product": simple("stock_counts", "units_by_product"),
        "units_by_maker": simple("stock_counts", "units_by_maker"),
        "pieces": simple("part_uses", "pieces"),
        "aov": {
            "type": "ratio",
            "numerator": {"metric": "amount"},
            "denominator": {"metric": "orders"},
        },
        "paid_out": {
            "type": "conversion",
            "base": visit,
            "conversion": {"metric": "payouts"},
            "entity": "buyer",
            "window": {"count": 1, "grain": "month"},
            "calculation": "conversions",
        },
        "paid_out_rate": {
            "type": "conversion",
            "base": visit,
            "conversion": {"metric": "payouts"},
            "entity": "buyer",
            "window": {"count": 1, "grain": "month"},
        },
    }


@cache
def shop() -> Catalog:
    """The shop's catalog: sales, traffic, people, stores that move, partitioned parts."""
    spine = TimeSpine(
        table="calendar",
        column="ds",
        custom_grains=tuple(
            CustomGrain(name=name) for name in ("fiscal_year", "period_28", "month_454")
        ),
    )
    return Catalog(
        models={model.id: model for model in _models()},
        metrics={
            name: Metric.model_validate({"id": name, "name": name, "of": of})
            for name, of in _metrics().items()
        },
        time_spines=(spine,),
        trusted=True,
    )


def _rows(random: Random) -> dict[str, list[tuple[Any, ...]]]:
    def moment() -> dt.datetime:
        return FIRST + dt.timedelta(days=random.randrange(DAYS), minutes=random.randrange(1440))

    def day() -> dt.datetime:
        return FIRST + dt.timedelta(days=random.randrange(DAYS))

    def buyer() -> int | None:
        return random.choice((*range(12), 99, None))

    channels, half = ("app", "web", "store", None), FIRST + dt.timedelta(days=DAYS // 2)
    month = [dt.datetime(2023 + m // 12, m % 12 + 1, 1) for m in range(16)]
    return {
        "orders": [
            (i, buyer(), random.choice((*range(4), None)), random.choice(channels),
             random.choice((None, *range(1, 90))), random.choice((True, True, False, None)),
             moment())
            for i in range(400)
        ]
        + [(400 + i, i, i, "app", 7, True, half) for i in range(3)]
        + [(403, 0, 0, "app", 5, True, dt.datetime(2023, 2, 28, 12))],
        "stock": [
            (random.choice(("east", "west", None)), random.randrange(5), day(), i)
            for i in range(150)
        ],
        "products": [(i, (0, 0, 1, 1, None)[i]) for i in range(5)],
        "visits": [(i, buyer(), random.choice(channels), day()) for i in range(300)],
        "buyers": [(i, random.choice(("ams", "ber", None)), f"l{i % 3}") for i in range(12)],
        "stores": [
            row
            for i in range(3)
            for row in ((i, f"r{i % 2}", FIRST, half), (i, "moved", half, None))
        ],
        "payouts": [
            (i, random.randrange(12), random.randrange(50), random.choice(month)) for i in range(60)
        ],
        "parts": [
            (i, FIRST + dt.timedelta(days=n), random.choice(("a", "b")))
            for i in range(5) for n in range(10)
        ],
        "uses": [
            (i, random.randrange(6), FIRST + dt.timedelta(days=random.randrange(12)), i % 7)
            for i in range(80)
        ],
    }  # fmt: skip


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(TABLES)
    for table, rows in _rows(Random(7)).items():
        places = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    return connection


def answer(
    query: Query, as_of: dt.date | None = None, catalog: Catalog | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows of a query."""
    statement = compile_query(query, catalog or shop(), EVERYTHING, as_of)
    rows = _run(statement.sql("duckdb"), dict(statement.parameters))
    return [column.name for column in statement.columns], rows


def by_hand(sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of SQL that somebody wrote by hand."""
    return _run(sql, {})


def _run(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor = _connection().cursor()
    cursor.execute(sql, parameters) if parameters else cursor.execute(sql)
    return [tuple(map(plain_cell, row)) for row in cursor.fetchall()]


def agree(query: Query, sql: str, *columns: str, as_of: dt.date | None = None) -> None:
    """Fail where the rows of a query differ from those of `sql`, which has `columns`.

    Rows are compared without their order, where the query asks for none.
    """
    names, rows = answer(query, as_of)
    got = [tuple(row[names.index(each)] for each in columns) for row in rows]
    wanted = by_hand(sql)
    assert wanted, "the check is empty"
    if not getattr(query, "order", ()):
        got, wanted = sorted(got, key=_text), sorted(wanted, key=_text)
    assert len(got) == len(wanted), (got, wanted)
    for one, other in zip(got, wanted, strict=True):
        assert all(map(_close, one, other)), (one, other)


def _text(row: tuple[Any, ...]) -> str:
    return str([f"{cell:.6g}" if isinstance(cell, int | float) else str(cell) for cell in row])


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return _moment(left) == _moment(right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return bool(left == right)


def _moment(value: dt.date) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())

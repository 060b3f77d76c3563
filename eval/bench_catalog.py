"""Owns the shop of the execution benchmark: its tables, its metrics, and rows for them."""

from pathlib import Path
from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine

BUYERS, PRODUCTS, CITIES, DAYS = 400_000, 2_000, 40, 730
VISITS_PER_ORDER = 0.2

ROWS = """
CREATE TABLE days AS
    SELECT DATE '2024-12-01' + i::INT AS day FROM range(900) t(i);
CREATE TABLE buyers AS
    SELECT i::INT AS buyer_id, 'level ' || hash(i) % 5 AS level, 'city ' || hash(i + 1) % {cities}
        AS city FROM range({buyers}) t(i);
CREATE TABLE products AS
    SELECT i::INT AS product_id, 'category ' || hash(i) % 30 AS category
    FROM range({products}) t(i);
CREATE TABLE orders AS
    SELECT i::INT AS order_id,
        (hash(i) % {buyers})::INT AS buyer_id,
        (hash(i + 1) % {products})::INT AS product_id,
        ['app', 'web', 'store', 'partner'][1 + (hash(i + 2) % 4)::INT] AS channel,
        (hash(i + 3) % 10 < 9) AS paid,
        (hash(i + 4) % 50000)::INT / 100 AS amount,
        (hash(i + 5) % 20000)::INT / 100 AS cost,
        DATE '2025-01-01' + (i * {days} // {rows})::INT AS ordered_on
    FROM range({rows}) t(i);
CREATE TABLE visits AS
    SELECT i::INT AS visit_id, (hash(i + 7) % {buyers})::INT AS buyer_id,
        ['search', 'ads', 'mail'][1 + (hash(i + 8) % 3)::INT] AS source,
        DATE '2025-01-01' + (i * {days} // {visits})::INT AS seen_on
    FROM range({visits}) t(i);
"""
"""Hashes instead of random numbers: the same rows everywhere."""

_ORDERS = {
    "id": "order_rows",
    "table": "orders",
    "time_dimension": "ordered_on",
    "entities": [
        {"name": "order", "type": "primary", "expr": "order_id"},
        {"name": "buyer", "type": "foreign", "expr": "buyer_id"},
        {"name": "product", "type": "foreign", "expr": "product_id"},
    ],
    "dimensions": [
        {"name": "channel"},
        {"name": "paid"},
        {"name": "ordered_on", "type": "time", "grain": "day"},
    ],
    "measures": [
        {"name": "amount", "agg": "sum"},
        {"name": "cost", "agg": "sum"},
        {"name": "orders", "agg": "count", "expr": "order_id"},
        {"name": "buyers", "agg": "count_distinct", "expr": "buyer_id"},
        {"name": "median_amount", "agg": "median", "expr": "amount"},
    ],
}
_VISITS = {
    "id": "visit_rows",
    "table": "visits",
    "time_dimension": "seen_on",
    "entities": [
        {"name": "visit", "type": "primary", "expr": "visit_id"},
        {"name": "buyer", "type": "foreign", "expr": "buyer_id"},
    ],
    "dimensions": [{"name": "source"}, {"name": "seen_on", "type": "time", "grain": "day"}],
    "measures": [{"name": "visits", "agg": "count", "expr": "visit_id"}],
}
_BUYERS = {
    "id": "buyer_rows",
    "table": "buyers",
    "entities": [{"name": "buyer", "type": "primary", "expr": "buyer_id"}],
    "dimensions": [{"name": "level"}, {"name": "city"}],
}
_PRODUCTS = {
    "id": "product_rows",
    "table": "products",
    "entities": [{"name": "product", "type": "primary", "expr": "product_id"}],
    "dimensions": [{"name": "category"}],
}


def _simple(measure: str, model: str = "order_rows") -> dict[str, Any]:
    return {"type": "simple", "model": model, "measure": measure}


_METRICS: dict[str, dict[str, Any]] = {
    "gmv": {"of": _simple("amount")},
    "paid_gmv": {"of": _simple("amount"), "filter": "paid = true"},
    "goods_cost": {"of": _simple("cost")},
    "orders": {"of": _simple("orders")},
    "buyers": {"of": _simple("buyers")},
    "visits": {"of": _simple("visits", "visit_rows")},
    "aov": {
        "of": {
            "type": "ratio", "numerator": {"metric": "gmv"}, "denominator": {"metric": "orders"},
        }
    },
    "orders_per_visit": {
        "of": {
            "type": "ratio",
            "numerator": {"metric": "orders"},
            "denominator": {"metric": "visits"},
        }
    },
    "gross_profit": {
        "of": {
            "type": "derived",
            "expr": "gmv - goods_cost",
            "inputs": [{"metric": "gmv"}, {"metric": "goods_cost"}],
        }
    },
    "gmv_to_date": {
        "of": {"type": "cumulative", "metric": {"metric": "gmv"}, "grain_to_date": "month"}
    },
    "repurchase_rate": {
        "of": {
            "type": "entity_share", "entity": "buyer", "model": "order_rows",
            "measure": "orders", "value": 2,
        }
    },
    "visit_conversion": {
        "of": {
            "type": "conversion",
            "base": {"metric": "visits"},
            "conversion": {"metric": "orders"},
            "entity": "buyer",
            "window": {"count": 7, "grain": "day"},
        }
    },
    "retention": {
        "of": {
            "type": "retention", "entity": "buyer", "cohort_model": "visit_rows",
            "return_model": "visit_rows", "from_day": 1, "to_day": 30,
        }
    },
    "days_between_orders": {
        "of": {"type": "interval", "entity": "buyer", "model": "visit_rows"}
    },
}  # fmt: skip


def bench_catalog() -> Catalog:
    """Return the catalog of the benchmark's tables."""
    models = [SemanticModel.model_validate(m) for m in (_ORDERS, _VISITS, _BUYERS, _PRODUCTS)]
    metrics = [
        Metric.model_validate({"id": name, "name": name, **rest}) for name, rest in _METRICS.items()
    ]
    return Catalog(
        models={model.id: model for model in models},
        metrics={metric.id: metric for metric in metrics},
        time_spines=(TimeSpine(table="days", column="day"),),
        trusted=True,
    )


def write_rows(file: Path, orders: int) -> None:
    """Write the tables with so many orders into a new DuckDB file."""
    import duckdb

    sql = ROWS.format(
        rows=orders,
        visits=max(int(orders * VISITS_PER_ORDER), 1),
        buyers=max(min(BUYERS, orders // 25), 1),
        products=PRODUCTS,
        cities=CITIES,
        days=DAYS,
    )
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        connection.execute(sql)

"""Random small star and snowflake schemas with their rows, for checking the compiler."""

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any

import duckdb
from hypothesis import strategies as st

from executors.result import plain_cell
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import Dimension, Entity, Measure, SemanticModel

Row = dict[str, Any]

FIRST_DAY = dt.datetime(2024, 1, 29)
CITIES = ("ams", "ber", "cph", None)
ZONES = ("north", "south", None)
KINDS = ("big", "small", None)
CHANNELS = ("app", "web", "shop", None)
AGGREGATES = ("sum", "count", "count_distinct", "average", "min", "max", "median", "sum_boolean")


@dataclass
class World:
    """Tables by name, and how their columns are reached from each fact table.

    `joins`: table → {entity: (own column, other table, its key)}. `paths`: fact → names of
    group-bys with the entities to follow and the column at the end.
    """

    tables: dict[str, list[Row]]
    catalog: Catalog
    joins: dict[str, dict[str, tuple[str, str, str]]]
    facts: dict[str, str] = field(default_factory=dict)

    def value(self, table: str, row: Row, path: tuple[str, ...]) -> Any:
        """Return what a row of `table` has at the end of `path`: entities, then a column."""
        if len(path) == 1:
            return row[path[0]]
        column, other, key = self.joins[table][path[0]]
        for match in self.tables[other]:
            if row[column] is not None and match[key] == row[column]:
                return self.value(other, match, path[1:])
        return None


def _column(name: str) -> Dimension:
    return Dimension(name=name)


def _time(name: str, grain: str = "day") -> Dimension:
    return Dimension(name=name, type="time", grain=grain)


def _moment(random: Random, fine: bool, days: int = 75) -> dt.datetime:
    day = FIRST_DAY + dt.timedelta(days=random.randint(0, days))
    return day + dt.timedelta(minutes=random.randint(0, 1439)) if fine else day


@st.composite
def worlds(draw: st.DrawFn, dense: bool = False) -> World:
    """A fact table or two, customers (with zones behind them) and shops.

    Sizes are drawn, cells come from a drawn seed. `dense`: both fact tables, few customers, few
    days, so that events follow each other and fall on the bounds of windows.
    """
    snowflake, two_facts, fine = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    n_customers, n_shops = draw(st.integers(1, 3 if dense else 5)), draw(st.integers(1, 3))
    n_sales = draw(st.integers(8 if dense else 0, 22))
    n_visits = draw(st.integers(6 if dense else 0, 14)) if two_facts or dense else 0
    days = draw(st.sampled_from((3, 8, 25) if dense else (4, 75)))
    random = Random(draw(st.integers(0, 2**32)))
    tables: dict[str, list[Row]] = {}
    tables["customers"] = [
        {
            "customer_id": i,
            "city": random.choice(CITIES),
            "zone_id": random.choice((0, 1, None)),
            "joined_at": _moment(random, False),
        }
        for i in range(n_customers)
    ]
    tables["zones"] = [{"zone_id": i, "zone": random.choice(ZONES)} for i in range(2)]
    tables["shops"] = [{"shop_id": i, "kind": random.choice(KINDS)} for i in range(n_shops)]
    tables["sales"] = [
        {
            "sale_id": i,
            "customer_id": random.choice((*range(n_customers + 1), None)),
            "shop_id": random.choice((*range(n_shops), None)),
            "channel": random.choice(CHANNELS),
            "amount": random.choice((None, *range(-5, 20))),
            "is_paid": random.choice((True, False, None)),
            "sold_at": _moment(random, fine, days),
        }
        for i in range(n_sales)
    ]
    tables["visits"] = [
        {
            "visit_id": i,
            "customer_id": random.choice((*range(n_customers), None)),
            "source": random.choice(CHANNELS),
            "minutes": random.randint(0, 9),
            "seen_at": _moment(random, False, days),
        }
        for i in range(n_visits)
    ]
    return World(tables, _catalog(snowflake, fine), _joins(snowflake))


def _joins(snowflake: bool) -> dict[str, dict[str, tuple[str, str, str]]]:
    customer = ("customer_id", "customers", "customer_id")
    return {
        "sales": {"customer": customer, "shop": ("shop_id", "shops", "shop_id")},
        "visits": {"customer": customer},
        "customers": {"zone_key": ("zone_id", "zones", "zone_id")} if snowflake else {},
        "zones": {},
        "shops": {},
    }


def _models(snowflake: bool, fine: bool) -> list[SemanticModel]:
    sale_keys = (
        Entity(name="sale", type="primary", expr="sale_id"),
        Entity(name="customer", type="foreign", expr="customer_id"),
        Entity(name="shop", type="foreign", expr="shop_id"),
    )
    zone_key = (Entity(name="zone_key", type="foreign", expr="zone_id"),) if snowflake else ()
    models = [
        SemanticModel(
            id="sales",
            table="sales",
            time_dimension="sold_at",
            entities=sale_keys,
            dimensions=(
                _column("channel"),
                _column("is_paid"),
                _time("sold_at", "minute" if fine else "day"),
            ),
            measures=tuple(
                Measure(name=f"amount_{agg}", agg=agg, expr=_measured(agg)) for agg in AGGREGATES
            ),
        ),
        SemanticModel(
            id="visits",
            table="visits",
            time_dimension="seen_at",
            entities=(
                Entity(name="visit", type="primary", expr="visit_id"),
                Entity(name="customer", type="foreign", expr="customer_id"),
            ),
            dimensions=(_column("source"), _time("seen_at")),
            measures=(
                Measure(name="minutes", agg="sum"),
                Measure(name="visits", agg="count", expr="visit_id"),
            ),
        ),
        SemanticModel(
            id="customers",
            table="customers",
            entities=(Entity(name="customer", type="primary", expr="customer_id"), *zone_key),
            dimensions=(_column("city"), _time("joined_at")),
        ),
        SemanticModel(
            id="shops",
            table="shops",
            entities=(Entity(name="shop", type="primary", expr="shop_id"),),
            dimensions=(_column("kind"),),
        ),
    ]
    if snowflake:
        models.append(
            SemanticModel(
                id="zones",
                table="zones",
                entities=(Entity(name="zone_key", type="primary", expr="zone_id"),),
                dimensions=(_column("zone"),),
            )
        )
    return models


def _measured(agg: str) -> str:
    return {"sum_boolean": "is_paid", "count_distinct": "customer_id"}.get(agg, "amount")


def _catalog(snowflake: bool, fine: bool) -> Catalog:
    models = {model.id: model for model in _models(snowflake, fine)}
    metrics = [simple(f"amount_{agg}", "sales", f"amount_{agg}") for agg in AGGREGATES]
    metrics += [
        simple("minutes", "visits", "minutes"),
        simple("visits", "visits", "visits"),
        simple("paid_amount", "sales", "amount_sum", "is_paid = true"),
    ]
    return Catalog(models=models, metrics={metric.id: metric for metric in metrics}, trusted=True)


def star() -> Catalog:
    """Return the definitions of a world without zones, its days told by day."""
    return _catalog(snowflake=False, fine=False)


def simple(name: str, model: str, measure: str, condition: str | None = None) -> Metric:
    """Return a simple metric."""
    of = {"type": "simple", "model": model, "measure": measure}
    return Metric.model_validate({"id": name, "name": name, "of": of, "filter": condition})


def defined(name: str, **of: Any) -> Metric:
    """Return a metric of any type."""
    extra = {key: of.pop(key) for key in ("filter", "zero_denominator") if key in of}
    return Metric.model_validate({"id": name, "name": name, "of": of, **extra})


def catalog_with(world: World, *metrics: Metric) -> None:
    """Add metrics to the world's catalog."""
    for metric in metrics:
        world.catalog.metrics[metric.id] = metric  # type: ignore[index]


TYPES = {
    "customers": "customer_id INT, city TEXT, zone_id INT, joined_at TIMESTAMP",
    "zones": "zone_id INT, zone TEXT",
    "shops": "shop_id INT, kind TEXT",
    "sales": "sale_id INT, customer_id INT, shop_id INT, channel TEXT, amount INT, "
    "is_paid BOOLEAN, sold_at TIMESTAMP",
    "visits": "visit_id INT, customer_id INT, source TEXT, minutes INT, seen_at TIMESTAMP",
}


class Engine:
    """DuckDB in memory, filled anew for every world."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for table, columns in TYPES.items():
            self.connection.execute(f"CREATE TABLE {table} ({columns})")

    def fill(self, world: World) -> None:
        """Replace all rows."""
        for table, columns in TYPES.items():
            rows = world.tables[table]
            self.connection.execute(f"DELETE FROM {table}")
            if rows:
                cells = [cell for row in rows for cell in row.values()]
                one = "(" + ", ".join("?" for _ in columns.split(",")) + ")"
                values = ", ".join(one for _ in rows)
                self.connection.execute(f"INSERT INTO {table} VALUES {values}", cells)

    def rows(self, statement: Statement) -> list[Row]:
        """Return the result, one dictionary per row."""
        sql, parameters = statement.sql("duckdb"), dict(statement.parameters)
        self.connection.execute(sql, parameters) if parameters else self.connection.execute(sql)
        names = [column.name for column in statement.columns]
        found = self.connection.fetchall()
        got = [column[0] for column in self.connection.description or ()]
        assert got == names, (got, names)
        return [dict(zip(names, map(plain_cell, row), strict=True)) for row in found]

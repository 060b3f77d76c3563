"""A catalog whose numbers rest on joins, spines and other metrics, and every small edit of it.

Definitions are plain data here: an edit puts another value in one place. Tables hold, beside each
column, another one of the same type with other values, so that a wrong column shows in a number.
"""

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import duckdb

from executors.compiler.compile import compile_query
from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import MetricQuery

Json = dict[str, Any]
Place = tuple[str | int, ...]

FIRST = dt.datetime(2024, 1, 1)
DAYS = 60
PERIOD = Period(dt.datetime(2024, 2, 1), dt.datetime(2024, 3, 1))
TABLES: dict[str, dict[str, str]] = {
    "sales": {
        "sale_id": "INT", "customer_id": "INT", "giver_id": "INT", "shop_id": "INT",
        "amount": "INT", "cost": "INT", "part": "INT", "ordered_at": "TIMESTAMP",
        "sent_at": "TIMESTAMP",
    },
    "visits": {
        "visit_id": "INT", "customer_id": "INT", "giver_id": "INT", "seen_at": "TIMESTAMP",
    },
    "customers": {
        "customer_id": "INT", "code": "INT", "zone_id": "INT", "birth_id": "INT", "part": "INT",
        "tier": "TEXT", "rank": "TEXT", "note": "TEXT",
    },
    "zones": {"zone_id": "INT", "code": "INT", "zone": "TEXT", "climate": "TEXT"},
    "shops": {
        "shop_id": "INT", "code": "INT", "kind": "TEXT", "style": "TEXT", "begins": "TIMESTAMP",
        "opens": "TIMESTAMP", "ends": "TIMESTAMP", "shuts": "TIMESTAMP",
    },
    "days": {"day": "TIMESTAMP", "late": "TIMESTAMP", "p1": "INT", "p2": "INT"},
}  # fmt: skip
TWINS = {"customers": "customers_b", "zones": "zones_b", "shops": "shops_b", "days": "days_b"}
LETTERS = {
    "tier": "aab", "rank": "ab", "note": "abc", "zone": "nns", "climate": "ns", "kind": "kl",
    "style": "kl",
}  # fmt: skip


def _keys(**kinds: str) -> list[Json]:
    """Return entities, each from its kind and expression: `customer="foreign customer_id"`."""
    return [
        {"name": name, "type": kind.split()[0], "expr": kind.split()[1]}
        for name, kind in kinds.items()
    ]


def _columns(*names: str) -> list[Json]:
    return [{"name": name, "expr": name} for name in names]


def _time(name: str, expr: str, **more: str) -> Json:
    return {"name": name, "type": "time", "grain": "day", "expr": expr, **more}


PART = {"name": "part", "expr": "part", "is_partition": True}
STOCK = {"name": "ordered_at", "window_choice": "max", "window_groupings": ["shop"]}
MODELS: list[Json] = [
    {
        "id": "sales", "table": "sales", "time_dimension": "ordered_at",
        "entities": _keys(
            sale="primary sale_id", customer="foreign customer_id", shop="foreign shop_id"
        ),
        "dimensions": [_time("ordered_at", "ordered_at"), PART],
        "measures": [
            {"name": "amount", "agg": "sum", "expr": "amount"},
            {"name": "sales", "agg": "count", "expr": "sale_id"},
            {"name": "stock", "agg": "sum", "expr": "amount", "non_additive": STOCK},
        ],
    },
    {
        "id": "visits", "table": "visits", "time_dimension": "seen_at",
        "entities": _keys(visit="primary visit_id", customer="foreign customer_id"),
        "dimensions": [_time("seen_at", "seen_at")],
        "measures": [{"name": "visits", "agg": "count", "expr": "visit_id"}],
    },
    {
        "id": "customers", "table": "customers",
        "entities": _keys(customer="primary customer_id", zone_key="foreign zone_id"),
        "dimensions": [*_columns("tier", "note"), PART],
    },
    {
        "id": "zones", "table": "zones",
        "entities": _keys(zone_key="primary zone_id"),
        "dimensions": _columns("zone", "climate"),
    },
    {
        "id": "shops", "table": "shops",
        "entities": _keys(shop="natural shop_id"),
        "dimensions": [
            *_columns("kind", "style"),
            _time("begins", "begins", validity="start"),
            _time("ends", "ends", validity="end"),
        ],
    },
]  # fmt: skip
SPINES: list[Json] = [
    {
        "table": "days", "column": "day", "grain": "day",
        "custom_grains": [{"name": "per", "column": "p1"}, {"name": "other", "column": "p2"}],
    }
]  # fmt: skip


def _simple(measure: str, model: str = "sales", **more: Any) -> Json:
    return {"type": "simple", "model": model, "measure": measure, **more}


def _to_date(grain: str) -> Json:
    return {"type": "cumulative", "metric": {"metric": "amount"}, "grain_to_date": grain}


def _since(**offset: Any) -> Json:
    before = {"metric": "amount", "alias": "before", **offset}
    return {"type": "derived", "expr": "amount - before", "inputs": [{"metric": "amount"}, before]}


def _share(condition: str) -> Json:
    above = {"metric": "amount", "alias": "part_of", "filter": condition}
    return {"type": "ratio", "numerator": above, "denominator": {"metric": "amount"}}


_WEEK = {"count": 7, "grain": "day"}
METRICS: dict[str, tuple[Json, Json]] = {
    "amount": (_simple("amount"), {}),
    "sales": (_simple("sales"), {}),
    "visits": (_simple("visits", "visits"), {}),
    "of_tier": (_simple("amount"), {"filter": "tier = 'a'"}),
    "tier_share": (_share("tier = 'a'"), {}),
    "zone_share": (_share("customer__zone_key__zone = 'n'"), {}),
    "both": (_share("tier != 'b'"), {"filter": "zone = 'n'"}),
    "of_kind": (_simple("amount"), {"filter": "kind = 'k'"}),
    "stock": (_simple("stock"), {}),
    "per_change": (_since(offset_window={"count": 1, "grain": "per"}), {}),
    "change": (_since(offset_window=_WEEK), {}),
    "since": (_since(offset_to_grain="month"), {}),
    "running": ({"type": "cumulative", "metric": {"metric": "of_tier"}}, {}),
    "filled": (_simple("amount", fill_nulls_with=0, join_to_time_spine=True), {}),
    "of_per": (_simple("amount"), {"filter": "ordered_at__per = 3"}),
    "seen": (_simple("amount"), {"filter": "metric(visits, customer) > 1"}),
    "seen_zone": (_simple("amount"), {"filter": "metric(of_tier, zone_key) > 20"}),
    "early": (
        _simple("amount"), {"filter": "metric_time >= '2024-02-10'", "default_grain": "week"},
    ),
    "late_per": (_simple("amount"), {"filter": "metric_time >= 4", "default_grain": "per"}),
    "converted": (
        {
            "type": "conversion", "entity": "customer", "window": _WEEK,
            "base": {"metric": "visits", "filter": "tier = 'a'"},
            "conversion": {"metric": "sales", "filter": "kind = 'k'"},
        },
        {"filter": "zone = 'n'"},
    ),
    "back": (
        {
            "type": "retention", "entity": "customer", "from_day": 1, "to_day": 14,
            "cohort_model": "visits", "return_model": "sales",
            "cohort_filter": "tier = 'a'", "return_filter": "zone = 'n'",
        },
        {},
    ),
    "often": (
        {
            "type": "entity_share", "entity": "customer", "model": "sales", "measure": "sales",
            "value": 2,
        },
        {"filter": "zone = 'n'"},
    ),
    "gap": ({"type": "interval", "entity": "customer", "model": "sales"}, {"filter": "tier='a'"}),
    "fiscal_to_date": (_to_date("fiscal_quarter"), {}),
    "retail_to_date": (_to_date("retail_month"), {}),
    "week_to_date": (_to_date("week"), {}),
    "since_fiscal": (_since(offset_to_grain="fiscal_year"), {}),
    "in_fiscal": (_simple("amount"), {"filter": "metric_time__fiscal_quarter >= '2024-02-01'"}),
    "of_week": (_simple("amount"), {"filter": "ordered_at__week >= '2024-02-05'"}),
    "twice_fiscal": (_share("metric(in_fiscal, customer) > 20"), {}),
    "zone_gap": ({"type": "interval", "entity": "zone_key", "model": "sales"}, {}),
}  # fmt: skip


def definitions() -> Json:
    """Return the definitions as plain data, to be edited."""
    metrics = [{"id": i, "name": i, "of": of, **more} for i, (of, more) in METRICS.items()]
    return copy.deepcopy({"models": MODELS, "spines": SPINES, "metrics": metrics})


def catalog_of(content: Json, calendar: Calendar = DEFAULT_CALENDAR) -> Catalog:
    """Return the catalog of plain definitions; raises pydantic.ValidationError."""
    models = [SemanticModel.model_validate(each) for each in content["models"]]
    metrics = [Metric.model_validate(each) for each in content["metrics"]]
    return Catalog(
        calendar=calendar,
        models={model.id: model for model in models},
        metrics={metric.id: metric for metric in metrics},
        time_spines=tuple(TimeSpine.model_validate(each) for each in content["spines"]),
        trusted=True,
    )


@dataclass(frozen=True)
class Edit:
    """Another value in one place; `None` takes the key away, `added` puts an item at its end."""

    place: Place
    value: Any
    added: bool = False

    def applied(self, content: Json) -> Json:
        """Return `content` with the edit made."""
        made = copy.deepcopy(content)
        inner: Any = made
        for key in self.place[:-1]:
            inner = inner[key]
        last = self.place[-1]
        if self.added:
            inner[last] = [*inner.get(last, ()), self.value]
        elif self.value is None:
            del inner[last]
        else:
            inner[last] = self.value
        return made


def edits() -> tuple[Edit, ...]:
    """Return every small edit of the models and the spines that may change a number."""
    found: list[Edit] = []
    for at, model in enumerate(MODELS):
        start, table = ("models", at), str(model["table"])
        if table in TWINS:
            found.append(Edit((*start, "table"), TWINS[table]))
        for part in ("entities", "dimensions", "measures"):
            for place, item in enumerate(model.get(part, ())):
                found += _edits_of((*start, part, place), item, TABLES[table])
        found += [
            Edit((*start, "dimensions"), {"name": name, "expr": own}, True)
            for name in ("tier", "zone", "kind", "climate")
            for own in [next(c for c, kind in TABLES[table].items() if kind == "INT")]
        ]
        found.append(Edit((*start, "entities"), _keys(zone_key="foreign customer_id")[0], True))
    found += [Edit(("spines", 0, "table"), "days_b"), Edit(("spines", 0, "column"), "late")]
    found += [
        Edit(("spines", 0, "custom_grains", n, "column"), c) for n, c in ((0, "p2"), (1, "p1"))
    ]
    spine = {**SPINES[0], "table": "days_b", "custom_grains": []}
    return (*found, Edit(("spines",), spine, True), Edit(("spines",), []))


def _edits_of(place: Place, item: Json, columns: dict[str, str]) -> Iterator[Edit]:
    """Yield other columns, kinds, grains and flags of an entity, a dimension or a measure."""
    own = item["expr"]
    alike = [name for name, kind in columns.items() if kind == columns[own] and name != own]
    yield from (Edit((*place, "expr"), name) for name in alike)
    if item.get("type") in ("primary", "foreign", "natural"):
        kinds = {"primary", "unique", "foreign", "natural"} - {item["type"]}
        yield from (Edit((*place, "type"), kind) for kind in sorted(kinds))
    for key in ("validity", "is_partition"):
        if key in item:
            yield Edit((*place, key), None)
    if "grain" in item:
        yield Edit((*place, "grain"), "month")
    if "type" not in item and "agg" not in item:
        yield Edit((*place, "is_partition"), True)


WORDS = [
    Edit((*start, key), value)
    for start in [
        *(("models", n) for n in range(len(MODELS))),
        *(("models", n, "dimensions", 0) for n in range(len(MODELS))),
    ]
    for key, value in (
        ("label", {"en": "new", "zh": "新"}),
        ("description", {"en": "new", "zh": "新"}),
        *(() if len(start) == 2 else (("synonyms", {"en": ["newer"]}), ("searchable", False))),
    )
] + [
    Edit(("metrics", n, key), value)
    for n in range(len(METRICS))
    for key, value in (
        ("name", {"en": "new", "zh": "新"}),
        ("caliber", {"en": "new", "zh": "新"}),
        ("owner", "another"),
        ("decimals", 3),
    )
]


def fill(seed: int) -> duckdb.DuckDBPyConnection:
    """Return a database with random rows in every table, and in the twins of the joined ones."""
    random, connection = Random(seed), duckdb.connect(config={"threads": 1})
    for table, columns in TABLES.items():
        for name in (table, *([TWINS[table]] if table in TWINS else [])):
            shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"CREATE TABLE {name} ({shape})")
            places = ", ".join("?" for _ in columns)
            rows = [_row(random, name, i, columns) for i in range(_size(table))]
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
    return connection


def _size(table: str) -> int:
    return {"sales": 80, "visits": 60, "days": DAYS + 30, "zones": 4}.get(table, 6)


def _row(random: Random, table: str, place: int, columns: dict[str, str]) -> list[Any]:
    """Return one row: keys are unique, in the twin and in the second key in another order."""
    twin = table.endswith("_b")
    if table.startswith("days"):
        late = twin and place > DAYS // 2
        day = FIRST + dt.timedelta(days=place - 15 + 3 * late)
        return [day, day + dt.timedelta(days=2), place // 7, place // (9 if twin else 11)]
    row: list[Any] = []
    for column, kind in columns.items():
        if column == next(iter(columns)):
            row.append(5 - place if twin else place)
        elif column == "code":
            row.append((place + 2) % _size(table.removesuffix("_b")))
        elif kind == "INT":
            row.append(random.randrange(6) if column != "part" else int(random.random() < 0.2))
        elif kind == "TEXT":
            row.append(
                random.choice({"z": "ns", "c": "ns", "k": "kl", "s": "kl"}.get(column[0], "abc"))
            )
        else:
            far = {"begins": -20, "opens": 20, "ends": 40, "shuts": 60}.get(column)
            shift = random.randrange(DAYS) if far is None else far + random.randrange(15)
            row.append(FIRST + dt.timedelta(days=shift))
    return row


Statements = tuple[tuple[str, Json], ...]
"""Texts with their parameters; a text that begins with `--` says why there is none."""


def statements(known: Catalog, metric: str) -> Statements:
    """Return the SQL of the metric's value of a period and by day, or why there is none."""
    queries = (MetricQuery((metric,), periods=(PERIOD,)), MetricQuery((metric,), grain="day"))
    return tuple(_statement(known, query) for query in queries)


def _statement(known: Catalog, query: MetricQuery) -> tuple[str, Json]:
    try:
        made = compile_query(query, known, EVERYTHING)
    except CatalogError as error:
        return "-- " + ", ".join(issue.code for issue in error.issues), {}
    return made.sql("duckdb"), dict(made.parameters)


def numbers(connection: duckdb.DuckDBPyConnection, texts: Statements) -> list[Any]:
    """Return what the statements come to, or the kind of error that they end with."""
    return [text if text[:2] == "--" else _rows(connection, text, more) for text, more in texts]


def _rows(connection: duckdb.DuckDBPyConnection, text: str, parameters: Json) -> Any:
    try:
        return sorted(map(repr, connection.execute(text, parameters or None).fetchall()))
    except duckdb.Error as error:
        return type(error).__name__

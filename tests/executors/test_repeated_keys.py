"""Rows that share what joins take for one row's alone are found, else no join multiplies rows."""

import datetime as dt
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from executors.compiler.repeats import compile_repeats
from executors.repeated_keys import UniqueKeys, repeats
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.check import check_sources
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import GroupBy, MetricQuery, Query
from tests.executors.compiler.examples import HOW_OFTEN, try_out

FIRST = dt.date(2024, 3, 1)
Row = tuple[int | None, int | None, dt.date | None, dt.date | None]
"""Of the table of shops: key, partition, first and last day (exclusive) of validity."""


class Tables:
    """Sales and shops in memory, as an executor."""

    dialect = "duckdb"

    def __init__(self, shops: list[Row], sales: list[tuple[Any, ...]], days: int = 5) -> None:
        self.connection = duckdb.connect()
        run = self.connection.execute
        run("create table shops (shop_id int, part int, begins date, ends date)")
        run("create table sales (sale_id int, shop_id int, part int, sold_at date)")
        run("create table days as select date '2024-03-01' + n::int as day, n // 3 as sprint "
            f"from range({days}) t(n)")  # fmt: skip
        for table, rows in (("shops", shops), ("sales", sales)):
            for row in rows:
                run(f"insert into {table} values (?, ?, ?, ?)", row)

    def run(self, statement: Statement, query: Query) -> ResultTable:
        found = self.connection.execute(statement.sql("duckdb"), dict(statement.parameters))
        return ResultTable(query, statement.columns, tuple(found.fetchall()))


def models(history: bool, parts: bool, parted_sales: bool) -> Catalog:
    """Sales of shops that keep history, that are partitioned, or both."""
    time = {"type": "time", "grain": "day"}
    kinds: list[dict[str, Any]] = [{"name": "kind", "expr": "begins"}]
    if history:
        kinds += [{"name": "begins", **time, "validity": "start"}]
        kinds += [{"name": "ends", **time, "validity": "end"}]
    part = {"name": "part", "is_partition": True}
    key = {"name": "shop", "type": "natural" if history else "primary", "expr": "shop_id"}
    shops = {"id": "shops", "table": "shops", "primary_entity": "shop" if history else None,
             "entities": [key], "dimensions": [*kinds, *([part] if parts else [])]}  # fmt: skip
    sales = {
        "id": "sales", "table": "sales", "time_dimension": "sold_at",
        "entities": [{"name": "sale", "type": "primary", "expr": "sale_id"},
                     {"name": "shop", "type": "foreign", "expr": "shop_id"}],
        "dimensions": [{"name": "sold_at", **time}, *([part] if parted_sales else [])],
        "measures": [{"name": "sales", "agg": "count", "expr": "sale_id"}],
    }  # fmt: skip
    read = [SemanticModel.model_validate(each) for each in (sales, shops)]
    metric = Metric.model_validate(
        {
            "id": "sales",
            "name": "sales",
            "of": {"type": "simple", "model": "sales", "measure": "sales"},
        }
    )
    spine = TimeSpine.model_validate(
        {"table": "days", "column": "day", "custom_grains": [{"name": "sprint"}]}
    )
    by_id = {model.id: model for model in read}
    return Catalog(models=by_id, metrics={"sales": metric}, time_spines=(spine,), trusted=True)


def overlaps(one: Row, other: Row) -> bool:
    """Whether both rows are valid on a day."""
    begins = [row[2] or dt.date.max for row in (one, other)]
    ends = [row[3] or dt.date.max for row in (one, other)]
    return max(begins) < min(ends)


def expected(rows: list[Row], history: bool, within: bool) -> int:
    """How many rows share their key with one before them, by hand."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        if row[0] is not None and not (within and row[1] is None):
            groups.setdefault((row[0], row[1] if within else None), []).append(row)
    if not history:
        return sum(len(group) - 1 for group in groups.values())
    count = 0
    for group in groups.values():
        valid = [row for row in group if overlaps(row, row)]
        valid.sort(key=lambda row: row[2] or dt.date.max)
        count += sum(any(overlaps(b, row) for b in valid[:i]) for i, row in enumerate(valid))
    return count


def tables(random: Random, size: int) -> tuple[list[Row], list[tuple[Any, ...]]]:
    def day(chance: float) -> dt.date | None:
        return None if random.random() < chance else FIRST + dt.timedelta(random.randint(0, 6))

    shops: list[Row] = [
        (random.choice((1, 2, 3, 4, None)), random.choice((1, 2, None)), day(0.1), day(0.3))
        for _ in range(size)
    ]
    sales = [
        (i, random.choice((1, 2, 3, 4, None)), random.choice((1, 2, None)),
         FIRST + dt.timedelta(random.randint(0, 6)))
        for i in range(12)
    ]  # fmt: skip
    return shops, sales


def check_repeats(data: st.DataObject) -> None:
    history, parts, parted = (data.draw(st.booleans()) for _ in range(3))
    random = Random(data.draw(st.integers(0, 2**32)))
    shops, sales = tables(random, data.draw(st.integers(0, 7)))
    memory, catalog = Tables(shops, sales), models(history, parts, parted)
    for within in {False, parts}:
        statement = compile_repeats(catalog.model("shops"), "shop", ("part",) if within else ())
        got = memory.run(statement, MetricQuery()).rows[0][0] or 0
        assert int(str(got)) == expected(shops, history, within)
    query = MetricQuery(("sales",), (GroupBy("kind"),))
    statement = compile_query(query, catalog, EVERYTHING)
    told = UniqueKeys(catalog, memory).repeated_behind(statement, (query,))
    counted = sum(int(str(row[1])) for row in memory.run(statement, query).rows)
    assert bool(told) == bool(expected(shops, history, parts and parted))
    assert counted == len(sales) or told
    assert {dict(each.arguments)["table"] for each in told} <= {"shops"}


@HOW_OFTEN
def test_no_join_multiplies_rows_in_silence(often: settings) -> None:
    try_out(check_repeats, often)


def shop(key: int, begins: int, ends: int | None, part: int = 1) -> Row:
    until = None if ends is None else FIRST + dt.timedelta(ends)
    return key, part, FIRST + dt.timedelta(begins), until


SALES = [(i, 1, 1, FIRST + dt.timedelta(i)) for i in range(5)]


@pytest.mark.parametrize(
    ("rows", "code", "count"),
    [
        ([shop(1, 0, 3), shop(1, 3, None), shop(2, 0, None)], None, 0),
        ([shop(1, 0, 4), shop(1, 3, None)], "source_moments_overlap", 1),
        ([shop(1, 0, None), shop(1, 1, 2), shop(1, 3, None)], "source_moments_overlap", 2),
        ([shop(1, 0, 9), shop(1, 1, 2), shop(1, 3, 4), shop(1, 5, 5)], "source_moments_overlap", 2),
    ],
)
def test_overlapping_history_is_checked_and_told(
    rows: list[Row], code: str | None, count: int
) -> None:
    memory, catalog = Tables(rows, SALES), models(True, False, False)
    found = check_sources(catalog, {}, {}, repeats(catalog, memory))
    errors = [each for each in found if each.code != "source_table_missing"]
    assert [each.code for each in errors] == ([code] if code else [])
    assert all(each.severity == "error" for each in errors)
    query = MetricQuery(("sales",), (GroupBy("kind"),))
    statement = compile_query(query, catalog, EVERYTHING)
    told = UniqueKeys(catalog, memory).repeated_behind(statement, (query,))
    assert [(e.code, e.severity, dict(e.arguments)["rows"]) for e in told] == (
        [(code, "warning", str(count))] if code else []
    )
    assert all(each.place.endswith("shops.entities.shop") for each in errors)
    alone = MetricQuery(("sales",))
    statement = compile_query(alone, catalog, EVERYTHING)
    assert UniqueKeys(catalog, memory).repeated_behind(statement, (alone,)) == ()


def test_a_partitioned_table_repeats_keys_for_those_who_join_it_whole() -> None:
    """One row each in both partitions: right for sales of a partition, twice as many without."""
    rows = [shop(1, 0, None), shop(1, 0, None, part=2)]
    for parted, severities in ((True, []), (False, ["warning"])):
        memory, catalog = Tables(rows, SALES), models(False, True, parted)
        found = check_sources(catalog, {}, {}, repeats(catalog, memory))
        found = tuple(each for each in found if each.code == "source_key_repeated")
        assert [each.severity for each in found] == severities
    twice = Tables([*rows, rows[0]], SALES)
    codes = {each.code for each in check_sources(catalog, {}, {}, repeats(catalog, twice))}
    assert {"source_partition_repeated", "source_key_repeated"} <= codes


def test_a_day_that_a_time_spine_has_twice_is_told() -> None:
    memory, catalog = Tables([shop(1, 0, None)], SALES), models(False, False, False)
    query = MetricQuery(("sales",), (GroupBy("metric_time", "sprint"),))
    statement = compile_query(query, catalog, EVERYTHING)
    unique = UniqueKeys(catalog, memory)
    assert unique.repeated_behind(statement, (query,)) == () == repeats(catalog, memory)
    memory.connection.execute("insert into days values ('2024-03-02', 7)")
    assert sum(int(str(row[1])) for row in memory.run(statement, query).rows) > len(SALES)
    told = UniqueKeys(catalog, memory).repeated_behind(statement, (query,))
    assert [dict(each.arguments)["table"] for each in told] == ["days"]
    found = check_sources(catalog, {}, {}, repeats(catalog, memory))
    assert "source_key_repeated" in {each.code for each in found}


def test_a_table_that_is_counted_and_joined_is_told_of_too() -> None:
    """Sales are counted beside shops, which look their kind up among the sales."""
    catalog = models(False, False, False)
    assert [step.right for path in catalog.reach("sales") for step in path.steps]
    memory = Tables([shop(1, 0, None), shop(1, 2, None)], SALES)
    counted = catalog.models["shops"].model_copy(
        update={"measures": (catalog.models["sales"].measures[0].model_copy(
            update={"name": "shops", "expr": "shop_id"}),)}
    )  # fmt: skip
    shops = Metric.model_validate(
        {
            "id": "shops",
            "name": "shops",
            "of": {"type": "simple", "model": "shops", "measure": "shops"},
        }
    )
    both = Catalog(
        models={**catalog.models, "shops": counted},
        metrics={**catalog.metrics, "shops": shops},
        trusted=True,
    )
    query = MetricQuery(("sales", "shops"), (GroupBy("kind"),))
    statement = compile_query(query, both, EVERYTHING)
    told = UniqueKeys(both, memory).repeated_behind(statement, (query,))
    assert [dict(each.arguments)["table"] for each in told] == ["shops"]

"""Queries run together give the rows of each run alone, on random stars with broken keys too."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from executors.answer_all import answer_all
from executors.compiler.compile import compile_query
from executors.executor import ExecutorError
from executors.repeated_keys import UniqueKeys
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.errors import CatalogError
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import Compare, GroupBy, MetricQuery, Query
from tests.executors.compiler.every_type import EVERY_TYPE, ON_CUSTOMERS, define_every_type
from tests.executors.compiler.examples import HOW_OFTEN, try_out
from tests.executors.compiler.test_brute_force import (
    DIMENSIONS,
    ENGINE,
    SHARED,
    dimensions,
    filters,
    periods,
)
from tests.executors.compiler.worlds import FIRST_DAY, World, star, worlds
from tests.executors.rows import same_table

SPLIT_BY = ("channel", "is_paid", "customer__city", "kind", "zone", "customer", "shop")
JOINED = ("customers", "zones", "shops")
AS_OF = (FIRST_DAY + dt.timedelta(days=9)).date()
POLICIES = (
    EVERYTHING,
    Policy("paid", (RowFilter("sales", Compare("is_paid", "=", (True,))),)),
    Policy("big", (RowFilter("customers", Compare("city", "!=", ("ams",))),)),
    Policy("joined", (RowFilter("customers", Compare("zone", "=", ("north",))),)),
)


@dataclass
class Memory:
    """The tables of the world at hand as an executor; counts what it ran."""

    dialect: str = "duckdb"
    most: int = 100_000
    fails_above: int | None = None
    ran: int = 0

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Return the rows; fails on statements by more groups than are allowed."""
        self.ran += 1
        if self.fails_above is not None and len(getattr(query, "group_by", ())) > self.fails_above:
            raise ExecutorError("query_failed", cause="too much")
        cursor = ENGINE.connection.cursor()
        rows = cursor.execute(statement.sql("duckdb"), dict(statement.parameters)).fetchall()
        kept = tuple(tuple(row) for row in rows[: self.most])
        return ResultTable(query, statement.columns, kept, truncated=len(rows) > self.most)


class Failing(Memory):
    """An executor whose database is broken."""

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Raise ExecutorError."""
        raise ExecutorError("query_failed", cause="broken")


def _repeat(data: st.DataObject, world: World) -> None:
    """Put rows with keys that are there already into some of the joined tables."""
    for table in data.draw(st.sets(st.sampled_from(JOINED))):
        rows = world.tables[table]
        chosen = data.draw(st.integers(0, len(rows) - 1))
        world.tables[table] = [*rows, {**rows[-1], **{_key(table): rows[chosen][_key(table)]}}]


def _key(table: str) -> str:
    return f"{table.removesuffix('s')}_id"


def _alone(query: Query, world: World, policy: Policy, as_of: dt.date | None) -> ResultTable | None:
    try:
        return Memory().run(compile_query(query, world.catalog, policy, as_of), query)
    except CatalogError:
        return None


def check(data: st.DataObject) -> None:
    """Any metric by several dimensions, each alone and all together."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    define_every_type(world)
    _repeat(data, world)
    ENGINE.fill(world)
    metric = data.draw(st.sampled_from(EVERY_TYPE))
    names = dimensions(world, SHARED if metric in ON_CUSTOMERS else SPLIT_BY)
    tree = data.draw(st.one_of(st.none(), filters(dimensions(world, DIMENSIONS))))
    asked = tuple(dict.fromkeys(data.draw(st.lists(periods(), max_size=2))))
    grain = data.draw(st.sampled_from((None, None, "week", "month")))
    by = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=6, unique=True))
    queries = tuple(
        MetricQuery((metric,), (GroupBy(name),), tree, periods=asked, grain=grain) for name in by
    )
    policy = data.draw(st.sampled_from(POLICIES))
    unique = UniqueKeys(world.catalog, Memory())
    got = answer_all(queries, world.catalog, Memory(), policy, AS_OF, unique)
    for each in queries:
        alone = _alone(each, world, policy, AS_OF)
        assert (each in got) == (alone is not None)
        if alone is not None:
            assert got[each].query == each
            same_table(got[each], alone)


@HOW_OFTEN
def test_together_is_as_alone(often: settings) -> None:
    try_out(check, often)


def _small(repeated: bool) -> tuple[World, tuple[MetricQuery, ...]]:
    """Sales by channel, city and kind of shop; two rows share the key of a shop if `repeated`."""
    sales = [
        {"sale_id": i, "customer_id": i % 2, "shop_id": i % 2, "channel": "app", "amount": i,
         "is_paid": True, "sold_at": FIRST_DAY}
        for i in range(4)
    ]  # fmt: skip
    customers = [
        {"customer_id": i, "city": city, "zone_id": 0, "joined_at": FIRST_DAY}
        for i, city in enumerate(("ams", "ber"))
    ]
    shops = [{"shop_id": 0, "kind": "big"}, {"shop_id": 0 if repeated else 1, "kind": "small"}]
    tables: Any = {"sales": sales, "customers": customers, "shops": shops}
    world = World({**tables, "zones": [], "visits": []}, star(), {})
    ENGINE.fill(world)
    names = ("channel", "customer__city", "kind")
    return world, tuple(MetricQuery(("amount_sum",), (GroupBy(name),)) for name in names)


def _run(world: World, queries: tuple[MetricQuery, ...], executor: Memory) -> dict[str, Any]:
    unique = UniqueKeys(world.catalog, Memory())
    got = answer_all(queries, world.catalog, executor, EVERYTHING, None, unique)
    return {each.group_by[0].name: dict(got[each].rows) for each in queries}


ANSWERS = {"channel": {"app": 6}, "customer__city": {"ams": 2, "ber": 4}}


def test_what_is_alike_is_one_statement() -> None:
    world, queries = _small(repeated=False)
    executor = Memory()
    assert _run(world, queries, executor) == {**ANSWERS, "kind": {"big": 2, "small": 4}}
    assert executor.ran == 1


def test_a_table_with_a_repeated_key_spoils_its_own_split_alone() -> None:
    world, queries = _small(repeated=True)
    executor = Memory()
    assert _run(world, queries, executor) == {**ANSWERS, "kind": {"big": 2, "small": 2, None: 4}}
    assert executor.ran == 2


def test_rows_cut_off_and_failures_are_asked_for_alone() -> None:
    world, queries = _small(repeated=False)
    wanted = {**ANSWERS, "kind": {"big": 2, "small": 4}}
    for executor in (Memory(most=2), Memory(fails_above=1)):
        assert _run(world, queries, executor) == wanted
        assert executor.ran == 1 + len(queries)


def test_other_engines_are_asked_one_by_one() -> None:
    world, queries = _small(repeated=False)
    executor = Memory(dialect="postgres")
    _run(world, queries, executor)
    assert executor.ran == len(queries)


def test_keys_are_asked_for_once() -> None:
    world, _ = _small(repeated=True)
    executor = Memory()
    unique = UniqueKeys(world.catalog, executor)
    assert [unique(name) for name in ("shops", "customers", "shops", "customers")] == [
        False, True, False, True,
    ]  # fmt: skip
    assert executor.ran == 2


def test_keys_of_a_table_that_cannot_be_read_are_not_known() -> None:
    world, _ = _small(repeated=False)
    shops = world.catalog.models["shops"].model_copy(update={"table": "nowhere"})
    catalog = replace(world.catalog, models={"shops": shops})
    assert not UniqueKeys(catalog, Failing())("shops")


def test_a_repeated_key_is_told_where_a_query_joins_over_it() -> None:
    def told(repeated: bool) -> list[set[str]]:
        world, queries = _small(repeated=repeated)
        executor, found = Memory(), []
        for query in queries:
            statement = compile_query(query, world.catalog, EVERYTHING)
            issues = UniqueKeys(world.catalog, executor).repeated_behind(statement, (query,))
            assert all(item.severity == "warning" for item in issues)
            found.append({dict(item.arguments)["table"] for item in issues})
        return found

    assert not any(told(repeated=False))
    assert {"shops"} in told(repeated=True) and set() in told(repeated=True)

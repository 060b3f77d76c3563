"""The printed SQL is the bound statement: one SELECT, the same rows, whatever the values hold."""

from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from executors.compiler.compile import compile_query
from executors.literals import literal_of
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import Compare, GroupBy, MetricQuery, Or
from tests.executors.compiler.worlds import FIRST_DAY, Engine, World, star

HOSTILE = (
    "x'; DROP TABLE sales; --", "'", "''", "\\'", "/*", "*/", "--", "$p0", "$p1", ";", "\x00",
    "\n", "\r\n", "\x1b[31m", "__SQLGLOT__LB__", "E'\\x41'", "$$", "\u2028", "%", "_", "小", '"',
)  # fmt: skip
LETTERS = st.sampled_from([*"'\"\\-/*;$%_ \n\r\t\x00\x1b()", "a", "小", "__SQLGLOT__LB__"])
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(LETTERS, max_size=12).map("".join),
    st.text(st.characters(exclude_categories=["Cs"])),
)
NUMBERS = st.one_of(
    st.integers(-(2**127) + 1, 2**127 - 1), st.floats(allow_nan=False), st.booleans(), st.none()
)
ENGINE = Engine()


def _value(connection: duckdb.DuckDBPyConnection, text: str, **values: Any) -> tuple[Any, ...]:
    found = connection.execute(f"SELECT x, typeof(x) FROM ({text}) t(x)", values or None)
    (row,) = found.fetchall()
    return tuple(row)


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, NUMBERS))
def test_a_literal_is_the_bound_value(value: Any) -> None:
    connection = ENGINE.connection
    text = exp.select(literal_of(value)).sql(dialect="duckdb", pretty=True)
    assert _value(connection, text) == _value(connection, "SELECT $v", v=value)
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5), st.data())
def test_printed_statements_give_the_bound_rows(members: list[str], data: st.DataObject) -> None:
    sales = [
        {"sale_id": i, "customer_id": None, "shop_id": None, "channel": member, "amount": i,
         "is_paid": True, "sold_at": FIRST_DAY}
        for i, member in enumerate((*members, "plain", None))
    ]  # fmt: skip
    world = World(
        {"customers": [], "zones": [], "shops": [], "sales": sales, "visits": []}, star(), {}
    )
    ENGINE.fill(world)
    chosen = st.lists(st.sampled_from([*members, *HOSTILE]), min_size=1, max_size=3)

    def leaf() -> Compare:
        op = data.draw(st.sampled_from(("=", "!=", "in", "contains", "prefix", "suffix", ">=")))
        values = tuple(data.draw(chosen))
        return Compare("channel", op, values if op == "in" else values[:1])  # type: ignore[arg-type]

    query = MetricQuery(("amount_sum",), (GroupBy("channel"),), Or((leaf(), leaf())))
    statement = compile_query(query, world.catalog, EVERYTHING)
    printed = statement.runnable("duckdb")
    (only,) = ENGINE.connection.extract_statements(printed)
    assert only.type == duckdb.StatementType.SELECT
    got = ENGINE.connection.execute(printed).fetchall()
    bound = ENGINE.connection.execute(statement.sql("duckdb"), dict(statement.parameters))
    assert sorted(map(repr, got)) == sorted(map(repr, bound.fetchall()))
    assert not list(sqlglot.parse_one(printed, dialect="duckdb").find_all(exp.Placeholder))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_written_too(value: float) -> None:
    connection = ENGINE.connection
    text = exp.select(literal_of(value)).sql(dialect="duckdb")
    assert repr(_value(connection, text)) == repr(_value(connection, "SELECT $v", v=value))

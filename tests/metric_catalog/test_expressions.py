"""Expressions are allow-listed, conditions become trees: nothing hostile gets through either."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metric_catalog.conditions import parse_condition, parse_having, render_condition
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import columns_of, parse_expression
from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or

GOOD_EXPRESSIONS = {
    "1": (),
    "booking_value": ("booking_value",),
    "CASE WHEN is_instant THEN 1 ELSE 0 END": ("is_instant",),
    "(a - b) / NULLIF(b, 0)": ("a", "b"),
    "account_id || customer_id": ("account_id", "customer_id"),
    "date_trunc('month', ds)": ("ds",),
    "date_diff('day', a, b)": ("a", "b"),
    "date_part('dow', ds)": ("ds",),
    "extract(isodow from ds)": ("ds",),
    "ds::date - interval 1 day": ("ds",),
    "coalesce(lower(trim(name)), '未知')": ("name",),
    "substr(upper(a), 1, 3) || concat(a, b)": ("a", "b"),
    "round(greatest(a, least(b, 2)), 2) % 3": ("a", "b"),
    "a in ('x', 'y') and not b is null": ("a", "b"),
    '"order" > 1': ("order",),
    "date": ("date",),
    "cast(a as decimal(18, 2))": ("a",),
}

BAD_EXPRESSIONS = [
    "",
    "   ",
    "(select 1)",
    "a in (select b from c)",
    "exists(select 1)",
    "count(*)",
    "sum(a)",
    "sum(a) over (order by b)",
    "*",
    "t.a",
    "db.t.a",
    "a; drop table b",
    "drop table b",
    "a -- comment",
    "a /* comment */ + 1",
    "$1",
    "?",
    ":name",
    "repeat('x', 1000000000)",
    "lpad(a, 1000000000, 'x')",
    "rpad(a, 1000000000, 'x')",
    "replace(a, 'x', 'xxxxxxxxx')",
    "regexp_matches(a, '(a+)+$')",
    "read_csv('/etc/passwd')",
    "getenv('HOME')",
    "current_date",
    "now()",
    "random()",
    "current_setting('x')",
    "query('select 1')",
    "range(1000000000)",
    "[1, 2, 3]",
    "{'a': 1}",
    "a[1]",
    "a -> 'b'",
    "list_transform(a, x -> x)",
    "cast(a as struct(b int))",
    "a::json",
    "extract(timezone from a)",
    "a = any(b)",
    "((a",
    "a b c d",
    "a" + " + a" * 5_000,
    "(" * 2_000 + "a" + ")" * 2_000,
    "not " * 2_000 + "a",
]


@pytest.mark.parametrize("text", GOOD_EXPRESSIONS)
def test_allowed_expressions_keep_their_columns(text: str) -> None:
    assert sorted(columns_of(parse_expression(text))) == sorted(GOOD_EXPRESSIONS[text])


@pytest.mark.parametrize("text", BAD_EXPRESSIONS, ids=lambda text: text[:30])
def test_refused_expressions_name_their_place(text: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_expression(text, "orders.yml: gmv.expr")
    assert {item.place for item in caught.value.issues} == {"orders.yml: gmv.expr"}
    assert all(item.code.startswith("expression_") for item in caught.value.issues)


def test_every_fault_of_an_expression_is_reported_at_once() -> None:
    with pytest.raises(CatalogError) as caught:
        parse_expression("repeat(t.a, 3) + now()")
    codes = [item.code for item in caught.value.issues]
    assert sorted(codes) == [
        "expression_function",
        "expression_function",
        "expression_qualified_column",
    ]


def test_an_expression_is_the_callers_own() -> None:
    first = parse_expression("a + 1")
    first.args["this"].replace(parse_expression("b"))
    assert columns_of(parse_expression("a + 1")) == ("a",)


@given(st.text(max_size=60))
def test_no_text_breaks_the_expression_parser(text: str) -> None:
    try:
        parse_expression(text)
    except CatalogError as error:
        assert error.issues


TREES = {
    "channel = 'flash' and not city in ('a', 'b')": And(
        (Compare("channel", "=", ("flash",)), Not(Compare("city", "in", ("a", "b"))))
    ),
    "booking__is_instant": Compare("booking__is_instant", "=", (True,)),
    "a or b and c": Or(
        (
            Compare("a", "=", (True,)),
            And((Compare("b", "=", (True,)), Compare("c", "=", (True,)))),
        )
    ),
    "not a = 1 and b = 2": And((Not(Compare("a", "=", (1,))), Compare("b", "=", (2,)))),
    "5 < x": Compare("x", ">", (5,)),
    "x <> -1.5": Compare("x", "!=", (-1.5,)),
    "x == 'it''s'": Compare("x", "=", ("it's",)),
    "城市 = '北京'": Compare("城市", "=", ("北京",)),
    "x between 1 and 2": And((Compare("x", ">=", (1,)), Compare("x", "<=", (2,)))),
    "x not in (1, 2)": Not(Compare("x", "in", (1, 2))),
    "x is not null": Not(Compare("x", "is_null", ())),
    "name like 'a%'": Compare("name", "prefix", ("a",)),
    "name like '%a'": Compare("name", "suffix", ("a",)),
    "name like '%a%'": Compare("name", "contains", ("a",)),
    "name like 'a'": Compare("name", "=", ("a",)),
    "name contains '50%_off'": Compare("name", "contains", ("50%_off",)),
    "metric_time__month >= DATE '2020-01-01'": Compare("metric_time__month", ">=", ("2020-01-01",)),
    "x__extract_dow = 1": Compare("x__extract_dow", "=", (1,)),
    "CAST(ds AS TIMESTAMP) < CAST('2020-03-05' AS TIMESTAMP)": Compare("ds", "<", ("2020-03-05",)),
    "ds::timestamp < '2020-03-05 10:00:00'::date": Compare("ds", "<", ("2020-03-05",)),
    "metric(bookings, 'listing') > 2": MetricCondition("bookings", ">", (2,), ("listing",)),
    "order = 1": Compare("order", "=", (1,)),
    '"and" = 1': Compare("and", "=", (1,)),
    "x is false": And((Not(Compare("x", "is_null", ())), Compare("x", "=", (False,)))),
}

HOSTILE = {
    "": "condition_empty",
    "x = 1; drop table y": "condition_statements",
    "x = 1 -- y": "condition_comment",
    "x = 1 /* y */": "condition_comment",
    "x = 1 # y": "condition_comment",
    "x in (select 1)": "condition_subquery",
    "(select 1) = x": "condition_subquery",
    "select = 1": "condition_subquery",
    "x = (select 1)": "condition_subquery",
    "f(x) = 1": "condition_function",
    "x = now()": "condition_function",
    "sleep(10)": "condition_function",
    "a = b": "condition_two_names",
    "1 = 1": "condition_no_name",
    "'a' = 'a' or x = 1": "condition_no_name",
    "x = 1 or true": "condition_no_name",
    "x = null": "condition_null",
    "x in (1, null)": "condition_null",
    "name like 'a_b%'": "condition_pattern",
    "name like 'a%b'": "condition_pattern",
    "name like '%'": "condition_pattern",
    "x = date '2020-13-01'": "condition_date",
    "x::date = 1": "condition_cast",
    "cast(x as integer) = 1": "condition_cast",
    "x = 'a": "condition_syntax",
    "x = \\'a": "condition_syntax",
    "x = 1 y": "condition_syntax",
    "x = 1 union select 2": "condition_syntax",
    "x in ()": "condition_syntax",
    "x = 0x41": "condition_syntax",
    "x = 1e999": "condition_syntax",
    "x > y + 1": "condition_two_names",
    "x = $1": "condition_syntax",
    "x =": "condition_unfinished",
    "and": "condition_syntax",
    "(" * 5_000 + "x" + ")" * 5_000: "condition_too_deep",
    "not " * 5_000 + "x": "condition_too_deep",
    "x = 1 or " * 40_000 + "x = 1": "condition_too_long",
}


@pytest.mark.parametrize("text", TREES)
def test_conditions_become_trees(text: str) -> None:
    assert parse_condition(text) == TREES[text]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_hostile_conditions_are_refused_by_type(text: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_condition(text, "here")
    (problem,) = caught.value.issues
    assert (problem.code, problem.place) == (HOSTILE[text], "here")


@given(st.text(max_size=80))
def test_no_text_breaks_the_condition_parser(text: str) -> None:
    try:
        parse_condition(text)
    except CatalogError as error:
        assert len(error.issues) == 1


names = st.one_of(
    st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True),
    st.sampled_from(
        ["metric_time__month", "x__extract_dow", "and", "select", "门店", "a b", 'a"b']
    ),
)
values = st.one_of(
    st.text(max_size=8),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "contains", "prefix", "suffix"])


def _compare(name: str, op: str, value: object, more: list[object], kind: int) -> Filter:
    if kind == 0:
        return Compare(name, "is_null", ())
    if kind == 1:
        return Compare(name, "in", (value, *more))  # type: ignore[arg-type]
    if kind == 2:
        return MetricCondition(name, op, (value,), ("listing", name))  # type: ignore[arg-type]
    return Compare(name, op, (value,))  # type: ignore[arg-type]


leaves = st.builds(_compare, names, ops, values, st.lists(values, max_size=3), st.integers(0, 5))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(trees)
def test_a_rendered_tree_parses_to_itself(tree: Filter) -> None:
    assert parse_condition(render_condition(tree)) == tree


@given(trees)
def test_having_speaks_of_metrics_only(tree: Filter) -> None:
    rendered = render_condition(parse_having(render_condition(tree)))
    assert rendered == render_condition(tree)


PLAIN = st.sampled_from(["a = 1", "b = 2", "a is null", "a in (1, 2)", "b between 1 and 2"])
JOINED = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda text: f"not {text}"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(JOINED)
def test_precedence_is_that_of_sql(text: str) -> None:
    """The database reads the text and its rendered tree alike, for every pair of values."""
    rows = "(values (null, null), (1, 2), (1, 3), (2, null), (3, 1), (null, 2)) as t(a, b)"
    rendered = render_condition(parse_condition(text))
    sql = f"select ({text}) is not distinct from ({rendered}) from {rows}"
    assert all(same for (same,) in duckdb.execute(sql).fetchall())

"""Equal meanings have equal forms, in whatever words; other meanings never have."""

import random
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.check import check
from metric_catalog.conditions import render_condition
from metric_catalog.expressions import parse_expression
from metric_catalog.model.metrics import Metric
from metric_catalog.normal_expressions import expression, text_of
from metric_catalog.normal_filters import clauses_of
from metric_catalog.query import And, Compare, Filter, Not, Or, Scalar
from tests.metric_catalog.shops import catalog, metric, model

NUMBERS, TEXTS, TRUTHS = (0, 1, 2, 3), ("a", "b", "c"), (False, True)
DOMAIN: dict[str, tuple[Scalar, ...]] = {
    "amount": (None, *NUMBERS),
    "channel": (None, *TEXTS),
    "is_new": (None, *TRUTHS),
}
SEEDS = st.integers(0, 2**32).map(random.Random)
ROWS = [dict(zip(DOMAIN, row, strict=True)) for row in product(*DOMAIN.values())]


@st.composite
def leaves(draw: st.DrawFn) -> Compare:
    name = draw(st.sampled_from(sorted(DOMAIN)))
    values = [value for value in DOMAIN[name] if value is not None]
    op: Any = draw(st.sampled_from(["=", "!=", "in", "is_null", *("<", "<=", ">", ">=") * 2]))
    if op == "is_null":
        return Compare(name, op, ())
    if op in ("<", "<=", ">", ">="):
        return Compare("amount", op, (draw(st.sampled_from(NUMBERS)),))
    many = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3 if op == "in" else 1))
    return Compare(name, op, tuple(many))


TREES: st.SearchStrategy[Filter] = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Or(tuple(items))),
        inner.map(Not),
    ),
    max_leaves=6,
)


def truth(tree: Filter, row: dict[str, Scalar]) -> bool | None:
    """What SQL says of a row: true, false or unknown."""
    match tree:
        case Not(item):
            found = truth(item, row)
            return None if found is None else not found
        case And(items):
            parts = [truth(item, row) for item in items]
            return False if False in parts else None if None in parts else True
        case Or(items):
            parts = [truth(item, row) for item in items]
            return True if True in parts else None if None in parts else False
        case Compare(name, op, values):
            here: Any = row[name]
            if op == "is_null" or here is None:
                return here is None if op == "is_null" else None
            least: Any = values[0]
            return {
                "=": here in values, "in": here in values, "!=": here not in values,
                "<": op == "<" and here < least, "<=": op == "<=" and here <= least,
                ">": op == ">" and here > least, ">=": op == ">=" and here >= least,
            }[op]  # fmt: skip
    raise AssertionError(tree)


def kept(tree: Filter) -> list[dict[str, Scalar]]:
    return [row for row in ROWS if truth(tree, row)]


def form(tree: Filter) -> object:
    return clauses_of(tree, lambda leaf: leaf.dimension if isinstance(leaf, Compare) else "")


@given(TREES, SEEDS)
def test_rewritten_conditions_have_one_form(tree: Filter, draw: Any) -> None:
    assert form(rewritten(tree, draw)) == form(tree)


@given(TREES, TREES)
def test_conditions_of_one_form_keep_the_same_rows(one: Filter, other: Filter) -> None:
    if form(one) == form(other):
        assert kept(one) == kept(other)
    if kept(one) != kept(other):
        assert form(one) != form(other)


def rewritten(tree: Filter, draw: Any) -> Filter:
    """Say the same in other words."""
    if draw.random() < 0.2:
        return Not(rewritten(_opposite(tree), draw))
    match tree:
        case Not(item):
            return Not(rewritten(item, draw))
        case And(items) | Or(items):
            parts = [rewritten(item, draw) for item in items]
            draw.shuffle(parts)
            if draw.random() < 0.3:
                parts.append(parts[0])
            if len(parts) > 2 and draw.random() < 0.5:
                parts = [type(tree)((parts[0], parts[1])), *parts[2:]]
            return type(tree)(tuple(parts))
        case Compare(name, "in" | "=", values) if len(values) > 1:
            again = [Compare(name, "=", (value,)) for value in values]
            return Or(tuple(reversed(again)))
        case Compare(name, "=", values):
            return Compare(name, "in", values * 2)
        case Compare(name, "<" | "<=" | ">" | ">=" as op, values):
            turned: Any = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op]
            return Not(Compare(name, turned, values))
    return tree


def _opposite(tree: Filter) -> Filter:
    match tree:
        case Not(item):
            return item
        case And(items):
            return Or(tuple(Not(item) for item in items))
        case Or(items):
            return And(tuple(Not(item) for item in items))
    return Not(tree)


SAME = [
    ("a * (b + c)", "c * a + a * b"),
    ("a - (b - c)", "c + a - b"),
    ("a / nullif(b, 0)", "1.0 * a / b"),
    ("(a - b) / b", "a / b - 1"),
    ("a > b and not c <= 1", "c > 1 and b < a"),
    ("cast(a as double) / b", "a / b"),
    ("case when a = b then 1 end", "case when b = a then 1 end"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_expressions_of_one_meaning(one: str, other: str) -> None:
    assert text_of(expression(parse_expression(one))) == text_of(
        expression(parse_expression(other))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("a - b", "b - a"), ("a / b", "b / a"), ("a * 2", "a * 3"), ("a > b", "a < b"),
     ("a > b", "a >= b"), ("lower(a)", "upper(a)"), ("a = 'x'", "a = 'X'"), ("a + b", "a * b"),
     ("case when a = b then 1 end", "case when a = b then 2 end"), ("a and b", "a or b"),
     ("cast(a as integer)", "a"), ("round(a, 1)", "round(a, 2)")],
)  # fmt: skip
def test_expressions_of_other_meanings(one: str, other: str) -> None:
    assert text_of(expression(parse_expression(one))) != text_of(
        expression(parse_expression(other))
    )


MODEL = model(
    measures=[
        {"name": "orders", "agg": "count", "expr": "1"},
        {"name": "lines", "agg": "count", "expr": "order_id"},
        {"name": "distinct_orders", "agg": "count_distinct", "expr": "order_id"},
        {"name": "buyers", "agg": "count_distinct", "expr": "customer_id"},
        {"name": "clients", "agg": "count_distinct", "expr": "(customer_id)"},
        {"name": "amount", "agg": "sum"},
        {"name": "takings", "agg": "sum", "expr": "AMOUNT"},
        {"name": "net", "agg": "sum", "expr": "amount * (1 - discount)"},
        {"name": "nett", "agg": "sum", "expr": "amount - discount * amount"},
        {"name": "app_amount", "agg": "sum", "expr": "case when channel = 'app' then amount end"},
        {"name": "app_orders", "agg": "sum", "expr": "case when channel = 'app' then 1 else 0 end"},
        {"name": "app_flags", "agg": "sum_boolean", "expr": "channel = 'app'"},
        {"name": "mean", "agg": "average", "expr": "amount"},
    ]
)


def simple(measure: str, condition: str | None = None) -> dict[str, Any]:
    of = {"type": "simple", "model": "orders", "measure": measure}
    return {"of": of, "filter": condition}


def ratio(above: str, below: str, condition: str | None = None, **inputs: str) -> dict[str, Any]:
    of = {
        "type": "ratio",
        "numerator": {"metric": above, "filter": inputs.get("inside_above")},
        "denominator": {"metric": below, "filter": inputs.get("inside_below")},
    }
    return {"of": of, "filter": condition}


def derived(expr: str, *names: str) -> dict[str, Any]:
    inputs = [{"metric": name, "alias": name[0]} for name in names]
    return {"of": {"type": "derived", "expr": expr, "inputs": inputs}}


ALIKE = [
    (
        simple("amount", "not (amount = 0 and is_new in (false, true))"),
        simple("takings", "not (amount = 0 and (is_new = true or is_new = false))"),
    ),
    (simple("amount"), simple("takings")),
    (simple("net"), simple("nett")),
    (simple("orders"), simple("lines")),
    (simple("orders"), simple("distinct_orders")),
    (simple("buyers"), simple("clients")),
    (simple("amount", "channel = 'app'"), simple("app_amount")),
    (simple("app_orders"), simple("app_flags")),
    (simple("orders", "channel = 'app'"), simple("app_flags")),
    (simple("amount", "channel = 'a' or channel = 'b'"), simple("amount", "channel in ('b','a')")),
    (simple("amount", "not status <= 3"), simple("takings", "status > 3")),
    (simple("amount", "order_id__channel = 'a'"), simple("amount", "channel = 'a'")),
    (simple("amount", "day >= '2026-01-01'"), simple("amount", "metric_time__day >= '2026-01-01'")),
    (ratio("sums", "counts"), derived("s / c", "sums", "counts")),
    (ratio("sums", "counts"), derived("s * 1.0 / nullif(c, 0)", "sums", "counts")),
    (derived("s + c", "sums", "counts"), derived("c + s", "sums", "counts")),
    (derived("s * c", "sums", "counts"), derived("(c) * s", "sums", "counts")),
    (
        ratio("sums", "counts", "channel = 'a'"),
        ratio("sums", "counts", inside_above="channel = 'a'", inside_below="channel in ('a')"),
    ),
]
APART = [
    (simple("amount"), simple("net")),
    (simple("buyers"), simple("orders")),
    (simple("amount"), simple("mean")),
    (simple("amount", "channel = 'a'"), simple("amount", "status = 'a'")),
    (simple("amount", "channel = 'a'"), simple("amount", "channel = 'b'")),
    (simple("amount", "channel = 'a' or status = 1"), simple("amount", "channel = 'a'")),
    (ratio("sums", "counts"), ratio("counts", "sums")),
    (
        ratio("sums", "counts", inside_above="channel = 'a'"),
        ratio("sums", "counts", inside_below="channel = 'a'"),
    ),
    (derived("s - c", "sums", "counts"), derived("c - s", "sums", "counts")),
    (simple("amount"), {**simple("amount"), "time_dimension": "paid"}),
]


def codes(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    below = [
        metric("sums", **simple("amount"), private=True),
        metric("counts", **simple("buyers"), private=True),
    ]
    pair: list[Metric] = [metric("first", **one), metric("second", **other)]
    paid = {"name": "paid", "type": "time", "grain": "day"}
    orders = MODEL.model_copy(update={"dimensions": (*MODEL.dimensions, *_dimension(paid))})
    found = check(catalog(*below, *pair, models={"orders": orders}))
    return [item.code for item in found if item.code in ("same_formula", "similar_filters")]


def _dimension(content: dict[str, Any]) -> Any:
    return model(dimensions=[content]).dimensions


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_in_other_words_is_told(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert codes(one, other) == ["same_formula"]


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_means_something_else_is_not_called_the_same(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert "same_formula" not in codes(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("channel in ('a', 'b')", "channel in ('a', 'b', 'c')"),
        ("channel = 'a' and status > 100", "status >= 100 and channel = 'a'"),
        ("channel = 'a' or status = 1", "channel = 'a' or status in (1, 2)"),
        ("channel = 'a' and status = 1", "channel = 'a' and status = 1 and is_new"),
    ],
)
def test_nearly_the_same_is_worth_a_look(one: str, other: str) -> None:
    assert codes(simple("amount", one), simple("takings", other)) == ["similar_filters"]
    assert codes(ratio("sums", "counts", one), ratio("sums", "counts", other)) == [
        "similar_filters"
    ]


@given(TREES, TREES, SEEDS)
def test_any_two_metrics(one: Filter, other: Filter, draw: Any) -> None:
    first = simple("amount", render_condition(one))
    assert codes(first, simple("takings", render_condition(rewritten(one, draw)))) == [
        "same_formula"
    ]
    if kept(one) != kept(other):
        assert "same_formula" not in codes(first, simple("takings", render_condition(other)))

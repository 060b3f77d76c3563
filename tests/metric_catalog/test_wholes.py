"""Shares are told of what adds up to a whole, and of nothing else."""

import pytest

from metric_catalog.wholes import makes_a_whole
from tests.metric_catalog.shops import catalog, metric, model

MEASURES = [
    {"name": "amount", "agg": "sum"},
    {"name": "orders", "agg": "count", "expr": "1"},
    {"name": "buyers", "agg": "count_distinct", "expr": "customer_id"},
    {"name": "mean", "agg": "average", "expr": "amount"},
    {"name": "middle", "agg": "median", "expr": "amount"},
    {"name": "most", "agg": "max", "expr": "amount"},
]
SIMPLE = [m["name"] for m in MEASURES]
PLAIN = [metric(n, of={"type": "simple", "model": "orders", "measure": n}) for n in SIMPLE]


def told(**of: object) -> bool:
    known = catalog(*PLAIN, metric("asked", of=of), models={"orders": model(measures=MEASURES)})
    return makes_a_whole(known, "asked")


@pytest.mark.parametrize(
    ("measure", "whole"),
    [
        ("amount", True),
        ("orders", True),
        ("buyers", True),
        ("mean", False),
        ("middle", False),
        ("most", False),
    ],
)
def test_measures(measure: str, whole: bool) -> None:
    assert told(type="simple", model="orders", measure=measure) is whole
    assert told(type="cumulative", metric={"metric": measure}) is whole


@pytest.mark.parametrize(
    ("expr", "whole"),
    [
        ("amount - orders * 2", True),
        ("-(amount + coalesce(orders, 0)) / 100", True),
        ("amount / nullif(orders, 0)", False),
        ("amount * orders", False),
        ("amount + 1", False),
        ("coalesce(amount, orders)", False),
        ("amount - mean", False),
        ("greatest(amount, orders)", False),
    ],
)
def test_expressions(expr: str, whole: bool) -> None:
    inputs = [{"metric": name} for name in ("amount", "orders", "mean") if name in expr]
    assert told(type="derived", expr=expr, inputs=inputs) is whole


def test_rates() -> None:
    sides = {"numerator": {"metric": "amount"}, "denominator": {"metric": "orders"}}
    assert not told(type="ratio", **sides)
    steps = {"base": {"metric": "orders"}, "conversion": {"metric": "orders"}, "entity": "customer"}
    assert not told(type="conversion", **steps)
    assert told(type="conversion", calculation="conversions", **steps)

"""Identity edges: what a metric is made of explains its change exactly."""

import math

import pytest

from assistant.insights.detectors.identity import DETECTOR
from assistant.insights.finding import Finding
from metric_catalog.model.metrics import DriverEdge
from tests.assistant.insights.engine import Engine, count_of, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric

ROWS = [
    {"at": period.start, "who": who, "amount": amount, "one": 1.0}
    for period, buys in (
        (SEPTEMBER, [("a", 10.0), ("b", 30.0), ("b", 20.0), ("c", 40.0)]),
        (OCTOBER, [("a", 15.0), ("d", 25.0)]),
    )
    for who, amount in buys
]
MEASURES = {
    "sales": total_of("amount"),
    "buyers": count_of("who"),
    "orders": total_of("one"),
    "order_value": rate_of("amount", "one"),
    "spent": rate_of("amount", "one"),
}


def found(*edges: DriverEdge) -> tuple[Finding, ...]:
    of = metric(drivers=edges)
    return Engine(ROWS, MEASURES).findings(DETECTOR, investigation(of=of))


def test_a_product_is_exact() -> None:
    (finding,) = found(DriverEdge(kind="product", metrics=("orders", "order_value")))
    assert finding.fact("edge") == "product"
    assert {d.member for d in finding.drivers} == {"orders", "order_value"}
    assert all(d.dimension is None and d.kind == "identity" for d in finding.drivers)
    assert math.fsum(d.effect for d in finding.drivers) == pytest.approx(-60.0, rel=1e-12)


def test_what_the_formula_misses_is_the_residual() -> None:
    (finding,) = found(DriverEdge(kind="sum", metrics=("sales", "orders")))
    assert [(d.member, d.kind) for d in finding.drivers] == [
        ("sales", "identity"), ("orders", "identity"), (None, "residual")
    ]  # fmt: skip
    assert math.fsum(d.effect for d in finding.drivers) == pytest.approx(-60.0)
    assert finding.drivers[-1].effect == pytest.approx(2.0)


def test_the_first_edge_that_holds_is_taken() -> None:
    wrong = DriverEdge(kind="sum", metrics=("buyers", "orders"))
    unknown = DriverEdge(kind="sum", metrics=("sales", "nothing"))
    right = DriverEdge(kind="product", metrics=("orders", "order_value"))
    finding = found(wrong, unknown, right)[-1]
    assert finding.fact("edge") == "product" or finding.kind == "quality"
    kinds = [f.fact("edge") for f in found(wrong, unknown, right) if f.kind == "drivers"]
    assert kinds == ["product"]


def test_influences_are_no_identity() -> None:
    assert found(DriverEdge(kind="influence", metrics=("orders",))) == ()

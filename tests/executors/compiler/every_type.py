"""One metric of every type over a random world, for what must hold whatever the metric."""

from typing import Any

from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import Measure
from tests.executors.compiler.worlds import World, catalog_with, defined

EVERY_TYPE = (
    "amount_sum", "amount_count", "amount_count_distinct", "amount_average", "amount_median",
    "paid_amount", "paid_share", "per_visit", "unpaid", "regulars", "stock", "kept", "joined",
    "running", "returned", "gap",
)  # fmt: skip
ON_CUSTOMERS = ("joined", "kept", "per_visit")
"""Metrics whose rows are not, or not only, of sales."""


def define_every_type(world: World) -> None:
    """Add the metrics of `EVERY_TYPE` to the world's catalog."""
    edge = {"name": "sold_at", "window_choice": "max", "window_groupings": ("customer",)}
    add_measure(world, name="stock", agg="sum", non_additive=edge)
    both = {"inputs": [{"metric": "amount_sum"}, {"metric": "paid_amount"}]}
    back = {"type": "retention", "entity": "customer", "return_model": "sales", "from_day": 0}
    follows = {"type": "conversion", "entity": "customer"}
    follows |= {"base": {"metric": "visits"}, "conversion": {"metric": "amount_count"}}
    joined = defined("joined", **back, cohort_model="customers", to_day=40)
    catalog_with(
        world,
        _ratio("paid_share", "paid_amount", "amount_sum"),
        _ratio("per_visit", "amount_sum", "visits"),
        defined("unpaid", type="derived", expr="amount_sum - paid_amount", **both),
        defined("regulars", type="entity_share", entity="customer", model="sales",
                measure="amount_count", op=">=", value=2),
        defined("stock", type="simple", model="sales", measure="stock"),
        defined("kept", **back, cohort_model="visits", to_day=3),
        joined.model_copy(update={"time_dimension": "joined_at"}),
        defined("running", type="cumulative", metric={"metric": "amount_sum"},
                window={"count": 3, "grain": "day"}),
        defined("returned", **follows, window={"count": 3, "grain": "day"}),
        defined("gap", type="interval", entity="customer", model="sales"),
    )  # fmt: skip


def add_measure(world: World, **measure: Any) -> None:
    """Add a measure of the amounts to the model of sales."""
    sales = world.catalog.models["sales"]
    added = Measure.model_validate({"expr": "amount", **measure})
    models: Any = world.catalog.models
    models["sales"] = sales.model_copy(update={"measures": (*sales.measures, added)})


def _ratio(name: str, above: str, below: str) -> Metric:
    return defined(name, type="ratio", numerator={"metric": above}, denominator={"metric": below})

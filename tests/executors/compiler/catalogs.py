"""A small hand-written catalog of a shop: two fact tables, customers, two ways to regions."""

from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import Dimension, Entity, Measure, SemanticModel


def _entity(name: str, kind: str, expr: str) -> Entity:
    return Entity.model_validate({"name": name, "type": kind, "expr": expr})


def _time(name: str, **more: Any) -> Dimension:
    return Dimension.model_validate({"name": name, "type": "time", "grain": "day", **more})


def shop_models() -> tuple[SemanticModel, ...]:
    """The models: orders, visits, customers, regions, stock and prices that change."""
    return (
        SemanticModel(
            id="orders",
            table="shop.orders",
            time_dimension="ordered_at",
            entities=(
                _entity("order", "primary", "order_id"),
                _entity("customer", "foreign", "customer_id"),
                _entity("buyer_region", "foreign", "bill_region_id"),
                _entity("ship_region", "foreign", "ship_region_id"),
                _entity("product", "foreign", "product_id"),
            ),
            dimensions=(Dimension(name="channel"), _time("ordered_at")),
            measures=(
                Measure.model_validate({"name": "amount", "agg": "sum"}),
                Measure.model_validate({"name": "orders", "agg": "count", "expr": "order_id"}),
                Measure.model_validate(
                    {"name": "buyers", "agg": "count_distinct", "expr": "customer_id"}
                ),
                Measure.model_validate(
                    {"name": "p90", "agg": "percentile", "expr": "amount", "percentile": 0.9}
                ),
            ),
        ),
        SemanticModel(
            id="visits",
            table="shop.visits",
            time_dimension="seen_at",
            entities=(
                _entity("visit", "primary", "visit_id"),
                _entity("customer", "foreign", "customer_id"),
            ),
            dimensions=(Dimension(name="source"), _time("seen_at")),
            measures=(
                Measure.model_validate({"name": "visits", "agg": "count", "expr": "visit_id"}),
            ),
        ),
        SemanticModel(
            id="customers",
            table="shop.customers",
            entities=(
                _entity("customer", "primary", "customer_id"),
                _entity("home", "foreign", "region_id"),
            ),
            dimensions=(Dimension(name="tier"), Dimension(name="phone", sensitivity="personal")),
        ),
        SemanticModel(
            id="regions",
            table="shop.regions",
            entities=(_entity("home", "primary", "region_id"),),
            dimensions=(Dimension(name="region"),),
        ),
        SemanticModel(
            id="billing",
            table="shop.regions",
            entities=(
                _entity("buyer_region", "primary", "region_id"),
                _entity("ship_region", "unique", "region_id"),
            ),
            dimensions=(Dimension(name="country"),),
        ),
        SemanticModel(
            id="prices",
            table="shop.prices",
            primary_entity="price",
            entities=(_entity("product", "natural", "product_id"),),
            dimensions=(
                Dimension(name="price_level"),
                _time("valid_from", validity="start"),
                _time("valid_to", validity="end"),
            ),
        ),
        SemanticModel(
            id="stock",
            table="shop.stock",
            time_dimension="counted_on",
            entities=(_entity("product", "foreign", "product_id"),),
            dimensions=(_time("counted_on"), Dimension(name="depot")),
            measures=(
                Measure.model_validate(
                    {
                        "name": "units",
                        "agg": "sum",
                        "non_additive": {"name": "counted_on", "window_choice": "max"},
                    }
                ),
            ),
        ),
    )


def shop_catalog() -> Catalog:
    """The catalog, trusted."""
    metrics = {
        "amount": {"type": "simple", "model": "orders", "measure": "amount"},
        "orders": {"type": "simple", "model": "orders", "measure": "orders"},
        "buyers": {"type": "simple", "model": "orders", "measure": "buyers"},
        "amount_p90": {"type": "simple", "model": "orders", "measure": "p90"},
        "visits": {"type": "simple", "model": "visits", "measure": "visits"},
        "units": {"type": "simple", "model": "stock", "measure": "units"},
        "aov": {
            "type": "ratio",
            "numerator": {"metric": "amount"},
            "denominator": {"metric": "orders"},
        },
        "orders_per_visit": {
            "type": "ratio",
            "numerator": {"metric": "orders"},
            "denominator": {"metric": "visits"},
        },
    }
    return Catalog(
        models={model.id: model for model in shop_models()},
        metrics={
            name: Metric.model_validate({"id": name, "name": name, "of": of})
            for name, of in metrics.items()
        },
        trusted=True,
    )

"""A small semantic manifest of our own, in the legacy form and in the newest one."""

import copy
from typing import Any

Json = dict[str, Any]


def legacy() -> Json:
    """Return a manifest whose metrics use measures."""
    return copy.deepcopy(
        {
            "semantic_models": [_orders(), _stores()],
            "metrics": [
                _metric("orders", "simple", {"measure": {"name": "order_count"}}),
                _metric(
                    "flash_sales",
                    "simple",
                    {
                        "measure": {
                            "name": "amount",
                            "filter": _where("{{ Dimension('order__channel') }} = 'flash'"),
                            "join_to_timespine": True,
                            "fill_nulls_with": 0,
                        }
                    },
                    filter=_where("{{ TimeDimension('metric_time', 'day') }} >= '2026-01-01'"),
                    label="闪购销售额",
                ),
                _metric(
                    "aov",
                    "ratio",
                    {"numerator": {"name": "sales"}, "denominator": {"name": "orders"}},
                ),
                _metric("sales", "simple", {"measure": {"name": "amount"}}),
                _metric(
                    "sales_growth",
                    "derived",
                    {
                        "expr": "(sales - before) / nullif(before, 0)",
                        "metrics": [
                            {"name": "sales"},
                            {
                                "name": "sales",
                                "alias": "before",
                                "offset_window": {"count": 1, "granularity": "month"},
                                "filter": _where("{{ Metric('orders', ['store']) }} > 2"),
                            },
                        ],
                    },
                ),
                _metric(
                    "orders_week",
                    "cumulative",
                    {"measure": {"name": "order_count"}, "window": "7 days"},
                ),
                _metric("refund_total", "cumulative", {"measure": {"name": "refund"}}),
                _metric("p90", "simple", {"measure": {"name": "amount_p90"}}),
                _metric(
                    "orders_to_sales",
                    "conversion",
                    {
                        "conversion_type_params": {
                            "base_measure": {"name": "order_count"},
                            "conversion_measure": {"name": "amount"},
                            "entity": "store",
                            "calculation": "conversion_rate",
                            "window": {"count": 3, "granularity": "day"},
                            "constant_properties": [
                                {"base_property": "channel", "conversion_property": "channel"}
                            ],
                        }
                    },
                ),
            ],
            "project_configuration": {
                "time_spines": [
                    {
                        "node_relation": {"relation_name": '"prod"."main"."spine"'},
                        "primary_column": {"name": "day", "time_granularity": "day"},
                        "custom_granularities": [{"name": "season", "column_name": "season_start"}],
                    }
                ],
                "dsi_package_version": {"major_version": "0"},
            },
            "saved_queries": [
                {
                    "name": "by_channel",
                    "query_params": {
                        "metrics": ["sales"],
                        "group_by": ["TimeDimension('metric_time', 'month')", "order__channel"],
                        "order_by": ["TimeDimension('metric_time','month').descending(True)"],
                        "where": _where("{{ Dimension('order__channel').grain('day') }} = 'a'"),
                        "limit": 5,
                    },
                    "exports": [{"name": "daily"}],
                    "tags": ["finance"],
                }
            ],
        }
    )


def newest() -> Json:
    """Return a manifest whose metrics carry their own aggregations."""
    model = _orders()
    model["measures"] = []
    own = {"semantic_model": "orders", "agg": "sum"}
    share = {**own, "agg": "percentile", "agg_params": {"percentile": 90}}
    stock = {**own, "non_additive_dimension": {"name": "ordered_at", "window_choice": "max"}}
    return {
        "semantic_models": [model, _stores()],
        "metrics": [
            _metric("orders", "simple", {"metric_aggregation_params": own, "expr": "1"}),
            _metric("amount", "simple", {"metric_aggregation_params": own}),
            _metric("p90", "simple", {"metric_aggregation_params": share, "expr": "amount"}),
            _metric("stock", "simple", {"metric_aggregation_params": stock, "expr": "amount"}),
        ],
        "project_configuration": {},
        "saved_queries": [],
    }


def _where(template: str) -> Json:
    return {"where_filters": [{"where_sql_template": template}]}


def _metric(name: str, kind: str, params: Json, **more: Any) -> Json:
    return {"name": name, "type": kind, "type_params": params, **more}


def _orders() -> Json:
    return {
        "name": "orders",
        "description": "每张订单一行",
        "node_relation": {"alias": "fct_orders", "schema_name": "main", "relation_name": None},
        "defaults": {"agg_time_dimension": "ordered_at"},
        "primary_entity": "order",
        "config": {"meta": {"team": "sales"}},
        "entities": [{"name": "store", "type": "foreign", "expr": "store_id", "role": "seller"}],
        "dimensions": [
            {"name": "channel", "type": "categorical"},
            {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
        ],
        "measures": [
            {"name": "order_count", "agg": "sum", "expr": "1"},
            {"name": "amount", "agg": "sum"},
            {
                "name": "refund",
                "agg": "sum",
                "expr": "case when refunded then amount end",
                "create_metric": True,
            },
            {
                "name": "amount_p90",
                "agg": "percentile",
                "expr": "amount",
                "agg_params": {"percentile": 0.9, "use_discrete_percentile": True},
            },
        ],
    }


def _stores() -> Json:
    return {
        "name": "stores",
        "node_relation": {"alias": "dim_stores", "schema_name": "main"},
        "entities": [{"name": "store", "type": "primary", "expr": "id"}],
        "dimensions": [{"name": "city", "type": "categorical"}],
        "measures": [],
    }

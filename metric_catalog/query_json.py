"""Owns the JSON form of queries: `to_json` and `from_json` are inverse to each other."""

from typing import Any, assert_never, get_args

from metric_catalog.periods import Period
from metric_catalog.query import (
    And,
    AveragePer,
    Compare,
    CompareOp,
    Comparison,
    CountGroups,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Not,
    Or,
    Order,
    PostAggregation,
    RankWithin,
    ShareOfTotal,
)

Json = dict[str, Any]
OPS: frozenset[str] = frozenset(get_args(CompareOp))


def filter_to_json(condition: Filter | None) -> Json | None:
    """Return `condition` as the contract's object, None as null."""
    match condition:
        case None:
            return None
        case And(items):
            return {"op": "and", "items": [filter_to_json(item) for item in items]}
        case Or(items):
            return {"op": "or", "items": [filter_to_json(item) for item in items]}
        case Not(item):
            return {"op": "not", "items": [filter_to_json(item)]}
        case Compare(dimension, op, values):
            return {"dimension": dimension, "op": op, "values": list(values)}
        case MetricCondition(metric, op, values, entity):
            named: Any = entity[0] if len(entity) == 1 else (list(entity) or None)
            return {"metric": metric, "entity": named, "op": op, "values": list(values)}
        case _:
            assert_never(condition)


def having_to_json(condition: Filter | None) -> Json | None:
    """Return a condition on metrics: as `filter_to_json`, each leaf naming its `metric`."""
    match condition:
        case Compare(metric, op, values):
            return {"metric": metric, "op": op, "values": list(values)}
        case And(items) | Or(items):
            op_name = "and" if isinstance(condition, And) else "or"
            return {"op": op_name, "items": [having_to_json(item) for item in items]}
        case Not(item):
            return {"op": "not", "items": [having_to_json(item)]}
        case _:
            return filter_to_json(condition)


def filter_from_json(data: Json | None) -> Filter | None:
    """Return the filter tree of `data`; raises ValueError where it is none."""
    if data is None:
        return None
    op = data.get("op")
    if op in ("and", "or", "not"):
        items = tuple(item for part in data["items"] if (item := filter_from_json(part)))
        if op == "not":
            return Not(items[0])
        return And(items) if op == "and" else Or(items)
    if op not in OPS:
        raise ValueError(f"unknown operator {op!r}")
    values = tuple(data.get("values", ()))
    if "metric" in data:
        entity = data.get("entity") or ()
        entities = (entity,) if isinstance(entity, str) else tuple(entity)
        return MetricCondition(data["metric"], op, values, entities)
    return Compare(data["dimension"], op, values)


def comparison_to_json(comparison: Comparison | None) -> Json | None:
    """Return {kind, period|null}, None as null."""
    if comparison is None:
        return None
    period = comparison.period.to_json() if comparison.period else None
    return {"kind": comparison.kind, "period": period}


def post_to_json(post: PostAggregation | None) -> Json | None:
    """Return the post-aggregation as {kind, …}, None as null."""
    match post:
        case None:
            return None
        case AveragePer(grain):
            return {"kind": "average_per", "grain": grain}
        case CountGroups():
            return {"kind": "count_groups"}
        case ShareOfTotal():
            return {"kind": "share_of_total"}
        case RankWithin(dimension):
            return {"kind": "rank_within", "dimension": dimension}
        case _:
            assert_never(post)


def post_from_json(data: Json | None) -> PostAggregation | None:
    """Return the post-aggregation of `data`; raises ValueError on an unknown kind."""
    if data is None:
        return None
    match data["kind"]:
        case "average_per":
            return AveragePer(data["grain"])
        case "count_groups":
            return CountGroups()
        case "share_of_total":
            return ShareOfTotal()
        case "rank_within":
            return RankWithin(data["dimension"])
        case kind:
            raise ValueError(f"unknown post-aggregation {kind!r}")


def to_json(query: MetricQuery) -> Json:
    """Return `query` as plain JSON; `from_json` gives it back unchanged."""
    return {
        "metrics": list(query.metrics),
        "group_by": [item.column for item in query.group_by],
        "filters": filter_to_json(query.filters),
        "having": filter_to_json(query.having),
        "periods": [period.to_json() for period in query.periods],
        "grain": query.grain,
        "comparison": comparison_to_json(query.comparison),
        "post": post_to_json(query.post),
        "order": [{"by": item.by, "desc": item.descending} for item in query.order],
        "limit": query.limit,
        "other": query.other,
        "distinct": query.distinct,
        "min_max_only": query.min_max_only,
        "group_by_parts": [[g.name, g.grain, g.date_part] for g in query.group_by],
    }


def from_json(data: Json) -> MetricQuery:
    """Return the query of `data`; raises KeyError or ValueError where it is malformed."""
    comparison = data.get("comparison")
    period = comparison and comparison.get("period")
    return MetricQuery(
        metrics=tuple(data.get("metrics", ())),
        group_by=tuple(GroupBy(*parts) for parts in data.get("group_by_parts", ())),
        filters=filter_from_json(data.get("filters")),
        having=filter_from_json(data.get("having")),
        periods=tuple(Period.from_json(item) for item in data.get("periods", ())),
        grain=data.get("grain"),
        comparison=comparison
        and Comparison(comparison["kind"], Period.from_json(period) if period else None),
        post=post_from_json(data.get("post")),
        order=tuple(Order(item["by"], item["desc"]) for item in data.get("order", ())),
        limit=data.get("limit"),
        other=data.get("other", False),
        distinct=data.get("distinct", True),
        min_max_only=data.get("min_max_only", False),
    )

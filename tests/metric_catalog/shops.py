"""A small governed catalog for the tests of rules, approvals and differences."""

import datetime as dt
from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.model.governance import Approval
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SemanticModel

AUTHOR, APPROVER = "author", "council"


def model(**changes: Any) -> SemanticModel:
    """Return the semantic model of orders."""
    content: dict[str, Any] = {
        "id": "orders",
        "table": "orders",
        "time_dimension": "day",
        "entities": [
            {"name": "order_id", "type": "primary"},
            {"name": "customer", "type": "foreign", "expr": "customer_id"},
        ],
        "dimensions": [
            {"name": "day", "type": "time", "grain": "day", "expr": "ordered_at"},
            {"name": "channel", "label": {"en": "channel", "zh": "渠道"}},
            {"name": "status"},
        ],
        "measures": [
            {"name": "orders", "agg": "count", "expr": "1"},
            {"name": "amount", "agg": "sum"},
        ],
    }
    return SemanticModel.model_validate({**content, **changes})


def metric(key: str = "gmv", /, **changes: Any) -> Metric:
    """Return a metric that breaks no rule."""
    content: dict[str, Any] = {
        "id": key,
        "name": {"en": f"the {key}", "zh": f"指标{key}"},
        "description": {"en": f"what {key} is", "zh": f"{key} 是什么"},
        "caliber": {"en": f"how {key} counts", "zh": f"{key} 怎么算"},
        "of": {"type": "simple", "model": "orders", "measure": "amount"},
        "unit": "currency",
        "currency": "CNY",
        "direction": "up_good",
        "owner": "finance",
        "status": "published",
        "changed_by": AUTHOR,
        "effective_from": "2026-01-01",
    }
    return Metric.model_validate({**content, **changes})


def catalog(*metrics: Metric, approved: bool = True, **parts: Any) -> Catalog:
    """Return a catalog of `metrics` over orders, each approved in its present meaning."""
    parts.setdefault("models", {"orders": model()})
    parts.setdefault("places", {f"metrics:{m.id}": f"metrics/orders.yml: {m.id}" for m in metrics})
    plain = Catalog(metrics={m.id: m for m in metrics}, **parts)
    if not approved:
        return plain
    approvals = tuple(approval(plain, m.id) for m in metrics)
    return Catalog(metrics=plain.metrics, approvals=approvals, **parts)


def approval(known: Catalog, name: str, by: str = APPROVER) -> Approval:
    """Return the approval of the present meaning of `name`."""
    version, meaning = known.metric(name).version, known.hash_of(name)
    return Approval(metric=name, version=version, hash=meaning, by=by, at=dt.date(2026, 1, 1))

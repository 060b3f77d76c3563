"""Owns shares of entities under a condition: "what part of the stores loses money" is a metric.

The one entity share over the same table, key and condition is meant.
"""

from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import EntityShare
from metric_catalog.policy import Policy
from metric_catalog.query import Compare, Filter, GroupBy


def share_meant(
    condition: Filter | None, group_by: tuple[GroupBy, ...], catalog: Catalog, policy: Policy
) -> str | None:
    """Return the published metric that is the share of the groups that meet `condition`.

    Without groups, of what the only such metric counts: % of loss-making stores.
    """
    if not isinstance(condition, Compare) or len(group_by) > 1:
        return None
    known = catalog.metrics.get(condition.dimension)
    if known is None or known.filter:
        return None
    meant = [
        metric.id
        for metric in catalog.metrics.values()
        if isinstance(metric.of, EntityShare)
        and metric.of.model in catalog.base_models(known.id)
        and (metric.of.op, (metric.of.value,)) == (condition.op, condition.values)
        and not metric.filter
        and all(_is_key(g.column, metric.of.entity, known.id, catalog) for g in group_by)
        and catalog.status_of(metric.id) == "published"
        and metric.id not in policy.hidden_metrics
    ]
    return meant[0] if len(meant) == 1 else None


def _is_key(column: str, entity: str, metric: str, catalog: Catalog) -> bool:
    """Whether a dimension has one member per entity: it is the column that the key is made of."""
    for path in catalog.dimensions_of(metric):
        if catalog.canonical(path) == column:
            model = catalog.models[path.model]
            keys = {key.expr or key.name for key in model.entities if key.name == entity}
            return (path.element.expr or path.short) in keys
    return False

"""Owns default grains: the grain of `metric_time` where a query names none."""

from executors.compiler.names import DEFAULT_GRAIN, STANDARD_GRAINS
from metric_catalog.catalog import Catalog
from metric_catalog.hashes import models_of
from metric_catalog.model.metrics import Metric, Retention, Simple, inputs_of
from metric_catalog.periods import Grain


def default_grain(catalog: Catalog, metrics: tuple[str, ...]) -> str:
    """Return the coarsest of the metrics' default grains."""
    grains = [metric_grain(catalog, metric) for metric in metrics] or [DEFAULT_GRAIN.value]
    custom = [grain for grain in grains if grain not in STANDARD_GRAINS]
    return custom[0] if custom else max(grains, key=lambda grain: Grain(grain).order)


def metric_grain(catalog: Catalog, metric_id: str) -> str:
    """Return the metric's default grain, else that of its rows' time, but at least a day."""
    metric = catalog.metric(metric_id)
    if metric.default_grain:
        return metric.default_grain
    grains = [Grain(grain) for grain in _row_grains(catalog, metric)]
    return max([DEFAULT_GRAIN, *grains], key=lambda grain: grain.order).value


def _row_grains(catalog: Catalog, metric: Metric) -> list[str]:
    pending, grains = [metric], []
    while pending:
        current = pending.pop()
        pending.extend(catalog.metric(item.metric) for item in inputs_of(current))
        models = models_of(current)
        for model_id in models[:1] if isinstance(current.of, Retention) else models:
            grain = _time_grain(catalog, current, model_id)
            if grain in STANDARD_GRAINS:
                grains.append(str(grain))
    return grains


def _time_grain(catalog: Catalog, metric: Metric, model_id: str) -> str | None:
    model = catalog.model(model_id)
    measure = model.measure(metric.of.measure) if isinstance(metric.of, Simple) else None
    name = metric.time_dimension or (measure and measure.time_dimension) or model.time_dimension
    dimension = model.dimension(name) if name else None
    return dimension.grain if dimension else None

"""Owns the grains of metrics: of the times of their rows, and the one where none is named."""

from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Conversion, Metric, Retention, Simple, inputs_of
from metric_catalog.periods import Grain
from metric_catalog.used_names import models_of

_STANDARD = frozenset(grain.value for grain in Grain)


def metric_grain(catalog: Catalog, metric_id: str) -> str:
    """Return the metric's default grain, else that of its rows' time, but at least a day."""
    metric = catalog.metric(metric_id)
    if metric.default_grain:
        return metric.default_grain
    return finest_grain(catalog, metric).value


def finest_grain(catalog: Catalog, metric: Metric) -> Grain:
    """Return the finest grain that the metric's rows can be told by, but at least a day."""
    grains = [Grain(grain) for grain in row_grains(catalog, metric)]
    return max([Grain.DAY, *grains], key=lambda grain: grain.order)


def shown_grain(catalog: Catalog, metric: Metric) -> str:
    """Return the grain that a metric is read by: its default one, else the finest there is.

    That is the finest of those it declares, if it declares any. Empty where its rows have no time.
    """
    if metric.default_grain:
        return metric.default_grain
    if not any(_times(catalog, metric, counted=False)):
        return ""
    finest = Grain(metric_grain(catalog, metric.id))
    declared = [grain for grain in metric.grains if grain in _STANDARD]
    fits = [Grain(grain) for grain in declared if Grain(grain).order >= finest.order]
    return min(fits, key=lambda grain: grain.order, default=finest).value


def row_grains(catalog: Catalog, metric: Metric, counted: bool = False) -> list[str]:
    """Return the grains of the rows' times; `counted`: only of the times that values count at.

    Raises CatalogError for a model or an input that is not there.
    """
    found = []
    for model_id, name in _times(catalog, metric, counted):
        dimension = catalog.model(model_id).dimension(name)
        if dimension and dimension.grain in _STANDARD:
            found.append(str(dimension.grain))
    return found


def _times(catalog: Catalog, metric: Metric, counted: bool) -> list[tuple[str, str]]:
    """Return the models that a metric rests on, each with its time dimension where it has one."""
    pending, times = [metric], []
    while pending:
        current = pending.pop()
        if counted and isinstance(current.of, Conversion):
            pending.append(catalog.metric(current.of.base.metric))
            continue
        pending.extend(catalog.metric(item.metric) for item in inputs_of(current))
        models = models_of(current)
        for model_id in models[:1] if isinstance(current.of, Retention) else models:
            name = _time_of(catalog, current, model_id)
            if name:
                times.append((model_id, name))
    return times


def _time_of(catalog: Catalog, metric: Metric, model_id: str) -> str | None:
    model = catalog.model(model_id)
    measure = model.measure(metric.of.measure) if isinstance(metric.of, Simple) else None
    return metric.time_dimension or (measure and measure.time_dimension) or model.time_dimension

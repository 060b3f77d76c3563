"""Owns the grains of metrics: the one where a query names none, and those it may not name."""

from collections.abc import Iterable, Sequence

from executors.compiler.names import DEFAULT_GRAIN, STANDARD_GRAINS, Names, Wanted
from metric_catalog.business_years import BUSINESS_GRAINS, FISCAL
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.model.metrics import Conversion, Metric, Retention, Simple, inputs_of
from metric_catalog.periods import Grain
from metric_catalog.query import METRIC_TIME, GroupBy, MetricQuery
from metric_catalog.used_names import models_of


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


def check_named_grains(catalog: Catalog, query: MetricQuery) -> None:
    """Raise CatalogError where a typed query names a grain that a metric does not declare.

    Fiscal grains count as the civil ones of their length. What looks into an answer more finely
    than people ask for it, such as a search for unusual days, is not bound to this.
    """
    named = [query.grain, *(g.grain or g.name.partition("__")[2] for g in _metric_times(query))]
    for metric in (catalog.metric(name) for name in query.metrics):
        for grain in (grain for grain in named if grain and metric.grains):
            known = grain in STANDARD_GRAINS or grain in BUSINESS_GRAINS
            if known and not {grain, FISCAL.get(grain, grain)} & set(metric.grains):
                near = tuple(f"{METRIC_TIME}__{each}" for each in metric.grains)
                found = issue("grain_not_of_metric", nearest=near, metric=metric.id, grain=grain)
                raise CatalogError((found,))


def _metric_times(query: MetricQuery) -> Iterable[GroupBy]:
    return (g for g in query.group_by if g.name.partition("__")[0] == METRIC_TIME)


def check_grains(names: Names, metrics: Sequence[str], groups: Iterable[Wanted]) -> None:
    """Raise CatalogError where a group-by is finer than the time that it is made of."""
    for wanted in groups:
        asked = wanted.grain or (wanted.part if wanted.part in STANDARD_GRAINS else None)
        for metric in (names.catalog.metric(name) for name in metrics) if asked else ():
            found = _wrong_grain(names, metric, wanted, str(asked))
            if found is not None:
                raise CatalogError((found,))


def _wrong_grain(names: Names, metric: Metric, wanted: Wanted, asked: str) -> Issue | None:
    civil = names.civil(asked)
    if wanted.name == METRIC_TIME:
        times = _row_grains(names.catalog, metric, counted=True)
    else:
        times = _grain_of(names, wanted.name)
    coarsest = max((Grain(g) for g in times), key=lambda g: g.order, default=None)
    if coarsest is None or civil not in STANDARD_GRAINS or Grain(civil).order >= coarsest.order:
        return None
    near = (f"{wanted.name}__{coarsest}",)
    return issue(
        "grain_finer_than_time", nearest=near, metric=metric.id, grain=asked, finest=coarsest.value
    )


def _grain_of(names: Names, dimension: str) -> list[str]:
    bases = [base for base in names.bases if names.found(base, dimension)]
    grains = [getattr(names.find(base, dimension).element, "grain", None) for base in bases[:1]]
    return [grain for grain in grains if grain in STANDARD_GRAINS]


def _row_grains(catalog: Catalog, metric: Metric, counted: bool = False) -> list[str]:
    """Return the grains of the rows' times; `counted`: only of the times that values count at."""
    pending, grains = [metric], []
    while pending:
        current = pending.pop()
        if counted and isinstance(current.of, Conversion):
            pending.append(catalog.metric(current.of.base.metric))
            continue
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

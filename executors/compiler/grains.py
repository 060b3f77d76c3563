"""Owns the grains of metrics: the one where a query names none, and those it may not name."""

from collections.abc import Iterable, Sequence

from executors.compiler.names import DEFAULT_GRAIN, STANDARD_GRAINS, Names, Wanted
from metric_catalog.business_years import BUSINESS_GRAINS, FISCAL
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.metric_grains import metric_grain, row_grains
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Grain
from metric_catalog.query import METRIC_TIME, GroupBy, MetricQuery


def default_grain(catalog: Catalog, metrics: tuple[str, ...]) -> str:
    """Return the coarsest of the metrics' default grains."""
    grains = [metric_grain(catalog, metric) for metric in metrics] or [DEFAULT_GRAIN.value]
    custom = [grain for grain in grains if grain not in STANDARD_GRAINS]
    return custom[0] if custom else max(grains, key=lambda grain: Grain(grain).order)


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
        times = row_grains(names.catalog, metric, counted=True)
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

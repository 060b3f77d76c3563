"""Owns the rules on grains: every grain that is named is a standard or a custom one."""

from collections.abc import Iterable, Iterator

from metric_catalog.business_years import BUSINESS_GRAINS
from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.metrics import Metric, inputs_of
from metric_catalog.periods import Grain
from metric_catalog.rules.places import place_of

_PART = "__extract_"


def grains_of(catalog: Catalog) -> frozenset[str]:
    """Return every grain that may be named: standard, of business years, and custom ones."""
    custom = {g.name for spine in catalog.time_spines for g in spine.custom_grains}
    custom |= {name for name, _ in catalog.calendar.custom}
    return frozenset({grain.value for grain in Grain} | custom | set(BUSINESS_GRAINS))


def bare_name(name: str, grains: Iterable[str]) -> str:
    """Return a name without its `__grain` or `__extract_part`."""
    if _PART in name:
        return name.split(_PART)[0]
    head, _, tail = name.rpartition("__")
    return head if head and tail in set(grains) else name


def grains_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every grain named by a metric, a window or an offset is standard or custom."""
    grains = grains_of(catalog)
    for metric in catalog.metrics.values():
        for field, grain in _named_grains(metric):
            if grain not in grains:
                place = place_of(catalog, "metrics", metric.id, field)
                yield issue("unknown_grain", place, nearest_names(grain, grains), grain=grain)
    for model in catalog.models.values():
        for dimension in model.dimensions:
            if dimension.grain is not None and dimension.grain not in grains:
                place = place_of(
                    catalog, "semantic_models", model.id, f"dimensions.{dimension.name}.grain"
                )
                near = nearest_names(dimension.grain, grains)
                yield issue("unknown_grain", place, near, grain=dimension.grain)


def _named_grains(metric: Metric) -> Iterator[tuple[str, str]]:
    if metric.default_grain is not None:
        yield "default_grain", metric.default_grain
    for index, grain in enumerate(metric.grains):
        yield f"grains[{index}]", grain
    window = getattr(metric.of, "window", None)
    if window is not None:
        yield "window", window.grain
    to_date = getattr(metric.of, "grain_to_date", None)
    if to_date is not None:
        yield "grain_to_date", to_date
    for index, given in enumerate(inputs_of(metric)):
        if given.offset_window is not None:
            yield f"inputs[{index}].offset_window", given.offset_window.grain
        if given.offset_to_grain is not None:
            yield f"inputs[{index}].offset_to_grain", given.offset_to_grain

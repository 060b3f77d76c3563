"""Owns foundations: what the number of a metric rests on beside its own tables.

Conditions and entities may lie behind joins, windows and offsets may be counted by a time spine:
then the number depends on keys, columns and tables that no line of the metric names.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from metric_catalog.joins import DimensionPath, nearest_paths, validity
from metric_catalog.model.metrics import Cumulative, Metric, Simple, inputs_of
from metric_catalog.model.semantic_model import Dimension, SemanticModel, TimeSpine, own
from metric_catalog.query import METRIC_TIME
from metric_catalog.used_names import Definitions, Use, uses

Foundation = dict[str, list[Any]]
"""What a metric uses, by `model:x` or `time_spine:table`, as JSON."""


def foundation(metric: Metric, known: Definitions) -> Foundation:
    """Return what `metric` uses itself of joined tables and of time spines, without its inputs."""
    found: Foundation = {}
    for use in dict.fromkeys(uses(metric, known)):
        for path in _resolved(use, known)[0]:
            _add_path(found, use, path, known.models)
    for grain in dict.fromkeys(grains_used(metric, known)):
        add_counted(found, grain, known.time_spines)
    if _lies_along_time(metric):
        for spine in sorted(known.time_spines, key=lambda spine: spine.grain):
            found.setdefault(f"time_spine:{spine.table}", []).append([spine.column, spine.grain])
    return found


def grains_used(metric: Metric, known: Definitions) -> Iterator[str]:
    """Yield the grains that windows, offsets and conditions of `metric` itself are counted by."""
    yield from _own_grains(metric)
    for use in dict.fromkeys(uses(metric, known)):
        paths, grain = _resolved(use, known)
        yield from (grain,) if grain else ()
        for path in paths:
            yield from (path.element.grain or "",) if isinstance(path.element, Dimension) else ()


def add_counted(found: Foundation, grain: str, spines: Iterable[TimeSpine]) -> None:
    """Add the spine that counts the units of a custom grain, the first that knows it."""
    for spine in spines:
        for custom in spine.custom_grains:
            if custom.name == grain:
                part = [spine.column, spine.grain, grain, custom.column or custom.name]
                found.setdefault(f"time_spine:{spine.table}", []).append(part)
                return


def _resolved(use: Use, known: Definitions) -> tuple[tuple[DimensionPath, ...], str]:
    """Return where the name leads, nearest ways only, and the grain that is named with it."""
    if use.base not in known.models:
        return (), ""
    index = known.index(use.base)
    head, _, last = use.name.rpartition("__")
    for text, grain in ((use.name, ""), (head, last)):
        if text == METRIC_TIME:
            return (), grain
        if paths := nearest_paths(index.by_name.get(text) or index.by_short.get(text, ())):
            return paths, grain
    return (), ""


def _add_path(
    found: Foundation, use: Use, path: DimensionPath, models: Mapping[str, SemanticModel]
) -> None:
    """Add the tables along a path, with the keys, validities and partitions that join them."""
    of = [use.base, use.name]
    for place, step in enumerate(path.steps, 1):
        left, right = models[step.left], models[step.right]
        start = [*of, place, "from", _key(left, step.entity)]
        found.setdefault(f"model:{left.id}", []).append(start)
        valid = {side: _column(each) for side, each in sorted(validity(right).items())}
        parts = {d.name: _column(d) for d in right.dimensions if d.is_partition}
        end = [*of, place, "to", _key(right, step.entity), right.table, valid, parts]
        found.setdefault(f"model:{right.id}", []).append(end)
    if path.steps:
        found[f"model:{path.model}"].append([*of, "column", _column(path.element)])


def _key(model: SemanticModel, entity: str) -> str:
    found = model.entity(entity)
    return own(found) if found else entity


def _column(element: object) -> list[Any]:
    if isinstance(element, Dimension) and element.type == "time":
        return [own(element), element.type, element.grain]
    return [own(element)]


def _own_grains(metric: Metric) -> Iterator[str]:
    offsets = (item.offset_window for item in inputs_of(metric))
    windows = (getattr(metric.of, "window", None), *offsets)
    yield from (window.grain for window in windows if window is not None)
    if isinstance(metric.of, Cumulative) and metric.of.grain_to_date:
        yield metric.of.grain_to_date
    yield from (i.offset_to_grain for i in inputs_of(metric) if i.offset_to_grain)


def _lies_along_time(metric: Metric) -> bool:
    """Return whether values are laid along a time spine: which moments have one is in its table."""
    if isinstance(metric.of, Cumulative):
        return True
    if isinstance(metric.of, Simple) and metric.of.join_to_time_spine:
        return True
    return any(item.offset_window or item.offset_to_grain for item in inputs_of(metric))

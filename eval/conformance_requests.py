"""Owns the outside requests: one line of `cases.jsonl` becomes a query of ours."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition
from metric_catalog.interchange.jinja import condition_of
from metric_catalog.model.metrics import Simple, inputs_of
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.periods import Grain, Period, floor, shift
from metric_catalog.query import (
    METRIC_TIME,
    Filter,
    GroupBy,
    MetricQuery,
    Order,
    both,
)
from metric_catalog.rules.grains import bare_name, grains_of

_EXTRACT = "__extract_"


@dataclass(frozen=True)
class Request:
    """One request as it stands in the file; `expected` is None where the file has none."""

    index: int
    content: dict[str, Any]

    @property
    def model(self) -> str:
        """The name of the manifest, in the words of the file."""
        return str(self.content.get("model", ""))

    @property
    def features(self) -> tuple[str, ...]:
        """What the request exercises."""
        return tuple(self.content.get("features") or ())

    @property
    def expected(self) -> dict[str, Any] | None:
        """Columns and rows (or only n_rows)."""
        return self.content.get("expected")


def to_query(request: Request, catalog: Catalog) -> MetricQuery:
    """Return the query of `request`; raises CatalogError where its texts cannot be read."""
    content = request.content
    metrics = tuple(content.get("metrics") or ())
    names = list(content.get("group_bys") or ())
    order = tuple(content.get("order_bys") or ())
    limit, conditions = content.get("limit"), []
    if saved_name := content.get("saved_query_name"):
        saved = catalog.saved_queries[saved_name]
        metrics, names = (*saved.metrics, *metrics), [*saved.group_by, *names]
        order = order or saved.order
        limit = saved.limit if limit is None else limit
        conditions = [parse_condition(text) for text in saved.where]
    groups = [group_by(name, catalog) for name in names]
    groups += [_from_object(item, catalog) for item in content.get("group_by_objs") or ()]
    if where := content.get("where_filter_rendered"):
        conditions.append(condition_of(where))
    return MetricQuery(
        metrics=metrics,
        group_by=tuple(dict.fromkeys(groups)),
        filters=_together(conditions),
        periods=_periods(content.get("time_constraint"), metrics, groups, catalog),
        order=tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in order),
        limit=limit,
        distinct=content.get("apply_group_by", True) is not False,
        min_max_only=bool(content.get("min_max_only")),
    )


def group_by(name: str, catalog: Catalog) -> GroupBy:
    """Return `dimension__grain` or `dimension__extract_part` in its parts."""
    if _EXTRACT in name:
        bare, part = name.split(_EXTRACT, 1)
        return GroupBy(bare, None, part)
    bare = bare_name(name, grains_of(catalog))
    return GroupBy(bare, name[len(bare) + 2 :] or None)


def _from_object(item: dict[str, Any], catalog: Catalog) -> GroupBy:
    named = group_by(str(item["name"]), catalog)
    return GroupBy(named.name, item.get("grain") or named.grain, item.get("date_part"))


def _together(conditions: list[Filter]) -> Filter | None:
    found: Filter | None = None
    for condition in conditions:
        found = both(found, condition)
    return found


def _periods(
    constraint: list[str] | None,
    metrics: tuple[str, ...],
    groups: list[GroupBy],
    catalog: Catalog,
) -> tuple[Period, ...]:
    """The constraint includes both ends and is widened to whole units of the grain asked."""
    if not constraint:
        return ()
    grain = _asked_grain(metrics, groups, catalog)
    start, end = (dt.datetime.fromisoformat(text) for text in constraint)
    return (Period(floor(start, grain), shift(floor(end, grain), 1, grain)),)


def _asked_grain(metrics: tuple[str, ...], groups: list[GroupBy], catalog: Catalog) -> Grain:
    default = max(
        (_default_grain(name, catalog) for name in metrics), key=_order, default=Grain.DAY
    )
    asked = [
        item.grain or default
        for item in groups
        if item.date_part is None and item.name == METRIC_TIME
    ]
    known = [Grain(grain) for grain in asked if grain in set(Grain)]
    return min(known, key=_order, default=default)


def _order(grain: Grain) -> int:
    return grain.order


def _default_grain(metric_id: str, catalog: Catalog) -> Grain:
    """The grain of a metric where none is asked: its own, else a day or its coarser column."""
    grain = catalog.metric(metric_id).default_grain
    if grain in set(Grain):
        return Grain(grain)
    below = [Grain(time.grain) for time in _own_times(metric_id, catalog) if time.grain]
    return max([Grain.DAY, *below], key=_order)


def _own_times(metric_id: str, catalog: Catalog) -> Iterator[Dimension]:
    """The time dimensions that date the measures of a metric."""
    metric = catalog.metric(metric_id)
    for given in inputs_of(metric):
        yield from _own_times(given.metric, catalog)
    if isinstance(metric.of, Simple):
        model = catalog.model(metric.of.model)
        measure = model.measure(metric.of.measure)
        name = (measure.time_dimension if measure else None) or model.time_dimension
        dimension = model.dimension(name) if name else None
        if dimension is not None:
            yield dimension

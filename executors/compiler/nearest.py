"""Owns what comes nearest to a query that cannot be answered: names, grains and periods."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, islice

from metric_catalog.catalog import Catalog
from metric_catalog.issues import MOST_NEAREST, nearest_valid
from metric_catalog.joins import DimensionPath, validity
from metric_catalog.periods import Grain, Period, complete_units_before, shift
from metric_catalog.policy import Policy
from metric_catalog.query import METRIC_TIME

MOST_TRIED = 64
"""So many subsets of group-bys are tried for one that can be had."""


def near_grains(grain: str) -> tuple[str, ...]:
    """Return the standard grain as long as one of an own calendar, else those alike by name."""
    standard = [each.value for each in Grain]
    last = grain.rpartition("_")[2]
    return (last,) if last in standard else nearest_valid(grain, standard)


def by_time(*grains: object) -> tuple[str, ...]:
    """Return the group-bys on the metrics' time by `grains`."""
    return tuple(f"{METRIC_TIME}__{grain}" for grain in dict.fromkeys(grains))


def near_metrics(catalog: Catalog, policy: Policy, metric: str, dimension: str) -> tuple[str, ...]:
    """Return the metrics named most like `metric` that can be split by `dimension`."""

    def found(base: str) -> bool:
        index = catalog.index(base)
        return dimension in index.by_name or dimension in index.by_short

    able = [
        each.id
        for each in catalog.metrics.values()
        if not each.private and each.id not in policy.hidden_metrics
        if (bases := catalog.base_models(each.id)) and all(map(found, bases))
    ]
    return nearest_valid(metric, able)


def at_any_time(catalog: Catalog, paths: Iterable[DimensionPath], near: str) -> tuple[str, ...]:
    """Return the names most like `near` among `paths` on which no table keeps history."""
    return nearest_valid(near, (path.name for path in _lasting(catalog, paths)))


def _lasting(catalog: Catalog, paths: Iterable[DimensionPath]) -> tuple[DimensionPath, ...]:
    return tuple(
        path
        for path in paths
        if not any(validity(catalog.model(step.right)) for step in path.steps)
    )


def near_times(catalog: Catalog, paths: Iterable[DimensionPath]) -> tuple[str, ...]:
    """Return the times among `paths` to group by where rows have none of their own, else others."""
    known = _lasting(catalog, paths)
    times = [path.name for path in known if path.is_time]
    return nearest_valid(METRIC_TIME, times or (path.name for path in known))


def together(asked: Sequence[str], can_be_had: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Return the largest choices of the names asked for that can be had, as text for a group-by."""
    smaller = (s for size in range(len(asked) - 1, 0, -1) for s in combinations(asked, size))
    found = [subset for subset in islice(smaller, MOST_TRIED) if can_be_had(subset)]
    most = max(map(len, found), default=0)
    return tuple(",".join(s) for s in found if len(s) == most)[:MOST_NEAREST]


def near_period(period: Period | None, as_of: dt.date | None) -> tuple[str, ...]:
    """Return the options of a period with both bounds: the one asked for, closed by a month.

    Without any bound the last complete month before `as_of`, where that is known.
    """
    start, end = (period.start, period.end) if period else (None, None)
    try:
        if start is None and end is None and as_of is not None:
            start, end = complete_units_before(as_of, 1, Grain.MONTH).bounds()
        elif start is not None and end is None:
            end = shift(start, 1, Grain.MONTH)
        elif end is not None and start is None:
            start = shift(end, -1, Grain.MONTH)
    except (OverflowError, ValueError):
        return ()
    if start is None or end is None:
        return ()
    bounds = Period(start, end).to_json()
    return ("--start {start} --end {end_exclusive}".format(**bounds),)

"""What a query means, in plain Python over lists of rows: slow, short and independent of SQL."""

import datetime as dt
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from metric_catalog.conditions import parse_condition
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.periods import Grain, Period, floor
from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or
from tests.executors.compiler.worlds import Row, World

Key = tuple[Any, ...]
Groups = Sequence[str]

TIMES = {"sales": "sold_at", "visits": "seen_at"}
PATHS: dict[str, dict[str, tuple[str, ...]]] = {
    "sales": {
        "channel": ("channel",),
        "sale__channel": ("channel",),
        "is_paid": ("is_paid",),
        "customer__city": ("customer", "city"),
        "city": ("customer", "city"),
        "shop__kind": ("shop", "kind"),
        "kind": ("shop", "kind"),
        "zone": ("customer", "zone_key", "zone"),
        "customer__zone_key__zone": ("customer", "zone_key", "zone"),
        "customer": ("customer_id",),
        "shop": ("shop_id",),
    },
    "visits": {
        "source": ("source",),
        "customer__city": ("customer", "city"),
        "city": ("customer", "city"),
        "zone": ("customer", "zone_key", "zone"),
        "customer__zone_key__zone": ("customer", "zone_key", "zone"),
        "customer": ("customer_id",),
    },
}


def cell(world: World, model: str, row: Row, name: str) -> Any:
    """Return the value of a group-by or filter name for one row of a fact table."""
    if name.startswith("metric_time"):
        moment = row[TIMES[model]]
        suffix = name.removeprefix("metric_time").removeprefix("__")
        if suffix == "extract_dow":
            return moment.isoweekday()
        return floor(moment, Grain(suffix or "day"))
    if name == "joined_at__month" or name == "customer__joined_at__month":
        joined = world.value(model, row, ("customer", "joined_at"))
        return joined and floor(joined, Grain.MONTH)
    return world.value(model, row, PATHS[model][name])


def holds(tree: Filter | None, read: Callable[[Compare | MetricCondition], Any]) -> bool | None:
    """Return whether a condition holds, None where nobody knows."""
    match tree:
        case None:
            return True
        case And(items):
            found = [holds(item, read) for item in items]
            return False if False in found else (None if None in found else True)
        case Or(items):
            found = [holds(item, read) for item in items]
            return True if True in found else (None if None in found else False)
        case Not(item):
            inner = holds(item, read)
            return None if inner is None else not inner
        case _:
            return _compared(read(tree), tree.op, tree.values)


def _compared(value: Any, op: str, values: tuple[Any, ...]) -> bool | None:
    if op == "is_null":
        return value is None
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        values = tuple(dt.datetime.fromisoformat(each) for each in values)
    match op:
        case "=" | "in":
            return value in values
        case "!=":
            return value not in values
        case "contains":
            return any(each in value for each in values)
        case "prefix":
            return any(value.startswith(each) for each in values)
        case "suffix":
            return any(value.endswith(each) for each in values)
        case "<":
            return bool(value < values[0])
        case "<=":
            return bool(value <= values[0])
        case ">":
            return bool(value > values[0])
        case _:
            return bool(value >= values[0])


def kept(
    world: World,
    model: str,
    filters: Iterable[Filter | None],
    period: Period | None,
    by_entity: Callable[[MetricCondition, Row], Any] | None = None,
) -> list[Row]:
    """Return the rows of a fact table that meet all filters and lie in the period."""

    def read(row: Row) -> Callable[[Compare | MetricCondition], Any]:
        def leaf(tree: Compare | MetricCondition) -> Any:
            if isinstance(tree, Compare):
                return cell(world, model, row, tree.dimension)
            assert by_entity is not None
            return by_entity(tree, row)

        return leaf

    return [
        row
        for row in world.tables[model]
        if (period is None or period.contains(row[TIMES[model]]))
        and all(holds(tree, read(row)) is True for tree in filters)
    ]


def aggregate(agg: str, values: list[Any]) -> Any:
    """Return an aggregate over the values that are known, as SQL defines it."""
    known = [value for value in values if value is not None]
    match agg:
        case "count":
            return len(known)
        case "count_distinct":
            return len(set(known))
        case "sum_boolean":
            return sum(value is True for value in values) if values else None
    if not known:
        return None
    match agg:
        case "sum":
            return sum(known)
        case "average":
            return sum(known) / len(known)
        case "median":
            return statistics.median(known)
        case "min":
            return min(known)
        case _:
            return max(known)


def grouped(keys: Iterable[Key], rows: Iterable[Row], groups: Groups) -> dict[Key, list[Row]]:
    """Return the rows per key; without groups one key, even without rows."""
    found: dict[Key, list[Row]] = {} if groups else {(): []}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(key, []).append(row)
    return found


def simple_values(
    world: World,
    metric: Metric,
    groups: Groups,
    filters: Sequence[Filter | None],
    period: Period | None,
    by_entity: Callable[[MetricCondition, Row], Any] | None = None,
) -> dict[Key, Any]:
    """Return the values of a simple metric per key."""
    assert isinstance(metric.of, Simple)
    model = world.catalog.models[metric.of.model]
    measure = model.measure(metric.of.measure)
    assert measure is not None
    own_filter = parse_condition(metric.filter) if metric.filter else None
    rows = kept(world, model.id, (*filters, own_filter), period, by_entity)
    keys = [tuple(cell(world, model.id, row, name) for name in groups) for row in rows]
    column = measure.expr or measure.name
    return {
        key: aggregate(measure.agg.value, [row[column] for row in members])
        for key, members in grouped(keys, rows, groups).items()
    }


def ratio(above: Any, below: Any, zero: str = "null") -> Any:
    """Return the quotient by the zero rule."""
    if zero == "zero" and (below is None or below == 0):
        return 0
    if above is None or below is None or below == 0:
        return None
    return above / below


def close(left: Any, right: Any) -> bool:
    """Return whether two cells are equal, floats nearly."""
    if left is None or right is None:
        return left is right
    if isinstance(left, float) or isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return bool(left == right)


def same_values(got: dict[Key, Any], wanted: dict[Key, Any]) -> None:
    """Fail where two results differ, naming the keys."""
    assert set(got) == set(wanted), (got, wanted)
    wrong = {key: (got[key], wanted[key]) for key in wanted if not close(got[key], wanted[key])}
    assert not wrong, wrong


def same_segments(got: dict[Any, Any], wanted: dict[Any, Any]) -> None:
    """Fail where segments differ: what is absent on one side is 0 on the other."""
    assert set(wanted) <= set(got), (got, wanted)
    same_values(
        {key: float(value or 0) for key, value in got.items()},
        {key: float(wanted.get(key) or 0) for key in got},
    )

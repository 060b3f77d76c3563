"""Owns the rules on likeness: metrics that seem to be the same, or to conflict."""

from collections import defaultdict
from collections.abc import Iterator
from typing import assert_never

from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition, render_condition
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.model.metrics import Metric
from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or, Scalar
from metric_catalog.rules.places import place_of


def formulas_differ(catalog: Catalog) -> Iterator[Issue]:
    """No two metrics mean exactly the same under different names."""
    groups: dict[str, list[Metric]] = defaultdict(list)
    for metric in catalog.metrics.values():
        if not metric.private and metric.status != "retired":
            groups[_meaning(catalog, metric)].append(metric)
    for first, *others in groups.values():
        for metric in others:
            if metric.id == first.successor or first.id == metric.successor:
                continue
            place = place_of(catalog, "metrics", metric.id)
            given = {"metric": metric.id, "other": first.id}
            yield issue("same_formula", place, severity="warning", **given)


def _meaning(catalog: Catalog, metric: Metric) -> str:
    """Return the formula without its filter's spelling; `hash_of` covers everything else."""
    filters = _canonical(metric.filter)
    if filters is None:
        return catalog.hash_of(metric.id)
    plain = metric.model_dump_json(include={"of", "time_dimension", "zero_denominator"})
    return f"{plain} {filters}"


def _canonical(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return render_condition(ordered(parse_condition(text)))
    except CatalogError:
        return text


def ordered(condition: Filter) -> Filter:
    """Return the same condition with its parts and its lists in one fixed order."""
    match condition:
        case And(items):
            return And(_sorted(items))
        case Or(items):
            return Or(_sorted(items))
        case Not(item):
            return Not(ordered(item))
        case Compare(name, "in", (value,)):
            return Compare(name, "=", (value,))
        case Compare(name, op, values):
            return Compare(name, op, tuple(sorted(set(values), key=_key)))
        case MetricCondition():
            return condition
        case _:
            assert_never(condition)


def _sorted(items: tuple[Filter, ...]) -> tuple[Filter, ...]:
    return tuple(sorted({ordered(item) for item in items}, key=render_condition))


def _key(value: Scalar) -> tuple[str, str]:
    return type(value).__name__, str(value)


def filters_differ_clearly(catalog: Catalog) -> Iterator[Issue]:
    """Two metrics of one formula whose filters overlap in their values are worth a look."""
    groups: dict[str, list[tuple[Metric, Filter]]] = defaultdict(list)
    for metric in catalog.metrics.values():
        if metric.filter is None or metric.private or metric.status == "retired":
            continue
        try:
            tree = ordered(parse_condition(metric.filter))
        except CatalogError:
            continue
        key = metric.model_dump_json(include={"of", "time_dimension"})
        groups[key].append((metric, tree))
    for members in groups.values():
        for index, (metric, tree) in enumerate(members):
            for other, there in members[:index]:
                if tree != there and _overlap(tree, there):
                    place = place_of(catalog, "metrics", metric.id, "filter")
                    given = {"metric": metric.id, "other": other.id}
                    yield issue("similar_filters", place, severity="warning", **given)


def _overlap(left: Filter, right: Filter) -> bool:
    """Whether all conditions are the same but one, and that one is nearly the same."""
    here, there = _leaves(left), _leaves(right)
    if here is None or there is None:
        return False
    mine, others = here - there, there - here
    return len(mine) == 1 and len(others) == 1 and _near(*mine, *others)


def _near(one: Compare, other: Compare) -> bool:
    """Whether two conditions choose nearly the same: overlapping lists, a bound in or out."""
    if one.dimension != other.dimension:
        return False
    if one.op != other.op and {one.op, other.op} not in _ALIKE:
        return False
    return bool(_plain(one) & _plain(other))


_ALIKE = ({"=", "in"}, {">", ">="}, {"<", "<="})


def _plain(condition: Compare) -> set[Scalar]:
    """Return the values compared with, texts without case and outer blanks."""
    return {v.strip().casefold() if isinstance(v, str) else v for v in condition.values}


def _leaves(condition: Filter) -> set[Compare] | None:
    items = condition.items if isinstance(condition, And) else (condition,)
    found = {item for item in items if isinstance(item, Compare)}
    return found if len(found) == len(items) else None

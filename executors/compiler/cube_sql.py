"""Owns the SQL of cubes: one GROUP BY per set, the smaller sets from the results of larger ones."""

from sqlglot import exp

from executors.compiler.plan import GROUPED, Cube, GroupingSet
from executors.compiler.syntax import Expr, column, name, number


def cube_select(node: Cube, ctes: dict[str, exp.Query]) -> exp.Query:
    """Return the rows of all sets of a cube; `ctes` has its source and gets one SELECT per set."""
    written: dict[tuple[int, ...], str] = {}
    parts: list[exp.Query] = []
    for each in node.sets:
        below = written[each.parent] if each.parent is not None else node.source.name
        cte = f"{node.name}_{'_'.join(map(str, each.dimensions)) or 'all'}"
        ctes[cte] = _set_select(node, each, below)
        written[each.dimensions] = cte
        parts.append(_rows(node, each, cte))
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.Union(this=whole, expression=part, distinct=False)
    return whole


def _set_select(node: Cube, each: GroupingSet, below: str) -> exp.Select:
    keys: list[Expr] = [column(below, node.dimensions[place]) for place in each.dimensions]
    values = [
        exp.Alias(this=kind(this=column(below, value)), alias=name(value))
        for value, kind in node.values
    ]
    select = exp.Select(expressions=[*keys, *values])
    select.set("from_", exp.From(this=exp.Table(this=name(below))))
    if keys:
        places = [number(place + 1) for place in range(len(keys))]
        select.set("group", exp.Group(expressions=places))
    return select


def _rows(node: Cube, each: GroupingSet, cte: str) -> exp.Select:
    items: list[Expr] = [
        column(cte, dimension)
        if place in each.dimensions
        else exp.Alias(this=exp.Null(), alias=name(dimension))
        for place, dimension in enumerate(node.dimensions)
    ]
    mask = sum(1 << place for place in each.dimensions)
    items.append(exp.Alias(this=number(mask), alias=name(GROUPED)))
    items += [column(cte, value) for value, _ in node.values]
    select = exp.Select(expressions=items)
    select.set("from_", exp.From(this=exp.Table(this=name(cte))))
    kept = [condition for dimension, condition in node.members
            if node.dimensions.index(dimension) in each.dimensions]  # fmt: skip
    if kept:
        select.set("where", exp.Where(this=exp.and_(*(c.copy() for c in kept), copy=False)))
    return select

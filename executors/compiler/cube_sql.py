"""Owns the SQL of cubes: one GROUP BY per set, the smaller sets from the results of larger ones."""

from sqlglot import exp

from executors.compiler.plan import GROUPED, KEY, Cube, GroupingSet
from executors.compiler.syntax import Expr, column, name, number


def cube_select(node: Cube, ctes: dict[str, exp.Query]) -> exp.Query:
    """Return the rows of all sets of a cube; `ctes` has its source and gets one SELECT per set."""
    written: dict[tuple[int, ...], str] = {}
    parts: list[exp.Query] = []
    for each in node.sets:
        below = written[each.parent] if each.parent is not None else node.source.name
        cte = "__".join((node.name, *_names(node, each)))
        ctes[cte] = _set_select(node, each, below)
        written[each.dimensions] = cte
        if each.shown:
            parts.append(_rows(node, each, cte))
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.Union(this=whole, expression=part, distinct=False)
    return whole


def _names(node: Cube, each: GroupingSet) -> tuple[str, ...]:
    return tuple(node.fields[place].dimension for place in each.dimensions) or ("whole",)


def _set_select(node: Cube, each: GroupingSet, below: str) -> exp.Select:
    mask = sum(node.fields[place].mask for place in each.dimensions)
    values = [
        exp.Alias(this=exp.Sum(this=column(below, value)), alias=name(value))
        for value in node.values
    ]
    key: list[Expr] = []
    if each.dimensions:
        packed = exp.BitwiseAnd(this=column(below, KEY), expression=number(mask))
        key = [exp.Alias(this=packed, alias=name(KEY))]
    select = exp.Select(expressions=[*key, *values])
    select.set("from_", exp.From(this=exp.Table(this=name(below))))
    if key:
        select.set("group", exp.Group(expressions=[number(1)]))
    return select


def _rows(node: Cube, each: GroupingSet, cte: str) -> exp.Select:
    mask = sum(1 << place for place in each.dimensions)
    key = column(cte, KEY) if each.dimensions else exp.Alias(this=number(0), alias=name(KEY))
    items: list[Expr] = [key, exp.Alias(this=number(mask), alias=name(GROUPED))]
    items += [column(cte, value) for value in node.values]
    select = exp.Select(expressions=items)
    select.set("from_", exp.From(this=exp.Table(this=name(cte))))
    return select

"""Owns the way from a plan to one SELECT: closed nodes become CTEs, open ones FROM and WHERE."""

from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from executors.compiler.cube_sql import cube_select
from executors.compiler.plan import (
    CLOSED,
    Aggregate,
    Closed,
    Combine,
    Compute,
    Cube,
    Filter,
    Join,
    Named,
    Node,
    OrderLimit,
    Plan,
    Read,
    Series,
    SortKey,
    Stack,
    TimeSpine,
    Visible,
    Window,
    columns_of,
)
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    coalesce,
    column,
    equal,
    interval,
    name,
    number,
    ordered,
    same,
    table,
)
from executors.compiler.syntax import text as words

_SIDES = {"left": "LEFT", "full": "FULL", "inner": None, "cross": None}


@dataclass
class _Source:
    """The FROM, JOIN and WHERE of one SELECT."""

    table: Expr
    joins: list[exp.Join] = field(default_factory=list)
    conditions: list[Expr] = field(default_factory=list)


@dataclass
class _Writer:
    ctes: dict[str, exp.Query] = field(default_factory=dict)

    def reference(self, node: Closed, alias: str | None = None) -> Expr:
        """Return `node` as a table, its CTE written before."""
        if node.name not in self.ctes:
            select = self.select(node)
            self.ctes[node.name] = select
        return table_of(node.name, alias)

    def select(self, node: Closed) -> exp.Query:
        """Return the SELECT of a closed node."""
        match node:
            case Series():
                return self._series(node)
            case TimeSpine(source=source, columns=columns, distinct=distinct):
                return self._plain(source, columns, distinct)
            case Compute(source=source, columns=columns, distinct=distinct):
                return self._plain(source, columns or (), distinct)
            case Window(source=source, columns=columns):
                return self._plain(source, columns, False)
            case Aggregate():
                return self._aggregate(node)
            case Combine():
                return self._combine(node)
            case Stack():
                return self._stack(node)
            case OrderLimit():
                return self._order_limit(node)
            case Cube():
                self.reference(node.source)
                return cube_select(node, self.ctes)
            case _:
                assert_never(node)

    def _series(self, node: Series) -> exp.Select:
        moments = exp.GenerateSeries(
            start=node.start.copy(), end=node.end.copy(), step=interval(1, node.grain)
        )
        item = exp.Alias(this=exp.Explode(this=moments), alias=name(node.column))
        select = exp.Select(expressions=[item])
        if node.source is not None:
            select.set("from_", exp.From(this=self.reference(node.source)))
        return select

    def _plain(self, source: Node, columns: tuple[Named, ...], distinct: bool) -> exp.Select:
        items: list[Expr] = [aliased(item) for item in columns]
        if not columns:
            items = [exp.Column(this=exp.Star(), table=name(_first_alias(source)))]
        select = self._from(source, exp.Select(expressions=items))
        if distinct:
            select.set("distinct", exp.Distinct())
        return select

    def _from(self, node: Node, select: exp.Select) -> exp.Select:
        source = self._source(node)
        select.set("from_", exp.From(this=source.table))
        if source.joins:
            select.set("joins", source.joins)
        where = all_of(condition.copy() for condition in source.conditions)
        if where is not None:
            select.set("where", exp.Where(this=where))
        return select

    def _source(self, node: Node) -> _Source:
        match node:
            case Read(table=path, alias=alias):
                return _Source(table(path, alias))
            case Visible(source=source, alias=alias):
                return _Source(self.reference(source, alias))
            case Filter(source=below, conditions=conditions):
                found = self._source(below)
                found.conditions.extend(conditions)
                return found
            case Join():
                return self._join(node)
            case _ if isinstance(node, CLOSED):
                return _Source(self.reference(node))
        raise TypeError(node)

    def _join(self, node: Join) -> _Source:
        left, right = self._source(node.left), self._source(node.right)
        if node.kind != "inner" and (right.joins or right.conditions):
            raise TypeError("only an inner join takes more than one table on its right side")
        joined = exp.Join(this=right.table, side=_SIDES[node.kind])
        if node.kind in ("inner", "cross"):
            joined.set("kind", node.kind.upper())
        if node.on is not None:
            joined.set("on", node.on.copy())
        left.joins += [joined, *right.joins]
        left.conditions += right.conditions
        return left

    def _aggregate(self, node: Aggregate) -> exp.Select:
        items = [aliased(item) for item in (*node.groups, *node.values)]
        select = self._from(node.source, exp.Select(expressions=items))
        if node.one_of:
            select.set("group", exp.Group(grouping_sets=[_sets(node)]))
        elif node.groups:
            places = [number(place + 1) for place in range(len(node.groups))]
            select.set("group", exp.Group(expressions=places))
        return select

    def _combine(self, node: Combine) -> exp.Select:
        first, *others = node.sources
        seen = [first.name]
        joins = []
        for other in others:
            joined = exp.Join(this=self.reference(other))
            if node.keys:
                joined.set("side", "FULL")
                joined.set("on", all_of(_matched(seen, other.name, key) for key in node.keys))
            else:
                joined.set("kind", "CROSS")
            joins.append(joined)
            seen.append(other.name)
        keys = [Named(key, coalesce(*(column(s, key) for s in seen))) for key in node.keys]
        items = [aliased(item) for item in (*keys, *node.values)]
        select = exp.Select(expressions=items)
        select.set("from_", exp.From(this=self.reference(first)))
        select.set("joins", joins)
        return select

    def _stack(self, node: Stack) -> exp.Query:
        names = columns_of(node)
        parts: list[exp.Query] = []
        for source in node.sources:
            items = [column(source.name, each) for each in names]
            select = exp.Select(expressions=items)
            select.set("from_", exp.From(this=self.reference(source)))
            parts.append(select)
        whole = parts[0]
        for part in parts[1:]:
            whole = exp.Union(this=whole, expression=part, distinct=False)
        return whole

    def _order_limit(self, node: OrderLimit) -> exp.Query:
        select = self.select(node.source)
        if not isinstance(select, exp.Select):
            items = [column(node.source.name, each) for each in columns_of(node.source)]
            self.ctes[node.source.name] = select
            select = exp.Select(expressions=items)
            select.set("from_", exp.From(this=table_of(node.source.name)))
        if node.keys:
            select.set("order", exp.Order(expressions=[_sort_key(key) for key in node.keys]))
        if node.limit is not None:
            select.set("limit", exp.Limit(expression=number(node.limit)))
        return select


def _sets(node: Aggregate) -> Expr:
    """Return one set of groups for each of `one_of`, with all the groups that are not."""
    always = [group.value for group in node.groups if group.name not in node.one_of]
    alone = [group.value for group in node.groups if group.name in node.one_of]
    sets = [[*always, each] for each in alone]
    tuples = [exp.Tuple(expressions=[part.copy() for part in parts]) for parts in sets]
    return exp.GroupingSets(expressions=tuples)


def _sort_key(key: SortKey) -> Expr:
    value = column(key.table, key.column) if key.table else exp.Column(this=name(key.column))
    if key.last is not None:
        value = case((equal(value, words(key.last)), number(1)), default=number(0))
    return ordered(value, key.descending)


def table_of(text: str, alias: str | None = None) -> Expr:
    """Return a CTE as a table."""
    args: dict[str, Expr] = {"this": name(text)}
    if alias:
        args["alias"] = exp.TableAlias(this=name(alias))
    return exp.Table(**args)


def aliased(item: Named) -> Expr:
    """Return `value AS name`, the value copied out of the plan."""
    value = item.value.copy()
    if isinstance(value, exp.Column) and value.name == item.name:
        return value
    return exp.Alias(this=value, alias=name(item.name))


def _matched(seen: list[str], other: str, key: str) -> Expr:
    return same(coalesce(*(column(each, key) for each in seen)), column(other, key))


def _first_alias(node: Node) -> str:
    while not isinstance(node, Read | Visible):
        if isinstance(node, Join):
            node = node.left
        elif isinstance(node, Filter):
            node = node.source
        else:
            return node.name
    return node.alias


def to_sql(plan: Plan) -> exp.Query:
    """Return the one SELECT of a plan."""
    writer = _Writer()
    root = writer.select(plan.root)
    ctes = [
        exp.CTE(this=select, alias=exp.TableAlias(this=name(text)))
        for text, select in writer.ctes.items()
    ]
    if ctes:
        root.set("with_", exp.With(expressions=ctes))
    return root

"""Owns cubes: all segments of several dimensions at once, in one or two periods.

Sums are made in one pass: every row gets one integer that packs the codes of its members, a
GROUP BY on some bits of it is a set of segments, and smaller sets are rolled up from larger ones.
Anything else (distinct counts, medians, entity shares) is measured per set, exactly.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from executors.compiler.cube_members import (
    CODE,
    MEMBER,
    Members,
    code_in,
    members_of,
    packed_fields,
)
from executors.compiler.cube_parts import Leaf, Parts, additive_parts
from executors.compiler.cube_sets import OTHERS, measured_sets
from executors.compiler.draft import Draft
from executors.compiler.grouping_sets import sets_of
from executors.compiler.metrics import metric_column, visible_metric
from executors.compiler.names import Wanted
from executors.compiler.plan import (
    GROUPED,
    KEY,
    Closed,
    Compute,
    Cube,
    Join,
    Named,
    Node,
    Packed,
    Stack,
    Visible,
    Window,
)
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import Rows, open_rows
from executors.compiler.scope import Scope
from executors.compiler.simple import kept
from executors.compiler.syntax import (
    Expr,
    all_of,
    any_of,
    case,
    cast,
    coalesce,
    column,
    equal,
    number,
    over,
)
from executors.statement import Column
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.periods import Period
from metric_catalog.query import CubeQuery

CURRENT, BASE = "current", "base"
MAX_DIMENSIONS = 20

Sides = tuple[tuple[str, Period], ...]
Source = tuple[str, str | None]


def build_cube(draft: Draft, query: CubeQuery) -> tuple[Closed, tuple[Column, ...]]:
    """Return the segments of a cube: dimensions, the masks GROUPED and OTHERS, the components.

    Bit i of GROUPED says that the row is split by dimension i; the others are null there. The
    row with mask 0 is the whole. Components are `value`, or `numerator` and `denominator`.
    """
    metric = visible_metric(draft, query.metric)
    count = len(query.dimensions)
    if query.depth < 0 or count > MAX_DIMENSIONS or len(set(query.dimensions)) < count:
        raise CatalogError((issue("cube_depth", depth=query.depth),))
    wanted = tuple(draft.names.wanted(name) for name in query.dimensions)
    fields = packed_fields(query, wanted)
    sides: Sides = ((CURRENT, query.current),)
    if query.base is not None:
        sides += ((BASE, query.base),)
    parts = additive_parts(draft, metric)
    if parts:
        node, roles = _packed(draft, query, wanted, fields, parts, sides), list(parts.components)
    else:
        node, roles = measured_sets(draft, query, wanted, fields, sides)
    names = [f"{side}__{role}" for side, _ in sides for role in roles]
    if query.least_share > 0 and query.depth > 1:
        node = _large_enough(draft, query, node, [w.column for w in wanted], names)
    columns = [Column(w.column, "time" if w.grain else "dimension") for w in wanted]
    columns += [Column(GROUPED, "dimension"), Column(OTHERS, "dimension")]
    columns += [Column(name, "component", metric.id) for name in names]
    return node, tuple(columns)


def _packed(
    draft: Draft,
    query: CubeQuery,
    wanted: tuple[Wanted, ...],
    fields: tuple[Packed, ...],
    parts: Parts,
    sides: Sides,
) -> Closed:
    sources: dict[Source, list[Leaf]] = {}
    for leaf in parts.leaves:
        sources.setdefault(leaf.source(draft), []).append(leaf)
    summed = [_Summed(draft, query, source, leaves, sides) for source, leaves in sources.items()]
    members = [
        members_of(draft, query, w, field, [each.counted for each in summed])
        for w, field in zip(wanted, fields, strict=True)
    ]
    names = tuple(f"{side}__{leaf.name}" for side, _ in sides for leaf in parts.leaves)
    rows = tuple(each.keyed(members, names) for each in summed)
    whole: Closed = rows[0]
    if len(rows) > 1:
        whole = draft.close(Stack("all_segment_rows", rows))
    cube = draft.close(Cube("segments", whole, fields, sets_of(fields, query.depth), names))
    return _decoded(draft, cube, members, parts, sides)


@dataclass(frozen=True)
class _Summed:
    """The rows of one model that a cube sums up, for one or more leaves."""

    draft: Draft
    query: CubeQuery
    source: Source
    leaves: list[Leaf]
    sides: Sides

    def _opened(self, wanted: Sequence[Wanted]) -> tuple[Rows, list[Expr | None]]:
        """Return the rows joined to what is wanted, and which of them each leaf counts."""
        model = self.draft.catalog.model(self.source[0])
        rows = open_rows(self.draft, model, self.source[1], metric_column=metric_column)
        scope = Scope(()).narrowed(self.query.filters)
        every = [f for leaf in self.leaves for f in leaf.filters]
        rows.prepare(wanted, (*scope.filters, *every))
        return rows, [all_of(rows.where(f) for f in leaf.filters) for leaf in self.leaves]

    def _kept(self, rows: Rows, counts: list[Expr | None]) -> Node:
        """Return the rows that lie in either period and count for any leaf."""
        source = kept(self.draft, rows, Scope(()).narrowed(self.query.filters))
        conditions = source.conditions if isinstance(source, Kept) and source != rows.node else ()
        known = [test for test in counts if test is not None]
        if len(known) == len(counts):
            conditions += (_either(known),)
        return rows.keep((*conditions, *self._in_any_period(rows)))

    def _in_any_period(self, rows: Rows) -> tuple[Expr, ...]:
        """Return that rows lie in either period: one range where the periods touch."""
        periods = sorted((p for _, p in self.sides), key=lambda p: p.start or dt.datetime.min)
        first, last = periods[0], periods[-1]
        if first.end is None or (last.start or dt.datetime.min) <= first.end:
            ends = [period.end for period in periods]
            end = None if None in ends else max(end for end in ends if end)
            return self.draft.within(rows.known_moment(), Period(first.start, end))
        return (_either([test for test in self._inside(rows) if test is not None]),)

    def _inside(self, rows: Rows) -> list[Expr | None]:
        moment = rows.known_moment()
        return [all_of(self.draft.within(moment, period)) for _, period in self.sides]

    def counted(self, wanted: Wanted) -> tuple[Rows, Node]:
        """Return the rows joined to one dimension only."""
        rows, counts = self._opened((wanted,))
        rows.column(wanted)
        return rows, self._kept(rows, counts)

    def keyed(self, members: list[Members], names: tuple[str, ...]) -> Compute:
        """Return one row per row: the packed key, the number of every leaf in every period."""
        rows, counts = self._opened([each.wanted for each in members])
        key = _sum([each.packed(rows) for each in members])
        values: dict[str, Expr] = {}
        for (side, _), inside in zip(self.sides, self._inside(rows), strict=True):
            for leaf, test in zip(self.leaves, counts, strict=True):
                value = leaf.value(self.draft)
                both = all_of(t for t in (inside, test if len(set(counts)) > 1 else None) if t)
                values[f"{side}__{leaf.name}"] = case((both, value)) if both else value
        columns = [Named(n, values.get(n, exp.Null())) for n in names]
        source = self._kept(rows, counts)
        return self.draft.close(Compute("segment_rows", source, (Named(KEY, key), *columns)))


def _either(tests: list[Expr]) -> Expr:
    different = tuple(dict.fromkeys(tests))
    if len(different) == 1:
        return different[0]
    return exp.Paren(this=any_of(different))


def _sum(parts: list[Expr]) -> Expr:
    whole = parts[0] if parts else number(0)
    for part in parts[1:]:
        whole = exp.Add(this=whole, expression=part)
    return whole


def _decoded(
    draft: Draft, cube: Cube, members: list[Members], parts: Parts, sides: Sides
) -> Closed:
    """Return the segments with the names of their members and the metric's components."""
    key, grouped = column(cube.name, KEY), column(cube.name, GROUPED)
    source: Node = cube
    cells: list[Named] = []
    others: list[Expr] = []
    for place, each in enumerate(members):
        alias, code = each.node.name, code_in(key, each.field)
        source = Join(source, Visible(each.node, alias), "left", equal(code, column(alias, CODE)))
        cells.append(Named(each.wanted.column, column(alias, MEMBER)))
        is_other = equal(code, number(each.other_code))
        others.append(case((is_other, number(1 << place)), default=number(0)))
    items = [*cells, Named(GROUPED, grouped), Named(OTHERS, _sum(others))]
    for side, _ in sides:
        for role, tree in parts.components.items():
            items.append(Named(f"{side}__{role}", _component(cube.name, side, tree)))
    return draft.close(Compute("cube", source, tuple(items)))


def _component(table: str, side: str, tree: Expr) -> Expr:
    """Return a component of a segment: its formula over the sums, absent ones being 0.

    It is a double: databases give out sums of integers in types that are slow to read.
    """

    def summed(leaf: Expr) -> Expr:
        if isinstance(leaf, exp.Column) and not leaf.table:
            return coalesce(column(table, f"{side}__{leaf.name}"), number(0))
        return leaf

    return cast(tree.copy().transform(summed, copy=False), "DOUBLE")


def _large_enough(
    draft: Draft, query: CubeQuery, node: Closed, dimensions: list[str], names: list[str]
) -> Closed:
    """Return the segments of one dimension, and of more those that are a part worth naming."""
    few = [0, *(1 << place for place in range(len(dimensions)))]
    whole = equal(column(node.name, GROUPED), number(0))
    keep = [*dimensions, GROUPED, OTHERS, *names]
    wholes = [
        Named(f"{n}__whole", over(exp.Max(this=case((whole, column(node.name, n)))))) for n in names
    ]
    carried = tuple(Named(n, column(node.name, n)) for n in keep)
    window = draft.close(Window("sized_segments", node, (*carried, *wholes)))
    tests: list[Expr] = [exp.In(this=column(window.name, GROUPED), expressions=[*map(number, few)])]
    for n in names:
        least = exp.Mul(
            this=exp.Abs(this=column(window.name, f"{n}__whole")),
            expression=draft.bind(query.least_share),
        )
        tests.append(exp.GTE(this=exp.Abs(this=column(window.name, n)), expression=least))
    large = exp.Paren(this=any_of(tests))
    columns = tuple(Named(n, column(window.name, n)) for n in keep)
    return draft.close(Compute("large_segments", Kept(window, (large,)), columns))

"""Owns time spines: which one a query needs, and how values are laid along it."""

from collections.abc import Sequence
from dataclasses import dataclass

from executors.compiler.compared_values import value_form
from executors.compiler.conditions import Bind, Leaf, condition
from executors.compiler.draft import Draft
from executors.compiler.made_spine import Reach, made_spine
from executors.compiler.names import DEFAULT_GRAIN, STANDARD_GRAINS, Wanted
from executors.compiler.nearest import by_time
from executors.compiler.plan import (
    Compute,
    Join,
    Named,
    Node,
    TimeSpine,
    Visible,
)
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import Rows, custom_spine
from executors.compiler.scope import Measured, Offset, Scope
from executors.compiler.syntax import (
    Expr,
    all_of,
    column,
    equal,
    extracted,
    minus,
    truncated,
)
from executors.compiler.units import BASE_OF_FISCAL, BASE_OF_RETAIL
from metric_catalog.business_years import FISCAL, RETAIL
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Compare, Filter, filter_leaves

MOMENT = "__moment"
SPINE = "spine"


@dataclass
class SpineColumns:
    """The columns of one spine, spine tables joined for custom grains on demand.

    `moment` is the spine's own column, `grain` its grain.
    """

    draft: Draft
    node: Node
    moment: Expr
    grain: str
    table: str | None = None

    def value(self, wanted: Wanted) -> Expr:
        """Return a grain or part of the spine's moment."""
        if wanted.part:
            return extracted(wanted.part, self.moment)
        grain = wanted.grain or DEFAULT_GRAIN.value
        if self.draft.names.is_reckoned(grain):
            return self.draft.unit_start(grain, self.moment)
        other, name = custom_spine(self.draft, grain)
        if other.table == self.table:
            return column(SPINE, name)
        alias = f"{SPINE}_{grain}"
        on = equal(truncated(other.grain, self.moment), column(alias, other.column))
        self.node = Join(self.node, self.draft.spine_rows(other, alias), "left", on)
        return column(alias, name)

    def leaf(self, leaf: Leaf) -> tuple[Expr, Bind]:
        """Return the left side of a comparison with time, and the form of its values."""
        assert isinstance(leaf, Compare)
        wanted = self.draft.names.wanted(leaf.dimension)
        return self.value(wanted), value_form(self.draft, wanted)


def order_of(grain: str) -> int:
    """Return the place of a standard grain, finest first."""
    return Grain(grain).order


def finest_of(draft: Draft, grains: Sequence[str]) -> str:
    """Return the finest standard grain that all `grains` can be made of."""
    return min((_base_grain(draft, grain) for grain in grains), key=order_of)


def _base_grain(draft: Draft, grain: str) -> str:
    """Return the standard grain that units of `grain` are made of."""
    if grain in STANDARD_GRAINS:
        return grain
    if draft.names.is_business(grain):
        return BASE_OF_FISCAL if grain in FISCAL else BASE_OF_RETAIL
    return custom_spine(draft, grain)[0].grain


def spine_source(
    draft: Draft,
    grains: Sequence[str],
    period: Period | None = None,
    rows: Rows | Reach | None = None,
) -> SpineColumns:
    """Return the coarsest spine that is fine enough for all `grains`.

    Where the catalog has none, one is made for `period`; an open end is that of `rows`.
    """
    grain = finest_of(draft, grains)
    fitting = [s for s in draft.catalog.time_spines if order_of(s.grain) <= order_of(grain)]
    if fitting:
        best = max(fitting, key=lambda spine: order_of(spine.grain))
        moment = column(SPINE, best.column)
        rows_of = draft.spine_rows(best, SPINE)
        return SpineColumns(draft, rows_of, moment, best.grain, best.table)
    series = made_spine(draft, grain, period, rows)
    return SpineColumns(draft, Visible(series, SPINE), column(SPINE, series.column), grain)


def spine(
    draft: Draft,
    wanted: Sequence[Wanted],
    moment_grain: str | None = None,
    period: Period | None = None,
    filters: Sequence[Filter] = (),
    rows: Rows | Reach | None = None,
) -> TimeSpine:
    """Return the spine's `wanted` columns, each combination once, inside `period` and `filters`.

    `moment_grain` adds the column MOMENT, truncated to that grain.
    """
    asked = [w.grain or (DEFAULT_GRAIN.value if w.part else w.grain) for w in wanted]
    grains = [grain for grain in (*asked, moment_grain) if grain]
    for leaf in (leaf for tree in filters for leaf in filter_leaves(tree)):
        assert isinstance(leaf, Compare)
        grains.append(draft.names.wanted(leaf.dimension).grain or DEFAULT_GRAIN.value)
    source = spine_source(draft, grains, period, rows)
    columns = [Named(w.column, source.value(w)) for w in wanted]
    if moment_grain:
        columns.append(Named(MOMENT, truncated(moment_grain, source.moment, draft.week_start)))
    conditions = [condition(tree, source.leaf) for tree in filters]
    conditions += draft.within(source.moment, period)
    node = Kept(source.node, tuple(conditions)) if conditions else source.node
    own_grain = source.grain in {moment_grain, *(w.grain for w in wanted)}
    return draft.close(TimeSpine("time_spine", node, source.grain, tuple(columns), not own_grain))


def finest(draft: Draft, timed: Sequence[Wanted]) -> Wanted:
    """Return the group-by that time is joined on: standard grains first, the finest of them."""

    def place(wanted: Wanted) -> tuple[bool, bool, int]:
        civil = draft.names.civil(str(wanted.grain))
        order = order_of(civil) if civil in STANDARD_GRAINS else 0
        return wanted.part is not None, wanted.grain not in STANDARD_GRAINS, order

    return min(timed, key=place)


def shifts_after(draft: Draft, timed: Sequence[Wanted], offset: Offset) -> bool:
    """Return whether there are groups as fine as the offset, that can be shifted as a whole.

    Raises UnsupportedQuery for weeks shifted by months: what a week begins with then begins none.
    """
    joined = finest(draft, timed)
    grain = str(joined.grain)
    if offset.count is not None and all(w.grain not in RETAIL for w in timed):
        grain = draft.names.civil(grain)  # whole months later, a fiscal unit begins as well
    if joined.part or grain not in STANDARD_GRAINS or offset.grain not in STANDARD_GRAINS:
        return False
    if grain == Grain.WEEK and offset.count is None:
        return False  # weeks do not fit into the coarser grains
    if grain == Grain.WEEK and order_of(offset.grain) > order_of(grain):
        near = by_time(Grain.DAY, offset.grain)
        owner, code = draft.names.owner, "offset_between_units"
        found = issue(code, nearest=near, metric=owner, offset=offset.grain, grain=grain)
        raise UnsupportedQuery((found,))
    return order_of(grain) <= order_of(offset.grain)


def shifted(draft: Draft, moment: Expr, offset: Offset | None) -> Expr:
    """Return the moment that `moment` is compared with."""
    if offset is None:
        return moment
    if offset.count is None:
        return draft.unit_start(offset.grain, moment)
    return minus(moment, offset.count, offset.grain)


def join_spine(
    draft: Draft,
    measured: Measured,
    timed: Sequence[Wanted],
    scope: Scope,
    offset: Offset | None,
    every_moment: bool,
    time_filters: Sequence[Filter],
    other_filters: Sequence[Filter],
) -> Measured:
    """Lay grouped values along the time spine, shifted by `offset`.

    `every_moment` keeps moments without a value. Filters on groups are asked again, because a
    moment without a value meets none of them.
    """
    below, joined_on = measured.node, finest(draft, timed)
    reach = Reach(below, column(below.name, joined_on.column))
    known = draft.names.is_reckoned(joined_on.grain) and not joined_on.part
    node = spine(draft, timed, None, scope.period, time_filters, reach if known else None)
    on_columns = [joined_on] if offset else list(timed)
    on = all_of(
        equal(
            shifted(draft, column(node.name, w.column), offset),
            column(below.name, w.column),
        )
        for w in on_columns
    )
    joined: Node = Join(node, below, "left" if every_moment else "inner", on)
    from_spine = {w.column for w in timed}
    carried = [
        Named(key, column(node.name if key in from_spine else below.name, key))
        for key in measured.keys
    ]
    names = (measured.value, *(f"{measured.value}__{part}" for part in measured.parts))
    carried += [Named(each, column(below.name, each)) for each in names]
    if every_moment:
        joined = _asked_again(draft, joined, measured, node.name, from_spine, other_filters)
    made = draft.close(Compute(f"{measured.value}_by_time", joined, tuple(carried)))
    unique = measured.unique and (offset is None or len(timed) == 1)
    return Measured(made, measured.keys, measured.value, measured.fill, measured.parts, unique)


def _asked_again(
    draft: Draft,
    joined: Node,
    measured: Measured,
    spine_name: str,
    from_spine: set[str],
    filters: Sequence[Filter],
) -> Node:
    def leaf_column(leaf: Leaf) -> tuple[Expr, Bind]:
        assert isinstance(leaf, Compare)
        wanted = draft.names.wanted(leaf.dimension)
        owner = spine_name if wanted.column in from_spine else measured.node.name
        return column(owner, wanted.column), value_form(draft, wanted)

    conditions = tuple(
        condition(tree, leaf_column)
        for tree in filters
        if all(
            isinstance(leaf, Compare) and draft.names.wanted(leaf.dimension).column in measured.keys
            for leaf in filter_leaves(tree)
        )
    )
    return Kept(joined, conditions) if conditions else joined

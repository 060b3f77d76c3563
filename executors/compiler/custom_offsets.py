"""Owns offsets counted in units of a custom grain."""

from collections.abc import Sequence

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.nearest import near_grains
from executors.compiler.plan import Aggregate, Compute, Join, Named, Window
from executors.compiler.rows import Rows, custom_spine
from executors.compiler.scope import Offset
from executors.compiler.syntax import (
    Expr,
    case,
    column,
    equal,
    interval,
    number,
    over,
    truncated,
)
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue


def shift_by_custom_grain(
    draft: Draft, rows: Rows, timed: Sequence[Wanted], offset: Offset
) -> None:
    """Move each row to the unit `offset.count` later, to the same place inside that unit.

    Rows without such a place (the later unit is shorter) get no moment, unless only units of the
    custom grain are asked for: then every row goes to the later unit.
    """
    if offset.count is None:
        near = near_grains(offset.grain)
        raise UnsupportedQuery((issue("custom_offset_to_grain", nearest=near, grain=offset.grain),))
    whole_units = {w.grain for w in timed} == {offset.grain}
    later = _later_moments(draft, offset, offset.count, whole_units)
    assert rows.moment is not None
    on = equal(
        column(later.name, "__from"),
        truncated(custom_spine(draft, offset.grain)[0].grain, rows.moment),
    )
    rows.node = Join(later, rows.node, "inner", on)
    rows.moment = column(later.name, "__to")


def _later_moments(draft: Draft, offset: Offset, count: int, whole_units: bool) -> Compute:
    spine, unit_column = custom_spine(draft, offset.grain)
    day, unit = column("spine", spine.column), column("spine", unit_column)
    places = draft.close(
        Window(
            f"{offset.grain}_places",
            draft.spine_rows(spine, "spine"),
            (
                Named("__from", day),
                Named("unit", unit),
                Named("place", over(exp.RowNumber(), [unit], [day])),
            ),
        )
    )
    bounds = _next_bounds(draft, offset, count, places)
    steps: Expr = exp.Paren(this=exp.Sub(this=column(places.name, "place"), expression=number(1)))
    target: Expr = exp.Add(
        this=column(bounds.name, "first"),
        expression=exp.Mul(this=steps, expression=interval(1, spine.grain)),
    )
    last = column(bounds.name, "last")
    if whole_units:
        target = exp.Least(this=target, expressions=[last])
    fits = exp.LTE(this=target, expression=last)
    joined = Join(
        places, bounds, "inner", equal(column(places.name, "unit"), column(bounds.name, "unit"))
    )
    moved = case((fits, target))
    columns = (Named("__from", column(places.name, "__from")), Named("__to", moved))
    return draft.close(Compute(f"{offset.grain}_offset", joined, columns))


def _next_bounds(draft: Draft, offset: Offset, count: int, places: Window) -> Window:
    unit = column(places.name, "unit")
    moment = column(places.name, "__from")
    units = draft.close(
        Aggregate(
            f"{offset.grain}_units",
            places,
            (Named("unit", unit),),
            (Named("first", exp.Min(this=moment)), Named("last", exp.Max(this=moment))),
        )
    )

    def ahead(text: str) -> Expr:
        lead = exp.Lead(this=column(units.name, text), offset=number(count))
        return over(lead, (), [column(units.name, "unit")])

    columns = (
        Named("unit", column(units.name, "unit")),
        Named("first", ahead("first")),
        Named("last", ahead("last")),
    )
    return draft.close(Window(f"{offset.grain}_next", units, columns))

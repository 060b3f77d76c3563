"""Owns the time cells of comparisons: beside which cell of the period asked one of the base is."""

from datetime import datetime

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import STANDARD_GRAINS, Wanted
from executors.compiler.plan import (
    Aggregate,
    Compute,
    Join,
    Named,
    Node,
    Visible,
    Window,
)
from executors.compiler.rows import custom_spine
from executors.compiler.syntax import (
    Expr,
    between_units,
    case,
    cast,
    column,
    equal,
    number,
    over,
    plus,
    same,
)
from metric_catalog.business_years import FISCAL, business_floor, business_shift
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.periods import MONTHS_OF_YEAR, Grain, Period, floor


def moved_cell(
    draft: Draft, wanted: Wanted, name: str, node: Node, period: Period | None, earlier: Period
) -> tuple[Expr, Node]:
    """Return the cell of `period` at the place that `wanted` has in `earlier`, and its rows.

    `wanted` is a column of the closed node `name`. The rows are `node`, with the units of a spine
    beside them where the grain is one of its columns. Raises CatalogError for an open start.
    """
    cell = column(name, wanted.column)
    if period is None or period.start is None or earlier.start is None:
        raise CatalogError((issue("comparison_needs_period", kind="period"),))
    if draft.names.is_business(wanted.grain):
        return _business_cell(draft, str(wanted.grain), cell, period.start, earlier), node
    if wanted.grain in STANDARD_GRAINS:
        return _standard_cell(draft, Grain(str(wanted.grain)), cell, period.start, earlier), node
    moves = _moves(draft, str(wanted.grain), period.start, earlier.start)
    joined = Join(node, moves, "left", same(cell, column(moves.name, "__from")))
    return column(moves.name, "__to"), joined


def _standard_cell(
    draft: Draft, grain: Grain, cell: Expr, start: datetime, earlier: Period
) -> Expr:
    calendar = draft.catalog.calendar
    first = floor(start, grain, calendar)
    first_before = floor(earlier.bounds()[0], grain, calendar)
    if grain.order > Grain.WEEK.order:
        places = between_units(grain.value, _literal(draft, first_before), cell)
        return plus(_literal(draft, first), places, grain.value)
    if grain.order >= Grain.DAY.order:
        return plus(cell, (first - first_before).days, "day")
    return plus(cell, int((first - first_before).total_seconds()), "second")


def _business_cell(draft: Draft, grain: str, cell: Expr, start: datetime, earlier: Period) -> Expr:
    """Return the unit at the same place of the period asked; units of weeks are told one by one."""
    calendar = draft.catalog.calendar
    first, before = (business_floor(at, grain, calendar) for at in (start, earlier.bounds()[0]))
    if grain in FISCAL:
        months = (first.year - before.year) * MONTHS_OF_YEAR + first.month - before.month
        return plus(cell, months, "month")
    places = []
    while before < earlier.bounds()[1]:
        places.append((equal(cell, _literal(draft, before)), _literal(draft, first)))
        before, first = (business_shift(at, 1, grain, calendar) for at in (before, first))
    return case(*places)


def _moves(draft: Draft, grain: str, start: datetime, before: datetime) -> Compute:
    """Return each unit of a spine beside that as many places later as `start` is after `before`."""
    spine, unit_column = custom_spine(draft, grain)
    alias = "spine"
    day, unit = column(alias, spine.column), column(alias, unit_column)
    units = draft.close(
        Aggregate(
            f"{grain}_units",
            draft.spine_rows(spine, alias),
            (Named("unit", unit),),
            (Named("first", exp.Min(this=day)),),
        )
    )
    first = column(units.name, "first")
    between = exp.And(
        this=exp.GT(this=first, expression=_literal(draft, min(start, before))),
        expression=exp.LTE(this=first, expression=_literal(draft, max(start, before))),
    )
    step = case((between, number(1 if start >= before else -1)), default=number(0))
    places = draft.close(
        Window(
            f"{grain}_places",
            units,
            (
                Named("unit", column(units.name, "unit")),
                Named("place", over(exp.RowNumber(), (), [first])),
                Named("step", over(exp.Sum(this=step))),
            ),
        )
    )
    target = exp.Add(this=column("earlier", "place"), expression=column("earlier", "step"))
    on = equal(column("later", "place"), target)
    joined = Join(Visible(places, "earlier"), Visible(places, "later"), "inner", on)
    columns = (
        Named("__from", column("earlier", "unit")),
        Named("__to", column("later", "unit")),
    )
    return draft.close(Compute(f"{grain}_moves", joined, columns))


def _literal(draft: Draft, moment: datetime) -> Expr:
    return cast(draft.bind(moment.isoformat(sep=" ")), "TIMESTAMP")

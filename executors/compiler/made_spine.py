"""Owns time spines that no table gives: made for a period, or for the reach of rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.nearest import near_period
from executors.compiler.plan import Aggregate, Named, Node, Series
from executors.compiler.rows import Rows
from executors.compiler.syntax import Expr, cast, column, truncated
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.periods import Grain, Period, floor, shift

MOST_MOMENTS = 1_000_000
"""Of a spine that no table gives: so many days, or a century of hours."""
FIRST_MOMENT = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """Values whose first and last `moment` bound a spine that has no bounds of its own."""

    node: Node
    moment: Expr


def made_spine(
    draft: Draft, grain: str, period: Period | None, rows: Rows | Reach | None
) -> Series:
    """Return every unit of `grain` in `period`; an open end is that of `rows`.

    Raises UnsupportedQuery where there is none, or too many units to lay out.
    """
    calendar, unit = draft.catalog.calendar, Grain(grain)
    start = end = None
    if period and period.start is not None:
        start = _bound(draft, floor(period.start, unit, calendar))
    if period and period.end is not None:
        end = _bound(draft, floor(period.end - timedelta(microseconds=1), unit, calendar))
    source = None
    check_count(period, unit)
    if start is None or end is None:
        if rows is None or rows.moment is None:
            near = near_period(period, draft.as_of)
            raise UnsupportedQuery((issue("no_time_spine", nearest=near, grain=grain),))
        moment = truncated(grain, rows.moment, draft.week_start)
        ends = (Named("first", exp.Min(this=moment)), Named("last", exp.Max(this=moment)))
        source = draft.close(Aggregate("moments", rows.node, (), ends))
        start = start or column(source.name, "first")
        end = end or column(source.name, "last")
    return draft.close(Series("moment_series", "moment", grain, start, end, source))


def check_count(period: Period | None, unit: Grain) -> None:
    """Raise UnsupportedQuery where a spine would have more moments than anybody can lay out."""
    if period is None or period.start is None or period.end is None or unit is Grain.NANOSECOND:
        return
    step = shift(FIRST_MOMENT, 1, unit) - FIRST_MOMENT
    count = (period.end - period.start) // step
    if count > MOST_MOMENTS:
        bounds = period.to_json()
        fits = Period(floor(period.end - step * (MOST_MOMENTS - 1), unit), period.end)
        found = issue(
            "too_many_moments",
            nearest=near_period(fits, None),
            grain=unit.value,
            count=count,
            start=bounds["start"],
            end=bounds["end_exclusive"],
        )
        raise UnsupportedQuery((found,))


def _bound(draft: Draft, moment: datetime) -> Expr:
    return cast(draft.bind(moment.isoformat(sep=" ")), "TIMESTAMP")

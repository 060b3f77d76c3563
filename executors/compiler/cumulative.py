"""Owns cumulative metrics: running values along the time spine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.look_back import look_grain, moments_of
from executors.compiler.names import STANDARD_GRAINS, Wanted
from executors.compiler.nearest import by_time, near_grains
from executors.compiler.offsets import measure_shifted
from executors.compiler.plan import Compute, Join, Named
from executors.compiler.plan import Filter as Kept
from executors.compiler.plan import Window as WindowNode
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.running import can_condense, running_values
from executors.compiler.scope import Measured, Offset, Scope
from executors.compiler.simple import measure_of, measure_simple, time_of
from executors.compiler.syntax import Expr, column, minus, over, truncated
from executors.compiler.time_spine import MOMENT, order_of, shifts_after
from metric_catalog.business_years import unit_floor
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import Issue, issue
from metric_catalog.model.metrics import Cumulative, Metric, Simple
from metric_catalog.periods import Grain, Period, floor, shift
from metric_catalog.query import METRIC_TIME, Filter

UNBOUNDED = "UNBOUNDED"
_DAY = timedelta(days=1)


def measure_cumulative(
    draft: Draft,
    metric: Metric,
    of: Cumulative,
    scope: Scope,
    offset: Offset | None,
    metric_column: MetricColumn,
) -> Measured:
    """Return the running values of a simple metric.

    Without a group-by on time: the value at the end of the period.
    """
    of = _reckoned(draft, of)
    base = draft.catalog.metric(of.metric.metric)
    if not isinstance(base.of, Simple):
        raise UnsupportedQuery((issue("cumulative_of", metric=metric.id, input=base.id),))
    model, measure = measure_of(draft, base, base.of)
    rows = open_rows(draft, model, time_of(base, model, measure))
    timed = tuple(w for w in scope.groups if rows.counts_by(w))
    rows.grain = look_grain(draft, rows, timed)
    if offset and _shifts_as_cells(draft, timed, rows.grain, offset):

        def unshifted(draft: Draft, _: str, inner: Scope) -> Measured:
            return measure_cumulative(draft, metric, of, inner, None, metric_column)

        return measure_shifted(draft, metric, scope, offset, unshifted)
    narrowed = scope.narrowed(_parsed(metric.filter), _parsed(of.metric.filter))
    if not timed:
        until = _until(draft, metric, of, scope.period, Grain(rows.grain))
        inner = replace(narrowed, period=until)
        own = _parsed(base.filter)
        return measure_simple(draft, base, base.of, inner, own, None, metric_column)
    again = not any(w.grain == rows.grain for w in timed)
    moment = Wanted(METRIC_TIME, rows.grain, None, f"{METRIC_TIME}__{rows.grain}")
    every = replace(narrowed, groups=(*scope.groups, moment) if again else scope.groups)
    measured = _at_moments(draft, base, base.of, of, rows, every, offset, metric_column)
    return _last_of_period(draft, of, scope, measured, moment) if again else measured


def _at_moments(
    draft: Draft,
    base: Metric,
    simple: Simple,
    of: Cumulative,
    rows: Rows,
    scope: Scope,
    offset: Offset | None,
    metric_column: MetricColumn,
) -> Measured:
    """Return the running value at every moment of the spine, of which one is among the groups."""
    _, measure = measure_of(draft, base, simple)
    own = _parsed(base.filter)
    whole = scope.narrowed(own)
    if offset is None and not simple.join_to_time_spine and can_condense(rows, measure, whole):
        rows.metric_column = metric_column
        return running_values(
            draft, base, simple, measure, rows, whole, scope.period,
            _reach(draft, of, scope.period), lambda at, then: _window(draft, of, at, then),
        )  # fmt: skip
    timed = tuple(w for w in scope.groups if rows.counts_by(w))
    period: Period | None = None  # that of rows shifted before they are summed up is not known
    if offset is None:
        period = scope.period
    elif shifts_after(draft, timed, offset):
        alone = of.looks_back == "asked" and len(timed) == 1
        period = scope.period if alone else _looked_back_on(draft, scope.period, offset)

    def look_back(fresh: Rows) -> None:
        _look_back(draft, fresh, of, period, rows.grain)

    return measure_simple(draft, base, simple, scope, own, offset, metric_column, before=look_back)


def _shifts_as_cells(draft: Draft, timed: Sequence[Wanted], grain: str, offset: Offset) -> bool:
    """Return whether the value of a cell is shifted, not that of each of its moments.

    The month before is that month's own value, although months have different ends.
    """
    if not timed:
        return True
    cells = offset.count is not None and not any(w.grain == grain for w in timed)
    by_months = offset.grain in STANDARD_GRAINS and order_of(offset.grain) >= Grain.MONTH.order
    return cells and by_months and shifts_after(draft, timed, offset)


def _reckoned(draft: Draft, of: Cumulative) -> Cumulative:
    """Return the definition with its window in a standard grain.

    Raises UnsupportedQuery where the window or what it begins with is counted by a table.
    """
    window = of.window
    if window:
        window = window.model_copy(update={"grain": draft.names.civil(window.grain)})
        if window.grain not in STANDARD_GRAINS:
            raise UnsupportedQuery((_not_counted(window.grain),))
    if of.grain_to_date and not draft.names.is_reckoned(of.grain_to_date):
        raise UnsupportedQuery((_not_counted(of.grain_to_date),))
    return of.model_copy(update={"window": window})


def _not_counted(grain: str) -> Issue:
    return issue("custom_window", nearest=near_grains(grain), grain=grain)


def _parsed(text: str | None) -> Filter | None:
    return parse_condition(text) if text else None


def _look_back(draft: Draft, rows: Rows, of: Cumulative, period: Period | None, grain: str) -> None:
    """Give every moment of the spine the rows that its window reaches back to."""
    rows.grain = grain
    spine = moments_of(draft, rows, period)
    moment = column(spine.name, MOMENT)
    happened = truncated(grain, rows.known_moment(), draft.week_start)
    bounds = draft.within(rows.known_moment(), _reach(draft, of, period))
    source = Kept(rows.node, bounds) if bounds else rows.node
    rows.node = Join(spine, source, "inner", _window(draft, of, moment, happened))
    rows.moment = moment


def _window(draft: Draft, of: Cumulative, moment: Expr, happened: Expr) -> Expr:
    """Return whether what happened at one moment counts at another."""
    before: Expr = exp.LTE(this=happened, expression=moment)
    if of.window:
        start = minus(moment, of.window.count, of.window.grain)
        return exp.And(this=before, expression=exp.GT(this=happened, expression=start))
    if of.grain_to_date:
        start = draft.unit_start(of.grain_to_date, moment)
        return exp.And(this=before, expression=exp.GTE(this=happened, expression=start))
    return before


def _reach(draft: Draft, of: Cumulative, period: Period | None) -> Period | None:
    """Return the time from which rows can matter to `period`."""
    if period is None:
        return None
    start = period.start
    if start is not None and of.window:
        start = shift(start, -of.window.count - 1, Grain(of.window.grain))
    elif start is not None and of.grain_to_date:
        start = unit_floor(start, of.grain_to_date, draft.catalog.calendar)
    else:
        start = None
    return None if start is None and period.end is None else Period(start, period.end)


def _looked_back_on(draft: Draft, period: Period | None, offset: Offset) -> Period | None:
    """Return when the moments lie that those of `period` look back on by `offset`."""
    if period is None:
        return None
    calendar = draft.catalog.calendar
    if offset.count is None:
        start = unit_floor(period.start, offset.grain, calendar) if period.start else None
        return Period(start, period.end)
    grain, count = Grain(draft.names.civil(offset.grain)), offset.count

    def back(moment: datetime | None, slack: timedelta) -> datetime | None:
        return None if moment is None else shift(moment, -count, grain) + slack

    try:  # ends of months are clamped: no moment in between is further off than a day
        return Period(back(period.start, -_DAY), back(period.end, _DAY))
    except (OverflowError, ValueError):
        return Period(None, period.end)


def _until(
    draft: Draft, metric: Metric, of: Cumulative, period: Period | None, grain: Grain
) -> Period | None:
    """Return the time that the running value at the last moment of `period` sums up."""
    end = period.end if period else None
    if not of.window and not of.grain_to_date:
        return Period(None, end) if end else None
    if end is None:
        near = by_time(draft.names.default_grain)
        found = issue("cumulative_needs_time_or_period", nearest=near, metric=metric.id)
        raise UnsupportedQuery((found,))
    calendar = draft.catalog.calendar
    last = end - timedelta(microseconds=1)
    if of.window:
        before = shift(floor(last, grain, calendar), -of.window.count, Grain(of.window.grain))
        return Period(shift(floor(before, grain, calendar), 1, grain), end)
    return Period(unit_floor(last, str(of.grain_to_date), calendar), end)


def _last_of_period(
    draft: Draft, of: Cumulative, scope: Scope, measured: Measured, moment: Wanted
) -> Measured:
    """Take the first, last or mean running value of each coarser time cell."""
    node = measured.node
    keys = [Named(w.column, column(node.name, w.column)) for w in scope.groups]
    partition = [key.value for key in keys]
    order = [column(node.name, moment.column)]
    value = measured.read()
    whole = ("ROWS", UNBOUNDED, UNBOUNDED)
    match of.period_agg:
        case "first":
            chosen = over(exp.FirstValue(this=value), partition, order, whole)
        case "last":
            chosen = over(exp.LastValue(this=value), partition, order, whole)
        case "average":
            chosen = over(exp.Avg(this=value), partition)
    window = draft.close(
        WindowNode(f"{measured.value}_running", node, (*keys, Named(measured.value, chosen)))
    )
    names = [*(key.name for key in keys), measured.value]
    columns = tuple(Named(name, column(window.name, name)) for name in names)
    made = draft.close(Compute(measured.value, window, columns, distinct=True))
    return Measured(made, tuple(key.name for key in keys), measured.value)

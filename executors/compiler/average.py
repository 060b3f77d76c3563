"""Owns means per period: the mean of a metric over all units of a grain inside the period asked."""

from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from executors.compiler.answer import Part, answered
from executors.compiler.draft import Draft
from executors.compiler.made_spine import check_count
from executors.compiler.names import Wanted
from executors.compiler.nearest import by_time, near_grains
from executors.compiler.plan import Aggregate, Closed, Compute, Join, Named, Series
from executors.compiler.plan import Filter as Kept
from executors.compiler.scope import Scope
from executors.compiler.syntax import (
    Expr,
    all_of,
    between_units,
    cast,
    coalesce,
    column,
    divide,
    not_null,
    number,
    plus,
    same,
)
from executors.statement import Column
from metric_catalog.business_years import RETAIL
from metric_catalog.comparisons import elapsed
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.expressions import parse_expression
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Derived, Simple
from metric_catalog.model.semantic_model import Aggregation
from metric_catalog.periods import Grain, Period
from metric_catalog.query import METRIC_TIME

UNIT = "__unit"
LONGEST_RETAIL = {"retail_month": 35, "retail_quarter": 98, "retail_year": 371}
"""Days of the longest retail units; after so many days the next one has always begun."""
_LINEAR = (exp.Add, exp.Sub, exp.Paren, exp.Neg, exp.Column, exp.Identifier)


def averaged(draft: Draft, metrics: tuple[str, ...], scope: Scope, grain: str) -> Part:
    """Return each metric's mean over the units of `grain` in the period, per group.

    Sums and counts: their total by the number of units that are over, units without a row as 0,
    a unit cut by the period by its elapsed part. Distinct counts: likewise, every touched unit
    whole. Anything else: the mean of the units that have a value. Rows without a date are in none.
    """
    if not draft.names.is_reckoned(grain):
        near = near_grains(grain)
        raise UnsupportedQuery((issue("average_per_custom_grain", nearest=near, grain=grain),))
    if scope.period:
        scope = replace(scope, period=elapsed(scope.period, draft.as_of))
    unit = Wanted(METRIC_TIME, grain, None, UNIT)
    timed = tuple(w for w in scope.groups if w.name == METRIC_TIME)
    if any(w.part or not draft.names.is_reckoned(w.grain) for w in timed):
        near = by_time(*near_grains(timed[0].grain or grain))
        found = issue("average_per_custom_grain", nearest=near, grain=timed[0].column)
        raise UnsupportedQuery((found,))
    inner = answered(draft, metrics, replace(scope, groups=(*scope.groups, unit)))
    cells = inner.node
    keys = tuple(w.column for w in scope.groups)
    sums: list[Named] = []
    for metric in metrics:
        value = column(cells.name, metric)
        kind = exp.Avg if _filling(draft, metric) is None else exp.Sum
        sums.append(Named(metric, kind(this=value)))
    groups = tuple(Named(key, column(cells.name, key)) for key in keys)
    dated = Kept(cells, (not_null(column(cells.name, UNIT)),))
    totals = draft.close(Aggregate("totals", dated, groups, tuple(sums)))
    counts = _units(draft, scope, grain, timed, cells)
    on = all_of(same(column(totals.name, w.column), column(counts.name, w.column)) for w in timed)
    joined = Join(totals, counts, "left" if timed else "cross", on)
    columns = [Named(key, column(totals.name, key)) for key in keys]
    for metric in metrics:
        columns.append(Named(metric, _mean(draft, metric, totals.name, counts.name)))
    node = draft.close(Compute("average", joined, tuple(columns)))
    return Part(node, keys, tuple(Column(m, "metric", m) for m in metrics), scope.period)


def _mean(draft: Draft, metric: str, totals: str, counts: str) -> Expr:
    value, kind = column(totals, metric), _filling(draft, metric)
    if kind is None:
        return value
    return divide(coalesce(value, number(0)), column(counts, kind))


def _filling(draft: Draft, metric_id: str) -> str | None:
    """Return the count that a metric is divided by, None where empty units are left out."""
    metric = draft.catalog.metric(metric_id)
    if isinstance(metric.of, Derived):
        return _derived_filling(draft, metric.of)
    if not isinstance(metric.of, Simple):
        return None
    measure = draft.catalog.model(metric.of.model).measure(metric.of.measure)
    if measure is None or measure.non_additive:
        return None
    if measure.agg.additive:
        return "weight"
    return "touched" if measure.agg is Aggregation.COUNT_DISTINCT else None


def _derived_filling(draft: Draft, of: Derived) -> str | None:
    kinds = {_filling(draft, source.metric) for source in of.inputs}
    linear = all(isinstance(n, _LINEAR) for n in parse_expression(of.expr).walk())
    shifted = any(source.offset_window or source.offset_to_grain for source in of.inputs)
    return "weight" if linear and kinds == {"weight"} and not shifted else None


def _units(
    draft: Draft, scope: Scope, grain: str, timed: tuple[Wanted, ...], cells: Closed
) -> Aggregate:
    """Return how many units there are (per time cell), cut ones by their part and as whole ones."""
    start, end, source = _extent(draft, scope.period, grain, cells)
    last = draft.unit_start(grain, exp.Sub(this=end, expression=_instant()))
    units = _series(draft, scope.period, grain, draft.unit_start(grain, start), last, source)
    unit = column(units.name, "unit")
    after = _after(draft, grain, unit)
    joined = units if source is None else Join(units, source, "cross", None)
    covered = between_units(
        "second",
        exp.Greatest(this=unit, expressions=[start]),
        exp.Least(this=after, expressions=[end]),
    )
    part = divide(covered, between_units("second", unit, after))
    groups = tuple(Named(w.column, draft.unit_start(str(w.grain), unit)) for w in timed)
    values = (
        Named("weight", exp.Sum(this=part)),
        Named("touched", exp.Count(this=exp.Star(), big_int=True)),
    )
    return draft.close(Aggregate("unit_counts", joined, groups, values))


def _series(
    draft: Draft, period: Period | None, grain: str, first: Expr, last: Expr, source: Closed | None
) -> Closed:
    """Return the starts of all units from `first` to `last`; retail ones are found day by day."""
    retail = draft.names.is_business(grain) and grain in RETAIL
    step = Grain.DAY.value if retail else draft.names.civil(grain)
    check_count(period, Grain(step))
    series = draft.close(Series("units", "unit", step, first, last, source))
    if not retail:
        return series
    unit = Named("unit", draft.unit_start(grain, column(series.name, "unit")))
    return draft.close(Compute("retail_units", series, (unit,), distinct=True))


def _after(draft: Draft, grain: str, unit: Expr) -> Expr:
    """Return where the next unit begins; a retail unit's length is that of the longest at most."""
    if draft.names.is_business(grain) and grain in RETAIL:
        return draft.unit_start(grain, plus(unit, LONGEST_RETAIL[grain], "day"))
    return plus(unit, 1, draft.names.civil(grain))


def _instant() -> Expr:
    return exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND"))


def _extent(
    draft: Draft, period: Period | None, grain: str, cells: Closed
) -> tuple[Expr, Expr, Aggregate | None]:
    start = _moment(draft, period.start) if period and period.start else None
    end = _moment(draft, period.end) if period and period.end else None
    if start is not None and end is not None:
        return start, end, None
    unit = column(cells.name, UNIT)
    ends = (Named("first", exp.Min(this=unit)), Named("last", exp.Max(this=unit)))
    source = draft.close(Aggregate("extent", cells, (), ends))
    start = start or column(source.name, "first")
    return start, end or _after(draft, grain, column(source.name, "last")), source


def _moment(draft: Draft, moment: datetime) -> Expr:
    return cast(draft.bind(moment.isoformat(sep=" ")), "TIMESTAMP")

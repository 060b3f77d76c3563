"""Owns conversion metrics: base events followed by a conversion event of the same entity."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.entities import chosen_by, own_scope
from executors.compiler.event_windows import inside_window, reach
from executors.compiler.plan import Aggregate, Compute, Join, Named, Window, columns_of
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import (
    DENOMINATOR,
    NUMERATOR,
    Measured,
    Scope,
    combined,
    deduplicated,
)
from executors.compiler.simple import aggregates, kept, measure_of, time_of
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    cast,
    column,
    divide,
    equal,
    number,
    ordered,
    over,
    qualified,
    truncated,
)
from executors.compiler.time_spine import order_of
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.model.metrics import Conversion, Metric, MetricInput, Simple
from metric_catalog.model.semantic_model import Aggregation, Measure
from metric_catalog.model.semantic_model import own as own_expression
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Filter

Measuring = Callable[[Draft, str, Scope], Measured]
ENTITY, SAME, MOMENT, EXACT = "__entity", "__same_", "__moment", "__exact_moment"
PLACE, CHOSEN, TIE = "__place", "__chosen", "__tie"
ADDING_UP = (
    Aggregation.COUNT, Aggregation.COUNT_DISTINCT, Aggregation.SUM, Aggregation.SUM_BOOLEAN,
)  # fmt: skip
"""How no events at all come to 0; a mean or an extreme of none is null."""


def measure_conversion(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    scope: Scope,
    measure: Measuring,
    metric_column: MetricColumn,
) -> Measured:
    """Return conversions, or their share in the base events; both beside it as components.

    A conversion event counts once, for the latest base event at or before it inside the window.
    The definition's filters say what a base event is; those of the query and the period choose
    base events together with their conversions, so that the parts add up to the whole. With
    `attribution: asked` conversions are counted anew among the base events chosen.
    Base events that none follows have 0 conversions, with `asked` null.
    """
    own = own_scope(metric, of.base.filter).filters
    base = deduplicated(draft, measure(draft, of.base.metric, scope.narrowed(*own)))
    converted = _conversions(draft, metric, of, scope, own, metric_column)
    above, below = converted.read(), base.read()
    parts = (
        Named(f"{metric.id}__{NUMERATOR}", above),
        Named(f"{metric.id}__{DENOMINATOR}", below),
    )
    if of.calculation == "conversions":
        value = above
    else:
        value = divide(above, below)
        if metric.zero_denominator == "zero":
            empty = equal(exp.Coalesce(this=below, expressions=[number(0)]), number(0))
            value = case((empty, number(0)), default=value)
    named = Named(metric.id, value)
    node = combined(draft, metric.id, (base, converted), (named, *parts))
    return Measured(node, base.keys, metric.id, parts=(NUMERATOR, DENOMINATOR))


@dataclass(frozen=True)
class _Events:
    """The rows of one side of a conversion, with the simple metric that counts them."""

    metric: Metric
    of: Simple
    measure: Measure
    rows: Rows


def _events_of(draft: Draft, source: MetricInput, metric_column: MetricColumn) -> _Events:
    metric = draft.catalog.metric(source.metric)
    if not isinstance(metric.of, Simple):
        raise UnsupportedQuery((issue("conversion_of", input=metric.id),))
    model, measure = measure_of(draft, metric, metric.of)
    rows = open_rows(draft, model, time_of(metric, model, measure), metric_column=metric_column)
    return _Events(metric, metric.of, measure, rows)


def _conversions(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    scope: Scope,
    own: tuple[Filter, ...],
    metric_column: MetricColumn,
) -> Measured:
    before = _events_of(draft, of.base, metric_column)
    later = _events_of(draft, of.conversion, metric_column)
    # Both happen at the coarser of the two grains, or the one could never be told to be first.
    grain = Grain(max(before.rows.grain, later.rows.grain, key=order_of))
    near = reach(of.window, scope.period, grain, draft.catalog.calendar)
    if of.attribution == "asked":
        bases = _bases_asked(draft, metric, of, before, scope, own, grain)
    else:
        bases = _all_bases(draft, metric, of, before, scope, own, near, grain)
    events = _conversion_events(draft, metric, of, later, near, grain)
    pairs = _pairs(draft, metric, of, bases, events, grain)
    marked = (column(pairs.name, CHOSEN),) if CHOSEN in columns_of(pairs) else ()
    first = Kept(pairs, (equal(column(pairs.name, PLACE), number(1)), *marked))
    values, parts = aggregates(later.metric.id, later.measure, column(pairs.name, "__value"))
    keys = tuple(w.column for w in scope.groups)
    groups = tuple(Named(key, column(pairs.name, key)) for key in keys)
    node = draft.close(Aggregate(f"{metric.id}_conversions", first, groups, values))
    return Measured(node, keys, later.metric.id, _without_any(of, later), parts)


def _without_any(of: Conversion, later: _Events) -> int | float | None:
    """Return what base events that no conversion follows have; None for null."""
    given = later.of.fill_nulls_with
    counts = of.attribution != "asked" and later.measure.agg in ADDING_UP
    return 0 if given is None and counts else given


def _pairs(
    draft: Draft, metric: Metric, of: Conversion, bases: Window, events: Compute, grain: Grain
) -> Window:
    """Return conversion events beside the base events before them, the latest at PLACE 1.

    All events of one entity at one moment have the same base event: they need no number of their
    own, and base events, which no two of a pair share, have one as their last TIE.
    """
    same = [ENTITY, *(f"{SAME}{i}" for i in range(len(of.constant_properties)))]
    on: list[Expr] = [equal(column(bases.name, n), column(events.name, n)) for n in same]
    start, end = column(bases.name, MOMENT), column(events.name, MOMENT)
    on.append(exp.LTE(this=start, expression=end))
    if of.window:
        on.append(inside_window(of.window, start, end, grain))
    columns = columns_of(bases)
    ties = [n for n in columns if n.startswith(TIE)]
    # At the moments of a coarser grain the later base event is the latest, unless only asked for.
    exact = [EXACT] if EXACT in columns else []
    latest = exp.Window(
        this=exp.Rank(),
        partition_by=[column(events.name, n) for n in (*same, MOMENT)],
        order=exp.Order(
            expressions=[
                *(ordered(column(bases.name, n), descending=True) for n in (MOMENT, *exact)),
                *(ordered(column(bases.name, n)) for n in ties),
            ]
        ),
    )
    inner = {*same, MOMENT, *exact, *ties}
    carried = tuple(Named(n, column(bases.name, n)) for n in columns if n not in inner)
    value = Named("__value", column(events.name, "__value"))
    joined = Join(bases, events, "inner", all_of(on))
    named = (*carried, value, Named(PLACE, latest))
    return draft.close(Window(f"{metric.id}_pairs", joined, named))


def _bases_asked(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    events: _Events,
    scope: Scope,
    own: tuple[Filter, ...],
    grain: Grain,
) -> Window:
    """Return the base events that the query chooses."""
    rows, whole = events.rows, scope.narrowed(*own, *own_scope(events.metric).filters)
    rows.prepare(scope.groups, whole.filters)
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    columns += _event_columns(draft, of, rows, [p.base for p in of.constant_properties], grain)
    columns.append(Named(TIE, over(exp.RowNumber())))
    source = kept(draft, rows, whole)
    return draft.close(Window(f"{metric.id}_bases", source, tuple(columns)))


def _all_bases(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    events: _Events,
    scope: Scope,
    own: tuple[Filter, ...],
    near: Period | None,
    grain: Grain,
) -> Window:
    """Return every base event near the period, those that the query chooses marked as CHOSEN."""
    rows, always = events.rows, (*own, *own_scope(events.metric).filters)
    rows.prepare(scope.groups, (*scope.filters, *always))
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    columns += _event_columns(draft, of, rows, [p.base for p in of.constant_properties], grain)
    if rows.grain != grain:
        columns.append(Named(EXACT, _moment(draft, rows, Grain(rows.grain))))
    columns.append(Named(CHOSEN, chosen_by(draft, rows, scope)))
    keys = [entity for entity in rows.model.entities if entity.type in ("primary", "unique")]
    ties = [qualified(own_expression(key), rows.model.id) for key in keys]
    # A key that repeats, or is missing, still leaves one base event per conversion.
    ties.append(over(exp.RowNumber()))
    columns += [Named(f"{TIE}_{i}", tie) for i, tie in enumerate(ties)]
    source = kept(draft, rows, Scope((), always, near))
    return draft.close(Window(f"{metric.id}_bases", source, tuple(columns)))


def _conversion_events(
    draft: Draft, metric: Metric, of: Conversion, events: _Events, near: Period | None, grain: Grain
) -> Compute:
    rows = events.rows
    constants = [p.conversion for p in of.constant_properties]
    columns = _event_columns(draft, of, rows, constants, grain)
    columns.append(Named("__value", qualified(own_expression(events.measure), rows.model.id)))
    filters = own_scope(events.metric, of.conversion.filter).filters
    source = kept(draft, rows, Scope((), filters, near))
    return draft.close(Compute(f"{metric.id}_events", source, tuple(columns)))


def _event_columns(
    draft: Draft, of: Conversion, rows: Rows, constants: list[str], grain: Grain
) -> list[Named]:
    columns = [
        Named(ENTITY, rows.entity(of.entity)),
        Named(MOMENT, _moment(draft, rows, grain)),
    ]
    for place, constant in enumerate(constants):
        columns.append(Named(f"{SAME}{place}", _constant(rows, constant)))
    return columns


def _moment(draft: Draft, rows: Rows, grain: Grain) -> Expr:
    """Return when the rows count at `grain`, days as dates: they are compared without a clock."""
    moment = rows.known_moment()
    if grain is Grain.DAY:
        return cast(moment, "DATE")
    return truncated(grain, moment, draft.week_start)


def _constant(rows: Rows, constant: str) -> Expr:
    model = rows.model
    found = model.entity(constant) or model.dimension(constant)
    if found is None:
        known = [d.name for d in model.dimensions] + [e.name for e in model.entities]
        near = nearest_valid(constant, known)
        owner = rows.draft.names.owner
        raise CatalogError(
            (issue("unknown_dimension", "", near, metric=owner, dimension=constant),)
        )
    return qualified(own_expression(found), model.id)

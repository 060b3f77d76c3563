"""Owns queries without metrics: the values that group-bys take together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sqlglot import exp

from executors.compiler.answer import Part
from executors.compiler.conditions import condition
from executors.compiler.draft import Draft
from executors.compiler.finish import sort_keys
from executors.compiler.metrics import metric_column
from executors.compiler.names import DEFAULT_GRAIN, Names, Wanted, ambiguous
from executors.compiler.nearest import near_metrics, together
from executors.compiler.plan import (
    Aggregate,
    Closed,
    Compute,
    Named,
    Node,
    OrderLimit,
)
from executors.compiler.plan import (
    Filter as Kept,
)
from executors.compiler.rows import Rows, open_rows
from executors.compiler.syntax import column
from executors.compiler.time_spine import spine_source
from executors.statement import Column
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.issues import Issue, issue, nearest_valid
from metric_catalog.joins import DimensionPath
from metric_catalog.model.semantic_model import Entity, SemanticModel
from metric_catalog.periods import Grain, Period
from metric_catalog.query import (
    METRIC_TIME,
    Compare,
    Filter,
    MetricCondition,
    MetricQuery,
    filter_leaves,
)

SPINE_WIDTH = 24
"""In how many ways a time spine can be split by: grains and parts, under two names."""


def distinct_values(draft: Draft, query: MetricQuery) -> tuple[Closed, tuple[Column, ...]]:
    """Return the combinations of values; `metric_time` stands for every moment of the spine.

    Tables are joined in full, so that values without a partner are kept.
    """
    if not query.group_by:
        raise CatalogError((issue("nothing_asked"),))
    if query.having is not None or query.comparison is not None:
        raise CatalogError((_without_metric(draft, query),))
    if query.grain is not None:
        draft.names.check_grain(query.grain)
    draft.names = _names(draft, query)
    wanted = _wanted(draft, query)
    base = draft.names.bases[0] if draft.names.bases else None
    source, columns = _source(draft, query, wanted, base)
    named = tuple(Named(w.column, value) for w, value in zip(wanted, columns, strict=True))
    node: Closed = draft.close(Compute("combinations", source, named, query.distinct))
    roles = [Column(w.column, "time" if w.grain else "dimension") for w in wanted]
    if query.min_max_only:
        return _min_max(draft, node, wanted)
    part = Part(node, tuple(w.column for w in wanted), (), None)
    keys = sort_keys(query, wanted, part)
    return draft.close(OrderLimit("result", node, keys, query.limit)), tuple(roles)


def _min_max(
    draft: Draft, node: Closed, wanted: Sequence[Wanted]
) -> tuple[Closed, tuple[Column, ...]]:
    if len(wanted) != 1:
        raise CatalogError((issue("min_max_of_one", count=len(wanted)),))
    name = wanted[0].column
    ends = (("min", exp.Min), ("max", exp.Max))
    values = tuple(
        Named(f"{name}__{end}", kind(this=column(node.name, name))) for end, kind in ends
    )
    role = "time" if wanted[0].grain else "dimension"
    made = draft.close(Aggregate("bounds", node, (), values))
    return made, tuple(Column(value.name, role) for value in values)  # type: ignore[arg-type]


def _without_metric(draft: Draft, query: MetricQuery) -> Issue:
    """Return that a metric is needed: one that `having` names, else some with the group-bys."""
    shown = [m for m in draft.catalog.metrics if m not in draft.policy.hidden_metrics]
    named = [leaf.metric for leaf in filter_leaves(query.having) if not isinstance(leaf, Compare)]
    named += [leaf.dimension for leaf in filter_leaves(query.having) if isinstance(leaf, Compare)]
    near = tuple(dict.fromkeys(n for name in named for n in nearest_valid(name, shown)))
    first = draft.names.bare(query.group_by[0].name)
    near = near or near_metrics(draft.catalog, draft.policy, first, first)
    return issue("metric_expected", nearest=near)


def _wanted(draft: Draft, query: MetricQuery) -> tuple[Wanted, ...]:
    items = []
    for item in query.group_by:
        grain = item.grain
        if item.name == METRIC_TIME and not grain and not item.date_part:
            grain = query.grain
        items.append(draft.names.wanted(item.name, grain, item.date_part))
    return tuple(dict.fromkeys(items))


def _source(
    draft: Draft, query: MetricQuery, wanted: Sequence[Wanted], base: str | None
) -> tuple[Node, list[exp.Expr]]:
    timed = [w for w in (*wanted, *_filter_times(draft, query.filters)) if w.name == METRIC_TIME]
    if base is None:
        return _spine_only(draft, query, wanted, timed)
    model = draft.catalog.model(base)
    rows = open_rows(draft, model, None, "full", metric_column)
    period = query.periods[0] if query.periods else None
    if period and not timed:
        _use_own_time(draft, rows)
    for _, _, join in sorted(_joins(draft, rows, query, wanted, timed), key=lambda j: j[:2]):
        join()
    values = [rows.column(w) for w in wanted]
    conditions = [rows.where(query.filters)] if query.filters else []
    if rows.moment is not None:
        conditions += draft.within(rows.moment, period)
    return rows.keep(tuple(conditions)), values


def _joins(
    draft: Draft, rows: Rows, query: MetricQuery, wanted: Sequence[Wanted], timed: Sequence[Wanted]
) -> list[tuple[int, int, Callable[[], object]]]:
    """Return the joins with the order in which they are made: most columns, narrowest table.

    The order matters, because rows without a partner get no moments joined after them.
    """
    filters = (query.filters,) if query.filters else ()
    joins: list[tuple[int, int, Callable[[], object]]] = []
    for steps, gain in rows.needed(wanted, filters).items():
        width = _width(draft.catalog.model(steps[-1].right))
        joins.append((-gain, width, partial(rows.chain, steps)))
    for leaf in filter_leaves(query.filters):
        if isinstance(leaf, MetricCondition):
            joins.append((-1, len(leaf.entity) + 1, partial(rows.leaf, leaf)))
    if timed:
        period = query.periods[0] if query.periods else None
        spine = partial(_cross_with_spine, draft, rows, timed, period)
        joins.append((-len(set(timed)), SPINE_WIDTH, spine))
    return joins


def _use_own_time(draft: Draft, rows: Rows) -> None:
    opened = open_rows(draft, rows.model, rows.model.time_dimension)
    rows.time, rows.moment, rows.grain = opened.time, opened.moment, opened.grain
    rows.known_moment()


def _spine_only(
    draft: Draft, query: MetricQuery, wanted: Sequence[Wanted], timed: Sequence[Wanted]
) -> tuple[Node, list[exp.Expr]]:
    period = query.periods[0] if query.periods else None
    source = spine_source(draft, [w.grain or DEFAULT_GRAIN.value for w in timed], period)
    values = [source.value(w) for w in wanted]
    conditions = [condition(query.filters, source.leaf)] if query.filters else []
    conditions += draft.within(source.moment, period)
    return (Kept(source.node, tuple(conditions)) if conditions else source.node), values


def _cross_with_spine(
    draft: Draft, rows: Rows, timed: Sequence[Wanted], period: Period | None
) -> None:
    source = spine_source(draft, [w.grain or DEFAULT_GRAIN.value for w in timed], period)
    rows.join(source.node, None, "cross")
    rows.moment, rows.grain = source.moment, source.grain


def _filter_times(draft: Draft, tree: Filter | None) -> list[Wanted]:
    return [
        draft.names.wanted(leaf.dimension)
        for leaf in filter_leaves(tree)
        if isinstance(leaf, Compare)
    ]


def _asked(query: MetricQuery) -> tuple[str, ...]:
    """Return the names of dimensions and entities that one model must reach."""
    names = [item.name for item in query.group_by]
    for leaf in filter_leaves(query.filters):
        names += leaf.entity if isinstance(leaf, MetricCondition) else (leaf.dimension,)
    return tuple(dict.fromkeys(names))


def _names(draft: Draft, query: MetricQuery) -> Names:
    """Return the names as seen from the model that reaches all of them with the fewest joins."""
    asked = [n for n in _asked(query) if not n.startswith(METRIC_TIME)]
    if not asked:
        return draft.names
    options = _bases(draft, asked)
    if not options:
        raise CatalogError((_unreachable(draft, asked),))
    least = min(option[0] for option in options)
    best = sorted((o for o in options if o[0] == least), key=lambda o: o[1])
    _refuse_ambiguous(asked, [option[3] for option in best])
    return best[0][2]


def _bases(
    draft: Draft, asked: Sequence[str]
) -> list[tuple[int, int, Names, tuple[DimensionPath, ...]]]:
    """Return the names and paths as seen from each model that reaches all, with joins and width."""
    options = []
    for model in draft.catalog.models.values():
        names = replace(draft.names, bases=(model.id,))
        found = _all_found(names, asked)
        if found is not None and any(not path.steps for path in found):
            ends = {path.steps for path in found if path.steps}
            options.append((len(ends), _width(model), names, found))
    return options


def _width(model: SemanticModel) -> int:
    """Return in how many ways rows of `model` itself can be split: the narrowest table is read."""
    keys = {e.name for e in model.entities if e.type != "foreign"}
    if model.primary_entity:
        keys.add(model.primary_entity)
    width = sum(1 + len(keys - {entity.name}) for entity in model.entities)
    for dimension in model.dimensions:
        forms = 1
        if dimension.type == "time":
            own_order = Grain(dimension.grain or DEFAULT_GRAIN.value).order
            forms = sum(grain.order >= own_order for grain in Grain)
            forms += sum(Grain(part).order >= own_order for part in ("year", "quarter", "month"))
            forms += 3 * (own_order <= Grain.DAY.order)  # day, day of week, day of year
        width += forms * (1 + len(keys))
    return width


def _refuse_ambiguous(asked: Sequence[str], found: Sequence[tuple[DimensionPath, ...]]) -> None:
    for place, name in enumerate(asked):
        paths = {(f[place].model, f[place].short): f[place] for f in found}
        spelled_out = any(name == path.name for path in paths.values()) and "__" in name
        if len(paths) > 1 and not spelled_out and not _all_entities(list(paths.values())):
            raise ambiguous(name, paths.values())


def _all_entities(paths: Sequence[DimensionPath]) -> bool:
    return all(isinstance(path.element, Entity) for path in paths)


def _all_found(names: Names, asked: Sequence[str]) -> tuple[DimensionPath, ...] | None:
    try:
        found = [names.found(names.bases[0], names.bare(name)) for name in asked]
    except CatalogError as error:
        if isinstance(error, UnsupportedQuery):
            raise
        return None
    known = tuple(path for path in found if path is not None)
    return known if len(known) == len(asked) else None


def _unreachable(draft: Draft, asked: Sequence[str]) -> Issue:
    paths = [path for model in draft.catalog.models for path in draft.catalog.reach(model)]
    shown = [path for path in paths if not draft.names.hidden(path, path.name)]
    valid = {path.name for path in shown} | {path.short for path in shown}
    unknown = next((name for name in asked if draft.names.bare(name) not in valid), None)
    if unknown is None:
        near = together(asked, lambda names: bool(_bases(draft, names)))
        return issue("dimensions_apart", nearest=near, dimensions=", ".join(asked))
    head, _, last = unknown.rpartition("__")
    if any(path.is_time and head in (path.name, path.short) for path in shown):
        return draft.names.no_grain(last, f"{head}__")
    return issue("unknown_member_name", nearest=nearest_valid(unknown, valid), dimension=unknown)

"""Owns `Rows`: the rows of one semantic model, joined to whatever its columns are asked for.

Asking for a column appends the joins that it needs, so the same questions in the same order give
the same open plan. Joins never multiply rows: they go to a unique key, at one moment in time
where the key has a validity, inside the same partition where both tables have one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from executors.compiler.compared_values import metric_value, value_form
from executors.compiler.conditions import condition
from executors.compiler.draft import Draft
from executors.compiler.names import DEFAULT_GRAIN, Wanted
from executors.compiler.nearest import at_any_time, near_times
from executors.compiler.plan import Compute, Filter, Join, JoinKind, Node, Read, Visible
from executors.compiler.syntax import (
    Expr,
    all_of,
    any_of,
    column,
    equal,
    extracted,
    is_null,
    qualified,
    truncated,
)
from executors.statement import Joined
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.joins import DimensionPath, JoinStep, validity
from metric_catalog.model.semantic_model import Dimension, SemanticModel, TimeSpine, own
from metric_catalog.query import METRIC_TIME, Compare, MetricCondition, filter_leaves
from metric_catalog.query import Filter as Condition

MetricColumn = Callable[[MetricCondition, "Rows"], Expr]


@dataclass
class Rows:
    """The rows of `model`; `moment` is when they count, truncated to `grain` by whoever groups.

    `time` names the model's dimension that `metric_time` means. `kind` is the kind of the joins
    to come. `metric_column` gives the column of a metric by entity, joined on demand.
    """

    draft: Draft
    model: SemanticModel
    node: Node
    alias: str
    time: str | None
    moment: Expr | None
    grain: str
    kind: JoinKind
    aliases: dict[tuple[JoinStep, ...], str]
    customs: dict[tuple[str, ...], Expr]
    metric_column: MetricColumn | None = None
    taken: set[str] = field(default_factory=set)

    def column(self, wanted: Wanted) -> Expr:
        """Return the expression of `wanted`; raises CatalogError where it cannot be reached."""
        if wanted.among is not None:
            return wanted.among.cell(self, wanted.rest)
        if wanted.name == METRIC_TIME:
            return self._timed(wanted, self.known_moment(), METRIC_TIME)
        path = self.draft.names.find(self.model.id, wanted.name)
        if self._is_moment(path):
            return self._timed(wanted, self.known_moment(), METRIC_TIME)
        value = qualified(own(path.element), self.reach(path))
        if wanted.grain or wanted.part:
            return self._timed(wanted, value, path.name)
        return value

    def counts_by(self, wanted: Wanted) -> bool:
        """Return whether `wanted` is the moment at which the rows count."""
        if wanted.name == METRIC_TIME:
            return True
        return self._is_moment(self.draft.names.find(self.model.id, wanted.name))

    def dated_only(self, groups: Iterable[Wanted]) -> bool:
        """Return whether `groups` are all read off the moment at which the rows count."""
        return all(
            w.among is None
            and self.counts_by(w)
            and (w.part or self.draft.names.is_reckoned(w.grain))
            for w in groups
        )

    def timed(self, wanted: Wanted, moment: Expr) -> Expr:
        """Return a reckoned grain or part of a moment that is not that of the rows."""
        if wanted.part:
            return extracted(wanted.part, moment)
        return self.draft.unit_start(wanted.grain or DEFAULT_GRAIN.value, moment)

    def where(self, tree: Condition) -> Expr:
        """Return `tree` as a condition on these rows."""
        return condition(tree, self.leaf)

    def leaf(self, leaf: Compare | MetricCondition) -> tuple[Expr, Callable[[object], Expr]]:
        """Return the left side of a comparison and how its values are written."""
        draft = self.draft
        if isinstance(leaf, MetricCondition):
            if self.metric_column is None:
                raise UnsupportedQuery((issue("metric_condition_here", metric=leaf.metric),))
            return self.metric_column(leaf, self), metric_value(draft, leaf.metric)
        wanted = draft.names.wanted(leaf.dimension, base=self.model.id)
        return self.column(wanted), value_form(draft, wanted)

    def keep(self, conditions: tuple[Expr, ...]) -> Node:
        """Return the rows that meet all `conditions`."""
        return Filter(self.node, conditions) if conditions else self.node

    def join(self, right: Node, on: Expr | None, kind: JoinKind | None = None) -> None:
        """Put `right` beside the rows."""
        self.node = Join(self.node, right, kind or self.kind, on)

    def entity(self, name: str) -> Expr:
        """Return the key called `name` of these rows; raises CatalogError."""
        return self.column(Wanted(name, None, None, name))

    def prepare(self, wanted: Iterable[Wanted], filters: Iterable[Condition] = ()) -> None:
        """Join what `wanted` and `filters` need, the tables behind most columns first.

        Every table at the end of several joins is reached by a chain of joins of its own; a table
        on the way is then seen through the first chain that passes it.
        """
        needed = self.needed(wanted, filters)
        for steps in sorted(needed, key=lambda steps: _gain(steps, needed), reverse=True):
            self.chain(steps)

    def needed(
        self, wanted: Iterable[Wanted], filters: Iterable[Condition] = ()
    ) -> dict[tuple[JoinStep, ...], int]:
        """Return the joins that `wanted` and `filters` need, and for how many columns."""
        asked = [item.name for item in wanted]
        for leaf in (leaf for tree in filters for leaf in filter_leaves(tree)):
            if isinstance(leaf, Compare):
                asked.append(self.draft.names.wanted(leaf.dimension, base=self.model.id).name)
        found: dict[tuple[JoinStep, ...], int] = {}
        for name in dict.fromkeys(asked):
            steps = () if name == METRIC_TIME else self.draft.names.find(self.model.id, name).steps
            if steps:
                found[steps] = found.get(steps, 0) + 1
        return found

    def reach(self, path: DimensionPath) -> str:
        """Join what `path` needs; return the alias of the table where it ends."""
        self.chain(path.steps)
        return self.aliases[path.steps]

    def chain(self, steps: tuple[JoinStep, ...]) -> None:
        """Join the tables along `steps`, unless they are there."""
        if steps in self.aliases:
            return
        chain = [(self.model, self.alias)]
        for length, step in enumerate(steps, 1):
            alias = "__".join((*(each.entity for each in steps[:length]), step.right))
            while alias in self.taken:
                alias = f"{alias}__{steps[-1].right}"
            self.taken.add(alias)
            right = self.draft.catalog.model(step.right)
            left, left_alias = chain[-1]
            on = [equal(_key(left, step.entity, left_alias), _key(right, step.entity, alias))]
            shared = _same_partition(chain, right, alias, self.draft.week_start)
            on += shared.values()
            on += self._valid(right, alias)
            self.draft.joined[Joined(right.table, step.entity, right.id, tuple(shared))] = None
            self.join(scan(self.draft, right, alias), all_of(on))
            self.aliases.setdefault(steps[:length], alias)
            chain.append((right, alias))

    def _valid(self, right: SemanticModel, alias: str) -> list[Expr]:
        bounds = validity(right)
        if not bounds:
            return []
        if self.moment is None:
            paths = self._visible_paths()
            near = at_any_time(self.draft.catalog, paths, right.main_entity or right.id)
            found = issue("validity_without_time", nearest=near, model=right.id)
            raise UnsupportedQuery((found,))
        moment = truncated(self.grain, self.moment, self.draft.week_start)
        conditions: list[Expr] = []
        if "start" in bounds:
            start = moment_of(bounds["start"], alias, self.draft.week_start)
            conditions.append(exp.GTE(this=moment, expression=start))
        if "end" in bounds:
            end = moment_of(bounds["end"], alias, self.draft.week_start)
            open_end = any_of((exp.LT(this=moment, expression=end), is_null(end)))
            conditions.append(exp.Paren(this=open_end))
        return conditions

    def _is_moment(self, path: DimensionPath) -> bool:
        return not path.steps and path.is_time and path.short == self.time

    def known_moment(self) -> Expr:
        """Return when the rows count; raises UnsupportedQuery where nobody knows."""
        if self.moment is None:
            near = near_times(self.draft.catalog, self._visible_paths())
            raise UnsupportedQuery((issue("no_metric_time", nearest=near, model=self.model.id),))
        return self.moment

    def _visible_paths(self) -> list[DimensionPath]:
        names = self.draft.names
        paths = self.draft.catalog.reach(self.model.id)
        return [path for path in paths if not names.hidden(path, path.name)]

    def _timed(self, wanted: Wanted, value: Expr, key: str) -> Expr:
        if wanted.part:
            return extracted(wanted.part, value)
        grain = wanted.grain or DEFAULT_GRAIN.value
        if self.draft.names.is_reckoned(grain):
            return self.draft.unit_start(grain, value)
        if (key, grain) not in self.customs:
            spine, spine_column = custom_spine(self.draft, grain)
            alias = f"{key}__{grain}"
            unit = truncated(spine.grain, value, self.draft.week_start)
            on = equal(unit, column(alias, spine.column))
            self.join(self.draft.spine_rows(spine, alias), on, "left")
            self.customs[key, grain] = column(alias, spine_column)
        return self.customs[key, grain]


def _key(model: SemanticModel, entity: str, alias: str) -> Expr:
    found = model.entity(entity)
    return qualified(own(found), alias) if found else column(alias, entity)


def moment_of(dimension: Dimension, alias: str, week_start: int) -> Expr:
    """Return a dimension as joins compare it: a time at its own grain."""
    value = qualified(own(dimension), alias)
    if dimension.type != "time":
        return value
    return truncated(dimension.grain or DEFAULT_GRAIN.value, value, week_start)


def _gain(
    steps: tuple[JoinStep, ...], needed: Mapping[tuple[JoinStep, ...], int]
) -> tuple[int, int]:
    """Return how many columns a chain of joins gives, and its length."""
    return sum(count for way, count in needed.items() if steps[: len(way)] == way), len(steps)


def _same_partition(
    chain: list[tuple[SemanticModel, str]], right: SemanticModel, alias: str, week_start: int
) -> dict[str, Expr]:
    """Return by name that partitions are equal, each to the nearest table before that has it."""
    conditions = {}
    for dimension in right.dimensions:
        for left, left_alias in reversed(chain if dimension.is_partition else []):
            mine = left.dimension(dimension.name)
            if mine is not None and mine.is_partition:
                left_time = moment_of(mine, left_alias, week_start)
                right_time = moment_of(dimension, alias, week_start)
                conditions[dimension.name] = equal(left_time, right_time)
                break
    return conditions


def custom_spine(draft: Draft, grain: str) -> tuple[TimeSpine, str]:
    """Return the time spine that knows a custom grain, and the grain's column there."""
    for spine in draft.catalog.time_spines:
        for custom in spine.custom_grains:
            if custom.name == grain:
                return spine, custom.column or custom.name
    raise UnsupportedQuery((issue("unknown_grain", grain=grain),))


def scan(draft: Draft, model: SemanticModel, alias: str) -> Node:
    """Return the rows of `model` that the asker may see, as `alias`."""
    if not any(row.model == model.id for row in draft.policy.rows):
        return Read(model.id, model.table, alias)
    visible = draft.once(("visible", model.id), lambda: _visible(draft, model))
    return Visible(visible, alias)


def _visible(draft: Draft, model: SemanticModel) -> Compute:
    def make() -> Compute:
        rows = open_rows(
            draft, model, model.time_dimension, read=Read(model.id, model.table, model.id)
        )
        conditions = tuple(
            rows.where(row.condition) for row in draft.policy.rows if row.model == model.id
        )
        return draft.close(Compute(f"visible_{model.id}", rows.keep(conditions), ()))

    return draft.guarded(("policy", model.id), f"policy of {model.id}", make)


def open_rows(
    draft: Draft,
    model: SemanticModel,
    time: str | None,
    kind: JoinKind = "left",
    metric_column: MetricColumn | None = None,
    read: Node | None = None,
) -> Rows:
    """Return the rows of `model`, which count at its dimension `time`."""
    dimension = model.dimension(time) if time else None
    if time and dimension is None:
        raise UnsupportedQuery((issue("unknown_time_dimension", model=model.id, dimension=time),))
    moment = qualified(own(dimension), model.id) if dimension else None
    grain = (dimension.grain if dimension else None) or DEFAULT_GRAIN.value
    node = read or scan(draft, model, model.id)
    aliases: Mapping[tuple[JoinStep, ...], str] = {(): model.id}
    return Rows(
        draft, model, node, model.id, time, moment, grain, kind, dict(aliases), {}, metric_column
    )

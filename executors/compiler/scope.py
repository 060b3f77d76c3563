"""Owns `Scope`, under which a metric is measured, and `Measured`, where its values are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import Aggregate, Closed, Combine, Compute, Named
from executors.compiler.syntax import Expr, coalesce, column, number
from metric_catalog.model.metrics import MetricInput
from metric_catalog.periods import Period
from metric_catalog.query import And, Filter

NUMERATOR = "numerator"
DENOMINATOR = "denominator"
INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Rest:
    """All rows but those of the members in `top`, a closed node with one column per key."""

    top: Closed
    keys: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Offset:
    """A shift back in time: by `count` units of `grain`, or to the start of `grain`."""

    grain: str
    count: int | None = None

    @classmethod
    def of(cls, source: MetricInput) -> "Offset | None":
        """Return the offset of a metric's input, None without one."""
        if source.offset_window is not None:
            return cls(source.offset_window.grain, source.offset_window.count)
        return cls(source.offset_to_grain) if source.offset_to_grain else None


@dataclass(frozen=True, slots=True)
class Scope:
    """Groups, filters (all of them hold) and the period of `metric_time` of one measurement."""

    groups: tuple[Wanted, ...]
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    rest: Rest | None = None

    def narrowed(self, *conditions: Filter | None) -> "Scope":
        """Return the scope with more filters, conjunctions split."""
        more = tuple(part for item in conditions if item for part in conjuncts(item))
        return replace(self, filters=(*self.filters, *more)) if more else self


def conjuncts(condition: Filter) -> tuple[Filter, ...]:
    """Return the parts of a condition that must all hold."""
    if isinstance(condition, And):
        return tuple(part for item in condition.items for part in conjuncts(item))
    return (condition,)


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of a metric: column `value` of `node`, one row per combination of `keys`.

    `fill` replaces nulls wherever the value is read. `parts` are the roles of component columns
    `<value>__<role>`. `unique`: no two rows have the same keys.
    """

    node: Closed
    keys: tuple[str, ...]
    value: str
    fill: int | float | None = None
    parts: tuple[str, ...] = ()
    unique: bool = True

    def read(self) -> Expr:
        """Return the value for whoever stands above."""
        return self.filled(column(self.node.name, self.value))

    def filled(self, value: Expr) -> Expr:
        """Return `value` with nulls replaced as the metric says."""
        return value if self.fill is None else coalesce(value, number(self.fill))

    def part(self, role: str) -> Expr:
        """Return a component for whoever stands above."""
        return column(self.node.name, f"{self.value}__{role}")


def distinct_nodes(measured: Iterable[Measured]) -> tuple[Closed, ...]:
    """Return the nodes of `measured`, each once."""
    nodes: list[Closed] = []
    for item in measured:
        if not any(node.name == item.node.name for node in nodes):
            nodes.append(item.node)
    return tuple(nodes)


def combined(
    draft: Draft, name: str, measured: Sequence[Measured], values: Sequence[Named]
) -> Closed:
    """Return a node with the keys and `values`, which read from the nodes of `measured`."""
    sources = distinct_nodes(measured)
    keys = measured[0].keys
    if len(sources) == 1:
        carried = tuple(Named(key, column(sources[0].name, key)) for key in keys)
        return draft.close(Compute(name, sources[0], (*carried, *values)))
    return draft.close(Combine(name, sources, keys, tuple(values)))


def deduplicated(draft: Draft, item: Measured) -> Measured:
    """Return `item` with one row per key, the greatest value of rows with the same keys."""
    if item.unique:
        return item

    def make() -> Measured:
        source = item.node
        groups = tuple(Named(key, column(source.name, key)) for key in item.keys)
        names = (item.value, *(f"{item.value}__{part}" for part in item.parts))
        values = tuple(Named(each, exp.Max(this=column(source.name, each))) for each in names)
        node = draft.close(Aggregate(item.value, source, groups, values))
        return replace(item, node=node, unique=True)

    return draft.once(("deduplicated", item.node.name), make)

"""Owns the values of all metrics of a query side by side, for one period."""

from dataclasses import dataclass

from executors.compiler.draft import Draft
from executors.compiler.metrics import measure
from executors.compiler.plan import Closed, Named, columns_of
from executors.compiler.scope import Measured, Scope, combined, deduplicated
from executors.compiler.syntax import column
from executors.statement import Column
from metric_catalog.periods import Period


@dataclass(frozen=True)
class Part:
    """The values for one period: `node` has the keys and then `columns`."""

    node: Closed
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    period: Period | None


def answered(draft: Draft, metrics: tuple[str, ...], scope: Scope) -> Part:
    """Return the metrics with their components, one row per combination of groups."""
    measured = {metric: measure(draft, metric, scope) for metric in metrics}
    if len(measured) > 1:
        measured = {metric: deduplicated(draft, item) for metric, item in measured.items()}
    columns = [Column(metric, "metric", metric) for metric in metrics]
    values = [Named(metric, item.read()) for metric, item in measured.items()]
    for metric, item in measured.items():
        columns += [Column(f"{metric}__{role}", "component", metric) for role in item.parts]
        values += [Named(f"{metric}__{role}", item.part(role)) for role in item.parts]
    keys = tuple(wanted.column for wanted in scope.groups)
    node = _as_it_is(tuple(measured.values()), keys, values)
    if node is None:
        node = combined(draft, "answer", tuple(measured.values()), values)
    return Part(node, keys, tuple(columns), scope.period)


def _as_it_is(
    measured: tuple[Measured, ...], keys: tuple[str, ...], values: list[Named]
) -> Closed | None:
    """Return the only node if it has exactly the columns asked for."""
    if len(measured) != 1:
        return None
    node = measured[0].node
    plain = all(item.value == column(node.name, item.name) for item in values)
    return node if plain and columns_of(node) == (*keys, *(v.name for v in values)) else None

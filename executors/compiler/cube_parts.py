"""Owns what a cube adds up: the additive measures that a metric's components are made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.metrics import parsed
from executors.compiler.scope import DENOMINATOR, NUMERATOR, Scope
from executors.compiler.simple import measure_of, time_of
from executors.compiler.syntax import Expr, case, name, not_null, number, qualified
from metric_catalog.expressions import parse_expression
from metric_catalog.model.metrics import Derived, Metric, MetricInput, Ratio, Simple
from metric_catalog.model.semantic_model import Aggregation, own
from metric_catalog.query import Filter

VALUE = "value"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One number per row that is summed up: the measure of a metric, or how many have one."""

    name: str
    metric: Metric
    of: Simple
    filters: tuple[Filter, ...]
    counted: bool

    def source(self, draft: Draft) -> tuple[str, str | None]:
        """Return the model whose rows are summed up, and when they count."""
        model, measure = measure_of(draft, self.metric, self.of)
        return model.id, time_of(self.metric, model, measure)

    def value(self, draft: Draft) -> Expr:
        """Return the number of a row."""
        model, measure = measure_of(draft, self.metric, self.of)
        value = qualified(own(measure), model.id)
        if self.counted or measure.agg is Aggregation.COUNT:
            return case((not_null(value), number(1)), default=number(0))
        if measure.agg is Aggregation.SUM_BOOLEAN:
            return case((value, number(1)), default=number(0))
        return value


@dataclass
class Parts:
    """The components of a metric as sums of `leaves`, which they name as columns."""

    leaves: list[Leaf] = field(default_factory=list)
    components: dict[str, Expr] = field(default_factory=dict)

    def leaf(self, metric: Metric, of: Simple, scope: Scope, counted: bool = False) -> Expr:
        """Return the column of a leaf, the same one for the same sum."""
        for known in self.leaves:
            same = known.metric is metric and known.counted == counted
            if same and known.filters == scope.filters:
                return exp.Column(this=name(known.name))
        text = f"{metric.id}__{len(self.leaves)}"
        self.leaves.append(Leaf(text, metric, of, scope.filters, counted))
        return exp.Column(this=name(text))


def additive_parts(draft: Draft, metric: Metric) -> Parts | None:
    """Return a metric's components as sums over rows; None where one of them is no such sum."""
    parts, scope = Parts(), Scope(()).narrowed(parsed(metric.filter))
    roles: dict[str, Expr | None] = {}
    match metric.of:
        case Simple() as of if measure_of(draft, metric, of)[1].agg is Aggregation.AVERAGE:
            if measure_of(draft, metric, of)[1].non_additive is None:
                roles[NUMERATOR] = parts.leaf(metric, of, scope)
                roles[DENOMINATOR] = parts.leaf(metric, of, scope, counted=True)
        case Ratio(numerator=above, denominator=below):
            roles[NUMERATOR] = _input(draft, parts, above, scope)
            roles[DENOMINATOR] = _input(draft, parts, below, scope)
        case _:
            roles[VALUE] = _summed(draft, parts, metric, Scope(()))
    for role, tree in roles.items():
        if tree is None:
            return None
        parts.components[role] = tree
    return parts if roles else None


def _input(draft: Draft, parts: Parts, source: MetricInput, scope: Scope) -> Expr | None:
    if source.offset_window or source.offset_to_grain:
        return None
    metric = draft.catalog.metric(source.metric)
    return _summed(draft, parts, metric, scope.narrowed(parsed(source.filter)))


def _summed(draft: Draft, parts: Parts, metric: Metric, scope: Scope) -> Expr | None:
    """Return a metric as a sum of leaves; None where it is none."""
    inner = scope.narrowed(parsed(metric.filter))
    match metric.of:
        case Simple() as of:
            _, measure = measure_of(draft, metric, of)
            adds_up = measure.agg.additive and measure.non_additive is None
            return parts.leaf(metric, of, inner) if adds_up else None
        case Derived(expr=text, inputs=inputs):
            tree = exp.Paren(this=parse_expression(text))
            if _degree(tree) != 1:
                return None
            found = {each.name: _input(draft, parts, each, inner) for each in inputs}
            return _replaced(tree, found)
        case _:
            return None


def _replaced(tree: Expr, found: dict[str, Expr | None]) -> Expr | None:
    for leaf in list(tree.find_all(exp.Column)):
        value = found.get(leaf.name)
        if value is None:
            return None
        leaf.replace(value.copy())
    return tree


def _degree(tree: Expr) -> int | None:
    """Return 0 for a constant, 1 for a sum of multiples of columns, None for anything else."""
    match tree:
        case exp.Column():
            return 1
        case exp.Literal():
            return None if tree.is_string else 0
        case exp.Paren() | exp.Neg():
            return _degree(tree.this)
        case exp.Add() | exp.Sub():
            return _all_same((_degree(tree.left), _degree(tree.right)))
        case exp.Mul():
            degrees = (_degree(tree.left), _degree(tree.right))
            return None if None in degrees or degrees == (1, 1) else max(degrees)  # type: ignore[type-var]
        case exp.Div():
            return _degree(tree.left) if _degree(tree.right) == 0 else None
        case _:
            return None


def _all_same(degrees: Iterable[int | None]) -> int | None:
    found = set(degrees)
    return found.pop() if len(found) == 1 else None

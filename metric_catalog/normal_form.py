"""Owns the normal form of definitions: two metrics with equal forms are the same under two names.

A form is a sum of products over atoms: measures with all conditions that reach them, and the
metrics of other types. Names are what they stand for: tables, expressions, ways of joins.
"""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_expression
from metric_catalog.joins import DimensionPath, nearest_paths
from metric_catalog.model.metrics import (
    Cumulative,
    Derived,
    EntityShare,
    Metric,
    MetricInput,
    Ratio,
    Simple,
    inputs_of,
)
from metric_catalog.model.semantic_model import Aggregation, Measure, SemanticModel, own
from metric_catalog.normal_expressions import ONE, Sum, atom, expression, over, text_of
from metric_catalog.normal_filters import Clause, Clauses, clauses_of, together
from metric_catalog.query import METRIC_TIME, Compare, MetricCondition

Conditions = tuple[str, ...]
"""Texts of conditions that all hold, from the metric itself down to the input."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a metric means: `text` whole, `bare` without conditions, `clauses` by bare atom."""

    text: str
    bare: str
    clauses: tuple[tuple[str, Clauses], ...]


def form_of(catalog: Catalog, metric: Metric) -> Form:
    """Return the normal form of `metric`; raises CatalogError where it cannot be read."""
    reading = _Reading(catalog, {}, True)
    text = text_of(reading.metric(metric, ()))
    bare = _Reading(catalog, {}, False)
    plain = text_of(bare.metric(metric, ()))
    return Form(text, plain, tuple(sorted(bare.clauses.items(), key=str)))


@dataclass
class _Reading:
    """Reads one metric; `filtered` puts conditions into the atoms, else beside them."""

    catalog: Catalog
    clauses: dict[str, Clauses]
    filtered: bool

    def metric(self, metric: Metric, above: Conditions, depth: int = 0) -> Sum:
        """Return the form of `metric` under the conditions `above`."""
        if depth > len(self.catalog.metrics):
            raise CatalogError(())
        conditions = (*above, metric.filter) if metric.filter else above
        value = self._metric(metric, conditions, depth)
        if metric.zero_denominator == "null" or not isinstance(metric.of, Ratio):
            return value
        return atom(f"zero({text_of(value)})")

    def _metric(self, metric: Metric, conditions: Conditions, depth: int) -> Sum:
        match metric.of:
            case Simple():
                return self._simple(metric, metric.of, conditions)
            case Ratio(numerator=above, denominator=below):
                sides = [self._input(side, conditions, depth) for side in (above, below)]
                return over(*sides)
            case Derived(expr=text, inputs=inputs):
                known = {i.name: self._input(i, conditions, depth) for i in inputs}
                return expression(parse_expression(text), lambda name: known[name])
            case Cumulative(metric=given):
                inner = text_of(self._input(given, conditions, depth))
                rest = metric.of.model_dump_json(exclude={"metric"})
                return atom(f"{rest} of {inner}")
        return self._other(metric, conditions, depth)

    def _input(self, given: MetricInput, above: Conditions, depth: int) -> Sum:
        conditions = (*above, given.filter) if given.filter else above
        inner = self.metric(self.catalog.metric(given.metric), conditions, depth + 1)
        if given.offset_window is None and given.offset_to_grain is None:
            return inner
        window = given.offset_window.model_dump_json() if given.offset_window else ""
        return atom(f"{window}{given.offset_to_grain} before {text_of(inner)}")

    def _simple(self, metric: Metric, of: Simple, conditions: Conditions) -> Sum:
        model = self.catalog.model(of.model)
        measure = model.measure(of.measure)
        if measure is None:
            raise CatalogError(())
        time = metric.time_dimension or measure.time_dimension or model.time_dimension
        what, more = measured(model, measure)
        flags = (of.fill_nulls_with, of.join_to_time_spine, self._column(model, time or ""))
        bare = f"{what} of {model.table.lower()} {flags}"
        return self._kept(bare, self._clauses(model, time, (*conditions, *more)))

    def _other(self, metric: Metric, conditions: Conditions, depth: int) -> Sum:
        """Return the form of a metric that follows entities: its fields, with what they mean."""
        fields: dict[str, Any] = metric.of.model_dump(mode="json", exclude={"base", "conversion"})
        inputs = [text_of(self._input(item, conditions, depth)) for item in inputs_of(metric)]
        found: Clauses = frozenset()
        for key in [key for key in fields if key.endswith("model")]:
            model = self.catalog.model(fields[key])
            fields[key] = model.table.lower()
            time = metric.time_dimension or model.time_dimension
            fields[f"{key} time"] = self._column(model, time or "")
            texts = fields.pop(f"{key.removesuffix('_model')}_filter", None)
            own_texts = (*conditions, texts) if texts else conditions
            if key != "return_model":
                found |= self._clauses(model, time, own_texts)
            elif texts:
                fields[key] += str(_shown(self._clauses(model, time, (texts,))))
            if "measure" in fields and (measure := model.measure(fields["measure"])):
                fields["measure"] = str(measured(model, measure))
        if isinstance(metric.of, EntityShare):
            leaf = Compare(fields["measure"], fields.pop("op"), (fields.pop("value"),))
            found = together((*found, *clauses_of(leaf, lambda _: f"its {fields['measure']}")))
        return self._kept(f"{sorted(fields.items(), key=str)} {inputs}", found)

    def _kept(self, bare: str, clauses: Clauses) -> Sum:
        if self.filtered:
            return atom(f"{bare} where {_shown(clauses)}")
        before = self.clauses.get(bare, clauses)
        self.clauses[bare] = before | clauses
        return atom(bare)

    def _clauses(self, model: SemanticModel, time: str | None, texts: Conditions) -> Clauses:
        def resolve(leaf: Compare | MetricCondition) -> str:
            if isinstance(leaf, Compare):
                return self._name(model, time, leaf.dimension)
            inner = text_of(self.metric(self.catalog.metric(leaf.metric), ()))
            return f"{inner} by {[self._name(model, time, name) for name in leaf.entity]}"

        parts = [clauses_of(parse_condition(text), resolve) for text in texts]
        return together(clause for part in parts for clause in part)

    def _name(self, model: SemanticModel, time: str | None, name: str) -> str:
        """Return what a name in a condition stands for, with its grain or part."""
        head, _, end = name.rpartition("__")
        for text, suffix in ((name, ""), (head, end)):
            if text == METRIC_TIME and time:
                return self._dated(model, time, suffix)
            path = self._path(model, text)
            if path is not None:
                grain = suffix or (_grain(path.element) if path.is_time else "")
                return f"{self._spelled(path)} {grain}".rstrip()
        return self._column(model, name)

    def _dated(self, model: SemanticModel, time: str, suffix: str) -> str:
        return f"{self._column(model, time)} {suffix or _grain(model.dimension(time))}"

    def _path(self, model: SemanticModel, name: str) -> DimensionPath | None:
        index = self.catalog.index(model.id)
        paths = nearest_paths(index.by_name.get(name) or index.by_short.get(name, ()))
        return paths[0] if paths else None

    def _spelled(self, path: DimensionPath) -> str:
        way = [f"{s.entity}>{self.catalog.model(s.right).table.lower()}" for s in path.steps]
        return f"{way} {text_of(expression(parse_expression(own(path.element))))}"

    def _column(self, model: SemanticModel, name: str) -> str:
        found = model.dimension(name) or model.entity(name)
        text = own(found) if found else name or "null"
        return f"[] {text_of(expression(parse_expression(text)))}"


def _grain(element: object) -> str:
    return getattr(element, "grain", None) or "day"


def _shown(clauses: Clauses) -> list[list[str]]:
    return sorted(sorted(map(str, clause)) for clause in clauses)


def measured(model: SemanticModel, measure: Measure) -> tuple[str, Conditions]:
    """Return what a measure aggregates, and the conditions that its expression hides."""
    tree, agg = parse_expression(own(measure)).unnest(), measure.agg
    tree, conditions = _unwrapped(tree, agg)
    value = expression(tree)
    if agg in (Aggregation.SUM_BOOLEAN, Aggregation.SUM) and value == {ONE: 1}:
        agg = Aggregation.COUNT
    keys = [own(e) for e in model.entities if e.type == "primary"]
    is_key = any(expression(parse_expression(key)) == value for key in keys)
    constant = set(value) == {ONE}
    if (agg is Aggregation.COUNT and (constant or is_key)) or (
        agg is Aggregation.COUNT_DISTINCT and is_key
    ):
        return f"count {measure.non_additive}", conditions
    rest = (measure.percentile, measure.discrete, measure.non_additive)
    return f"{agg.value} {text_of(value)} {rest}", conditions


def _unwrapped(tree: exp.Expr, agg: Aggregation) -> tuple[exp.Expr, Conditions]:
    """Return what is aggregated where a condition holds, and that condition."""
    one = exp.Literal.number(1)
    if agg is Aggregation.SUM_BOOLEAN:
        return _where(one, tree, tree)
    if agg is Aggregation.SUM and isinstance(tree, exp.Cast):
        inner = tree.this.unnest()
        if isinstance(inner, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.In):
            return _where(one, inner, tree)
    if isinstance(tree, exp.Case) and not tree.this and len(tree.args["ifs"]) == 1:
        otherwise = tree.args.get("default")
        empty = otherwise is None or isinstance(otherwise, exp.Null)
        if empty or (agg is Aggregation.SUM and _is_zero(otherwise)):
            (branch,) = tree.args["ifs"]
            return _where(branch.args["true"], branch.this, tree)
    return tree, ()


def _where(value: exp.Expr, condition: exp.Expr, whole: exp.Expr) -> tuple[exp.Expr, Conditions]:
    text = condition.sql(dialect="duckdb")
    try:
        parse_condition(text)
    except CatalogError:
        return whole, ()
    return value, (text,)


def _is_zero(tree: exp.Expr | None) -> bool:
    return isinstance(tree, exp.Literal) and not tree.is_string and float(tree.name) == 0


__all__ = ["Clause", "Form", "form_of", "measured"]

"""Owns formulas as people read them: names and labels for ids, the conditions of every input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_expression
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import (
    Conversion,
    Cumulative,
    Derived,
    EntityShare,
    Interval,
    Metric,
    MetricInput,
    Ratio,
    Retention,
    Simple,
    Window,
    inputs_of,
)
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or, Scalar

_SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}


@dataclass(frozen=True)
class Formulas:
    """Writes formulas in `language`; `words` are those of codes (`agg.sum`, `op.and`, …).

    A code without a word is written as it is.
    """

    catalog: Catalog
    language: Language
    words: Mapping[str, str] = field(default_factory=dict)

    def word(self, group: str, code: str) -> str:
        """Return how people say a code."""
        return self.words.get(f"{group}.{code}", code)

    def formula(self, metric: Metric) -> str:
        """Return the formula of `metric` with the conditions on it and on its inputs."""
        return self._limited(self._formula(metric), metric.filter)

    def name(self, metric_id: str) -> str:
        """Return what people call a metric."""
        metric = self.catalog.metrics.get(metric_id)
        return metric.name[self.language] if metric else metric_id

    def dimension(self, name: str) -> str:
        """Return what people call a dimension, with its grain or part as it is."""
        head, _, end = name.rpartition("__")
        for text, rest in ((name, ""), (head, end)):
            found = self._dimension(text)
            label = found.label[self.language] if found else ""
            if label:
                part = rest.removeprefix("extract_")
                return f"{label} ({self.word('grain', part)})" if rest else label
        return self.word("time", name)

    def _dimension(self, name: str) -> Dimension | None:
        short = name.rpartition("__")[2]
        found = [model.dimension(short) for model in self.catalog.models.values()]
        return next((each for each in found if each is not None), None)

    def _formula(self, metric: Metric) -> str:
        of = metric.of
        match of:
            case Simple(model=model_id, measure=name):
                model = self.catalog.models.get(model_id)
                measure = model.measure(name) if model else None
                if measure is None:
                    return f"{model_id}.{name}"
                place = "" if measure.percentile is None else f", {measure.percentile:.4g}"
                counted = measure.expr or measure.name
                return f"{self.word('agg', measure.agg.value)}({counted}{place})"
            case Ratio(numerator=above, denominator=below):
                return f"{self._input(above)} ÷ {self._input(below)}"
            case Derived():
                return self._derived(of)
            case Cumulative(metric=given):
                return f"{self.word('type', 'cumulative')}: {self._input(given)} ({self._over(of)})"
            case Conversion(entity=entity, window=window):
                parts = " → ".join(self._input(given) for given in inputs_of(metric))
                within = f", {self._window(window)}" if window else ""
                what = self.word("calculation", of.calculation)
                return f"{what}({self._entity(entity)}: {parts}{within})"
            case EntityShare(entity=entity):
                met = f"{of.measure} {_SIGNS.get(of.op, of.op)} {of.value:g}"
                return f"{self._count(entity)} [{met}] ÷ {self._count(entity)}"
            case Interval(entity=entity):
                unit, mean = self.word("unit", f"{of.unit}s"), self.word("agg", of.aggregate)
                return f"{mean}({self._entity(entity)}: t[n] − t[n−1]) ({unit})"
            case Retention(entity=entity):
                days = f"{of.from_day}–{of.to_day} {self.word('grain', 'day')}"
                first = self._limited(self._model(of.cohort_model), of.cohort_filter)
                back = self._limited(self._model(of.return_model), of.return_filter)
                whole = self._count(entity)
                return f"{whole} [{first} → {back}, {days}] ÷ {whole} [{first}]"
            case _:
                assert_never(of)

    def _model(self, model_id: str) -> str:
        model = self.catalog.models.get(model_id)
        return (model.label[self.language] if model else "") or model_id

    def _count(self, entity: str) -> str:
        return f"{self.word('agg', 'count_distinct')}({self._entity(entity)})"

    def _entity(self, name: str) -> str:
        """Return what people call an entity."""
        found = [model.entity(name) for model in self.catalog.models.values()]
        labels = [each.label[self.language] for each in found if each and each.label]
        return next(filter(None, labels), name)

    def _derived(self, of: Derived) -> str:
        """Return the expression with the inputs in the place of their aliases."""
        known = {given.name: self._input(given) for given in of.inputs}
        try:
            tree = parse_expression(of.expr)
        except CatalogError:
            return of.expr
        for leaf in list(tree.find_all(exp.Column)):
            leaf.set("this", exp.to_identifier(known.get(leaf.name, leaf.name), quoted=True))
        return tree.sql(dialect="duckdb").replace('"', "")

    def _input(self, given: MetricInput) -> str:
        text = self._limited(self.name(given.metric), given.filter)
        if given.offset_window is not None:
            return f"{text} ({self._window(given.offset_window)}{self.word('op', 'before')})"
        if given.offset_to_grain is not None:
            start = self.word("op", "start")
            return f"{text} ({self.word('grain', given.offset_to_grain)}{start})"
        return text

    def _over(self, of: Cumulative) -> str:
        if of.window:
            return self._window(of.window)
        if of.grain_to_date:
            return f"{self.word('grain', of.grain_to_date)}{self.word('op', 'to_date')}"
        return self.word("op", "all_time")

    def _window(self, window: Window) -> str:
        return f"{window.count} {self.word('grain', window.grain)}"

    def _limited(self, text: str, condition: str | None) -> str:
        return f"{text} [{self.condition(condition)}]" if condition else text

    def condition(self, text: str) -> str:
        """Return a condition in the words of its dimensions and values."""
        try:
            return self._tree(parse_condition(text))
        except CatalogError:
            return text

    def _tree(self, tree: Filter) -> str:
        match tree:
            case And(items) | Or(items):
                joiner = self.word("op", "and" if isinstance(tree, And) else "or")
                parts = [self._part(item) for item in items]
                return f" {joiner} ".join(parts)
            case Not(item):
                return f"{self.word('op', 'not')} {self._part(item)}"
            case Compare(name, op, values):
                shown = [self._value(name, value) for value in values]
                return self._leaf(self.dimension(name), op, shown)
            case MetricCondition(metric, op, values, entity):
                by = f" ({', '.join(entity)})" if entity else ""
                return self._leaf(f"{self.name(metric)}{by}", op, [str(v) for v in values])
            case _:
                assert_never(tree)

    def _part(self, item: Filter) -> str:
        text = self._tree(item)
        return f"({text})" if isinstance(item, And | Or | Not) else text

    def _leaf(self, name: str, op: str, values: list[str]) -> str:
        sign = _SIGNS.get(op) or self.word("op", op)
        listed = self.word("op", "comma").join(values)
        return f"{name} {sign} {listed}".rstrip()

    def _value(self, name: str, value: Scalar) -> str:
        found = self._dimension(name)
        for known in found.values if found else ():
            if known.value == value and type(known.value) is type(value):
                return known.label[self.language] or str(value)
        if isinstance(value, bool):
            return self.word("truth", str(value).lower())
        return f"{value:g}" if isinstance(value, float) else str(value)

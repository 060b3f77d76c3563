"""Owns labels: what people call a metric, a dimension, a member, a grain cell, a filter."""

import datetime as dt
from dataclasses import dataclass
from typing import assert_never

from assistant.insights.cells import NULL_MEMBER, member_of
from assistant.insights.figures import format_day, format_unit_of_time, format_value
from executors.result import Cell
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or, Scalar
from prompts.render import has, render

OTHER = "__other__"
# What detectors call the rest, and what the compiler does.
OTHERS = (OTHER, "other")
YES_OR_NO = {"true": "yes", "false": "no"}
"""Members of a dimension of truth values, and the sentence of each."""
OPERATORS = {"!=": "≠", "<=": "≤", ">=": "≥"}


@dataclass(frozen=True)
class Labels:
    """Labels of one catalog in one language."""

    catalog: Catalog
    language: Language

    def metric(self, metric_id: str) -> str:
        """Return the metric's name."""
        metric = self.catalog.metrics.get(metric_id)
        return metric.name[self.language] if metric else metric_id

    def dimension(self, name: str) -> str:
        """Return the dimension's label, its name where it has none."""
        found = self._find(name)
        return (found.label[self.language] or found.name) if found else name

    def member(self, dimension: str | None, value: Cell) -> str:
        """Return the member's label, the stored value where it has none.

        A yes or no says of what: it may stand far from its dimension's name.
        """
        said = self.cell(dimension, value)
        if dimension is None or member_of(value) not in YES_OR_NO or self._given(dimension, value):
            return said
        label = self.dimension(dimension)
        return render(self.language, "narrative", "yes_no_member", dimension=label, member=said)

    def named(self, dimension: str, value: Cell) -> str:
        """Return the member behind its dimension's name, but where it says that by itself."""
        said = self.member(dimension, value)
        own = self.says_dimension(value)
        return said if own else f"{self.dimension(dimension)} {said}"

    def says_dimension(self, value: Cell) -> bool:
        """Whether the member's label says by itself of which dimension it is."""
        return value is None or member_of(value) in (NULL_MEMBER, *YES_OR_NO)

    def cell(self, dimension: str | None, value: Cell) -> str:
        """Return the member's label as it stands under its dimension's name, as in a table."""
        if value is None or value == NULL_MEMBER:
            label = self.dimension(dimension) if dimension else NULL_MEMBER
            return render(self.language, "narrative", "no_member", dimension=label)
        if value == "":
            return render(self.language, "narrative", "empty_member")
        if value in OTHERS:
            return render(self.language, "narrative", "other")
        given = self._given(dimension, value)
        if given:
            return given
        if member_of(value) in YES_OR_NO:
            return render(self.language, "narrative", YES_OR_NO[member_of(value)])
        return self.moment(value, None) if isinstance(value, dt.date) else str(value)

    def _given(self, dimension: str | None, value: Cell) -> str:
        """The label that the definition gives a member, stored or as text; empty for none."""
        found = self._find(dimension) if dimension else None
        for known in found.values if found else ():
            if member_of(known.value) == member_of(value):
                return known.label[self.language]
        return ""

    def moment(self, value: Cell, grain: str | None) -> str:
        """Return the start of a time cell as people write it for `grain`."""
        if not isinstance(value, dt.date):
            return str(value)
        match grain:
            case "year" | "quarter" | "month":
                return format_unit_of_time(value, grain, self.language, "short_months")
            case "week":
                day = format_day(value, self.language)
                return render(self.language, "figures", "week", day=day)
            case _:
                return format_day(value, self.language)

    def grain(self, grain: str) -> str:
        """Return the word for a grain."""
        key = f"grain_{grain}"
        known = has(self.language, "narrative", key)
        return render(self.language, "narrative", key) if known else grain

    def filter(self, condition: Filter | None) -> str:
        """Return a filter in words; empty for none."""
        match condition:
            case None:
                return ""
            case Compare(dimension, op, values):
                if dimension in self.catalog.metrics:
                    return self._condition(dimension, op, values)
                members = "/".join(self.member(dimension, value) for value in values)
                if op in ("=", "in"):
                    return members
                if op == "!=":
                    return render(self.language, "narrative", "not_filter", filter=members)
                return f"{self.dimension(dimension)} {OPERATORS.get(op, op)} {members}"
            case MetricCondition(metric, op, values):
                return self._condition(metric, op, values)
            case Not(item):
                return render(self.language, "narrative", "not_filter", filter=self.filter(item))
            case Or((Compare(_, "!=", _) | Not(_) as item, Compare(_, "is_null", _))):
                return self.filter(item)  # all but X, those of no member among them
            case And(items) | Or(items):
                joiner = render(self.language, "narrative", "filter_and")
                return joiner.join(self.filter(item) for item in items)
            case _:
                assert_never(condition)

    def _condition(self, metric: str, op: str, values: tuple[Scalar, ...]) -> str:
        """A comparison of a metric, the bound in its unit."""
        known = self.catalog.metrics.get(metric)
        shown = "/".join(
            format_value(float(value), known, self.language)
            if known is not None and isinstance(value, int | float) and value
            else str(value)
            for value in values
        )
        return f"{self.metric(metric)} {OPERATORS.get(op, op)} {shown}"

    def _find(self, name: str | None) -> Dimension | None:
        short = (name or "").split("__")[-1]
        models = self.catalog.models.values()
        found = [d for model in models for d in model.dimensions if d.name == short]
        if len(found) > 1 and name and "__" in name:
            entity = name.split("__")[-2]
            for model in models:
                if model.main_entity == entity and model.dimension(short):
                    return model.dimension(short)
        return found[0] if found else None

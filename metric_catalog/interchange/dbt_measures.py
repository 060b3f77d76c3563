"""Owns the measures of a dbt manifest that metrics use, and the metrics that are made for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from metric_catalog.interchange.dbt_inputs import spoken, together
from metric_catalog.interchange.dbt_models import ModelDraft, aggregation, built
from metric_catalog.interchange.dbt_queries import read_filter
from metric_catalog.interchange.manifest import Findings, Node
from metric_catalog.issues import nearest_names
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Measure


@dataclass
class Measures:
    """Finds measures and adds those that metrics carry themselves; `metrics` are all read so far.

    `taken` are the names of the manifest's own metrics.
    """

    _models: Mapping[str, ModelDraft]
    _findings: Findings
    metrics: dict[str, Metric]
    taken: set[str] = field(default_factory=set)

    def own(
        self, own: Node, params: Node, node: Node, measure: str | None
    ) -> tuple[str, str] | None:
        """Return model and measure of a metric with its own aggregation, adding the measure."""
        model = own.text("semantic_model", required=True) or ""
        draft = self._models.get(model)
        legacy = measure is not None
        content = aggregation(own, own.child("agg_params"), legacy)
        inner = own.text("expr")
        expr = params.text("expr") or inner
        own.close()
        if draft is None:
            own.problem("unknown_model", "semantic_model", self._near(model), model=model)
            return None
        there = draft.measure(measure) if measure else None
        if there is not None and _same(there, {**content, "expr": expr}, draft):
            return model, str(there["name"])
        name = str(node.raw("name"))
        name = name if draft.measure(name) is None else f"{name}_measure"
        draft.content["measures"].append({"name": name, "expr": expr or measure, **content})
        return model, name

    def _near(self, name: str) -> tuple[str, ...]:
        return nearest_names(name, self._models)

    def named(self, name: str, node: Node, key: str) -> tuple[str, str] | None:
        """Return model and measure of the measure called `name`; none or several are issues."""
        homes = [model for model, draft in self._models.items() if draft.measure(name)]
        if len(homes) == 1:
            return homes[0], name
        if homes:
            node.problem("ambiguous_measure", key, measure=name, models=", ".join(homes))
            return None
        known = [m["name"] for draft in self._models.values() for m in draft.content["measures"]]
        node.problem("unknown_measure", key, nearest_names(name, known), measure=name)
        return None

    def as_input(self, node: Node, key: str) -> dict[str, Any] | None:
        """Return a metric input for a measure: of a metric like it, or of a new private one."""
        measure = node.child(key)
        if measure is None:
            node.problem("missing_key", key)
            return None
        name = measure.name()
        found = self.named(name, node, key)
        fill, join = measure.number("fill_nulls_with"), measure.flag("join_to_timespine")
        before = len(self._findings.unsaid)
        condition = together(read_filter(measure, "filter"))
        measure.drop("loss_no_place", "alias")
        measure.close()
        if found is None or len(self._findings.unsaid) > before:
            return None
        for metric in self.metrics.values():
            of = metric.of
            if (
                isinstance(of, Simple)
                and (of.model, of.measure) == found
                and (of.fill_nulls_with, of.join_to_time_spine) == (fill, join)
                and metric.filter == condition
            ):
                return {"metric": metric.id}
        new = self._free(name)
        self.add_simple(new, self._models[found[0]], name, True, fill, join, condition)
        self._findings.lost(node.at(key), "approximated", "loss_private_metric", new)
        return {"metric": new}

    def _free(self, name: str) -> str:
        while name in self.taken or name in self.metrics:
            name = f"{name}_measure"
        return name

    def add_simple(
        self,
        name: str,
        draft: ModelDraft,
        measure: str,
        private: bool,
        fill: float | None = None,
        join: bool = False,
        condition: str | None = None,
    ) -> None:
        """Add the metric `name` of one measure to those read."""
        of = {"type": "simple", "model": draft.content["id"], "measure": measure}
        of |= {"fill_nulls_with": fill, "join_to_time_spine": join}
        content = {"id": name, "name": {"en": spoken(name)}, "of": of, "filter": condition}
        node = Node({}, draft.place, self._findings)
        more = {"private": private, "status": "published"}
        if metric := built(Metric, {**content, **more}, "metrics", node):
            self.metrics[name] = metric
            self._findings.kept(f"{draft.place}.measures.{measure}.create_metric")


def _same(measure: Mapping[str, Any], own: Mapping[str, Any], draft: ModelDraft) -> bool:
    """Whether a metric's own aggregation is that of `measure` of the same model."""
    default = draft.content["time_dimension"]

    def canonical(content: Mapping[str, Any]) -> Measure:
        plain = Measure.model_validate({**content, "name": measure["name"], "description": {}})
        expr = plain.expr if plain.expr is not None else measure["name"]
        changes = {"expr": expr, "time_dimension": plain.time_dimension or default}
        return plain.model_copy(update=changes)

    try:
        return canonical(measure) == canonical(own)
    except ValidationError:
        return False  # each is reported at its own place

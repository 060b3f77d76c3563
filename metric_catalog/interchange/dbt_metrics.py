"""Owns the dbt metrics as definitions of ours: the legacy form with measures and the newest one."""

from collections.abc import Mapping
from typing import Any

from metric_catalog.interchange.dbt_inputs import (
    Grains,
    constant_property,
    metric_input,
    spoken,
    together,
    window_of,
)
from metric_catalog.interchange.dbt_measures import Measures
from metric_catalog.interchange.dbt_models import ModelDraft, built, words
from metric_catalog.interchange.dbt_queries import read_filter
from metric_catalog.interchange.manifest import Findings, Node
from metric_catalog.issues import nearest_names
from metric_catalog.model.metrics import Metric

_SPREAD = (
    "numerator", "denominator", "expr", "window", "grain_to_date", "metrics", "measure",
    "conversion_type_params", "cumulative_type_params", "metric_aggregation_params",
    "join_to_timespine", "fill_nulls_with", "is_private", "input_measures",
)  # fmt: skip


class MetricReader:
    """Reads the metrics of one manifest; adds measures and private metrics where they need them."""

    def __init__(
        self, models: Mapping[str, ModelDraft], findings: Findings, grains: Grains
    ) -> None:
        self._models, self._findings, self._grains = models, findings, grains
        self.metrics: dict[str, Metric] = {}
        self.dropped: set[str] = set()
        self._measures = Measures(models, findings, self.metrics)

    def read(self, nodes: tuple[Node, ...]) -> dict[str, Metric]:
        """Return every metric by its name; issues and losses are noted."""
        self._measures.taken = {str(node.raw("name")) for node in nodes}
        for node in nodes:
            if str(node.raw("name")) in self.metrics:
                first = f"metrics.{node.raw('name')}"
                node.problem("duplicate_id", "name", id=node.raw("name"), other=first)
            self._read(node)
        for draft in self._models.values():
            for measure in draft.created:
                if measure not in self._measures.taken:
                    self._measures.add_simple(measure, draft, measure, private=False)
        return self.metrics

    def _read(self, node: Node) -> None:
        before = len(self._findings.unsaid)
        content: dict[str, Any] = {
            "id": node.name(),
            "name": words(node.text("label")) or {"en": spoken(node.name())},
            "description": words(node.text("description")),
            "default_grain": (node.text("time_granularity") or "").lower() or None,
            "status": "published",
        }
        filters = read_filter(node, "filter")
        kind = (node.text("type", required=True) or "").lower()
        params = node.child("type_params") or Node({}, node.at("type_params"), self._findings)
        content["private"] = params.flag("is_private")
        of, more = self._type(kind, params, node)
        content["filter"] = together((*filters, *more))
        params.ignore("input_measures")
        unused = [key for key in _SPREAD if params.raw(key) not in (None, [], False)]
        params.drop("loss_other_type", *(key for key in unused if key not in _USED.get(kind, ())))
        params.close()
        node.drop("loss_config", "config")
        node.drop("loss_metadata", "metadata")
        node.close()
        if self._findings.without(node.place, before):
            self.dropped.add(content["id"])
            return
        if of is None:
            return
        metric = built(Metric, {**content, "of": of}, "metrics", node)
        if metric is not None:
            self.metrics[metric.id] = metric
            self._findings.kept(node.place)

    def _type(
        self, kind: str, params: Node, node: Node
    ) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """Return the content of `of` and the filters of a measure that belong to the metric."""
        match kind:
            case "simple":
                return self._simple(params, node)
            case "ratio":
                sides = {side: self._input(params, side) for side in ("numerator", "denominator")}
                return {"type": "ratio", **sides}, ()
            case "derived":
                inputs = [metric_input(item, self._grains) for item in params.children("metrics")]
                expr = params.text("expr", required=True) or "0"
                return {"type": "derived", "expr": expr, "inputs": inputs}, ()
            case "cumulative":
                return self._cumulative(params), ()
            case "conversion":
                return self._conversion(params), ()
        kinds = tuple(_USED)
        node.problem("unknown_metric_type", "type", nearest_names(kind, kinds), type=kind)
        return None, ()

    def _input(self, params: Node, key: str) -> dict[str, Any]:
        child = params.child(key)
        if child is None:
            params.problem("missing_key", key)
            return {"metric": "missing"}
        return metric_input(child, self._grains)

    def _simple(self, params: Node, node: Node) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        given = params.child("measure")
        own_filters: tuple[str, ...] = ()
        fill, join = params.number("fill_nulls_with"), params.flag("join_to_timespine")
        name = None
        if given is not None:
            name, own_filters = given.name(), read_filter(given, "filter")
            fill = given.number("fill_nulls_with") if fill is None else fill
            join = given.flag("join_to_timespine") or join
            given.ignore("fill_nulls_with", "join_to_timespine")
            given.drop("loss_no_place", "alias")
            given.close()
        if own := params.child("metric_aggregation_params"):
            found = self._measures.own(own, params, node, name)
        elif name is not None:
            found = self._measures.named(name, params, "measure")
        else:
            params.problem("missing_key", "measure")
            return None, ()
        if found is None:
            return None, ()
        of = {"type": "simple", "model": found[0], "measure": found[1]}
        return {**of, "fill_nulls_with": fill, "join_to_time_spine": join}, own_filters

    def _cumulative(self, params: Node) -> dict[str, Any] | None:
        own = params.child("cumulative_type_params")
        window = window_of(params, "window", self._grains)
        to_date = params.text("grain_to_date")
        of: dict[str, Any] = {"type": "cumulative", "period_agg": "first", "looks_back": "asked"}
        if own:
            window = window_of(own, "window", self._grains) or window
            to_date = own.text("grain_to_date") or to_date
            of["period_agg"] = (own.text("period_agg") or "first").lower()
        of |= {"window": window, "grain_to_date": to_date.lower() if to_date else None}
        of["metric"] = self._either_input(own or params, "metric", params, "measure")
        if own:
            own.close()
        return of if of["metric"] else None

    def _conversion(self, params: Node) -> dict[str, Any] | None:
        own = params.child("conversion_type_params")
        if own is None:
            params.problem("missing_key", "conversion_type_params")
            return None
        of: dict[str, Any] = {"type": "conversion", "entity": own.text("entity", required=True)}
        of["attribution"] = "asked"
        for side in ("base", "conversion"):
            of[side] = self._either_input(own, f"{side}_metric", own, f"{side}_measure")
        of["calculation"] = (own.text("calculation") or "conversion_rate").lower()
        of["window"] = window_of(own, "window", self._grains)
        of["constant_properties"] = [
            constant_property(item) for item in own.children("constant_properties")
        ]
        own.close()
        return of if of["base"] and of["conversion"] else None

    def _either_input(
        self, node: Node, metric: str, owner: Node, measure: str
    ) -> dict[str, Any] | None:
        """Return the input metric; a measure beside it is its older form, filters count once."""
        child, older = node.child(metric), owner.child(measure)
        if child is None:
            return self._measures.as_input(owner, measure)
        found = metric_input(child, self._grains)
        if older is not None:
            filters = (*filter(None, (found["filter"],)), *read_filter(older, "filter"))
            found["filter"] = together(filters)
        return found


_USED: Mapping[str, tuple[str, ...]] = {
    "simple": ("measure", "metric_aggregation_params", "expr", "fill_nulls_with",
               "join_to_timespine", "is_private", "input_measures"),
    "ratio": ("numerator", "denominator", "is_private", "input_measures"),
    "derived": ("expr", "metrics", "is_private", "input_measures"),
    "cumulative": ("measure", "cumulative_type_params", "window", "grain_to_date", "is_private",
                   "input_measures"),
    "conversion": ("conversion_type_params", "is_private", "input_measures"),
}  # fmt: skip

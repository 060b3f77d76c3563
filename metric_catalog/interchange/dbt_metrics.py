"""Owns the dbt metrics as definitions of ours: the legacy form with measures and the newest one."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from metric_catalog.conditions import parse_condition, render_condition
from metric_catalog.interchange.dbt_models import ModelDraft, aggregation, built, words
from metric_catalog.interchange.dbt_queries import read_filter
from metric_catalog.interchange.manifest import Findings, Node
from metric_catalog.issues import nearest_names
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Measure
from metric_catalog.query import And, Filter

_WINDOW = re.compile(r"\s*(\d+)\s+(\w+?)s?\s*")
_SPREAD = (
    "numerator", "denominator", "expr", "window", "grain_to_date", "metrics", "measure",
    "conversion_type_params", "cumulative_type_params", "metric_aggregation_params",
    "join_to_timespine", "fill_nulls_with", "is_private", "input_measures",
)  # fmt: skip


def together(filters: tuple[str, ...]) -> str | None:
    """Return the conjunction of condition texts, each distinct one once."""
    trees: list[Filter] = [parse_condition(text) for text in dict.fromkeys(filters)]
    if not trees:
        return None
    return render_condition(trees[0] if len(trees) == 1 else And(tuple(trees)))


def spoken(name: str) -> str:
    """Return a name as people say it."""
    return name.replace("_", " ")


class MetricReader:
    """Reads the metrics of one manifest; adds measures and private metrics where they need them."""

    def __init__(self, models: Mapping[str, ModelDraft], findings: Findings) -> None:
        self._models, self._findings = models, findings
        self.metrics: dict[str, Metric] = {}
        self._waiting: list[tuple[str, str, Node]] = []
        self._taken: set[str] = set()

    def read(self, nodes: tuple[Node, ...]) -> dict[str, Metric]:
        """Return every metric by its name; issues and losses are noted."""
        self._taken = {str(node.raw("name")) for node in nodes}
        for node in nodes:
            if str(node.raw("name")) in self.metrics:
                first = f"metrics.{node.raw('name')}"
                node.problem("duplicate_id", "name", id=node.raw("name"), other=first)
            self._read(node)
        for draft in self._models.values():
            for measure in draft.created:
                if measure not in self._taken:
                    self._add_simple(measure, draft, measure, private=False)
        return self.metrics

    def _read(self, node: Node) -> None:
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
                inputs = [_metric_input(item) for item in params.children("metrics")]
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
        return _metric_input(child)

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
            found = self._own_measure(own, params, node, name)
        elif name is not None:
            found = self._measure(name, params, "measure")
        else:
            params.problem("missing_key", "measure")
            return None, ()
        if found is None:
            return None, ()
        of = {"type": "simple", "model": found[0], "measure": found[1]}
        return {**of, "fill_nulls_with": fill, "join_to_time_spine": join}, own_filters

    def _own_measure(
        self, own: Node, params: Node, node: Node, measure: str | None
    ) -> tuple[str, str] | None:
        """Return model and measure of a metric with its own aggregation, adding the measure."""
        model = own.text("semantic_model", required=True) or ""
        draft = self._models.get(model)
        legacy = measure is not None
        content = aggregation(own, own.child("agg_params"), legacy)
        expr = params.text("expr") or own.text("expr")
        own.close()
        if draft is None:
            own.problem("unknown_model", "semantic_model", self._near_model(model), model=model)
            return None
        there = draft.measure(measure) if measure else None
        if there is not None and _same(there, {**content, "expr": expr}, draft):
            return model, str(there["name"])
        name = str(node.raw("name"))
        name = name if draft.measure(name) is None else f"{name}_measure"
        draft.content["measures"].append({"name": name, "expr": expr or measure, **content})
        return model, name

    def _near_model(self, name: str) -> tuple[str, ...]:
        return nearest_names(name, self._models)

    def _measure(self, name: str, node: Node, key: str) -> tuple[str, str] | None:
        homes = [model for model, draft in self._models.items() if draft.measure(name)]
        if len(homes) == 1:
            return homes[0], name
        if homes:
            node.problem("ambiguous_measure", key, measure=name, models=", ".join(homes))
            return None
        known = [m["name"] for draft in self._models.values() for m in draft.content["measures"]]
        node.problem("unknown_measure", key, nearest_names(name, known), measure=name)
        return None

    def _cumulative(self, params: Node) -> dict[str, Any] | None:
        own = params.child("cumulative_type_params")
        window = _window(params, "window")
        to_date = params.text("grain_to_date")
        of: dict[str, Any] = {"type": "cumulative", "period_agg": "first"}
        if own:
            window = _window(own, "window") or window
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
        of["window"] = _window(own, "window")
        of["constant_properties"] = [
            _property(item) for item in own.children("constant_properties")
        ]
        own.close()
        return of if of["base"] and of["conversion"] else None

    def _either_input(
        self, node: Node, metric: str, owner: Node, measure: str
    ) -> dict[str, Any] | None:
        """Return the input metric; a measure beside it is its older form, filters count once."""
        child, older = node.child(metric), owner.child(measure)
        if child is None:
            return self._measure_input(owner, measure)
        found = _metric_input(child)
        if older is not None:
            filters = (*filter(None, (found["filter"],)), *read_filter(older, "filter"))
            found["filter"] = together(filters)
        return found

    def _measure_input(self, node: Node, key: str) -> dict[str, Any] | None:
        """Return a metric input for a measure: of a metric like it, or of a new private one."""
        measure = node.child(key)
        if measure is None:
            node.problem("missing_key", key)
            return None
        name = measure.name()
        found = self._measure(name, node, key)
        fill, join = measure.number("fill_nulls_with"), measure.flag("join_to_timespine")
        condition = together(read_filter(measure, "filter"))
        measure.drop("loss_no_place", "alias")
        measure.close()
        if found is None:
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
        self._add_simple(new, self._models[found[0]], name, True, fill, join, condition)
        self._findings.lost(node.at(key), "approximated", "loss_private_metric", new)
        return {"metric": new}

    def _free(self, name: str) -> str:
        while name in self._taken or name in self.metrics:
            name = f"{name}_measure"
        return name

    def _add_simple(
        self,
        name: str,
        draft: ModelDraft,
        measure: str,
        private: bool,
        fill: float | None = None,
        join: bool = False,
        condition: str | None = None,
    ) -> None:
        of = {"type": "simple", "model": draft.content["id"], "measure": measure}
        of |= {"fill_nulls_with": fill, "join_to_time_spine": join}
        content = {"id": name, "name": {"en": spoken(name)}, "of": of, "filter": condition}
        node = Node({}, draft.place, self._findings)
        more = {"private": private, "status": "published"}
        if metric := built(Metric, {**content, **more}, "metrics", node):
            self.metrics[name] = metric
            self._findings.kept(f"{draft.place}.measures.{measure}.create_metric")


_USED: Mapping[str, tuple[str, ...]] = {
    "simple": ("measure", "metric_aggregation_params", "expr", "fill_nulls_with",
               "join_to_timespine", "is_private", "input_measures"),
    "ratio": ("numerator", "denominator", "is_private", "input_measures"),
    "derived": ("expr", "metrics", "is_private", "input_measures"),
    "cumulative": ("measure", "cumulative_type_params", "window", "grain_to_date", "is_private",
                   "input_measures"),
    "conversion": ("conversion_type_params", "is_private", "input_measures"),
}  # fmt: skip


def _metric_input(node: Node) -> dict[str, Any]:
    content = {
        "metric": node.name(),
        "filter": together(read_filter(node, "filter")),
        "alias": node.text("alias"),
        "offset_window": _window(node, "offset_window"),
        "offset_to_grain": (node.text("offset_to_grain") or "").lower() or None,
    }
    node.close()
    return content


def _property(node: Node) -> dict[str, Any]:
    content = {
        "base": node.text("base_property", required=True),
        "conversion": node.text("conversion_property", required=True),
    }
    node.close()
    return content


def _window(node: Node, key: str) -> dict[str, Any] | None:
    value = node.raw(key)
    if value is None:
        return None
    if isinstance(value, str) and (found := _WINDOW.fullmatch(value)):
        return {"count": int(found.group(1)), "grain": found.group(2).lower()}
    child = Node(value, node.at(key), node.findings)
    content = {"count": child.number("count"), "grain": (child.text("granularity") or "").lower()}
    child.close()
    return content


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

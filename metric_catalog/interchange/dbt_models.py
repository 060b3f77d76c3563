"""Owns the dbt semantic models as definitions of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from metric_catalog.interchange.manifest import Findings, Node
from metric_catalog.model.definition import Definition
from metric_catalog.model.semantic_model import Aggregation, SemanticModel
from metric_catalog.schema import issues_of

PERCENT = 100
D = TypeVar("D", bound=Definition)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_AGGREGATIONS = frozenset(item.value for item in Aggregation) | {"avg"}


@dataclass
class ModelDraft:
    """One semantic model while it is read; `created` are measures that are metrics too."""

    content: dict[str, Any]
    place: str
    created: list[str] = field(default_factory=list)

    def measure(self, name: str) -> dict[str, Any] | None:
        """Return the measure called `name`."""
        return next((m for m in self.content["measures"] if m["name"] == name), None)


def words(text: str | None) -> dict[str, str]:
    """Return a text of the source as ours: Chinese where it has Chinese characters."""
    if not text:
        return {}
    return {"zh" if _CHINESE.search(text) else "en": text.strip()}


def built(kind: type[D], content: Mapping[str, Any], section: str, node: Node) -> D | None:
    """Return the definition of `content`, or None with its faults noted."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        node.findings.issues.extend(issues_of(error, section, node.place))
        return None


def read_model(node: Node) -> ModelDraft:
    """Return one semantic model of the manifest as plain content."""
    name = node.name()
    defaults = node.child("defaults")
    content: dict[str, Any] = {
        "id": name,
        "table": table_of(node.child("node_relation"), node),
        "description": words(node.text("description")),
        "label": words(node.text("label")),
        "primary_entity": node.text("primary_entity"),
        "time_dimension": defaults.text("agg_time_dimension") if defaults else None,
        "entities": [_entity(item) for item in node.children("entities")],
        "dimensions": [_dimension(item) for item in node.children("dimensions")],
        "measures": [],
    }
    draft = ModelDraft(content, node.place)
    for item in node.children("measures"):
        content["measures"].append(_measure(item, draft))
    if defaults:
        defaults.close()
    finish(node)
    _duplicates(node, content)
    return draft


def finish(node: Node) -> None:
    """Report what the other tool keeps beside a definition, and that the definition is kept."""
    node.drop("loss_config", "config")
    node.drop("loss_metadata", "metadata")
    node.close()
    node.findings.kept(node.place)


def _duplicates(node: Node, content: Mapping[str, Any]) -> None:
    for section in ("entities", "dimensions", "measures"):
        names = [item["name"] for item in content[section]]
        for name in sorted({name for name in names if names.count(name) > 1}):
            node.problem("duplicate_name", section, id=name)


def table_of(relation: Node | None, owner: Node) -> str:
    """Return `schema.table` of a relation; the database is left to the connection."""
    if relation is None:
        owner.problem("missing_key", "node_relation")
        return "missing"
    named = relation.text("relation_name")
    alias, schema = relation.text("alias"), relation.text("schema_name")
    database = relation.text("database")
    relation.close()
    text = named or ".".join(part for part in (schema, alias) if part)
    try:
        table = exp.to_table(text or "", dialect="duckdb")
    except SqlglotError:
        table = None
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        relation.problem("table_name", "relation_name", table=text)
        return "missing"
    if table.catalog or database:
        where = relation.at("database")
        relation.findings.lost(where, "approximated", "loss_database", table.catalog or database)
    return ".".join(part for part in (table.db, table.name) if part)


def _entity(node: Node) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": node.name(),
        "type": (node.text("type") or "").lower() or None,
        "expr": node.text("expr"),
        "label": words(node.text("label")) or None,
    }
    node.drop("loss_no_place", "role", "description")
    finish(node)
    return content


def _dimension(node: Node) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": node.name(),
        "type": (node.text("type") or "").lower() or None,
        "expr": node.text("expr"),
        "label": words(node.text("label")),
        "description": words(node.text("description")),
        "is_partition": node.flag("is_partition"),
    }
    if params := node.child("type_params"):
        content["grain"] = (params.text("time_granularity") or "").lower() or None
        if validity := params.child("validity_params"):
            start, end = validity.flag("is_start"), validity.flag("is_end")
            content["validity"] = "start" if start else ("end" if end else None)
            validity.close()
        params.close()
    finish(node)
    return content


def _measure(node: Node, draft: ModelDraft) -> dict[str, Any]:
    name = node.name()
    content: dict[str, Any] = {"name": name, "description": words(node.text("description"))}
    content.update(aggregation(node, node.child("agg_params"), legacy=True))
    content["expr"] = node.text("expr")
    if node.flag("create_metric"):
        draft.created.append(name)
    node.drop("loss_no_place", "label")
    finish(node)
    return content


def aggregation(node: Node, params: Node | None, legacy: bool) -> dict[str, Any]:
    """Return how `node` aggregates: of a measure, or of a metric's own aggregation."""
    agg = (node.text("agg", required=True) or "sum").lower()
    if agg not in _AGGREGATIONS:
        node.problem("unknown_aggregation", "agg", aggregation=agg)
        agg = "sum"
    content: dict[str, Any] = {
        "agg": Aggregation(agg),
        "time_dimension": node.text("agg_time_dimension"),
    }
    if params:
        content["percentile"] = _percentile(params, legacy) if agg == "percentile" else None
        content["discrete"] = params.flag("use_discrete_percentile")
        content["approximate"] = params.flag("use_approximate_percentile")
        params.ignore("percentile")
        params.close()
    if agg == "percentile" and content.get("percentile") is None:
        node.problem("missing_key", "agg_params.percentile")
        content["percentile"] = 0.5
    if stock := node.child("non_additive_dimension"):
        content["non_additive"] = {
            "name": stock.name(),
            "window_choice": (stock.text("window_choice") or "min").lower(),
            "window_groupings": stock.texts("window_groupings"),
        }
        stock.close()
    return content


def _percentile(params: Node, legacy: bool) -> float | None:
    value = params.number("percentile")
    if value is None:
        return None
    if legacy or value < 0 or value > PERCENT:
        return value
    if value > 1:
        return value / PERCENT
    params.findings.lost(params.at("percentile"), "approximated", "loss_percentile_scale", value)
    return value


def build_model(draft: ModelDraft, findings: Findings) -> SemanticModel | None:
    """Return the definition of a draft whose measures are complete."""
    node = Node(draft.content, draft.place, findings)
    return built(SemanticModel, draft.content, "semantic_models", node)

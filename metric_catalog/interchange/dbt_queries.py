"""Owns the dbt filters, saved queries and time spines as ours."""

import re
from collections.abc import Mapping
from typing import Any

from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt_models import built, finish, table_of, words
from metric_catalog.interchange.jinja import BeyondConditions, condition_text, reference_of
from metric_catalog.interchange.manifest import Node, Unsaid
from metric_catalog.issues import issue
from metric_catalog.model.semantic_model import SavedQuery, TimeSpine


def read_filter(node: Node, key: str) -> tuple[str, ...]:
    """Return the filters under `key`, each in the words of our conditions.

    Those that have none are noted as unsaid.
    """
    value = node.raw(key)
    if isinstance(value, Mapping) and "where_filters" in value:
        value = value["where_filters"]
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        text = item.get("where_sql_template") if isinstance(item, Mapping) else item
        if text is None:
            continue
        try:
            if not isinstance(text, str):
                raise CatalogError((issue("manifest_wrong_value", node.at(key), key=key),))
            found.append(condition_text(text, node.at(key)))
        except BeyondConditions as error:
            node.findings.unsaid.append(Unsaid(node.at(key), " ".join(text.split()), error.issues))
        except CatalogError as error:
            node.findings.raised(error)
    return tuple(found)


def read_saved_query(node: Node) -> SavedQuery | None:
    """Return one saved query in the words of our own queries, None where it has none."""
    before = len(node.findings.unsaid)
    content: dict[str, Any] = {"id": node.name(), "description": words(node.text("description"))}
    if params := node.child("query_params"):
        content["metrics"] = params.texts("metrics")
        content["group_by"] = tuple(_names(params, "group_by"))
        content["order"] = tuple(_names(params, "order_by"))
        content["where"] = read_filter(params, "where")
        content["limit"] = params.number("limit")
        params.close()
    node.drop("loss_no_place", "label", "exports", "tags")
    finish(node)
    if node.findings.without(node.place, before):
        return None
    return built(SavedQuery, content, "saved_queries", node)


def _names(params: Node, key: str) -> list[str]:
    found = []
    for text in params.texts(key):
        if re.fullmatch(r"-?\w+", text):
            found.append(text)
            continue
        try:
            reference = reference_of(text, params.at(key))
        except CatalogError as error:
            params.findings.raised(error)
            continue
        found.append(("-" if reference.descending else "") + reference.text)
    return found


def read_spine(node: Node) -> TimeSpine | None:
    """Return one time spine of the manifest's configuration."""
    column = node.child("primary_column")
    grains = []
    for custom in node.children("custom_granularities"):
        grains.append({"name": custom.name(), "column": custom.text("column_name")})
        custom.drop("loss_no_place", "description")
        finish(custom)
    content = {
        "table": table_of(node.child("node_relation"), node),
        "column": column.name() if column else None,
        "grain": (column.text("time_granularity") or "day").lower() if column else "day",
        "custom_grains": grains,
    }
    if column:
        column.close()
    finish(node)
    return built(TimeSpine, content, "time_spines", node)


def read_legacy_spine(node: Node) -> TimeSpine | None:
    """Return one time spine in the form of older manifests."""
    table, column = node.text("location", required=True), node.text("column_name", required=True)
    grain = node.text("grain") or "day"
    finish(node)
    content = {"table": table, "column": column, "grain": grain.lower()}
    return built(TimeSpine, content, "time_spines", node)

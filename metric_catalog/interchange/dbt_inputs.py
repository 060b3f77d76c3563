"""Owns what dbt metrics are made of: input metrics, windows of time, properties of events."""

import re
from collections.abc import Set
from typing import Any

from metric_catalog.conditions import parse_condition, render_condition
from metric_catalog.interchange.dbt_queries import read_filter
from metric_catalog.interchange.manifest import Node
from metric_catalog.query import And, Filter

Grains = Set[str]
"""The grains that a manifest may name: the standard ones and those of its time spines."""

_WINDOW = re.compile(r"\s*(\d+)\s+(\w+)\s*")


def together(filters: tuple[str, ...]) -> str | None:
    """Return the conjunction of condition texts, each distinct one once."""
    trees: list[Filter] = [parse_condition(text) for text in dict.fromkeys(filters)]
    if not trees:
        return None
    return render_condition(trees[0] if len(trees) == 1 else And(tuple(trees)))


def spoken(name: str) -> str:
    """Return a name as people say it."""
    return name.replace("_", " ")


def metric_input(node: Node, grains: Grains) -> dict[str, Any]:
    """Return an input: a metric, narrowed, shifted back in time, under an own name."""
    content = {
        "metric": node.name(),
        "filter": together(read_filter(node, "filter")),
        "alias": node.text("alias"),
        "offset_window": window_of(node, "offset_window", grains),
        "offset_to_grain": (node.text("offset_to_grain") or "").lower() or None,
    }
    node.close()
    return content


def constant_property(node: Node) -> dict[str, Any]:
    """Return the property of the base event that equals one of the conversion event."""
    content = {
        "base": node.text("base_property", required=True),
        "conversion": node.text("conversion_property", required=True),
    }
    node.close()
    return content


def window_of(node: Node, key: str, grains: Grains) -> dict[str, Any] | None:
    """Return a length of time, None where there is none; its grain may be in the plural."""
    value = node.raw(key)
    if value is None:
        return None
    if isinstance(value, str) and (found := _WINDOW.fullmatch(value)):
        return {"count": int(found.group(1)), "grain": _singular(found.group(2), grains)}
    child = Node(value, node.at(key), node.findings)
    grain = _singular(child.text("granularity") or "", grains)
    content = {"count": child.number("count"), "grain": grain}
    child.close()
    return content


def _singular(text: str, grains: Grains) -> str:
    grain = text.lower()
    one = grain.removesuffix("s")
    return one if grain not in grains and one in grains else grain

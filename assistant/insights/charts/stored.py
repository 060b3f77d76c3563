"""Owns the way back from a stored chart to its spec: what `chart_to_json` wrote."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from assistant.insights.charts.spec import ChartSpec, Frame

KINDS = {kind.__name__.lower(): kind for kind in get_args(ChartSpec)}


def chart_from_json(content: Mapping[str, Any]) -> ChartSpec:
    """Return the chart of {kind, frame, …}; raises KeyError for an unknown kind.

    Not-a-number and infinite values were stored as null and come back as None.
    """
    kind = KINDS[content["kind"]]
    known = {field.name for field in fields(kind)} - {"frame"}
    given = {name: _tuples(value) for name, value in content.items() if name in known}
    spec: ChartSpec = kind(frame=Frame(**content["frame"]), **given)
    return spec


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value

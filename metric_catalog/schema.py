"""Owns the shape of definition files: which sections they have and what each item must be."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from metric_catalog.faults import Naming, value_issues
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.definition import Definition
from metric_catalog.model.goals import Goal
from metric_catalog.model.governance import Approval
from metric_catalog.model.metrics import Metric, MetricType
from metric_catalog.model.playbooks import Playbook
from metric_catalog.model.semantic_model import SavedQuery, SemanticModel, TimeSpine

SECTIONS: Mapping[str, type[Definition]] = {
    "semantic_models": SemanticModel,
    "metrics": Metric,
    "playbooks": Playbook,
    "goals": Goal,
    "time_spines": TimeSpine,
    "saved_queries": SavedQuery,
    "approvals": Approval,
}
_TYPES: Mapping[str, type[BaseModel]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(MetricType)[0])
}


def nest_type(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric whose flat type keys (`type`, `measure`, …) are moved into `of`."""
    kind = _TYPES.get(str(item.get("type")))
    if kind is None or "of" in item:
        return dict(item)
    inner = {key: item[key] for key in kind.model_fields if key in item}
    return {**{key: value for key, value in item.items() if key not in inner}, "of": inner}


def unknown_type(item: Mapping[str, Any], place: str) -> Issue | None:
    """Return what is wrong with the `type` of a metric, None where it is one or is missing."""
    given = item.get("type")
    if given is None or str(given) in _TYPES:
        return None
    near = nearest_names(str(given), _TYPES)
    return issue("unknown_metric_type", f"{place}.type", near, type=given)


def flatten_type(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric as files write it: the inverse of `nest_type`."""
    rest = {key: value for key, value in item.items() if key != "of"}
    return {**rest, **item.get("of", {})}


def issues_of(error: ValidationError, section: str, place: str) -> tuple[Issue, ...]:
    """Return one issue per fault that pydantic found, each with its place inside the item.

    Unknown keys come first: a misspelt key is why another one is missing.
    """
    known = set(SECTIONS[section].model_fields)
    if section == "metrics":
        known |= {key for kind in _TYPES.values() for key in kind.model_fields}
    hidden = Naming(("of", *_TYPES), "type")
    return value_issues(error.errors(), f"{place}.", known, hidden)

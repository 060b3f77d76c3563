"""Owns the comparison of slots: which given slot of a reply differs, as a reason."""

from collections.abc import Iterator
from typing import Any, Literal

from eval.case import Case, Expected, ExpectedPeriod
from metric_catalog.expressions import parse_condition
from metric_catalog.query_json import filter_to_json

Reason = Literal[
    "WRONG_METRIC", "WRONG_INTENT", "WRONG_TIME", "WRONG_FILTER", "WRONG_GROUP", "WRONG_GRAIN",
    "WRONG_COMPARISON", "WRONG_ORDER", "WRONG_RESULT", "MISSING_ROWS", "EXTRA_ROWS",
    "SHOULD_CLARIFY", "SHOULD_REFUSE", "SHOULD_ANSWER", "OVER_REFUSED", "WRONG_SLOT",
    "WRONG_REASON", "WRONG_DRIVER", "WRONG_PLAYBOOK", "LEAK", "FAILED",
]  # fmt: skip


def slot_reasons(case: Case, content: dict[str, Any]) -> Iterator[Reason]:
    """Give a reason per given slot of an answer that differs."""
    expected, given = case.expect, case.expect.model_fields_set
    if expected.metric is not None and content["metrics"][:1] != [expected.metric]:
        yield "WRONG_METRIC"
    if expected.metrics is not None and sorted(content["metrics"]) != sorted(expected.metrics):
        yield "WRONG_METRIC"
    if expected.intent is not None and content["intent"] not in _several(expected.intent):
        yield "WRONG_INTENT"
    if "group_by" in given and sorted(content["group_by"]) != sorted(expected.group_by or ()):
        yield "WRONG_GROUP"
    for name in ("filters", "having"):
        if name in given and _tree(getattr(expected, name)) != _normal(content[name]):
            yield "WRONG_FILTER"
    yield from _time_reasons(expected, given, content)
    if "order" in given and [dict(item) for item in expected.order or ()] != content["order"]:
        yield "WRONG_ORDER"
    if "limit" in given and content["limit"] != expected.limit:
        yield "WRONG_ORDER"


def _time_reasons(expected: Expected, given: set[str], content: dict[str, Any]) -> Iterator[Reason]:
    if "period" in given and content["period"] != _bounds(expected.period):
        yield "WRONG_TIME"
    if expected.periods is not None:
        wanted = [_bounds(period) for period in expected.periods]
        if sorted(map(str, wanted)) != sorted(map(str, content["periods"])):
            yield "WRONG_TIME"
    if "grain" in given and content["grain"] != expected.grain:
        yield "WRONG_GRAIN"
    if "comparison" in given and not _same_comparison(expected.comparison, content["comparison"]):
        yield "WRONG_COMPARISON"


def _same_comparison(expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, str):
        return bool(found["kind"] == expected)
    return all(found.get(key) == value for key, value in expected.items())


def _bounds(period: ExpectedPeriod | None) -> dict[str, str | None] | None:
    return period.model_dump() if period else None


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _tree(expected: str | dict[str, Any] | None) -> Any:
    if isinstance(expected, str):
        return _normal(filter_to_json(parse_condition(expected)))
    return _normal(expected)


def _normal(tree: Any) -> Any:
    """Return a filter whose equal forms are equal: order of items and members does not count."""
    if tree is None:
        return None
    if "items" in tree:
        items = sorted((_normal(item) for item in tree["items"]), key=str)
        if len(items) == 1 and tree["op"] in ("and", "or"):
            return items[0]
        if tree["op"] == "not" and items[0].get("op") == "=":
            return {**items[0], "op": "!="}
        return {"op": tree["op"], "items": items}
    values = sorted(tree.get("values", ()), key=str)
    op = "=" if tree["op"] == "in" and len(values) == 1 else tree["op"]
    name = tree.get("metric") or tree.get("dimension")
    return {"name": name, "op": op, "values": values}

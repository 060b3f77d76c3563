"""Owns the difference of two catalogs: per metric what was added, removed, re-meant or re-worded.

A meaning is transitive: a metric changes where an input, a measure, a dimension or a calendar
that it rests on changes, even if its own lines stay the same.
"""

from dataclasses import dataclass
from typing import Any, Literal

from metric_catalog.catalog import Catalog
from metric_catalog.hashes import MEANING, models_of
from metric_catalog.model.metrics import Metric, inputs_of

Change = Literal["added", "removed", "meaning", "words"]
GOVERNANCE = ("version", "status", "changed_by", "effective_from", "successor")


@dataclass(frozen=True, slots=True)
class MetricChange:
    """How one metric changed. `fields` are its own; `through` names what it rests on.

    `through` holds `metric:x`, `model:y` or `calendar`; hashes are None where there was or is
    no such metric; `version_kept` = the meaning moved, but the version did not.
    """

    metric: str
    change: Change
    fields: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    old_hash: str | None = None
    new_hash: str | None = None
    version_kept: bool = False


def diff(old: Catalog, new: Catalog) -> tuple[MetricChange, ...]:
    """Return every metric that changed between `old` and `new`, by name."""
    found = []
    for name in sorted({*old.metrics, *new.metrics}):
        if name not in old.metrics:
            found.append(MetricChange(name, "added", new_hash=new.hash_of(name)))
        elif name not in new.metrics:
            found.append(MetricChange(name, "removed", old_hash=old.hash_of(name)))
        elif change := _changed(name, old, new):
            found.append(change)
    return tuple(found)


def _changed(name: str, old: Catalog, new: Catalog) -> MetricChange | None:
    before, after = old.metrics[name], new.metrics[name]
    fields = _fields(before, after)
    hashes = old.hash_of(name), new.hash_of(name)
    if hashes[0] != hashes[1]:
        kept = before.version == after.version
        through = _through(name, old, new)
        return MetricChange(name, "meaning", fields, through, *hashes, version_kept=kept)
    return MetricChange(name, "words", fields, (), *hashes) if fields else None


def _fields(before: Metric, after: Metric) -> tuple[str, ...]:
    """Return the keys that differ, those of the type with their own names."""
    left, right = _flat(before), _flat(after)
    keys = dict.fromkeys((*left, *right))
    return tuple(key for key in keys if left.get(key) != right.get(key))


def _flat(metric: Metric) -> dict[str, Any]:
    dumped = metric.model_dump(mode="json")
    return {**dumped.pop("of"), **dumped}


def _through(name: str, old: Catalog, new: Catalog) -> tuple[str, ...]:
    """Return what the metric rests on and what itself changed, nearest first."""
    found: dict[str, None] = {}
    if old.calendar != new.calendar:
        found["calendar"] = None
    pending, done = [name], set()
    while pending:
        current = pending.pop(0)
        if current in done or current not in new.metrics:
            continue
        done.add(current)
        if current != name and current in old.metrics and _own_meaning(current, old, new):
            found[f"metric:{current}"] = None
        for model in models_of(new.metrics[current]):
            if old.models.get(model) != new.models.get(model):
                found[f"model:{model}"] = None
        pending.extend(item.metric for item in inputs_of(new.metrics[current]))
    return tuple(found)


def _own_meaning(name: str, old: Catalog, new: Catalog) -> bool:
    keys = set(MEANING)
    left = old.metrics[name].model_dump(mode="json", include=keys)
    return left != new.metrics[name].model_dump(mode="json", include=keys)

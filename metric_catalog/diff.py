"""Owns the difference of two catalogs: per metric what was added, removed, re-meant or re-worded.

A meaning is transitive: a metric changes where an input, a measure, a dimension, a join, a time
spine or a calendar that it rests on changes, even if its own lines stay the same.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from metric_catalog.calendar_used import calendar_used
from metric_catalog.catalog import Catalog
from metric_catalog.foundations import Foundation, foundation
from metric_catalog.hashes import default_clock, model_meaning, own_meaning
from metric_catalog.model.metrics import Metric
from metric_catalog.used_names import metrics_below, models_of

Change = Literal["added", "removed", "meaning", "words"]
GOVERNANCE = ("version", "status", "changed_by", "effective_from", "successor")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A key of a definition before and after, as text; None where it was or is not there."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class MetricChange:
    """How one metric changed. `values` are its own; `through` names what it rests on.

    `through` holds `metric:x`, `model:y`, `time_spine:table` or `calendar`; hashes are
    None where there was or is no such metric; `version_kept` = the meaning moved, but the
    version did not.
    """

    metric: str
    change: Change
    values: tuple[FieldChange, ...] = ()
    through: tuple[str, ...] = ()
    old_hash: str | None = None
    new_hash: str | None = None
    version_kept: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of its own that differ."""
        return tuple(each.name for each in self.values)


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
    values = _values(before, after)
    hashes = old.hash_of(name), new.hash_of(name)
    if hashes[0] != hashes[1]:
        kept = before.version == after.version
        through = _through(name, old, new)
        return MetricChange(name, "meaning", values, through, *hashes, version_kept=kept)
    return MetricChange(name, "words", values, (), *hashes) if values else None


def _values(before: Metric, after: Metric) -> tuple[FieldChange, ...]:
    """Return the keys that differ, those of the type with their own names."""
    left, right = _flat(before), _flat(after)
    keys = dict.fromkeys((*left, *right))
    return tuple(
        FieldChange(key, _text(left.get(key)), _text(right.get(key)))
        for key in keys
        if left.get(key) != right.get(key)
    )


def _text(value: Any) -> str | None:
    """Return a value as people write it: texts bare, everything else as JSON, without blanks."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(_filled(value), ensure_ascii=False)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items() if each not in (None, "", [])}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def _flat(metric: Metric) -> dict[str, Any]:
    dumped = metric.model_dump(mode="json")
    return {**dumped.pop("of"), **dumped}


def _through(name: str, old: Catalog, new: Catalog) -> tuple[str, ...]:
    """Return what the metric rests on and what itself changed, nearest first."""
    found: dict[str, None] = {}
    if calendar_used(name, old, old.calendar) != calendar_used(name, new, new.calendar):
        found["calendar"] = None
    pending, done = [name], set()
    while pending:
        current = pending.pop(0)
        if current not in new.metrics and current in old.metrics:
            found[f"metric:{current}"] = None
        if current in done or current not in new.metrics:
            continue
        done.add(current)
        if current != name and current in old.metrics and _own_meaning(current, old, new):
            found[f"metric:{current}"] = None
        found.update(dict.fromkeys(_moved(new.metrics[current], old, new)))
        pending.extend(metrics_below(new.metrics[current]))
    before, after = (default_clock(name, each) for each in (old, new))
    moved = [key for key in after if ":" in key and after[key] != before.get(key)]
    return tuple(dict.fromkeys((*found, *moved)))


def _moved(metric: Metric, old: Catalog, new: Catalog) -> tuple[str, ...]:
    """Return the models and time spines that mean something else for `metric` than before."""
    before, after = (_rests_on(metric, each) for each in (old, new))
    return tuple(key for key in (*before, *after) if before.get(key) != after.get(key))


def _rests_on(metric: Metric, known: Catalog) -> Foundation:
    """Return what a metric uses of its own tables and of others, by name."""
    own = [known.models[name] for name in models_of(metric) if name in known.models]
    found: Foundation = {f"model:{each.id}": [model_meaning(each, metric)] for each in own}
    for key, parts in foundation(metric, known).items():
        found[key] = [*found.get(key, ()), *parts]
    return found


def _own_meaning(name: str, old: Catalog, new: Catalog) -> bool:
    return own_meaning(old.metrics[name]) != own_meaning(new.metrics[name])

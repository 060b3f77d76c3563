"""Owns what is known of the data before any question: members of dimensions, first and last days.

Read once through the executor, kept beside the state, and read again when the data or the
definitions change.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executors.executor import ExecutorError
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.model.semantic_model import Dimension, SemanticModel
from metric_catalog.query import GroupBy, MetricQuery, Query
from retrieval.values import ValueEntry

MOST_MEMBERS = 100_000
LONGEST_MEMBER = 200
Run = Callable[[Query], ResultTable]


@dataclass(frozen=True)
class Sources:
    """Members as value entries; the first and last day per semantic model's default time."""

    entries: tuple[ValueEntry, ...]
    days: dict[str, tuple[dt.date, dt.date]]

    def first_day(self, models: tuple[str, ...]) -> dt.date | None:
        """Return the latest of the models' first days: from there all of them have data."""
        known = [self.days[m][0] for m in models if m in self.days]
        return max(known) if known else None

    def last_day(self) -> dt.date | None:
        """Return the last day that any model has data of."""
        return max((last for _, last in self.days.values()), default=None)


def read_sources(catalog: Catalog, data: Path, folder: Path, run: Run) -> Sources:
    """Return the sources of `data`, from the file kept in `folder` where that is still true."""
    key = _fingerprint(catalog, data)
    kept = folder / "sources.json"
    stored = _read(kept, key)
    if stored is None:
        stored = {"key": key, "members": {}, "days": {}}
        for model in catalog.models.values():
            _gather(model, run, stored)
        _write(kept, stored)
    return Sources(
        tuple(_entries(catalog, stored["members"])),
        {m: (_day(a), _day(b)) for m, (a, b) in stored["days"].items()},
    )


def _fingerprint(catalog: Catalog, data: Path) -> str:
    state = data.stat() if data.exists() else None
    size = [str(state.st_size), str(state.st_mtime_ns)] if state else []
    shapes = [m.model_dump_json(exclude={"measures"}) for m in catalog.models.values()]
    return hashlib.sha256("".join([*size, *shapes]).encode()).hexdigest()


def _read(file: Path, key: str) -> dict[str, Any] | None:
    try:
        stored: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return stored if stored.get("key") == key else None


def _write(file: Path, stored: dict[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(stored, ensure_ascii=False, default=str), "utf-8")
        draft.replace(file)
    except OSError as error:
        raise ExecutorError("state_failed", cause=error.strerror or str(error)) from error


def _gather(model: SemanticModel, run: Run, stored: dict[str, Any]) -> None:
    for dimension in model.dimensions:
        name = f"{model.main_entity}__{dimension.name}" if model.main_entity else dimension.name
        if dimension.type == "time":
            if dimension.name == model.time_dimension:
                bounds = _ask(run, MetricQuery(group_by=(GroupBy(name, "day"),), min_max_only=True))
                if bounds and bounds[0][0] is not None:
                    stored["days"][model.id] = [str(cell)[:10] for cell in bounds[0]]
        elif dimension.searchable and dimension.sensitivity == "public":
            rows = _ask(run, MetricQuery(group_by=(GroupBy(name),), limit=MOST_MEMBERS))
            members = [row[0] for row in rows if row[0] is not None]
            stored["members"][f"{model.id}.{dimension.name}"] = [
                m for m in members if len(str(m)) <= LONGEST_MEMBER
            ]


def _ask(run: Run, query: MetricQuery) -> tuple[tuple[Any, ...], ...]:
    """Return the rows, none where the source is not as its definition says (`check` tells)."""
    try:
        return run(query).rows
    except (CatalogError, ExecutorError) as error:
        if isinstance(error, ExecutorError) and not error.unanswered:
            raise
        return ()


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _entries(catalog: Catalog, members: dict[str, list[Any]]) -> list[ValueEntry]:
    entries = []
    for key, values in members.items():
        model_id, name = key.split(".", 1)
        dimension = catalog.models[model_id].dimension(name)
        if dimension is not None:
            entries += [_entry(dimension, model_id, value) for value in values]
    return entries


def _entry(dimension: Dimension, model: str, value: Any) -> ValueEntry:
    known = next((v for v in dimension.values if v.value == value), None)
    if known is None:
        return ValueEntry(dimension.name, value, model=model)
    labels = tuple(word for word in (known.label.en, known.label.zh) if word)
    return ValueEntry(dimension.name, value, labels, known.synonyms.all, model)

"""Owns the writing of a catalog as definition files that `load` reads back unchanged."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.definition import Definition
from metric_catalog.model.metrics import Metric
from metric_catalog.schema import flatten_type

WIDTH = 100


def write_catalog(catalog: Catalog, out_dir: Path) -> tuple[Path, ...]:
    """Write one file per section and return them; raises CatalogError where one is there, OSError.

    All of them or, where one cannot be written, none. Approvals are not written: they belong to
    whoever governs the new project.
    """
    sections: Mapping[str, list[dict[str, Any]]] = {
        "semantic_models": [plain(item) for item in catalog.models.values()],
        "metrics": [plain(item) for item in catalog.metrics.values()],
        "playbooks": [plain(item) for item in catalog.playbooks.values()],
        "goals": [plain(item) for item in catalog.goals.values()],
        "time_spines": [plain(item) for item in catalog.time_spines],
        "saved_queries": [plain(item) for item in catalog.saved_queries.values()],
    }
    files = {out_dir / f"{name}.yml": (name, items) for name, items in sections.items() if items}
    there = [file for file in files if file.exists()]
    if there:
        raise CatalogError(tuple(issue("file_exists", file.name) for file in there))
    texts = {file: _text(name, items) for file, (name, items) in files.items()}
    _write_all(texts)
    return tuple(texts)


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write files that are not there yet; where one fails none stays, raises OSError."""
    fresh = {file: file.with_name(f".{file.name}.new") for file in texts}
    try:
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh[file].write_text(text, encoding="utf-8")
        for file, written in fresh.items():
            os.replace(written, file)
    except OSError:
        for file in (*fresh.values(), *texts):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise


def plain(definition: Definition) -> dict[str, Any]:
    """Return a definition as files write it: what is default stays unsaid, a type stands flat."""
    dumped = definition.model_dump(mode="json", exclude_defaults=True)
    if not isinstance(definition, Metric):
        return dumped
    inner = {"type": definition.of.type, **dumped.get("of", {})}
    ordered = {"id": definition.id, "name": dumped.pop("name"), **dumped, "of": inner}
    flat = flatten_type(ordered)
    return dict(ordered) if any(key in dumped for key in inner) else flat


def _text(section: str, items: list[dict[str, Any]]) -> str:
    return yaml.safe_dump(
        {section: items}, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )

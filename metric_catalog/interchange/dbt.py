"""Owns the import of dbt semantic manifests: a catalog and a report of what was lost on the way.

Read is `target/semantic_manifest.json`, with measures (legacy) or with aggregations of the
metrics' own. Every fault is found before the first is reported.
"""

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.check import broken
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt_drops import drop_dependents, drop_saved
from metric_catalog.interchange.dbt_metrics import MetricReader
from metric_catalog.interchange.dbt_models import ModelDraft, build_model, read_model
from metric_catalog.interchange.dbt_queries import (
    read_legacy_spine,
    read_saved_query,
    read_spine,
)
from metric_catalog.interchange.manifest import Findings, LossItem, Node
from metric_catalog.issues import Issue, issue
from metric_catalog.model.semantic_model import SavedQuery, TimeSpine
from metric_catalog.periods import Grain

MAX_BYTES = 100_000_000


@dataclass(frozen=True)
class ImportResult:
    """The imported catalog (trusted: another tool governs it) and the report of losses."""

    catalog: Catalog
    report: tuple[LossItem, ...]


def import_manifest(data: Mapping[str, Any] | Path) -> ImportResult:
    """Return the catalog of a manifest, given parsed or as a file; raises CatalogError."""
    source = data.name if isinstance(data, Path) else "semantic_manifest.json"
    content = _read(data, source) if isinstance(data, Path) else data
    if not isinstance(content, Mapping) or "semantic_models" not in content:
        raise CatalogError((issue("not_a_manifest", source),))
    findings = Findings()
    root = Node(content, "", findings)
    drafts = _models(root)
    spines = _spines(root.child("project_configuration"))
    grains = {grain.value for grain in Grain}
    grains |= {custom.name for spine in spines for custom in spine.custom_grains}
    reader = MetricReader(drafts, findings, grains)
    metrics, dropped = reader.read(root.children("metrics")), reader.dropped
    drop_dependents(metrics, dropped, findings)
    models = {name: build_model(draft, findings) for name, draft in drafts.items()}
    if root.raw("metrics") is None:
        root.problem("missing_key", "metrics")
    elif dropped and all(metric.private for metric in metrics.values()):
        # Nothing is left: what every metric was dropped for is what is wrong.
        findings.issues += [found for each in findings.unsaid for found in each.issues]
    elif not metrics and not findings.issues:
        root.problem("manifest_without_metrics", "metrics")
    saved = drop_saved(_saved_queries(root), dropped, findings)
    root.drop("loss_metadata", "metadata")
    root.close()
    catalog = Catalog(
        models={name: model for name, model in models.items() if model is not None},
        metrics=metrics,
        time_spines=spines,
        saved_queries=saved,
        places=_places(source, drafts, metrics, saved),
        trusted=True,
    )
    between = _between(catalog, _named(root, drafts) - dropped, drafts, findings)
    found = dict.fromkeys([*findings.issues, *between])
    if found:
        raise CatalogError(tuple(found))
    return ImportResult(catalog, tuple(findings.losses))


def _named(root: Node, drafts: Mapping[str, ModelDraft]) -> set[str]:
    """Return the names of all metrics and models of the manifest."""
    listed = root.raw("metrics") if isinstance(root.raw("metrics"), list) else []
    return {str(item.get("name")) for item in listed if isinstance(item, Mapping)} | {*drafts}


def _between(
    catalog: Catalog, names: Set[str], drafts: Mapping[str, ModelDraft], findings: Findings
) -> Iterator[Issue]:
    """Yield the faults between definitions; what only follows from a fault of `names` is not."""
    incomplete = bool(findings.issues) and len(catalog.models) < len(drafts)
    for problem in broken(catalog):
        named = {value for _, value in problem.arguments}
        follows = problem.code in ("unknown_metric", "unknown_model") and named & names
        hidden = incomplete and problem.code in ("unknown_dimension", "unknown_entity")
        if not follows and not hidden:
            yield problem


def _read(file: Path, source: str) -> Any:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CatalogError((issue("file_too_large", source, limit=MAX_BYTES),))
        content = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CatalogError((issue("unreadable_file", source, reason=reason),)) from error
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise CatalogError((issue("unreadable_file", source, reason=reason),)) from error
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of the file; raises ValueError where a key would hide another one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate key {twice!r}")
    return found


def _models(root: Node) -> dict[str, ModelDraft]:
    drafts: dict[str, ModelDraft] = {}
    for node in root.children("semantic_models"):
        draft = read_model(node)
        name = draft.content["id"]
        if name in drafts:
            node.problem("duplicate_id", "name", id=name, other=drafts[name].place)
        else:
            drafts[name] = draft
    return drafts


def _spines(configuration: Node | None) -> tuple[TimeSpine, ...]:
    if configuration is None:
        return ()
    spines = [read_spine(node) for node in configuration.children("time_spines")]
    legacy = configuration.children("time_spine_table_configurations")
    if not spines:
        spines = [read_legacy_spine(node) for node in legacy]
    configuration.drop("loss_metadata", "metadata")
    configuration.ignore("dsi_package_version")
    configuration.close()
    return tuple(spine for spine in spines if spine is not None)


def _saved_queries(root: Node) -> dict[str, SavedQuery]:
    saved: dict[str, SavedQuery] = {}
    for node in root.children("saved_queries"):
        query = read_saved_query(node)
        if query is None:
            continue
        if query.id in saved:
            first = f"saved_queries.{query.id}"
            node.problem("duplicate_id", "name", id=query.id, other=first)
        saved[query.id] = query
    return saved


def _places(
    source: str,
    drafts: Mapping[str, ModelDraft],
    metrics: Mapping[str, object],
    saved: Mapping[str, object],
) -> dict[str, str]:
    places = {f"semantic_models:{name}": f"{source}: {name}" for name in drafts}
    places |= {f"metrics:{name}": f"{source}: {name}" for name in metrics}
    return places | {f"saved_queries:{name}": f"{source}: {name}" for name in saved}

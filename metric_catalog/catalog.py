"""Owns `Catalog`: every definition of a project, immutable and indexed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from metric_catalog.calendars import Calendar
from metric_catalog.errors import CatalogError
from metric_catalog.hashes import definition_hash
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.joins import DimensionPath, Index, indexed, own_aliases, reach
from metric_catalog.model.goals import Goal
from metric_catalog.model.governance import Approval, Status, same_person
from metric_catalog.model.metrics import Metric, inputs_of
from metric_catalog.model.playbooks import Playbook
from metric_catalog.model.semantic_model import SavedQuery, SemanticModel, TimeSpine
from metric_catalog.used_names import models_of


@dataclass(frozen=True)
class Catalog:
    """All definitions. `places` maps an id (`metric:x`, `model:x`) to its file, for issues.

    `trusted` = definitions come from another governed tool (an import) and need no approval.
    """

    name: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    models: Mapping[str, SemanticModel] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    time_spines: tuple[TimeSpine, ...] = ()
    saved_queries: Mapping[str, SavedQuery] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    trusted: bool = False

    def metric(self, metric_id: str) -> Metric:
        """Return the metric; raises CatalogError naming the nearest where there is none."""
        if metric_id not in self.metrics:
            near = nearest_valid(metric_id, self.metrics)
            raise CatalogError((issue("unknown_metric", nearest=near, metric=metric_id),))
        return self.metrics[metric_id]

    def model(self, model_id: str) -> SemanticModel:
        """Return the semantic model; raises CatalogError naming the nearest."""
        if model_id not in self.models:
            near = nearest_valid(model_id, self.models)
            raise CatalogError((issue("unknown_model", nearest=near, model=model_id),))
        return self.models[model_id]

    @cached_property
    def _reach(self) -> dict[str, tuple[DimensionPath, ...]]:
        return {}

    def reach(self, model_id: str) -> tuple[DimensionPath, ...]:
        """Return every dimension and entity that rows of `model_id` can be split by."""
        if model_id not in self._reach:
            self._reach[model_id] = reach(self.models, self.model(model_id).id)
        return self._reach[model_id]

    @cached_property
    def _index(self) -> dict[str, Index]:
        return {}

    def index(self, model_id: str) -> Index:
        """Return what rows of `model_id` can be split by, by full and by short name."""
        if model_id not in self._index:
            self._index[model_id] = indexed(self.reach(model_id), own_aliases(self.model(model_id)))
        return self._index[model_id]

    def base_models(self, metric_id: str) -> tuple[str, ...]:
        """Return the models that the metric and its inputs read, each once."""
        seen: dict[str, None] = {}
        pending, done = [metric_id], set()
        while pending:
            current = pending.pop(0)
            if current in done or current not in self.metrics:
                continue
            done.add(current)
            metric = self.metrics[current]
            seen.update(dict.fromkeys(models_of(metric)))
            pending.extend(item.metric for item in inputs_of(metric))
        return tuple(seen)

    @cached_property
    def _short_names(self) -> dict[str, int]:
        """How many models define a dimension of each short name."""
        counts: dict[str, int] = {}
        for model in self.models.values():
            for dimension in model.dimensions:
                counts[dimension.name] = counts.get(dimension.name, 0) + 1
        return counts

    def canonical(self, path: DimensionPath) -> str:
        """Return the name people use: the short one where one model alone defines it."""
        return path.short if self._short_names.get(path.short) == 1 else path.name

    @cached_property
    def _dimensions(self) -> dict[str, tuple[DimensionPath, ...]]:
        return {}

    def dimensions_of(self, metric_id: str) -> tuple[DimensionPath, ...]:
        """Return the dimensions (no entities, no times) that the metric may be split by.

        Reachable from all of its models (a retention splits its cohort, a conversion its base
        events, so their other models do not count); the nearest path stands for each;
        `dimensions` of the definition narrows and orders them.
        """
        if metric_id not in self._dimensions:
            self._dimensions[metric_id] = self._find_dimensions(metric_id)
        return self._dimensions[metric_id]

    def _find_dimensions(self, metric_id: str) -> tuple[DimensionPath, ...]:
        metric = self.metric(metric_id)
        bases = self.base_models(metric_id)
        if not bases:
            return ()
        shared: dict[tuple[str, str], DimensionPath] = {}
        for path in self.reach(bases[0]):
            if not path.is_time and path.short not in {
                e.name for e in self.models[path.model].entities
            }:
                shared.setdefault((path.model, path.short), path)
        for other in bases[1:] if metric.of.type not in ("retention", "conversion") else ():
            there = {(path.model, path.short) for path in self.reach(other)}
            shared = {key: path for key, path in shared.items() if key in there}
        if not metric.dimensions:
            return tuple(shared.values())
        by_name = {self.canonical(path): path for path in shared.values()}
        by_name.update({path.name: path for path in shared.values()})
        return tuple(by_name[name] for name in metric.dimensions if name in by_name)

    @cached_property
    def _hashes(self) -> dict[str, str]:
        return {}

    def hash_of(self, metric_id: str) -> str:
        """Return the transitive hash of what the metric means."""
        if metric_id not in self._hashes:
            name = self.metric(metric_id).id
            self._hashes[metric_id] = definition_hash(name, self, self.calendar)
        return self._hashes[metric_id]

    def status_of(self, metric_id: str) -> Status:
        """Return the status in force: published or deprecated only where the hash is approved."""
        metric = self.metric(metric_id)
        if self.trusted or metric.status not in ("published", "deprecated"):
            return metric.status
        return metric.status if self.approval_of(metric_id) else "draft"

    def approval_of(self, metric_id: str) -> Approval | None:
        """Return the newest approval of the metric's present meaning by another than its author."""
        current, author = self.hash_of(metric_id), self.metric(metric_id).changed_by
        fitting = [
            a
            for a in self.approvals
            if a.metric == metric_id and a.hash == current and not same_person(a.by, author)
        ]
        return fitting[-1] if fitting else None

"""Owns the entity graph: which dimensions a semantic model can reach, and by which joins.

A join goes from any key to a primary or unique key of another model (or to a natural key with
a validity window), so it never multiplies rows. The name of a reached dimension is its path of
entities and its own name: `order__store__region`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metric_catalog.model.semantic_model import Dimension, Entity, SemanticModel

MAX_HOPS = 3


@dataclass(frozen=True, slots=True)
class JoinStep:
    """Join `right` to `left` where their keys called `entity` are equal."""

    left: str
    right: str
    entity: str


@dataclass(frozen=True, slots=True)
class DimensionPath:
    """A dimension or entity as seen from one model: full `name`, where it lives, how to get there.

    `entities` is the path in the name; `steps` the joins (empty = in the model itself).
    """

    name: str
    entities: tuple[str, ...]
    model: str
    element: Dimension | Entity
    steps: tuple[JoinStep, ...]

    @property
    def short(self) -> str:
        """The dimension's own name."""
        return self.element.name

    @property
    def is_time(self) -> bool:
        """Whether a grain can be asked of it."""
        return isinstance(self.element, Dimension) and self.element.type == "time"


def reach(models: Mapping[str, SemanticModel], start: str) -> tuple[DimensionPath, ...]:
    """Return every dimension and entity that `start` can be grouped by, nearest first."""
    found: list[DimensionPath] = list(_local(models[start]))
    frontier: list[tuple[str, tuple[str, ...], tuple[JoinStep, ...]]] = [(start, (), ())]
    for _ in range(MAX_HOPS):
        following: list[tuple[str, tuple[str, ...], tuple[JoinStep, ...]]] = []
        for left, path, steps in frontier:
            visited = {start, *(step.right for step in steps)}
            for step in _steps(models, left):
                if step.right in visited or step.entity in path:
                    continue
                reached = (step.right, (*path, step.entity), (*steps, step))
                following.append(reached)
                found.extend(_through(models[step.right], reached[1], reached[2]))
        frontier = following
    return tuple(found)


def _steps(models: Mapping[str, SemanticModel], left: str) -> tuple[JoinStep, ...]:
    keys = {entity.name for entity in models[left].entities}
    if models[left].primary_entity:
        keys.add(str(models[left].primary_entity))
    steps = []
    for right in models.values():
        if right.id == left:
            continue
        for entity in right.entities:
            if entity.name in keys and _is_key(right, entity):
                steps.append(JoinStep(left, right.id, entity.name))
    return tuple(steps)


def _is_key(model: SemanticModel, entity: Entity) -> bool:
    if entity.type == "natural":
        return any(dimension.validity for dimension in model.dimensions)
    return entity.type in ("primary", "unique")


def _local(model: SemanticModel) -> tuple[DimensionPath, ...]:
    prefix = (model.main_entity,) if model.main_entity else ()
    paths = [DimensionPath(e.name, (), model.id, e, ()) for e in model.entities]
    for dimension in model.dimensions:
        name = "__".join((*prefix, dimension.name))
        paths.append(DimensionPath(name, prefix, model.id, dimension, ()))
    return tuple(paths)


def _through(
    model: SemanticModel, path: tuple[str, ...], steps: tuple[JoinStep, ...]
) -> tuple[DimensionPath, ...]:
    elements: list[Dimension | Entity] = [*model.dimensions]
    elements += [entity for entity in model.entities if entity.name not in path]
    return tuple(
        DimensionPath("__".join((*path, e.name)), path, model.id, e, steps) for e in elements
    )

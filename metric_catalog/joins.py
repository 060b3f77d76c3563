"""Owns the entity graph: which dimensions a semantic model can reach, and by which joins.

A join goes from any key to a primary or unique key of another model (or to a natural key with
a validity window), so it never multiplies rows. The name of a reached dimension is its path of
entities and its own name: `order__store__region`.
"""

from collections.abc import Iterable, Mapping
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
    keys = {entity.name: entity for entity in models[left].entities}
    return tuple(
        JoinStep(left, right.id, entity.name)
        for right in models.values()
        if right.id != left
        for entity in right.entities
        if entity.name in keys and _joins(models[left], keys[entity.name], right, entity)
    )


def _joins(left: SemanticModel, key: Entity, right: SemanticModel, entity: Entity) -> bool:
    """Whether a row of `left` meets at most one row of `right` (one at each moment)."""
    if not validity(right):
        return entity.type in ("primary", "unique")
    return entity.type == "natural" and key.type != "natural" and not validity(left)


def validity(model: SemanticModel) -> dict[str, Dimension]:
    """Return the `start` and `end` dimension of the time in which a row of `model` is valid."""
    return {str(d.validity): d for d in model.dimensions if d.validity}


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


@dataclass(frozen=True, slots=True)
class Index:
    """What one model reaches, by full name and by short name, nearest first."""

    by_name: Mapping[str, tuple[DimensionPath, ...]]
    by_short: Mapping[str, tuple[DimensionPath, ...]]


def own_aliases(model: SemanticModel) -> tuple[DimensionPath, ...]:
    """Return the model's own columns under the names of all its keys, as joins would name them."""
    keys = [entity.name for entity in model.entities if entity.type != "foreign"]
    if model.primary_entity:
        keys.append(model.primary_entity)
    elements: list[Dimension | Entity] = [*model.dimensions, *model.entities]
    return tuple(
        DimensionPath(f"{key}__{element.name}", (key,), model.id, element, ())
        for key in dict.fromkeys(keys)
        for element in elements
        if element.name != key
    )


def indexed(paths: Iterable[DimensionPath], aliases: Iterable[DimensionPath] = ()) -> Index:
    """Return `paths` by their names; `aliases` are more full names of columns without a join."""
    by_name: dict[str, tuple[DimensionPath, ...]] = {alias.name: (alias,) for alias in aliases}
    by_short: dict[str, tuple[DimensionPath, ...]] = {}
    for path in paths:
        if path.steps or path.name not in by_name:
            by_name[path.name] = (*by_name.get(path.name, ()), path)
        by_short[path.short] = (*by_short.get(path.short, ()), path)
    return Index(by_name, by_short)


def nearest_paths(paths: Iterable[DimensionPath]) -> tuple[DimensionPath, ...]:
    """Return the paths with the fewest joins; more than one means that the name is ambiguous."""
    found = tuple(paths)
    least = min((len(path.steps) for path in found), default=0)
    return tuple(path for path in found if len(path.steps) == least)

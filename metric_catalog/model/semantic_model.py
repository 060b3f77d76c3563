"""Owns semantic models: tables with their entities, dimensions and measures, and time spines."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from metric_catalog.model.definition import BilingualText, Definition, Name, Text, Words

Cell = str | int | float | bool


class Aggregation(StrEnum):
    """How a measure is aggregated."""

    SUM = "sum"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    SUM_BOOLEAN = "sum_boolean"

    @classmethod
    def _missing_(cls, value: object) -> "Aggregation | None":
        return {"avg": cls.AVERAGE}.get(str(value))

    @property
    def additive(self) -> bool:
        """Whether parts of disjoint rows add up to the whole."""
        return self in (Aggregation.SUM, Aggregation.COUNT, Aggregation.SUM_BOOLEAN)


class Entity(Definition):
    """A key of the table: joins go from foreign to primary, unique or natural keys."""

    name: Name
    type: Literal["primary", "unique", "foreign", "natural"]
    expr: str | None = None
    label: BilingualText | None = None


class ValueLabel(Definition):
    """How people say one stored value of a dimension."""

    value: Cell
    label: BilingualText = Text()
    synonyms: Words = Words()


class Dimension(Definition):
    """A column to group or filter by; `grain` is the finest one where it is a time."""

    name: Name
    type: Literal["categorical", "time"] = "categorical"
    expr: str | None = None
    label: BilingualText = Text()
    description: BilingualText = Text()
    synonyms: Words = Words()
    grain: str | None = None
    validity: Literal["start", "end"] | None = None
    is_partition: bool = False
    sensitivity: Literal["public", "personal"] = "public"
    searchable: bool = True
    values: tuple[ValueLabel, ...] = ()


class NonAdditive(Definition):
    """A stock: over the time dimension `name` the rows of its first or last moment count."""

    name: Name
    window_choice: Literal["min", "max"] = "max"
    window_groupings: tuple[str, ...] = ()


class Measure(Definition):
    """An aggregate over the table's rows; percentile is 0–1."""

    name: Name
    agg: Aggregation
    expr: str | None = None
    time_dimension: Name | None = None
    percentile: float | None = Field(default=None, ge=0, le=1)
    discrete: bool = False
    approximate: bool = False
    non_additive: NonAdditive | None = None
    description: BilingualText = Text()


class SemanticModel(Definition):
    """A table in the words of the business. `time_dimension` is the measures' default."""

    id: Name
    table: str = Field(min_length=1)
    description: BilingualText = Text()
    label: BilingualText = Text()
    primary_entity: Name | None = None
    time_dimension: Name | None = None
    entities: tuple[Entity, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = ()

    def measure(self, name: str) -> Measure | None:
        """Return the measure called `name`."""
        return next((m for m in self.measures if m.name == name), None)

    def dimension(self, name: str) -> Dimension | None:
        """Return the dimension called `name`."""
        return next((d for d in self.dimensions if d.name == name), None)

    def entity(self, name: str) -> Entity | None:
        """Return the entity called `name`."""
        return next((e for e in self.entities if e.name == name), None)

    @property
    def main_entity(self) -> str | None:
        """The entity that prefixes the model's own dimensions."""
        if self.primary_entity:
            return self.primary_entity
        return next((e.name for e in self.entities if e.type in ("primary", "natural")), None)


class CustomGrain(Definition):
    """A grain of an own calendar: `column` of the spine holds its start or name."""

    name: Name
    column: str | None = None
    label: BilingualText = Text()
    synonyms: Words = Words()


class TimeSpine(Definition):
    """A table with one row per unit of `grain`."""

    table: str
    column: str
    grain: str = "day"
    custom_grains: tuple[CustomGrain, ...] = ()


class SavedQuery(Definition):
    """A query kept under a name, in the words of `askmetric query`."""

    id: Name
    description: BilingualText = Text()
    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None


def own(value: Any) -> str:
    """Return the SQL expression of an entity, dimension or measure: its `expr`, else its name."""
    return str(value.expr if value.expr is not None else value.name)

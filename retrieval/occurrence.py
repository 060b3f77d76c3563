"""Owns `Occurrence`: a stretch of a text that names something, and how surely."""

from dataclasses import dataclass
from typing import Literal

from metric_catalog.query import Scalar

NamedKind = Literal["metric", "goal", "dimension", "entity", "value"]
NameEvidence = Literal["exact", "synonym", "fuzzy"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """text[start:end] = `words` names `id`; `score` 0–1, 1 = the name itself.

    `id` of a dimension or entity is its own short name, `models` the semantic models that give
    it these words: which path it means depends on the metric. Of a value, `id` and `dimension`
    are the short name of its dimension and `value` is the stored one.
    """

    start: int
    end: int
    words: str
    kind: NamedKind
    id: str
    evidence: NameEvidence
    score: float
    dimension: str | None = None
    value: Scalar = None
    models: tuple[str, ...] = ()


def in_reading_order(found: list[Occurrence]) -> tuple[Occurrence, ...]:
    """Return `found` by place, the longer and surer first."""
    return tuple(
        sorted(found, key=lambda o: (o.start, -o.end, -o.score, o.kind, o.id, str(o.value)))
    )

"""Owns `Policy`: what one asker may see, as plain data that the compiler applies."""

from dataclasses import dataclass

from metric_catalog.query import Filter


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows of semantic model `model` that the asker may see; applied on its base scan."""

    model: str
    condition: Filter


@dataclass(frozen=True, slots=True)
class Policy:
    """What `subject` may see. A required argument of the compiler, without default."""

    subject: str
    rows: tuple[RowFilter, ...] = ()
    hidden_metrics: frozenset[str] = frozenset()
    hidden_dimensions: frozenset[str] = frozenset()


EVERYTHING = Policy(subject="everyone")

"""Owns the tables of one investigation, with what detectors made of them for each other."""

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from executors.result import ResultTable
from metric_catalog.query import Query

T = TypeVar("T")


class Answered(dict[Query, ResultTable]):
    """Tables by query; `made` keeps what was computed from them, by what it is of."""

    def __init__(self) -> None:
        """Nothing is answered yet."""
        super().__init__()
        self.made: dict[Hashable, object] = {}


def once(
    tables: Mapping[Query, ResultTable], key: Hashable, kind: type[T], make: Callable[[], T]
) -> T:
    """Return what `make` gives, made once for tables that are kept together (`Answered`).

    The key must name everything that the result depends on but the tables.
    """
    if not isinstance(tables, Answered):
        return make()
    found = tables.made.get(key)
    if not isinstance(found, kind):
        found = tables.made[key] = make()
    return found

"""Owns the comparison of result tables: as multisets of rows, numbers within a tolerance."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

RELATIVE = 1e-6
ABSOLUTE = 1e-8
Row = tuple[Any, ...]


def json_row(row: Sequence[Any]) -> list[Any]:
    """Return a row as JSON: timestamps `YYYY-MM-DD HH:MM:SS`, not-a-number as null."""
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return str(value)
    if isinstance(value, dt.date):
        return f"{value} 00:00:00"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def same_rows(got: Sequence[Row], expected: Sequence[Row], ordered: bool) -> bool:
    """Whether both hold the same rows, in the same order where `ordered`."""
    if len(got) != len(expected):
        return False
    if ordered:
        return all(same_row(a, b) for a, b in zip(got, expected, strict=True))
    left, right = _buckets(got), _buckets(expected)
    if left.keys() != right.keys():
        return False
    return all(_same_numbers(left[key], right[key]) for key in left)


def same_row(left: Row, right: Row) -> bool:
    """Whether two rows are equal cell by cell, numbers within the tolerance."""
    return len(left) == len(right) and all(
        same_cell(a, b) for a, b in zip(left, right, strict=True)
    )


def same_cell(left: Any, right: Any) -> bool:
    """Whether two JSON cells are equal; numbers within the tolerance."""
    if _is_number(left) and _is_number(right):
        return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(left) is type(right) and bool(left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _buckets(rows: Sequence[Row]) -> dict[Row, list[Row]]:
    """Rows by their cells that are no numbers: only inside a bucket a tolerance is needed."""
    found: dict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        key = tuple(("#",) if _is_number(cell) else (type(cell).__name__, cell) for cell in row)
        found[key].append(tuple(cell for cell in row if _is_number(cell)))
    return found


def _same_numbers(left: list[Row], right: list[Row]) -> bool:
    if len(left) != len(right):
        return False
    ordered = zip(sorted(left), sorted(right), strict=True)
    if all(same_row(a, b) for a, b in ordered):
        return True
    rest = list(right)
    for row in left:
        place = next((i for i, other in enumerate(rest) if same_row(row, other)), None)
        if place is None:
            return False
        rest.pop(place)
    return True

"""Owns the comparison of results: the number or rows of a reply against what was expected."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from eval.case import Case, ExpectedDriver, ExpectedResult
from eval.scorers.slots import Reason

Rows = Sequence[Sequence[Any]]
RunSql = Callable[[str], Rows]
FIRST_OF = 1


def result_reasons(case: Case, content: dict[str, Any], run_sql: RunSql) -> Iterator[Reason]:
    """Give the reasons why the numbers of an answer are not those expected."""
    expected = case.expect
    if expected.result is not None:
        yield from _compare(expected.result, content, run_sql)
    change = content.get("change") or {}
    if expected.normal is not None and change.get("normal") != expected.normal:
        yield "WRONG_RESULT"
    for driver in expected.drivers:
        if not _is_found(driver, content["drivers"]):
            yield "WRONG_DRIVER"
    found = content.get("recommendation") or {}
    if expected.playbook is not None and found.get("playbook") != expected.playbook:
        yield "WRONG_PLAYBOOK"


def _compare(
    expected: ExpectedResult, content: dict[str, Any], run_sql: RunSql
) -> Iterator[Reason]:
    rows = expected.rows
    value = expected.value
    if expected.sql is not None:
        checked = run_sql(expected.sql)
        if len(checked) == 1 and len(checked[0]) == 1:
            value = None if checked[0][0] is None else float(checked[0][0])
        else:
            rows = tuple(tuple(row) for row in checked)
    if value is not None and not _close(content.get("value"), value, expected.tolerance):
        yield "WRONG_RESULT"
    if rows is not None:
        yield from _compare_rows(rows, content, expected.tolerance)


def _compare_rows(rows: Rows, content: dict[str, Any], tolerance: float) -> Iterator[Reason]:
    """Compare as multisets, without components; numbers agree within the tolerance."""
    table = content.get("rows") or {"columns": [], "rows": []}
    kept = [i for i, c in enumerate(table["columns"]) if c["role"] != "component"]
    got = [_plain([row[i] for i in kept]) for row in table["rows"]]
    missing = 0
    for row in (_plain(row) for row in rows):
        match = next((g for g in got if _same_row(g, row, tolerance)), None)
        if match is None:
            missing += 1
        else:
            got.remove(match)
    if missing and got:
        yield "WRONG_RESULT"
    elif missing:
        yield "MISSING_ROWS"
    elif got:
        yield "EXTRA_ROWS"


def _plain(row: Sequence[Any]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the texts and the numbers of a row, each in order of size: columns are free."""
    texts, numbers = [], []
    for cell in row:
        if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
            texts.append(str(cell)[:10] if str(cell)[4:5] == "-" else str(cell))
        else:
            numbers.append(float(cell))
    return tuple(sorted(texts)), tuple(sorted(numbers))


def _same_row(
    one: tuple[tuple[str, ...], tuple[float, ...]],
    other: tuple[tuple[str, ...], tuple[float, ...]],
    tolerance: float,
) -> bool:
    if one[0] != other[0] or len(one[1]) != len(other[1]):
        return False
    return all(_close(a, b, tolerance) for a, b in zip(one[1], other[1], strict=True))


def _close(found: Any, wanted: float, tolerance: float) -> bool:
    if not isinstance(found, int | float):
        return False
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted))


def _is_found(expected: ExpectedDriver, drivers: Sequence[dict[str, Any]]) -> bool:
    """Whether the driver is there; where `first`, as the largest of its dimension and kind."""
    alike = [
        d
        for d in drivers
        if d["dimension"] == expected.dimension and expected.kind in (None, d["kind"])
    ]
    ranked = sorted(alike, key=lambda d: -abs(d["effect"]))
    shown = ranked[:FIRST_OF] if expected.first else ranked
    return any(str(d["member"]) == str(expected.member) for d in shown)

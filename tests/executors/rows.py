"""Compares the rows of results: equal to the order in which floating sums were added up."""

import pytest

from executors.result import Cell, ResultTable


def same_table(got: ResultTable, wanted: ResultTable) -> None:
    """Fail where two results differ in columns, in rows or in their order."""
    assert got.columns == wanted.columns
    assert len(got.rows) == len(wanted.rows)
    for mine, other in zip(got.rows, wanted.rows, strict=True):
        assert all(map(_same, mine, other)), (got.query, got.rows, wanted.rows)


def _same(mine: Cell, other: Cell) -> bool:
    if isinstance(mine, float) and isinstance(other, float):
        return mine == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)
    return type(mine) is type(other) and mine == other

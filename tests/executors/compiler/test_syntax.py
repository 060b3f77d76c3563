"""Syntax made without parsing is what parsing makes."""

import pytest
from sqlglot import exp

from executors.compiler.syntax import cast, column


@pytest.mark.parametrize("kind", ["BIGINT", "DATE", "DOUBLE", "TEXT", "TIMESTAMP"])
def test_a_cast_is_the_one_that_is_written(kind: str) -> None:
    made = cast(column("orders", "paid"), kind)
    assert made == exp.Cast(this=column("orders", "paid"), to=exp.DataType.build(kind))
    assert made.sql("duckdb") == f'CAST("orders"."paid" AS {kind})'

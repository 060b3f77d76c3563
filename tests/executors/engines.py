"""One world for every registered executor. A new executor adds one row to `WORLDS`."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlglot import exp, parse_one

from executors.executor import Engine, Limits
from executors.result import ResultTable
from executors.statement import Column, Parameter, Statement
from metric_catalog.query import MetricQuery

QUERY = MetricQuery(metrics=("visits",))
MANY = 50_000
HOSTILE = ("'; DROP TABLE visits; --", "x' OR '1'='1", "$p0", "\\", '"', "订单😀", "a\nb", "%_", "")
FILL = """
CREATE TABLE visits AS
SELECT n AS id, DATE '2026-01-01' + (n % 28)::INT AS day, (n % 7)::DECIMAL(9, 2) / 2 AS paid,
  CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a' ELSE 'b' END AS page
FROM range(50000) AS t(n)
"""


@dataclass(frozen=True)
class World:
    """How an executor's world is made in a folder, and what it says about its own dialect.

    `endless`: a SELECT that takes far longer than a minute.
    """

    make: Callable[[Path], Path]
    endless: str


def make_duckdb(folder: Path) -> Path:
    """A DuckDB file with the table `visits` (50,000 rows) and the table `words` of hostile texts."""
    path = folder / "world.duckdb"
    with contextlib.closing(duckdb.connect(str(path))) as connection:
        connection.execute(FILL)
        connection.execute("CREATE TABLE words (word VARCHAR)")
        for word in HOSTILE:
            connection.execute("INSERT INTO words VALUES (?)", [word])
    return path


WORLDS: Mapping[str, World] = {
    "duckdb": World(make_duckdb, "SELECT sum(a.id * b.id % 7) FROM visits a, visits b, visits c"),
}


def ask(engine: Engine, text: str, *columns: str, **parameters: Parameter) -> ResultTable:
    """Run `text`, written in DuckDB's words, as the compiler's statements are run."""
    select = parse_one(text, dialect="duckdb")
    assert isinstance(select, exp.Query)
    roles = tuple(Column(name, "dimension") for name in columns)
    return engine.run(Statement(select, tuple(parameters.items()), roles), QUERY)


TIGHT = Limits(rows=10, memory="200MB", threads=1, milliseconds=1_000)
"""Limits that a test can reach."""

"""Owns the benchmark of execution: compiled queries beside SQL that a person would write.

Both run on the same tables in the same process, in turn; the rows must be equal. Times are CPU
seconds of one thread, the least of a few runs.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.bench_catalog import bench_catalog, write_rows
from eval.bench_pairs import CUBE, PAIRS, Pair
from eval.compare import same_rows
from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from executors.executor import ExecutorError, Limits
from executors.result import json_cell
from metric_catalog.catalog import Catalog
from metric_catalog.policy import EVERYTHING

ORDERS, SIZE = 10_000_000, "ASKMETRIC_BENCH_ROWS"
RUNS = 5
LEAST_SECONDS = 0.5
BAR = 1.15

Rows = tuple[tuple[Any, ...], ...]


def bench_execution(orders: int) -> list[str]:
    """Return one row per query: ours, by hand and the ratio; raises ExecutorError."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "bench.duckdb"
        write_rows(file, orders)
        executor = DuckDBExecutor(file, Limits(rows=1_000_000, threads=1, milliseconds=600_000))
        try:
            catalog = bench_catalog()
            rows = [_row(executor, catalog, pair) for pair in PAIRS]
            rows.append(_cube_row(executor, catalog))
        finally:
            executor.close()
    return [
        f"{'execution: CPU s at ' + format(orders, ',') + ' rows':44}   ours   hand ratio",
        *rows,
    ]


def _row(executor: DuckDBExecutor, catalog: Catalog, pair: Pair) -> str:
    statement = compile_query(pair.query, catalog, EVERYTHING)
    sql, parameters = statement.sql(executor.dialect), dict(statement.parameters)

    def ours() -> Rows:
        return executor.fetch(sql, parameters, executor.limits.rows)

    def by_hand() -> Rows:
        return executor.fetch(pair.sql, {}, executor.limits.rows)

    names = [column.name for column in statement.columns]
    places = [names.index(name) for name in pair.columns]
    got = [tuple(json_cell(row[place]) for place in places) for row in ours()]
    if not same_rows(got, [tuple(map(json_cell, row)) for row in by_hand()], False):
        raise ExecutorError("rows_differ", query=pair.name)
    mine, other = _paired(ours, by_hand)
    mark = "" if mine <= BAR * other else "  above the bar"
    return f"{pair.name:44} {mine:6.3f} {other:6.3f} {mine / other:5.2f}{mark}"


def _cube_row(executor: DuckDBExecutor, catalog: Catalog) -> str:
    statement = compile_query(CUBE, catalog, EVERYTHING)
    started = time.process_time()
    table = executor.run(statement, CUBE)
    seconds = time.process_time() - started
    name = "cube: 6 dimensions, up to 3 ways, 2 periods"
    return f"{name:44} {seconds:5.2f}  {len(table.rows):,} segments"


def _paired(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the least CPU seconds of each, run in turn."""
    times: list[tuple[float, float]] = []
    while len(times) < RUNS or sum(map(sum, times)) < LEAST_SECONDS:
        started = time.process_time()
        one()
        middle = time.process_time()
        other()
        times.append((middle - started, time.process_time() - middle))
    return min(t[0] for t in times), min(t[1] for t in times)


def main() -> None:
    """Print the rows, at 10 million orders or as many as the environment says."""
    for row in bench_execution(int(os.environ.get(SIZE, ORDERS))):
        print(row, flush=True)


if __name__ == "__main__":
    main()

"""Random changes of every type of metric of the shop: parts and residual are the change."""

import datetime as dt
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.insights.cells import total
from assistant.insights.compared import value_query
from assistant.insights.detectors import drivers, identity
from assistant.insights.finding import Finding
from assistant.insights.investigation import Investigation
from assistant.insights.rounds import investigate
from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from executors.executor import Limits
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.load import load
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.periods import Period, as_day
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import MetricQuery, Query

SHOP = Path(__file__).parents[3] / "examples" / "shop"
AS_OF = dt.date(2026, 11, 1)
FIRST_DAY = dt.date(2024, 9, 1)
SOME, MANY = 60, 1000
MOST_DIMENSIONS = 3
KINDS = {
    "sum", "count", "count_distinct", "percentile", "semi-additive", "ratio", "derived",
    "cumulative", "conversion", "retention", "interval", "entity_share",
}  # fmt: skip
PATIENCE_MS = 600_000


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBExecutor]:
    """The shop at a fiftieth of its size."""
    file = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    command = [sys.executable, str(SHOP / "generate.py"), "--scale", "0.02", "--out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    opened = DuckDBExecutor(file, Limits(milliseconds=PATIENCE_MS))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(sorted((SHOP / "metrics").glob("*.yml")), SHOP)


def kind_of(catalog: Catalog, metric: Metric) -> str:
    """The type of a metric; of a simple one how its measure is aggregated."""
    if not isinstance(metric.of, Simple):
        return metric.of.type
    measure = catalog.model(metric.of.model).measure(metric.of.measure)
    assert measure is not None
    return "semi-additive" if measure.non_additive else measure.agg


def draw_change(catalog: Catalog, draw: random.Random, place: int) -> Investigation:
    """Two random periods of a metric, the kinds of metrics taken in turn."""
    by_kind: dict[str, list[str]] = {}
    for name, found in catalog.metrics.items():
        by_kind.setdefault(kind_of(catalog, found), []).append(name)
    kinds = sorted(by_kind)
    metric = draw.choice(by_kind[kinds[place % len(kinds)]])
    names = [catalog.canonical(path) for path in catalog.dimensions_of(metric)]
    split_by = tuple(draw.sample(names, min(len(names), MOST_DIMENSIONS)))
    return Investigation(
        MetricQuery((metric,)), "explain", catalog.metric(metric), AS_OF, catalog.calendar,
        _period(draw), _period(draw), split_by, catalog.metrics, FIRST_DAY,
    )  # fmt: skip


def _period(draw: random.Random) -> Period:
    """A month, a week or any days."""
    match draw.choice(("month", "week", "days")):
        case "month":
            month = draw.randrange(24)
            first = dt.date(2024 + (month + 9) // 12, (month + 9) % 12 + 1, 1)
            after = (first + dt.timedelta(days=32)).replace(day=1)
        case "week":
            first = dt.date(2024, 9, 2) + dt.timedelta(weeks=draw.randrange(108))
            after = first + dt.timedelta(weeks=1)
        case _:
            first = FIRST_DAY + dt.timedelta(days=draw.randrange(700))
            after = first + dt.timedelta(days=draw.randrange(1, 60))
    return Period(as_day(first), as_day(after))


def find(
    asked: Investigation, catalog: Catalog, executor: DuckDBExecutor
) -> tuple[float | None, tuple[Finding, ...]]:
    """The change as the totals tell it, and the findings."""

    def run(queries: tuple[Query, ...]) -> dict[Query, ResultTable]:
        tables = {}
        for query in queries:
            try:
                statement = compile_query(query, catalog, EVERYTHING, AS_OF)
            except CatalogError:
                continue
            tables[query] = executor.run(statement, query)
        return tables

    query = value_query(asked)
    table = run((query,)).get(query)
    if table is None:
        return None, ()
    now, before = (total(table, asked.metric.id, p).value for p in (asked.current, asked.base))
    known = now is not None and before is not None
    found = investigate(asked, (drivers.DETECTOR, identity.DETECTOR), run)
    return (now or 0.0) - (before or 0.0) if known else None, found


def check(catalog: Catalog, executor: DuckDBExecutor, seed: int, count: int) -> None:
    draw = random.Random(seed)
    explained: set[str] = set()
    for place in range(count):
        asked = draw_change(catalog, draw, place)
        change, findings = find(asked, catalog, executor)
        for finding in findings:
            if finding.kind != "drivers":
                continue
            assert change is not None
            effects = [driver.effect for driver in finding.drivers]
            scale = max(abs(change), *map(abs, effects))
            assert abs(math.fsum(effects) - change) <= 1e-9 * scale, (asked, finding)
            explained.add(kind_of(catalog, asked.metric))
    assert explained == {kind_of(catalog, metric) for metric in catalog.metrics.values()}


def test_the_shop_has_every_kind(catalog: Catalog) -> None:
    assert {kind_of(catalog, metric) for metric in catalog.metrics.values()} >= KINDS


def test_parts_and_residual_are_the_change(catalog: Catalog, executor: DuckDBExecutor) -> None:
    check(catalog, executor, 1, SOME)


@pytest.mark.slow
def test_a_thousand_random_changes(catalog: Catalog, executor: DuckDBExecutor) -> None:
    check(catalog, executor, 2, MANY)

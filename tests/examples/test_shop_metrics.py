"""The shop's metric files: complete, approved, and equal to check SQL written by hand."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import duckdb
import pytest
import yaml

from executors.duckdb import DuckDBExecutor, connect
from executors.executor import Limits
from metric_catalog.check import check, check_sources
from metric_catalog.load import load
from metric_catalog.model.metrics import Metric
from tests.examples.golden_checks import Check, by_compiler, by_hand, differences, read_checks

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"
GOLDEN = ROOT / "tests" / "golden" / "shop_check"
SCALE = "0.05"
CHECKS = read_checks(GOLDEN)
CATALOG = load((SHOP / "metrics").glob("*.yml"), SHOP, "shop")
ASKED = [m for m in CATALOG.metrics.values() if m.status in ("published", "deprecated")]
SPOKEN = [metric for metric in ASKED if not metric.private]
TRUTHS = yaml.safe_load((SHOP / "truth.yml").read_text(encoding="utf-8"))["truths"]


class Shop(NamedTuple):
    """A small shop: a connection with the check's views, and the executor on the same file."""

    connection: duckdb.DuckDBPyConnection
    executor: DuckDBExecutor


@pytest.fixture(scope="session")
def shop(generate: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    out = tmp_path_factory.mktemp("small_shop") / "shop.duckdb"
    assert generate.main(["--scale", SCALE, "--out", str(out)]) == 0
    yield from opened(out)


def opened(file: Path) -> Iterator[Shop]:
    """The database `file`, opened twice in the same way, with the views of the checks."""
    connection = connect(file, Limits())
    connection.execute((GOLDEN / "views.sql").read_text(encoding="utf-8"))
    executor = DuckDBExecutor(file)
    yield Shop(connection, executor)
    executor.close()
    connection.close()


def test_no_rule_is_broken() -> None:
    assert check(CATALOG) == ()


@pytest.mark.parametrize("metric", ASKED, ids=lambda metric: metric.id)
def test_is_approved_by_another(metric: Metric) -> None:
    approval = CATALOG.approval_of(metric.id)
    assert approval is not None, f"approve {metric.id}: its hash is {CATALOG.hash_of(metric.id)}"
    assert approval.by != metric.changed_by
    assert approval.version == metric.version


def test_tables_and_columns_are_there(shop: Shop) -> None:
    sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in shop.connection.execute(sql).fetchall():
        columns.setdefault(table, {})[column] = kind
    assert check_sources(CATALOG, columns, {}) == ()


def test_every_status_and_type_is_there() -> None:
    statuses = {metric.status for metric in CATALOG.metrics.values()}
    assert statuses >= {"published", "deprecated", "draft"}
    types = {metric.of.type for metric in ASKED}
    assert types == {"simple", "ratio", "derived", "cumulative", "conversion", "retention",
                     "interval", "entity_share"}  # fmt: skip


@pytest.mark.parametrize("metric", SPOKEN, ids=lambda metric: metric.id)
def test_dimensions_can_be_reached(metric: Metric) -> None:
    reached = [CATALOG.canonical(path) for path in CATALOG.dimensions_of(metric.id)]
    assert tuple(reached[: len(metric.dimensions)]) == metric.dimensions


@pytest.mark.parametrize("metric", SPOKEN, ids=lambda metric: metric.id)
def test_is_said_in_both_languages(metric: Metric) -> None:
    assert metric.synonyms.en
    assert metric.synonyms.zh
    assert not any(word.isascii() and " " in word for word in metric.synonyms.zh)
    assert all(word.isascii() for word in metric.synonyms.en)


def test_goals_lead_to_metrics_that_are_in_force() -> None:
    for goal in CATALOG.goals.values():
        assert all(CATALOG.status_of(metric) == "published" for metric in goal.metrics), goal.id


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth["id"])
def test_truths_have_their_playbooks(truth: dict) -> None:  # type: ignore[type-arg]
    metric = CATALOG.metric(truth["metric"])
    for driver in truth["drivers"]:
        playbook = CATALOG.playbooks[driver["playbook"]]
        members = {driver["member"]} if "member" in driver else set(driver["members"])
        fitting = [
            trigger
            for trigger in playbook.triggers
            if metric.id in trigger.metrics
            and trigger.dimension in (None, driver["dimension"])
            and (not trigger.members or members <= set(trigger.members))
        ]
        assert fitting, driver
        assert playbook.id in metric.playbooks


@pytest.mark.parametrize("metric", ASKED, ids=lambda metric: metric.id)
def test_has_a_check_with_two_splits_and_a_filter(metric: Metric) -> None:
    """Private metrics too: the quotients that they are parts of would hide their errors."""
    own = [item for item in CHECKS if item.metric == metric.id]
    assert own
    for item in own:
        assert len(set(item.by)) == 2
        assert item.condition


def test_every_check_is_of_a_metric_in_force() -> None:
    assert {item.metric for item in CHECKS} == {metric.id for metric in ASKED}


@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_total_equals_check_sql(item: Check, shop: Shop) -> None:
    hand = by_hand(shop.connection, item.text(None, filtered=False))
    assert hand, "the check finds nothing"
    compiled = by_compiler(shop.executor, CATALOG, item.query(None, filtered=False))
    assert differences(hand, compiled) == []


@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_split_equals_check_sql(item: Check, shop: Shop) -> None:
    for by in item.by:
        hand = by_hand(shop.connection, item.text(by, filtered=False))
        compiled = by_compiler(shop.executor, CATALOG, item.query(by, filtered=False))
        assert differences(hand, compiled) == [], by


@pytest.mark.parametrize("item", CHECKS, ids=lambda item: item.metric)
def test_filtered_equals_check_sql(item: Check, shop: Shop) -> None:
    everyone = by_hand(shop.connection, item.text(None, filtered=False))
    hand = by_hand(shop.connection, item.text(None, filtered=True))
    assert hand, "the condition leaves nothing"
    assert hand != everyone, "the condition changes nothing"
    compiled = by_compiler(shop.executor, CATALOG, item.query(None, filtered=True))
    assert differences(hand, compiled) == []
    hand = by_hand(shop.connection, item.text(item.by[0], filtered=True))
    compiled = by_compiler(shop.executor, CATALOG, item.query(item.by[0], filtered=True))
    assert differences(hand, compiled) == []


@pytest.mark.parametrize("metric", ASKED, ids=lambda metric: metric.id)
def test_every_dimension_of_it_compiles(metric: Metric, shop: Shop) -> None:
    """Filtering by no member at all leaves nothing out: groups and total rows stay readable."""
    template = next(item for item in CHECKS if item.metric == metric.id)
    for name in metric.dimensions:
        assert by_compiler(shop.executor, CATALOG, template.query(name, filtered=False)), name

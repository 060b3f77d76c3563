"""The facts planted in the shop come out: the planted members first, the seasonal fall normal."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.insights.finding import Finding
from assistant.insights.investigation import Intent, Investigation
from assistant.insights.recommendations.match import Wording, recommend
from assistant.insights.rounds import choose_detectors, investigate
from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from executors.executor import Limits
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.load import load
from metric_catalog.periods import Period, as_day
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import GroupBy, MetricCondition, MetricQuery, Query

SHOP = Path(__file__).parents[3] / "examples" / "shop"
AS_OF = dt.date(2026, 11, 1)
FIRST_DAY = dt.date(2024, 9, 1)
NAMES = (
    "quality", "change", "drivers", "identity", "segments", "cross_section", "opportunity",
    "influence",
)  # fmt: skip
DETECTORS = tuple(import_module(f"assistant.insights.detectors.{name}").DETECTOR for name in NAMES)
TRUTHS = {t["id"]: t for t in yaml.safe_load((SHOP / "truth.yml").read_text())["truths"]}
EXPLAINED = (
    "repurchase_falls", "d7_retention_falls", "gmv_falls_for_four_days",
    "store_traffic_follows_its_season", "old_customers_leave",
)  # fmt: skip
DROWNED = ("old_customers_leave",)
"""Moves that at a tenth of the shop's size do not stand out from sampling noise."""
PATIENCE_MS = 600_000
WORDING = Wording("en", lambda _, member: member, str, str)


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBExecutor]:
    """The shop at a tenth of its size."""
    file = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    command = [sys.executable, str(SHOP / "generate.py"), "--scale", "0.1", "--out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    opened = DuckDBExecutor(file, Limits(milliseconds=PATIENCE_MS))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(sorted((SHOP / "metrics").glob("*.yml")), SHOP)


class Shop:
    """Investigates the shop's truths."""

    def __init__(self, catalog: Catalog, executor: DuckDBExecutor) -> None:
        self.catalog, self._executor = catalog, executor

    def run(self, queries: tuple[Query, ...]) -> dict[Query, ResultTable]:
        tables = {}
        for query in queries:
            try:
                statement = compile_query(query, self.catalog, EVERYTHING, AS_OF)
            except CatalogError:
                continue
            tables[query] = self._executor.run(statement, query)
        return tables

    def ask(self, truth: dict[str, Any], intent: Intent = "explain", **more: Any) -> Investigation:
        metric = truth["metric"]
        paths = self.catalog.dimensions_of(metric)
        base = _period(truth["compare"]) if "compare" in truth else None
        return Investigation(
            MetricQuery((metric,), **more), intent, self.catalog.metric(metric), AS_OF,
            self.catalog.calendar, _period(truth["period"]), base,
            tuple(self.catalog.canonical(path) for path in paths)[:8],
            {m: v for m, v in self.catalog.metrics.items() if m.startswith(("store", "inv"))},
            FIRST_DAY,
        )  # fmt: skip

    def find(self, asked: Investigation) -> tuple[Finding, ...]:
        return investigate(asked, choose_detectors(asked.intent, DETECTORS), self.run)

    def offer(self, asked: Investigation, findings: tuple[Finding, ...]) -> list[str]:
        books = self.catalog.playbooks.values()
        return [r.playbook for r in recommend(books, asked.metric, findings, WORDING, AS_OF)]


@pytest.fixture(scope="module")
def shop(catalog: Catalog, executor: DuckDBExecutor) -> Shop:
    return Shop(catalog, executor)


def _period(value: dict[str, dt.date]) -> Period:
    return Period(as_day(value["start"]), as_day(value["end_exclusive"]))


@pytest.mark.parametrize("name", EXPLAINED)
def test_planted_members_come_first(shop: Shop, name: str) -> None:
    truth = TRUTHS[name]
    asked = shop.ask(truth)
    findings = shop.find(asked)
    by_dimension = {f.subject: f.drivers for f in findings if f.kind == "drivers"}
    for planted in truth["drivers"]:
        first = by_dimension[planted["dimension"]][0]
        assert (first.member, first.kind) == (planted["member"], planted["kind"])
    if name in DROWNED:
        return
    change = next(f.change for f in findings if f.kind == "change")
    assert change is not None and change.normal == truth["normal"]
    offered = shop.offer(asked, findings)
    assert {planted["playbook"] for planted in truth["drivers"]} <= set(offered)
    assert not truth["normal"] or offered == []


@pytest.mark.parametrize("name", EXPLAINED)
def test_parts_and_residual_are_the_change(shop: Shop, name: str) -> None:
    findings = shop.find(shop.ask(TRUTHS[name]))
    change = next(f.change for f in findings if f.kind == "change")
    assert change is not None and change.absolute is not None
    splits = [f for f in findings if f.kind == "drivers"]
    assert len(splits) >= 3
    for finding in splits:
        total = sum(driver.effect for driver in finding.drivers)
        scale = max(abs(driver.effect) for driver in finding.drivers)
        assert abs(total - change.absolute) <= 1e-9 * max(scale, abs(change.absolute))


def test_the_stores_that_lose_money_are_profiled(shop: Shop) -> None:
    truth = TRUTHS["stores_lose_money"]
    having = MetricCondition("store_profit", "<", (0,))
    asked = shop.ask(truth, "threshold", group_by=(GroupBy("store"),), having=having)
    findings = shop.find(asked)
    finding = next(f for f in findings if f.kind == "cross_section")
    assert {d.member for d in finding.drivers} == set(truth["drivers"][0]["members"])
    assert finding.fact("inventory:growth") == 1.0
    assert finding.fact("store_orders:growth") == -1.0


def test_the_channel_that_converts_is_the_opportunity(shop: Shop) -> None:
    truth = TRUTHS["trials_convert_by_search_ads"]
    asked = shop.ask(truth, "ranking", group_by=(GroupBy("marketing_channel"),))
    findings = shop.find(asked)
    finding = next(f for f in findings if f.kind == "opportunity")
    assert finding.fact("best_member") == truth["drivers"][0]["member"]
    assert shop.offer(asked, findings) == [truth["drivers"][0]["playbook"]]

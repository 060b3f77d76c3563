"""What a metric rests on beside its own table is told by the difference and kept in snapshots."""

from typing import Any

import pytest

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.diff import diff
from metric_catalog.foundations import foundation
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine
from metric_catalog.snapshot import open_snapshot, take_snapshot
from tests.metric_catalog.shops import catalog, metric, model

CUSTOMERS: dict[str, Any] = {
    "id": "customers",
    "table": "customers",
    "entities": [{"name": "customer", "type": "primary", "expr": "customer_id"}],
    "dimensions": [{"name": "tier", "expr": "tier"}, {"name": "city"}],
}
SPINE: dict[str, Any] = {
    "table": "days",
    "column": "day",
    "custom_grains": [{"name": "per", "column": "p1"}, {"name": "other"}],
}
GOLD = {"metric": "gmv", "alias": "gold", "filter": "tier = 'gold'"}
BEFORE = {"metric": "gmv", "alias": "b", "offset_window": {"count": 1, "grain": "per"}}
METRICS = (
    metric(),
    metric("share", of={"type": "ratio", "numerator": GOLD, "denominator": {"metric": "gmv"}}),
    metric(
        "growth", of={"type": "derived", "expr": "gmv - b", "inputs": [{"metric": "gmv"}, BEFORE]}
    ),
    metric("asked", filter="metric(share, customer) > 0.5"),
)


def known(customers: dict[str, Any] | None = None, spine: dict[str, Any] | None = None) -> Catalog:
    people = SemanticModel.model_validate({**CUSTOMERS, **(customers or {})})
    days = TimeSpine.model_validate({**SPINE, **(spine or {})})
    models = {"orders": model(), "customers": people}
    return catalog(*METRICS, models=models, time_spines=(days,))


def through(new: Catalog) -> dict[str, tuple[str, ...]]:
    changes = diff(known(), new)
    assert {change.change for change in changes} <= {"meaning"}
    return {change.metric: change.through for change in changes}


@pytest.mark.parametrize(
    "change",
    [
        {"table": "clients"},
        {"entities": [{"name": "customer", "type": "primary", "expr": "code"}]},
        {"dimensions": [{"name": "tier", "expr": "rank"}, {"name": "city"}]},
        {"dimensions": [*CUSTOMERS["dimensions"], {"name": "day", "is_partition": True}]},
    ],
)
def test_a_joined_table_moves_what_reads_it(change: dict[str, Any]) -> None:
    rests = ("model:customers",)
    assert through(known(customers=change)) == {"share": rests, "asked": rests}


def test_a_spine_moves_what_it_counts() -> None:
    grains = [{"name": "per", "column": "p2"}, {"name": "other"}]
    assert through(known(spine={"custom_grains": grains})) == {"growth": ("time_spine:days",)}


@pytest.mark.parametrize(
    "change",
    [
        {"label": "buyers"},
        {"dimensions": [{"name": "tier", "expr": "tier", "label": "level"}, {"name": "city"}]},
        {"dimensions": [{"name": "tier"}, {"name": "city", "expr": "town"}]},
    ],
)
def test_words_and_other_columns_of_joined_tables_move_nothing(change: dict[str, Any]) -> None:
    assert through(known(customers=change)) == {}


def test_other_grains_of_a_spine_move_nothing() -> None:
    grains = [{"name": "per", "column": "p1"}, {"name": "other", "column": "p3"}]
    assert through(known(spine={"custom_grains": grains})) == {}


def test_a_metric_of_its_own_table_rests_on_nothing_else() -> None:
    assert foundation(METRICS[0], known()) == {}


@pytest.mark.parametrize("name", [each.id for each in METRICS])
def test_a_snapshot_holds_all_that_the_meaning_rests_on(name: str) -> None:
    copied = open_snapshot(take_snapshot(known(), name), Calendar())
    assert copied.hash_of(name) == known().hash_of(name)

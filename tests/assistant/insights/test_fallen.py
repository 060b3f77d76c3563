"""Members that got worse: named where members stand side by side, and only beyond chance."""

import datetime as dt

import numpy as np
import pytest

from assistant.insights.detectors import opportunity
from assistant.insights.fallen import fallen_query
from assistant.insights.finding import Finding
from assistant.insights.investigation import Intent, Investigation
from assistant.insights.recommendations.match import causes_of
from metric_catalog.query import GroupBy, MetricQuery, Order
from tests.assistant.insights.engine import Engine, Row, rate_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric

REGIONS = ("north", "east", "south", "west")
RATE = metric("rate", unit="ratio", direction="up_good")


def by_region(intent: Intent = "ranking", descending: bool = False) -> Investigation:
    query = MetricQuery(
        ("rate",), (GroupBy("region"),), order=(Order("rate", descending),), periods=(OCTOBER,)
    )
    return investigation(intent, query=query, of=RATE, base=None)


def rows(fallen: float, count: int = 400, seed: int = 0) -> list[Row]:
    """Counts by region in two months; in the last one `north` falls to `fallen`."""
    draw = np.random.default_rng(seed)
    found: list[Row] = []
    for period in (SEPTEMBER, OCTOBER):
        for region in REGIONS:
            chance = fallen if region == "north" and period == OCTOBER else 0.4
            hits = int(draw.binomial(count, chance))
            found.append({"at": period.start, "region": region, "n": hits, "d": count})
    return found


def fallen_of(asked: Investigation, data: list[Row]) -> Finding | None:
    engine = Engine(data, {"rate": rate_of("n", "d")})
    found = engine.findings(opportunity.DETECTOR, asked)
    return next((finding for finding in found if finding.kind == "fallen"), None)


@pytest.mark.parametrize("intent", ["ranking", "breakdown", "extreme"])
def test_who_got_worse_is_a_cause_to_act_on(intent: Intent) -> None:
    found = fallen_of(by_region(intent), rows(0.2))
    assert found is not None
    (driver,) = found.drivers
    assert (driver.member, driver.kind) == ("north", "rate")
    assert driver.current is not None and driver.base is not None
    assert driver.effect == pytest.approx(0.25 * (driver.current - driver.base))
    (cause,) = causes_of(RATE, (found,))
    assert cause.segment == "region=north" and not cause.level and cause.effect < 0


def test_a_breakdown_is_looked_through_whatever_its_order() -> None:
    assert fallen_of(by_region("breakdown", descending=True), rows(0.2)) is not None


def test_who_asks_for_the_best_is_not_told_to_repair_the_worst() -> None:
    assert fallen_query(by_region("ranking", descending=True)) is None


def test_a_standing_gap_is_no_fall() -> None:
    data = [row | {"n": 80} if row["region"] == "north" else row for row in rows(0.4)]
    assert fallen_of(by_region(), data) is None


def test_chance_is_no_fall() -> None:
    worlds = 200
    alarms = sum(fallen_of(by_region(), rows(0.4, seed=seed)) is not None for seed in range(worlds))
    assert alarms / worlds <= 0.05


def test_a_running_period_is_not_judged() -> None:
    asked = by_region()
    running = Investigation(
        asked.query, asked.intent, asked.metric, dt.date(2026, 10, 20), asked.calendar,
        asked.current, None,
    )  # fmt: skip
    assert fallen_query(running) is None

"""Influences: moving together is tested on surprises, not on a common trend."""

import random

import pytest

from assistant.insights.detectors.influence import DETECTOR, rank_correlation
from metric_catalog.model.metrics import DriverEdge
from tests.assistant.insights.engine import Engine, total_of
from tests.assistant.insights.tables import OCTOBER, investigation, metric, months_back

MONTHS = [*months_back(OCTOBER, 40), OCTOBER]


def engine(coupling: float, lag: int = 0) -> Engine:
    draw = random.Random(4)
    shocks = [draw.gauss(0, 0.05) for _ in MONTHS]
    rows = []
    for place, period in enumerate(MONTHS):
        grown = 1000 * 1.02**place
        own = coupling * shocks[place - lag] + draw.gauss(0, 0.02) if place >= lag else 0.0
        rows.append(
            {"at": period.start, "sales": grown * (1 + own), "other": grown * (1 + shocks[place])}
        )
    return Engine(rows, {"sales": total_of("sales"), "visits": total_of("other")})


OF = metric(drivers=(DriverEdge(kind="influence", metrics=("visits",)),))


@pytest.mark.parametrize("lag", [0, 1])
def test_a_coupled_metric_is_found_with_its_lag(lag: int) -> None:
    (finding,) = engine(1.0, lag).findings(DETECTOR, investigation(of=OF))
    assert finding.kind == "moved_together" and finding.subject == "visits"
    assert finding.fact("lag") == lag
    assert finding.direction == "up" and (finding.significance or 0) > 0.99


def test_a_common_trend_is_not_moving_together() -> None:
    assert engine(0.0).findings(DETECTOR, investigation(of=OF)) == ()


def test_rank_correlation() -> None:
    assert rank_correlation([1, 2, 3, 4], [10, 20, 30, 99]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) == 0
    assert rank_correlation([1, 2, 2, 3], [1, 2, 2, 3]) == pytest.approx(1)

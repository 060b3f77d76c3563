"""Change: the numbers, and noise told from change."""

import datetime as dt
import math
import random

import pytest

from assistant.insights.cells import Cells
from assistant.insights.compared import value_query
from assistant.insights.detectors.change import DETECTOR, NO_HISTORY, judge, sampling_noise
from assistant.insights.finding import Change
from assistant.insights.history import history_of
from assistant.insights.investigation import Ask, Done
from assistant.insights.maturity import YOUNG
from executors.result import ResultTable
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Query
from tests.assistant.insights.tables import (
    OCTOBER,
    SEPTEMBER,
    investigation,
    metric,
    months_back,
    series_table,
    split_table,
)

NOISE = 0.02


def seasonal(months: int, last: float = 1.0) -> dict[dt.datetime, float]:
    """Monthly values with a season and 2 % noise; the last one times `last`."""
    draw = random.Random(5)
    periods = [*months_back(OCTOBER, months), OCTOBER]
    values = {}
    for place, period in enumerate(periods):
        at = period.bounds()[0]
        season = 1 + 0.3 * math.sin(2 * math.pi * at.month / 12)
        values[at] = 1000 * season * 1.005**place * (1 + NOISE * draw.uniform(-1, 1))
    values[OCTOBER.bounds()[0]] *= last
    return values


def change_of(values: dict[dt.datetime, float]) -> Change:
    """Step the detector through hand-made tables."""
    asked = investigation()
    step = DETECTOR.step(asked, {})
    assert isinstance(step, Ask) and len(step.queries) == 2
    now, before = (values.get(p.bounds()[0]) for p in (OCTOBER, SEPTEMBER))
    total = value_query(asked)
    history = history_of(asked, OCTOBER, "sales")
    assert history is not None and history.grain is Grain.MONTH
    tables: dict[Query, ResultTable] = {
        total: split_table(total, None, {OCTOBER: {"": (now,)}, SEPTEMBER: {"": (before,)}}),
        history.by_grain(): series_table(history.by_grain(), Grain.MONTH, values),
    }
    done = DETECTOR.step(asked, tables)
    assert isinstance(done, Done)
    change = done.findings[0].change
    assert change is not None
    return change


def test_a_seasonal_fall_is_normal() -> None:
    change = change_of(seasonal(26))
    assert change.absolute is not None and change.absolute != 0
    assert change.normal and change.basis == "season_trend"
    assert change.interval is not None and change.current is not None
    assert change.interval[0] <= change.current <= change.interval[1]


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_a_planted_move_is_not_normal(factor: float) -> None:
    change = change_of(seasonal(26, factor))
    assert not change.normal
    assert change.expected == pytest.approx((change.current or 0) / factor, rel=0.06)


def test_little_history_says_so() -> None:
    assert change_of(seasonal(9)).basis == "trend"
    change = change_of(seasonal(3))
    assert (change.interval, change.normal, change.basis) == (None, False, NO_HISTORY)


def test_relative_is_none_from_zero() -> None:
    assert judge(Cells(5.0), 0.0, None, False).relative is None
    assert judge(Cells(-50.0), -100.0, None, False).relative == 0.5
    assert judge(Cells(None), 3.0, None, False).absolute is None


def test_sampling_noise_is_of_shares_of_counts_only() -> None:
    noise = sampling_noise(Cells(0.5, 50.0, 100.0))
    assert noise == pytest.approx(0.05, rel=0.01)
    assert sampling_noise(Cells(0.5, 50.5, 101.0)) is None
    assert sampling_noise(Cells(2.0, 200.0, 100.0)) is None
    assert sampling_noise(Cells(0.5)) is None


def test_open_periods_have_no_history() -> None:
    assert history_of(investigation(), Period(None, dt.datetime(2026, 11, 1)), "sales") is None


def test_young_cohorts_and_complete_ones_are_no_two_sides_of_a_change() -> None:
    returns = {"type": "retention", "entity": "user", "cohort_model": "users",
               "return_model": "visits", "from_day": 1, "to_day": 30}  # fmt: skip
    asked = investigation(of=metric("back", of=returns))
    total = value_query(asked)
    sides = {OCTOBER: {"": (0.05, 5.0, 100.0)}, SEPTEMBER: {"": (0.3, 30.0, 100.0)}}
    done = DETECTOR.step(asked, {total: split_table(total, None, sides)})
    assert isinstance(done, Done)
    (finding,) = done.findings
    change = finding.change
    assert change is not None and (change.current, change.previous) == (0.05, 0.3)
    assert change.absolute is None and change.relative is None and not change.normal
    assert change.basis == YOUNG and finding.size is None

"""Periods read at one go say what they say one by one; only single units without a gap are."""

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insights.cells import by_member
from assistant.insights.compared import over_periods, values_query
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.query import GroupBy, MetricQuery
from tests.assistant.insights.engine import Engine, Row, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric

AUGUST = Period.of_days(dt.date(2026, 8, 1), dt.date(2026, 8, 31))
LAST_YEAR = Period.of_days(dt.date(2025, 10, 1), dt.date(2025, 10, 31))
FIRST_HALF = Period.of_days(dt.date(2026, 10, 1), dt.date(2026, 10, 15))
THIRD_QUARTER = Period.of_days(dt.date(2026, 7, 1), dt.date(2026, 9, 30))
WEEKS = tuple(
    Period.of_days(dt.date(2026, 10, day), dt.date(2026, 10, day + 6)) for day in (12, 19)
)
STEP = dt.timedelta(hours=7)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 300).map(lambda n: dt.datetime(2026, 8, 1) + n * STEP),
            "channel": st.sampled_from(["app", "web", None]),
            "amount": st.integers(0, 9),
            "tried": st.integers(0, 9),
        }
    ),
    max_size=40,
)


@given(ROWS)
def test_one_scan_reads_what_single_periods_do(rows: list[Row]) -> None:
    sides = (OCTOBER, SEPTEMBER, AUGUST)
    for measure in (total_of("amount"), rate_of("amount", "tried")):
        engine = Engine(rows, {"sales": measure})
        together = over_periods(investigation(), ("sales",), ("channel",), sides)
        assert together.grain == "month" and len(together.periods) == 1
        one_by_one = MetricQuery(("sales",), (GroupBy("channel"),), periods=sides)
        found = [engine.answer(query) for query in (together, one_by_one)]
        for side in sides:
            left, right = (by_member(t, "sales", ("channel",), side) for t in found if t)
            assert left == right


@pytest.mark.parametrize(
    "sides",
    [
        (OCTOBER,),
        (OCTOBER, AUGUST),
        (OCTOBER, LAST_YEAR),
        (OCTOBER, FIRST_HALF),
        (OCTOBER, THIRD_QUARTER),
        (WEEKS[1], SEPTEMBER),
    ],
)
def test_other_periods_are_read_one_by_one(sides: Sequence[Period]) -> None:
    query = over_periods(investigation(), ("sales",), (), sides)
    assert query.grain is None and query.periods == tuple(sides)


def test_weeks_follow_each_other() -> None:
    query = over_periods(investigation(), ("sales",), (), WEEKS)
    assert query.grain == "week"
    assert query.periods == (Period(WEEKS[0].start, WEEKS[1].end),)


def _derived(**offset: object) -> Metric:
    of = {"type": "derived", "expr": "a - b",
          "inputs": [{"metric": "plain", "alias": "a"},
                     {"metric": "plain", "alias": "b", **offset}]}  # fmt: skip
    return metric("moved", of=of)


@pytest.mark.parametrize(
    ("of", "grain"),
    [
        (_derived(), "month"),
        (_derived(offset_window={"count": 1, "grain": "month"}), None),
        (_derived(offset_to_grain="year"), None),
        (metric("moved", of={"type": "cumulative", "metric": {"metric": "plain"}}), None),
    ],
)
def test_metrics_that_look_back_are_read_one_by_one(of: Metric, grain: str | None) -> None:
    asked = investigation(of=of, related={"plain": metric("plain")})
    assert over_periods(asked, ("moved",), (), (OCTOBER, SEPTEMBER)).grain == grain


def test_a_metric_that_is_not_known_is_read_one_by_one() -> None:
    assert values_query(investigation(), ("sales", "hidden")).grain is None

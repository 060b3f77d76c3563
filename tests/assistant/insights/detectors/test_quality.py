"""Quality: named before any cause."""

import datetime as dt

import pytest

from assistant.insights.detectors.attainment import DETECTOR as ATTAINMENT
from assistant.insights.detectors.quality import DETECTOR
from assistant.insights.investigation import Done, Investigation
from metric_catalog.model.governance import Target
from metric_catalog.periods import Grain, Period
from tests.assistant.insights.engine import Engine, days_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric


def codes(asked: Investigation, missing: frozenset[int] = frozenset()) -> list[object]:
    """The codes found over daily rows from August on, October days in `missing` left out."""
    rows = [
        {"at": day, "amount": 10.0}
        for day in days_of("2026-08-01", 92)
        if not (day.month == 10 and day.day in missing)
    ]
    found = Engine(rows, {"sales": total_of("amount")}).findings(DETECTOR, asked)
    assert all(finding.kind == "quality" for finding in found)
    return [finding.fact("code") for finding in found]


def test_whole_data_has_nothing_to_name() -> None:
    assert codes(investigation()) == []


def test_a_running_period_is_incomplete() -> None:
    assert codes(investigation(as_of=dt.date(2026, 10, 20))) == ["incomplete_period"]


def test_days_without_data_are_a_gap_where_days_usually_have_data() -> None:
    assert codes(investigation(), frozenset({5, 6})) == ["data_gap"]


def test_rows_of_months_have_no_days_to_be_missing() -> None:
    asked = investigation(row_grain=Grain.MONTH)
    step = DETECTOR.step(asked, {})
    assert isinstance(step, Done) and step.findings == ()


def test_a_definition_that_changed_between_the_periods_is_named() -> None:
    of = metric(effective_from=dt.date(2026, 9, 20), version=2)
    assert codes(investigation(of=of)) == ["definition_changed"]
    before = metric(effective_from=dt.date(2026, 9, 1), version=2)
    assert codes(investigation(of=before)) == []
    first = metric(effective_from=dt.date(2026, 9, 20), version=1)
    assert codes(investigation(of=first)) == []


def test_a_base_before_the_data_is_named() -> None:
    assert codes(investigation(history_start=dt.date(2026, 9, 10))) == ["before_data"]


def test_unequal_lengths_are_named_but_months_are_alike() -> None:
    ten = Period(SEPTEMBER.start, dt.datetime(2026, 9, 11))
    assert codes(investigation(base=ten)) == ["unequal_periods"]
    assert codes(investigation(base=SEPTEMBER)) == []


OCTOBER_TARGET = Target(value=400, start=dt.date(2026, 10, 1), end=dt.date(2026, 11, 1))


@pytest.mark.parametrize(("direction", "met"), [("up_good", False), ("down_good", True)])
def test_attainment_of_the_period(direction: str, met: bool) -> None:
    rows = [{"at": day, "amount": 10.0} for day in days_of("2026-10-01", 31)]
    of = metric(targets=(OCTOBER_TARGET,), direction=direction, unit="count")
    made = Engine(rows, {"sales": total_of("amount")})
    (finding,) = made.findings(ATTAINMENT, investigation("attainment", of=of, base=None))
    assert (finding.fact("attainment"), finding.fact("met")) == (310 / 400, met)
    assert finding.size == -90 and finding.fact("pace") == 310 / 400


def test_attainment_of_a_running_period_has_a_pace() -> None:
    rows = [{"at": day, "amount": 20.0} for day in days_of("2026-10-01", 10)]
    of = metric(targets=(OCTOBER_TARGET,), unit="count")
    made = Engine(rows, {"sales": total_of("amount")})
    part = Period(OCTOBER.start, dt.datetime(2026, 10, 11))
    asked = investigation("attainment", part, None, of=of, as_of=dt.date(2026, 10, 11))
    (finding,) = made.findings(ATTAINMENT, asked)
    assert finding.fact("attainment") == 0.5
    assert finding.fact("pace") == pytest.approx(0.5 / (10 / 31))


def test_monthly_targets_sum_to_the_quarter() -> None:
    months = [(7, 100.0), (8, 110.0), (9, 120.0)]
    targets = tuple(
        Target(value=value, start=dt.date(2026, month, 1), end=dt.date(2026, month + 1, 1))
        for month, value in months
    )
    rows = [{"at": day, "amount": 330.0} for day in days_of("2026-08-15", 1)]
    made = Engine(rows, {"sales": total_of("amount")})
    quarter = Period(dt.datetime(2026, 7, 1), dt.datetime(2026, 10, 1))
    of = metric(targets=targets, unit="currency")
    (finding,) = made.findings(ATTAINMENT, investigation("attainment", quarter, None, of=of))
    assert finding.fact("target") == 330 and finding.fact("met") is True
    rate = metric(targets=targets, unit="ratio")
    assert made.findings(ATTAINMENT, investigation("attainment", quarter, None, of=rate)) == ()

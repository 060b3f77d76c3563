"""Earlier periods: identities, and the named conventions by example."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import holiday_aligned, previous, to_date_grain, year_before
from metric_catalog.periods import (
    Grain,
    Period,
    split,
    whole_units,
)

days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
calendars = st.builds(Calendar, week_start=st.integers(0, 6))
DAY = timedelta(days=1)


def period(start: str, end: str) -> Period:
    return Period(datetime.fromisoformat(start), datetime.fromisoformat(end))


day_periods = st.builds(lambda day, length: Period.of_days(day, day + length * DAY), days,
                        st.integers(0, 800))  # fmt: skip


@given(day_periods)
def test_previous_ends_before_the_period_begins_or_as_far_into_the_unit_before(
    whole: Period,
) -> None:
    before = previous(whole)
    start, _ = whole.bounds()
    assert before.end is not None
    assert before.end <= start


@given(day_periods, calendars)
def test_previous_of_whole_units_is_whole(whole: Period, calendar: Calendar) -> None:
    found = whole_units(whole, calendar)
    assert found is not None
    if found[0] is not Grain.DAY:
        before = previous(whole, calendar)
        assert before.end == whole.start
        assert len(split(before, found[0], calendar)) == found[1]


@pytest.mark.parametrize(
    ("given_period", "expected"),
    [
        (("2024-03-01", "2024-04-01"), ("2024-02-01", "2024-03-01")),
        (("2024-01-01", "2025-01-01"), ("2023-01-01", "2024-01-01")),
        (("2024-07-01", "2025-01-01"), ("2024-01-01", "2024-07-01")),
        (("2025-08-04", "2025-08-11"), ("2025-07-28", "2025-08-04")),
        (("2025-08-01", "2025-08-14"), ("2025-07-01", "2025-07-14")),
        (("2025-07-01", "2025-08-14"), ("2025-04-01", "2025-05-14")),
        (("2025-01-01", "2025-08-14"), ("2024-01-01", "2024-08-14")),
        (("2025-08-11", "2025-08-14"), ("2025-08-04", "2025-08-07")),
        (("2025-03-01", "2025-03-31"), ("2025-02-01", "2025-03-01")),
        (("2025-08-13", "2025-08-14"), ("2025-08-12", "2025-08-13")),
        (("2025-09-01", "2025-09-02"), ("2025-08-31", "2025-09-01")),
        (("2025-08-05", "2025-08-12"), ("2025-07-29", "2025-08-05")),
    ],
)
def test_previous(given_period: tuple[str, str], expected: tuple[str, str]) -> None:
    assert previous(period(*given_period)) == period(*expected)


def test_previous_takes_the_unit_that_is_named() -> None:
    first_days = period("2025-09-01", "2025-09-04")
    assert to_date_grain(first_days) is Grain.WEEK
    assert previous(first_days, to_date=Grain.MONTH) == period("2025-08-01", "2025-08-04")
    one_day = period("2025-09-01", "2025-09-02")
    assert previous(one_day, to_date=Grain.MONTH) == period("2025-08-01", "2025-08-02")


@pytest.mark.parametrize(
    ("given_period", "expected"),
    [
        (("2024-02-01", "2024-03-01"), ("2023-02-01", "2023-03-01")),
        (("2025-02-01", "2025-03-01"), ("2024-02-01", "2024-03-01")),
        (("2024-02-29", "2024-03-01"), ("2023-02-28", "2023-03-01")),
        (("2025-08-04", "2025-08-11"), ("2024-08-05", "2024-08-12")),
        (("2025-08-01", "2025-08-14"), ("2024-08-01", "2024-08-14")),
    ],
)
def test_year_before(given_period: tuple[str, str], expected: tuple[str, str]) -> None:
    assert year_before(period(*given_period)) == period(*expected)


@given(st.integers(0, 3000), st.integers(1, 10))
def test_year_before_keeps_the_weekdays_of_whole_weeks(first: int, count: int) -> None:
    start = datetime(2015, 1, 5) + timedelta(weeks=first % 500)
    weeks = Period(start, start + timedelta(weeks=count))
    found = whole_units(weeks)
    assert found is not None
    before = year_before(weeks)
    if found[0] is Grain.WEEK:
        assert before.bounds()[0].weekday() == 0
        assert before.days == weeks.days


def test_holiday_alignment_moves_with_spring_festival() -> None:
    around = period("2025-01-28", "2025-02-04")
    assert holiday_aligned(around, Calendar()) == period("2024-02-09", "2024-02-16")
    assert holiday_aligned(around, Calendar(holidays=None)) == year_before(around)
    summer = period("2025-07-01", "2025-08-01")
    assert holiday_aligned(summer, Calendar()) == year_before(summer)

"""Fiscal and retail units agree with the published calendar and with counting day by day."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.business_years import (
    BUSINESS_GRAINS,
    business_floor,
    business_shift,
    business_unit,
    retail_year_start,
    units_of_year,
)
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period

MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1))
CALENDARS = st.builds(
    Calendar,
    fiscal_year_start_month=st.integers(1, 12),
    retail_week_start=st.integers(0, 6),
)
RETAIL = Calendar()
DAY = dt.timedelta(days=1)


def test_the_published_retail_years() -> None:
    starts = {2017: "01-29", 2018: "02-04", 2022: "01-30", 2023: "01-29", 2024: "02-04",
              2025: "02-02", 2026: "02-01"}  # fmt: skip
    for year, start in starts.items():
        assert f"{retail_year_start(year, RETAIL):%Y-%m-%d}" == f"{year}-{start}"
    weeks = {
        year: (retail_year_start(year + 1, RETAIL) - retail_year_start(year, RETAIL)).days // 7
        for year in range(2006, 2026)
    }
    assert [year for year, count in weeks.items() if count == 53] == [2006, 2012, 2017, 2023]
    assert set(weeks.values()) == {52, 53}


def test_a_retail_year_of_53_weeks_ends_with_a_month_of_five() -> None:
    start, lengths = dt.datetime(2023, 1, 29), []
    for _ in range(12):
        unit = business_unit(start, "retail_month", RETAIL)
        lengths.append(int(unit.days or 0) // 7)
        start = unit.bounds()[1]
    assert lengths == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5] and start == dt.datetime(2024, 2, 4)
    fourth = business_unit(dt.datetime(2024, 2, 3, 23, 59), "retail_quarter", RETAIL)
    assert fourth == Period(dt.datetime(2023, 10, 29), dt.datetime(2024, 2, 4))


@given(st.integers(1990, 2060), st.integers(0, 6))
def test_a_retail_year_ends_on_the_weekday_nearest_to_the_end_of_january(
    year: int, weekday: int
) -> None:
    start = retail_year_start(year, Calendar(retail_week_start=weekday))
    assert start.weekday() == weekday
    assert abs((start - DAY - dt.datetime(year, 1, 31)).days) <= 3


@given(MOMENTS, st.sampled_from(BUSINESS_GRAINS), CALENDARS)
def test_units_follow_each_other_without_a_gap(
    moment: dt.datetime, grain: str, calendar: Calendar
) -> None:
    unit = business_unit(moment, grain, calendar)
    start, end = unit.bounds()
    assert start <= moment < end
    assert business_floor(end - dt.timedelta(microseconds=1), grain, calendar) == start
    assert business_unit(end, grain, calendar).start == end
    assert business_shift(end, -1, grain, calendar) == start


@given(MOMENTS, st.sampled_from(BUSINESS_GRAINS), CALENDARS)
def test_the_units_of_a_year_make_it_up(
    moment: dt.datetime, grain: str, calendar: Calendar
) -> None:
    year = grain.split("_")[0] + "_year"
    start = business_floor(moment, year, calendar)
    ends = business_shift(start, units_of_year(grain), grain, calendar)
    assert ends == business_unit(moment, year, calendar).end


@pytest.mark.parametrize(
    ("month", "grain", "start"),
    [
        (4, "fiscal_year", "2026-04-01"),
        (2, "fiscal_year", "2026-02-01"),
        (11, "fiscal_year", "2025-11-01"),
        (2, "fiscal_quarter", "2026-08-01"),
        (3, "fiscal_quarter", "2026-09-01"),
        (4, "fiscal_quarter", "2026-10-01"),
        (2, "fiscal_month", "2026-10-01"),
    ],
)
def test_the_fiscal_unit_of_a_day(month: int, grain: str, start: str) -> None:
    calendar = Calendar(fiscal_year_start_month=month)
    day = dt.datetime(2026, 10, 31, 18)
    assert business_floor(day, grain, calendar) == dt.datetime.fromisoformat(start)

"""Periods: identities of the arithmetic, and the named conventions by example."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.calendars import Calendar
from metric_catalog.periods import (
    Grain,
    Period,
    complete_units_before,
    custom_unit,
    default_trend_grain,
    festival,
    fiscal_year,
    fiscal_year_of,
    floor,
    is_complete,
    shift,
    split,
    unit,
    whole_units,
)

GRAINS = [grain for grain in Grain if grain is not Grain.NANOSECOND]
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1))
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
calendars = st.builds(Calendar, week_start=st.integers(0, 6))
DAY = timedelta(days=1)


def period(start: str, end: str) -> Period:
    return Period(datetime.fromisoformat(start), datetime.fromisoformat(end))


day_periods = st.builds(lambda day, length: Period.of_days(day, day + length * DAY), days,
                        st.integers(0, 800))  # fmt: skip


def test_grains_are_ordered_and_parsed() -> None:
    assert [grain.order for grain in Grain] == sorted(grain.order for grain in Grain)
    assert Grain.DAY.order < Grain.WEEK.order < Grain.MONTH.order < Grain.YEAR.order
    assert Grain.parse(" Months ") is Grain.MONTH
    with pytest.raises(ValueError, match="moon"):
        Grain.parse("moon")


@given(moments, st.sampled_from(GRAINS), calendars)
def test_unit_contains_its_moment_and_begins_at_its_floor(
    moment: datetime, grain: Grain, calendar: Calendar
) -> None:
    whole = unit(moment, grain, calendar)
    start, end = whole.bounds()
    assert whole.contains(moment)
    assert floor(start, grain, calendar) == start
    assert floor(end, grain, calendar) == end
    assert floor(end - timedelta(microseconds=1), grain, calendar) == start


@given(moments, st.integers(-30, 30), st.sampled_from(GRAINS), calendars)
def test_shift_of_a_floor_is_undone(
    moment: datetime, count: int, grain: Grain, calendar: Calendar
) -> None:
    start = floor(moment, grain, calendar)
    assert shift(shift(start, count, grain), -count, grain) == start


def test_shift_clamps_to_the_end_of_the_month() -> None:
    assert shift(datetime(2024, 1, 31), 1, Grain.MONTH) == datetime(2024, 2, 29)
    assert shift(datetime(2024, 2, 29), 1, Grain.YEAR) == datetime(2025, 2, 28)
    assert shift(datetime(2023, 12, 31), -1, Grain.QUARTER) == datetime(2023, 9, 30)


@given(day_periods, st.sampled_from(["day", "week", "month", "quarter", "year"]), calendars)
def test_split_covers_the_period_without_gap(whole: Period, name: str, calendar: Calendar) -> None:
    pieces = split(whole, Grain(name), calendar)
    assert pieces[0].start == whole.start
    assert pieces[-1].end == whole.end
    assert all(a.end == b.start for a, b in pairwise(pieces))
    assert sum(piece.days or 0 for piece in pieces) == whole.days


@given(day_periods, calendars)
def test_whole_units_count_the_pieces(whole: Period, calendar: Calendar) -> None:
    found = whole_units(whole, calendar)
    assert found is not None
    grain, count = found
    assert len(split(whole, grain, calendar)) == count


@given(day_periods)
def test_json_round_trip(whole: Period) -> None:
    assert Period.from_json(whole.to_json()) == whole


def test_json_shows_open_bounds_and_times() -> None:
    assert Period(None, datetime(2024, 1, 1)).to_json() == {
        "start": None,
        "end_exclusive": "2024-01-01",
    }
    timed = Period(datetime(2024, 1, 1, 8, 30), None)
    assert timed.to_json() == {"start": "2024-01-01T08:30:00", "end_exclusive": None}
    assert Period.from_json(timed.to_json()) == timed
    assert timed.days is None


@given(day_periods, day_periods)
def test_intersection_is_what_both_contain(one: Period, other: Period) -> None:
    both = one.intersect(other)
    for bound in (*one.bounds(), *other.bounds()):
        inside = one.contains(bound) and other.contains(bound)
        assert inside == (both is not None and both.contains(bound))
    assert both == other.intersect(one)
    assert one.intersect(Period(None, None)) == one


def test_periods_are_checked() -> None:
    with pytest.raises(ValueError, match="empty"):
        period("2024-01-02", "2024-01-02")
    with pytest.raises(ValueError, match="open"):
        split(Period(None, datetime(2024, 1, 1)), Grain.DAY)


@given(days, st.integers(1, 20), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_complete_units_before_are_complete(as_of: date, count: int, name: str) -> None:
    found = complete_units_before(as_of, count, Grain(name))
    assert is_complete(found, as_of)
    assert len(split(found, Grain(name))) == count
    end = found.bounds()[1]
    assert not is_complete(Period(end, shift(end, 1, Grain(name))), as_of)


def test_default_trend_grain() -> None:
    start = datetime(2024, 1, 1)
    lengths = {31: Grain.DAY, 32: Grain.WEEK, 182: Grain.WEEK, 183: Grain.MONTH}
    for length, grain in lengths.items():
        assert default_trend_grain(Period(start, start + length * DAY)) is grain
    assert default_trend_grain(Period(start, None)) is Grain.MONTH


def test_fiscal_years_are_named_after_their_end() -> None:
    april = Calendar(fiscal_year_start_month=4)
    assert fiscal_year(2024, april) == period("2023-04-01", "2024-04-01")
    assert fiscal_year(2024, Calendar()) == period("2024-01-01", "2025-01-01")
    for month in range(1, 13):
        moment = datetime(2024, month, 15)
        assert fiscal_year(fiscal_year_of(moment, april), april).contains(moment)


def test_custom_units_and_festivals() -> None:
    starts = (datetime(2024, 1, 29), datetime(2024, 2, 26), datetime(2024, 4, 1))
    calendar = Calendar(custom=(("retail_month", starts),))
    assert custom_unit(datetime(2024, 2, 26), "retail_month", calendar) == period(
        "2024-02-26", "2024-04-01"
    )
    assert custom_unit(datetime(2024, 1, 1), "retail_month", calendar) is None
    assert custom_unit(datetime(2024, 5, 1), "retail_month", calendar) is None
    assert festival("double_11", 2024) == period("2024-11-11", "2024-11-12")
    assert festival("spring_festival", 1990) is None

"""Calendars: festival dates against known ones and against the lunar calendar."""

from datetime import date, datetime, timedelta

import pytest

from metric_catalog.calendars import (
    FESTIVALS,
    Calendar,
    easter,
    festival_days,
    nth_weekday,
    qingming,
    spring_festival,
)


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("spring_festival", 2024, date(2024, 2, 9), date(2024, 2, 15)),
        ("spring_festival_day", 2025, date(2025, 1, 29), date(2025, 1, 29)),
        ("lantern", 2025, date(2025, 2, 12), date(2025, 2, 12)),
        ("dragon_boat", 2025, date(2025, 5, 31), date(2025, 5, 31)),
        ("mid_autumn", 2025, date(2025, 10, 6), date(2025, 10, 6)),
        ("golden_week", 2025, date(2025, 10, 1), date(2025, 10, 7)),
        ("thanksgiving", 2024, date(2024, 11, 28), date(2024, 11, 28)),
        ("black_friday", 2023, date(2023, 11, 24), date(2023, 11, 24)),
        ("cyber_monday", 2023, date(2023, 11, 27), date(2023, 11, 27)),
        ("memorial_day", 2024, date(2024, 5, 27), date(2024, 5, 27)),
        ("mothers_day", 2024, date(2024, 5, 12), date(2024, 5, 12)),
        ("double_11", 2024, date(2024, 11, 11), date(2024, 11, 11)),
    ],
)
def test_known_festivals(name: str, year: int, first: date, last: date) -> None:
    assert festival_days(name, year) == (first, last)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2000, date(2000, 4, 23)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20))],
)
def test_easter(year: int, day: date) -> None:
    assert easter(year) == day


@pytest.mark.parametrize(("year", "day"), [(2023, 5), (2024, 4), (2025, 4), (2027, 5)])
def test_qingming(year: int, day: int) -> None:
    assert qingming(year) == date(year, 4, day)


def test_lunar_table_follows_the_moon() -> None:
    """Lunar years have 12 or 13 months of 29 or 30 days; the table must keep to that."""
    for year in range(2000, 2050):
        this, following = spring_festival(year), spring_festival(year + 1)
        assert this is not None
        assert following is not None
        assert (following - this).days in {353, 354, 355, 383, 384, 385}
        assert date(year, 1, 21) <= this <= date(year, 2, 20)


def test_lunar_table_against_the_lunar_calendar() -> None:
    lunar = pytest.importorskip("lunardate").LunarDate
    days = {"dragon_boat": (5, 5), "qixi": (7, 7), "mid_autumn": (8, 15), "double_ninth": (9, 9)}
    for year in range(2000, 2051):
        assert spring_festival(year) == lunar(year, 1, 1).to_solar_date()
        for name, (month, day) in days.items():
            expected = lunar(year, month, day).to_solar_date()
            assert festival_days(name, year) == (expected, expected)


def test_every_festival_has_ordered_days() -> None:
    for name in FESTIVALS:
        for year in (2000, 2024, 2050):
            days = festival_days(name, year)
            assert days is not None
            first, last = days
            assert first <= last < first + timedelta(days=10)


def test_moving_festivals_are_unknown_outside_the_table() -> None:
    assert festival_days("spring_festival", 1999) is None
    assert festival_days("christmas", 1999) == (date(1999, 12, 25), date(1999, 12, 25))
    with pytest.raises(KeyError):
        festival_days("no_such_day", 2024)


@pytest.mark.parametrize("count", [1, 2, 3, 4, -1, -2])
def test_nth_weekday_is_that_weekday_of_the_month(count: int) -> None:
    for month in range(1, 13):
        for weekday in range(7):
            day = nth_weekday(2024, month, weekday, count)
            same = [
                candidate
                for number in range(31)
                if (candidate := date(2024, month, 1) + timedelta(days=number)).month == month
                and candidate.weekday() == weekday
            ]
            assert day == same[count - 1 if count > 0 else count]


def test_calendar_rejects_what_cannot_be() -> None:
    starts = (datetime(2024, 2, 1), datetime(2024, 1, 1))
    for wrong in ({"week_start": 7}, {"fiscal_year_start_month": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Calendar(**wrong)
    with pytest.raises(ValueError, match="custom"):
        Calendar(custom=(("retail", starts),))
    assert Calendar(custom=(("retail", starts[::-1]),)).custom_starts("retail") == starts[::-1]
    assert Calendar().custom_starts("retail") is None

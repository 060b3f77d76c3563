"""Two periods that are compared are cut at the same place while the first still runs."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.business_years import BUSINESS_GRAINS, business_floor, business_shift
from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar
from metric_catalog.comparisons import Against, base_of, compared_alike, elapsed
from metric_catalog.periods import Period

KINDS = st.sampled_from(("previous", "year", "holiday"))
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 1, 1))


def period(first: str, end: str | None) -> Period:
    return Period(dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("asked", "as_of", "against", "now", "base"),
    [
        (("2026-10-01", "2026-12-01"), "2026-11-01", "year",
         ("2026-10-01", "2026-11-01"), ("2025-10-01", "2025-11-01")),
        (("2026-10-01", "2026-12-01"), "2026-11-01", "previous",
         ("2026-10-01", "2026-11-01"), ("2026-08-01", "2026-09-01")),
        (("2026-10-01", "2027-01-01"), "2026-11-01", "previous",
         ("2026-10-01", "2026-11-01"), ("2026-07-01", "2026-08-01")),
        (("2026-01-01", "2027-01-01"), "2026-11-01", "previous",
         ("2026-01-01", "2026-11-01"), ("2025-01-01", "2025-11-01")),
        (("2026-10-01", "2026-11-01"), "2026-10-31", "previous",
         ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-10-01")),
        (("2024-02-01", "2024-03-01"), "2024-02-29", "year",
         ("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-03-01")),
        (("2026-10-26", "2026-11-02"), "2026-10-29", "year",
         ("2026-10-26", "2026-10-29"), ("2025-10-27", "2025-10-30")),
        (("2026-10-26", "2026-11-02"), "2026-10-29", "previous",
         ("2026-10-26", "2026-10-29"), ("2026-10-19", "2026-10-22")),
        (("2026-02-01", "2026-04-01"), "2026-03-01", "previous",
         ("2026-02-01", "2026-03-01"), ("2025-12-01", "2026-01-01")),
        (("2025-01-01", "2026-01-01"), "2025-03-01", "year",
         ("2025-01-01", "2025-03-01"), ("2024-01-01", "2024-03-01")),
        (("2026-10-01", None), "2026-10-20", "previous",
         ("2026-10-01", "2026-10-20"), ("2026-09-01", "2026-09-20")),
        (("2026-10-01", "2026-11-01"), "2026-11-01", "previous",
         ("2026-10-01", "2026-11-01"), ("2026-09-01", "2026-10-01")),
        (("2026-12-01", "2027-01-01"), "2026-11-01", "previous",
         ("2026-12-01", "2027-01-01"), ("2026-11-01", "2026-12-01")),
    ],
)  # fmt: skip
def test_both_are_cut_at_the_same_place(
    asked: tuple[str, str | None], as_of: str, against: Against,
    now: tuple[str, str], base: tuple[str, str],
) -> None:  # fmt: skip
    day = dt.date.fromisoformat(as_of)
    got = compared_alike(period(*asked), against, DEFAULT_CALENDAR, day)
    assert got == (period(*now), period(*base))


@given(DAYS, st.integers(1, 800), DAYS, KINDS)
def test_the_cut_base_is_a_first_part_of_the_whole_base(
    first: dt.date, days: int, as_of: dt.date, against: Against
) -> None:
    asked = Period.of_days(first, first + dt.timedelta(days=days - 1))
    now, base = compared_alike(asked, against, DEFAULT_CALENDAR, as_of)
    whole = base_of(asked, against, DEFAULT_CALENDAR)
    assert now == elapsed(asked, as_of) and now.start == asked.start
    assert base.start == whole.start
    assert base.end and whole.end and base.end <= whole.end
    if now == asked:
        assert base == whole
    assert now.days and base.days and abs(now.days - base.days) <= 4 + days // 365


@given(DAYS, DAYS)
def test_a_year_earlier_holds_the_same_dates(first: dt.date, as_of: dt.date) -> None:
    start = dt.datetime(first.year, first.month, 1)
    asked = Period(start, dt.datetime(first.year + 1, first.month, 1))
    now, base = compared_alike(asked, "year", DEFAULT_CALENDAR, as_of)
    end, end_before = now.bounds()[1], base.bounds()[1]
    if end.day == 1:
        assert end_before == end.replace(year=end.year - 1)
        return
    last, last_before = end - dt.timedelta(days=1), end_before - dt.timedelta(days=1)
    clamped = (last.month, last.day) == (2, 29)
    assert last_before == last.replace(year=last.year - 1, day=28 if clamped else last.day)


def test_a_period_without_a_start_or_any_end_has_no_base() -> None:
    for asked, day in ((Period(None, dt.datetime(2026, 1, 1)), dt.date(2026, 1, 1)),
                       (period("2026-01-01", None), None)):  # fmt: skip
        with pytest.raises(ValueError, match="open"):
            compared_alike(asked, "previous", DEFAULT_CALENDAR, day)


BUSINESS = Calendar(fiscal_year_start_month=4)


@pytest.mark.parametrize(
    ("grain", "asked", "as_of", "against", "now", "base"),
    [
        ("retail_year", ("2024-02-04", "2025-02-02"), "2026-01-01", "previous",
         ("2024-02-04", "2025-02-02"), ("2023-01-29", "2024-02-04")),
        ("retail_month", ("2024-02-04", "2024-03-03"), "2026-01-01", "previous",
         ("2024-02-04", "2024-03-03"), ("2023-12-31", "2024-02-04")),
        ("retail_month", ("2024-02-04", "2024-03-03"), "2026-01-01", "year",
         ("2024-02-04", "2024-03-03"), ("2023-01-29", "2023-02-26")),
        ("retail_quarter", ("2024-02-04", "2024-05-05"), "2024-03-06", "previous",
         ("2024-02-04", "2024-03-06"), ("2023-10-29", "2023-11-29")),
        ("retail_month", ("2023-12-31", "2024-02-04"), "2024-02-02", "year",
         ("2023-12-31", "2024-02-02"), ("2023-01-01", "2023-01-29")),
        ("fiscal_year", ("2026-04-01", "2027-04-01"), "2026-11-01", "previous",
         ("2026-04-01", "2026-11-01"), ("2025-04-01", "2025-11-01")),
        ("fiscal_year", ("2026-04-01", "2026-11-01"), "2026-11-01", "previous",
         ("2026-04-01", "2026-11-01"), ("2025-04-01", "2025-11-01")),
        ("fiscal_quarter", ("2026-10-01", "2027-01-01"), "2026-10-31", "previous",
         ("2026-10-01", "2026-10-31"), ("2026-07-01", "2026-07-31")),
        ("fiscal_quarter", ("2026-10-01", "2027-01-01"), "2027-01-31", "year",
         ("2026-10-01", "2027-01-01"), ("2025-10-01", "2026-01-01")),
        ("retail_month", ("2026-10-01", "2026-11-01"), "2027-01-31", "previous",
         ("2026-10-01", "2026-11-01"), ("2026-09-01", "2026-10-01")),
    ],
)  # fmt: skip
def test_units_of_business_years_stand_against_units(
    grain: str, asked: tuple[str, str], as_of: str, against: Against,
    now: tuple[str, str], base: tuple[str, str],
) -> None:  # fmt: skip
    day = dt.date.fromisoformat(as_of)
    got = compared_alike(period(*asked), against, BUSINESS, day, grain)
    assert got == (period(*now), period(*base))


@given(
    st.sampled_from(BUSINESS_GRAINS),
    st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2035, 1, 1)),
    st.integers(1, 5),
    DAYS,
)
def test_whole_units_go_back_to_whole_units(
    grain: str, moment: dt.datetime, count: int, as_of: dt.date
) -> None:
    start = business_floor(moment, grain, BUSINESS)
    asked = Period(start, business_shift(start, count, grain, BUSINESS))
    whole = base_of(asked, "previous", BUSINESS, grain)
    assert whole == Period(business_shift(start, -count, grain, BUSINESS), start)
    now, base = compared_alike(asked, "previous", BUSINESS, as_of, grain)
    assert now == elapsed(asked, as_of) and base.start == whole.start
    assert base.intersect(whole) == base

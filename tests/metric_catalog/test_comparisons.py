"""Two periods that are compared are cut at the same place while the first still runs."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.calendars import DEFAULT_CALENDAR
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
    last, last_before = (p.bounds()[1] - dt.timedelta(days=1) for p in (now, base))
    assert last_before.year == last.year - 1
    same = (last_before.month, last_before.day) == (last.month, last.day)
    assert same or {(last.month, last.day), (last_before.month, last_before.day)} == {
        (2, 28), (2, 29)
    }  # fmt: skip


def test_a_period_without_a_start_or_any_end_has_no_base() -> None:
    for asked, day in ((Period(None, dt.datetime(2026, 1, 1)), dt.date(2026, 1, 1)),
                       (period("2026-01-01", None), None)):  # fmt: skip
        with pytest.raises(ValueError, match="open"):
            compared_alike(asked, "previous", DEFAULT_CALENDAR, day)

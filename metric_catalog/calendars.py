"""Owns the calendar of a catalog: week start, fiscal year, zone, and the days of festivals.

Sources: lunar festivals 2000-2050 are a table of the Chinese lunar calendar; Qingming follows the
solar-term approximation floor(0.2422 Y + 4.81) - floor(Y / 4) with Y the year of the century;
Easter follows the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

MONDAY = 0
THURSDAY = 3
SUNDAY = 6

Days = tuple[date, date]
"""The first and the last day of a festival, both included."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a catalog counts time.

    week_start: 0 = Monday .. 6 = Sunday. fiscal_year_start_month: 1..12. zone: IANA name.
    holidays: the set of festivals whose moving dates count, or None. custom: named grains such
    as a 4-5-4 month, each with the sorted first moments of its units.
    """

    week_start: int = MONDAY
    fiscal_year_start_month: int = 1
    zone: str = "Asia/Shanghai"
    holidays: str | None = "cn"
    custom: tuple[tuple[str, tuple[datetime, ...]], ...] = ()
    retail_week_start: int = field(default=SUNDAY, repr=False)

    def __post_init__(self) -> None:
        if not MONDAY <= self.week_start <= SUNDAY:
            raise ValueError("week_start")
        if not MONDAY <= self.retail_week_start <= SUNDAY:
            raise ValueError("retail_week_start")
        if not 1 <= self.fiscal_year_start_month <= 12:
            raise ValueError("fiscal_year_start_month")
        for _, starts in self.custom:
            if any(a >= b for a, b in pairwise(starts)):
                raise ValueError("custom")

    def custom_starts(self, name: str) -> tuple[datetime, ...] | None:
        """The first moments of the units of a custom grain, or None if the name is unknown."""
        return next((starts for grain, starts in self.custom if grain == name), None)


DEFAULT_CALENDAR = Calendar()

# Per year: Spring Festival (1/1), Dragon Boat (5/5), Qixi (7/7), Mid-Autumn (8/15) and Double
# Ninth (9/9) of the lunar calendar, as month and day of the solar one.
_LUNAR: dict[int, str] = {
    2000: "0205 0606 0806 0912 1006",
    2001: "0124 0625 0825 1001 1025",
    2002: "0212 0615 0815 0921 1014",
    2003: "0201 0604 0804 0911 1004",
    2004: "0122 0622 0822 0928 1022",
    2005: "0209 0611 0811 0918 1011",
    2006: "0129 0531 0731 1006 1030",
    2007: "0218 0619 0819 0925 1019",
    2008: "0207 0608 0807 0914 1007",
    2009: "0126 0528 0826 1003 1026",
    2010: "0214 0616 0816 0922 1016",
    2011: "0203 0606 0806 0912 1005",
    2012: "0123 0623 0823 0930 1023",
    2013: "0210 0612 0813 0919 1013",
    2014: "0131 0602 0802 0908 1002",
    2015: "0219 0620 0820 0927 1021",
    2016: "0208 0609 0809 0915 1009",
    2017: "0128 0530 0828 1004 1028",
    2018: "0216 0618 0817 0924 1017",
    2019: "0205 0607 0807 0913 1007",
    2020: "0125 0625 0825 1001 1025",
    2021: "0212 0614 0814 0921 1014",
    2022: "0201 0603 0804 0910 1004",
    2023: "0122 0622 0822 0929 1023",
    2024: "0210 0610 0810 0917 1011",
    2025: "0129 0531 0829 1006 1029",
    2026: "0217 0619 0819 0925 1018",
    2027: "0206 0609 0808 0915 1008",
    2028: "0126 0528 0826 1003 1026",
    2029: "0213 0616 0816 0922 1016",
    2030: "0203 0605 0805 0912 1005",
    2031: "0123 0624 0824 1001 1024",
    2032: "0211 0612 0812 0919 1012",
    2033: "0131 0601 0801 0908 1001",
    2034: "0219 0620 0820 0927 1020",
    2035: "0208 0610 0810 0916 1009",
    2036: "0128 0530 0828 1004 1027",
    2037: "0215 0618 0817 0924 1017",
    2038: "0204 0607 0807 0913 1007",
    2039: "0124 0527 0826 1002 1026",
    2040: "0212 0614 0814 0920 1014",
    2041: "0201 0603 0803 0910 1003",
    2042: "0122 0622 0822 0928 1022",
    2043: "0210 0611 0811 0917 1011",
    2044: "0130 0531 0731 1005 1029",
    2045: "0217 0619 0819 0925 1018",
    2046: "0206 0608 0808 0915 1008",
    2047: "0126 0529 0827 1004 1027",
    2048: "0214 0615 0816 0922 1016",
    2049: "0202 0604 0805 0911 1005",
    2050: "0123 0623 0823 0930 1024",
}
_SPRING, _DRAGON_BOAT, _QIXI, _MID_AUTUMN, _DOUBLE_NINTH = range(5)
_SPRING_HOLIDAY_LAST = 5
_LANTERN = 14


def _lunar(year: int, which: int) -> date | None:
    row = _LUNAR.get(year)
    if row is None:
        return None
    digits = row.split()[which]
    return date(year, int(digits[:2]), int(digits[2:]))


def spring_festival(year: int) -> date | None:
    """The first day of the lunar year; None outside 2000-2050."""
    return _lunar(year, _SPRING)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def qingming(year: int) -> date:
    """Qingming (clear and bright), 4 or 5 April; exact for 2000-2099."""
    y = year % 100
    return date(year, 4, int(y * 0.2422 + 4.81) - y // 4)


def nth_weekday(year: int, month: int, weekday: int, count: int) -> date:
    """The count-th weekday (0 = Monday) of a month; count -1 is the last one."""
    if count > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
    after = date(year + month // 12, month % 12 + 1, 1)
    last = after - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-count - 1))


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    return nth_weekday(year, 11, THURSDAY, 4)


def _one(day: date | None, offset: int = 0) -> Days | None:
    if day is None:
        return None
    day += timedelta(days=offset)
    return day, day


def _spring_holiday(year: int) -> Days | None:
    first = spring_festival(year)
    if first is None:
        return None
    return first - timedelta(days=1), first + timedelta(days=_SPRING_HOLIDAY_LAST)


def _fixed(month: int, first: int, last: int | None = None) -> Callable[[int], Days]:
    return lambda year: (date(year, month, first), date(year, month, last or first))


def _weekday_rule(month: int, weekday: int, count: int) -> Callable[[int], Days | None]:
    return lambda year: _one(nth_weekday(year, month, weekday, count))


_FESTIVALS: dict[str, Callable[[int], Days | None]] = {
    "new_year": _fixed(1, 1),
    "new_year_eve": _fixed(12, 31),
    "spring_festival": _spring_holiday,
    "spring_festival_day": lambda year: _one(spring_festival(year)),
    "spring_festival_eve": lambda year: _one(spring_festival(year), -1),
    "lantern": lambda year: _one(spring_festival(year), _LANTERN),
    "valentines": _fixed(2, 14),
    "womens_day": _fixed(3, 8),
    "consumer_day": _fixed(3, 15),
    "st_patricks": _fixed(3, 17),
    "april_fools": _fixed(4, 1),
    "qingming": lambda year: _one(qingming(year)),
    "good_friday": lambda year: _one(easter(year), -2),
    "easter": lambda year: _one(easter(year)),
    "easter_monday": lambda year: _one(easter(year), 1),
    "labour_day": _fixed(5, 1),
    "labour_holiday": _fixed(5, 1, 5),
    "youth_day": _fixed(5, 4),
    "mothers_day": _weekday_rule(5, SUNDAY, 2),
    "may_20": _fixed(5, 20),
    "memorial_day": _weekday_rule(5, MONDAY, -1),
    "childrens_day": _fixed(6, 1),
    "dragon_boat": lambda year: _one(_lunar(year, _DRAGON_BOAT)),
    "june_18": _fixed(6, 18),
    "fathers_day": _weekday_rule(6, SUNDAY, 3),
    "independence_day": _fixed(7, 4),
    "qixi": lambda year: _one(_lunar(year, _QIXI)),
    "us_labor_day": _weekday_rule(9, MONDAY, 1),
    "teachers_day": _fixed(9, 10),
    "mid_autumn": lambda year: _one(_lunar(year, _MID_AUTUMN)),
    "national_day": _fixed(10, 1),
    "golden_week": _fixed(10, 1, 7),
    "double_ninth": lambda year: _one(_lunar(year, _DOUBLE_NINTH)),
    "columbus_day": _weekday_rule(10, MONDAY, 2),
    "halloween": _fixed(10, 31),
    "double_11": _fixed(11, 11),
    "thanksgiving": lambda year: _one(thanksgiving(year)),
    "black_friday": lambda year: _one(thanksgiving(year), 1),
    "cyber_monday": lambda year: _one(thanksgiving(year), 4),
    "double_12": _fixed(12, 12),
    "christmas_eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "boxing_day": _fixed(12, 26),
}
FESTIVALS: tuple[str, ...] = tuple(_FESTIVALS)


def festival_days(name: str, year: int) -> Days | None:
    """The first and last day of a festival in a year; None where its date is not known.

    A festival is its day, with three exceptions: `spring_festival` runs from New Year's Eve to
    the sixth day of the lunar year (7 days), `labour_holiday` 1-5 May, `golden_week` 1-7 October.
    Raises KeyError for an unknown name.
    """
    return _FESTIVALS[name](year)

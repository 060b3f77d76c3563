"""Owns the parts of a date: years, quarters, months, weeks, days, weekdays, festivals, units."""

from dataclasses import replace

from assistant.reading.times_nodes import (
    LEVELS,
    Feast,
    Level,
    Nearest,
    Node,
    Nth,
    Relative,
    Run,
    Weekday,
    Year,
    level,
)
from assistant.reading.times_tokens import YEAR_DIGITS, full_year
from assistant.reading.times_words import Parsed, Words, longest_of

FIRST_YEAR, LAST_YEAR = 1500, 2999
MAX_DAY, MAX_MONTH, MAX_WEEK, MAX_QUARTER = 31, 12, 53, 4
SHORT_YEAR_DIGITS = 2
NAMED_UNITS = ("year", "month", "quarter", "week", "half")


def count(words: Words, place: int) -> tuple[int, int] | None:
    """(number, place after) of a count such as 3, three, a couple of, a few, 几."""
    place = words.skip(place, "article")
    number = words.number(place, "number")
    if number is None:
        number = words.number(place, "few")
    if number is None or number == 0:
        return None
    return number, words.skip(place + 1, "of") if words.has(place, "few") else place + 1


def unit(words: Words, place: int) -> tuple[str, int] | None:
    """(unit, place after) of a word such as days, 个月."""
    for _ in range(2):
        place = words.skip(place, "measure", "exact")
    fiscal = words.has(place, "fiscal_word") and not words.has(place, "unit")
    name = words.name(place + fiscal, "unit")
    if name is None:
        return None
    if fiscal and name in ("year", "quarter"):
        name = f"fiscal_{name}"
    return name, place + 1 + fiscal


def dated(words: Words, place: int) -> Parsed | None:
    """A date in figures: 2016-11-05, 11/2016, 10/1."""
    if not words.has(place, "date"):
        return None
    year = words.number(place, "date_year")
    month, day = words.number(place, "date_month"), words.number(place, "date_day")
    node: Node = Nth("month", month or 1, None if year is None else Year(year))
    return (Nth("day", day, node) if day else node), place + 1


def year(words: Words, place: int) -> Parsed | None:
    """2016, 2016年, 16年, year 2008, '16, the year of 2016, FY24."""
    fiscal = words.number(place, "fiscal")
    if fiscal is not None:
        return Year(fiscal, fiscal=True), place + 1
    short = words.number(place, "year")
    if short is not None:
        return Year(short), place + 1
    is_fiscal = words.has(place, "fiscal_word")
    named = words.has(place, "year_word") or is_fiscal
    start = place + named
    start = words.skip(start, "of") if named and words.has(start + 1, "number") else start
    number, digits = words.number(start, "number"), words.number(start, "digits")
    if number is None or digits is None:
        return None
    if digits == YEAR_DIGITS and FIRST_YEAR <= number <= LAST_YEAR:
        after = start + 1
        if words.name(after, "unit") == "fiscal_year":
            return Year(number, fiscal=True), after + 1
        return Year(number, is_fiscal), words.skip(after, "year_mark")
    marked = words.has(start + 1, "year_mark") or words.name(start + 1, "unit") == "fiscal_year"
    if digits == SHORT_YEAR_DIGITS and (named and is_fiscal or marked):
        return Year(full_year(number), is_fiscal or not words.has(start + 1, "year_mark")), (
            start + 1 + marked
        )
    return None


def month(words: Words, place: int) -> Parsed | None:
    """March, Oct., 3月, 十一月份, the month of September."""
    start = place
    if words.name(start, "unit") == "month" and words.has(start + 1, "of"):
        start += 2
    number = words.number(start, "month")
    if number is not None:
        after = start + 1
        if words.mark(after, ".") and words.tight(after):
            after += 1
        return Nth("month", number), after
    number = words.number(place, "number")
    if number is None or not 1 <= number <= MAX_MONTH or not words.has(place + 1, "month_mark"):
        return None
    return Nth("month", number), place + 2


def quarter(words: Words, place: int) -> Parsed | None:
    """Q3, H2, 三季度, 上半年, fiscal Q2, W31."""
    fiscal = words.has(place, "fiscal_word")
    place += fiscal
    for sense in ("quarter", "half", "week"):
        number = words.number(place, sense)
        if number is not None:
            of_year = words.number(place, "of_year")
            of = None if of_year is None else Year(of_year)
            return Nth(sense, number, of, fiscal=fiscal), words.skip(place + 1, "quarter_mark")
    for sense in ("ten_days", "half_month"):
        number = words.number(place, sense)
        if number is not None:
            return Nth(sense, number), place + 1
    season = words.number(place, "season")
    if season is not None:
        return Nth("season", season), place + 1
    number = words.number(place, "number")
    if number is None or not 1 <= number <= MAX_QUARTER:
        return None
    if words.has(place + 1, "quarter_mark"):
        return Nth("quarter", number), place + 2
    if words.name(place + 1, "unit") == "fiscal_quarter":
        return Nth("quarter", number, fiscal=True), place + 2
    return None


def numbered(words: Words, place: int) -> Parsed | None:
    """week 23, quarter 3: a unit and its number."""
    name = words.name(place, "number_word")
    number = words.number(place + 1, "number")
    limits = {"week": MAX_WEEK, "quarter": MAX_QUARTER, "month": MAX_MONTH}
    if name is None or number is None or not 1 <= number <= limits[name]:
        return None
    return Nth(name, number), place + 2


def ordinal(words: Words, place: int) -> Parsed | None:
    """The third week, 第三周, first Friday, 第九个月, the 15th day, the first 2 weeks, second half."""
    place = words.skip(place, "article")
    number = words.number(place, "ordinal")
    edge = words.number(place, "edge")
    if number is None and edge is None:
        return None
    after = place + 1
    ranked = -1 if number is None and edge == -1 else number or 1
    some = count(words, after)
    named = unit(words, some[1] if some else after)
    if some and named and (edge is not None or ranked == 1):
        return (Run(named[0], some[0] * (edge or 1)), named[1]) if _countable(named[0]) else None
    if number is None and edge is not None and some:
        if some[0] != 1:
            return None
        after = some[1]
    if number is None and not words.has(after, "unit") and not words.has(after, "weekday"):
        after = words.skip(after, "measure")
    if words.has(words.skip(after, "measure"), "weekday"):
        after = words.skip(after, "measure")
        return Weekday(words.number(after, "weekday") or 0, ranked), after + 1
    return _ranked_unit(words, after, ranked, named)


def _ranked_unit(
    words: Words, place: int, ranked: int, named: tuple[str, int] | None
) -> Parsed | None:
    if named is None:
        named = unit(words, place)
    if named is None or not _countable(named[0]):
        return None
    name, after = named
    if name.startswith("fiscal_"):
        if name == "fiscal_year":
            return None
        return Nth("quarter", ranked, named=False, fiscal=True), after
    if name == "year":
        return None
    return Nth(name, ranked, named=False), after


def _countable(name: str) -> bool:
    return name not in ("hour", "minute")


def day(words: Words, place: int) -> Parsed | None:
    """5日, 5号, the 15th; or 12 of Sept, where the month follows."""
    start = words.skip(place, "article")
    number = words.number(start, "number")
    if number is not None and 1 <= number <= MAX_DAY:
        if words.has(start + 1, "day_mark"):
            return Nth("day", number), start + 2
        after = start + 1
        if words.mark(after, "-/.") and words.tight(after):
            after += 1
        after = words.skip(after, "of")
        if words.has(after, "month") and (words.number(start, "digits") or 0) <= 2:
            return Nth("day", number), start + 1
    number = words.number(start, "ordinal")
    if number is None or not 1 <= number <= MAX_DAY or words.has(start, "marked"):
        return None
    return Nth("day", number), start + 1


def weekday(words: Words, place: int) -> Parsed | None:
    """Friday, 周五, weekend."""
    number = words.number(place, "weekday")
    if number is not None:
        after = place + 1
        if words.mark(after, ".") and words.tight(after):
            after += 1
        return Weekday(number), after
    return None


def feast(words: Words, place: int) -> Parsed | None:
    """Christmas, 双11; 国庆当天 is the day itself, 春节期间 the same as 春节."""
    name = words.name(place, "festival")
    if name is None:
        return None
    after = place + 1
    that = words.name(after, "that")
    if that == "day":
        days = {"golden_week": "national_day", "spring_festival": "spring_festival_day"}
        return Feast(days.get(name, "labour_day" if name == "labour_holiday" else name)), after + 1
    return Feast(name), after + (that == "same")


def relative(words: Words, place: int) -> Parsed | None:
    """Yesterday, 去年, last month, 上上周, next Monday, this September, last Christmas."""
    rel = words.name(place, "rel") or words.name(words.skip(place, "definite"), "rel")
    if rel is not None:
        name, offset = rel.split()
        after = (place if words.has(place, "rel") else place + 1) + 1
        return Relative(name, int(offset)), words.skip(
            after, "year_mark"
        ) if name == "year" else after
    start = words.skip(place, "article")
    step = words.number(start, "offset")
    if step is None:
        return None
    after = start + 1
    named = unit(words, after)
    if named is not None:
        return _relative_unit(words, start, step, named)
    return _relative_part(words, after, step)


def _relative_unit(words: Words, start: int, step: int, named: tuple[str, int]) -> Parsed:
    """Last week; but `last week of ...` is counted from the end of what follows."""
    name, after = named
    if words.number(start, "edge") == -1 and words.has(after, "of"):
        coarse = words.once(part, after + 1) or words.once(whole_unit, after)
        coarse = coarse or words.once(whole_unit, after + 1)
        coarse_level = level(coarse[0]) if coarse else None
        if coarse_level is not None and coarse_level < LEVELS[name]:
            return Nth(name, -1, named=False), after
    return Relative(name, step), after


def _relative_part(words: Words, place: int, step: int) -> Parsed | None:
    found = longest_of(words, place, (weekday, month, quarter, feast))
    if found is None:
        return None
    node, after = found
    offset = words.at(place - 1)
    if offset.end - offset.start == 1 and not isinstance(node, Weekday):
        return None  # 上 and 下 alone go with units and weekdays; 查下3月 is March.
    match node:
        case Weekday() if words.number(place - 1, "edge") == -1 and words.has(after, "of"):
            return Weekday(node.day, -1), after
        case Weekday():
            return Weekday(node.day, of=Relative("week", step)), after
        case Nth(unit="week"):
            return None
        case Nth() | Feast() if step == 0:
            return type(node)(node.unit, node.number, Relative("year", 0)) if isinstance(
                node, Nth
            ) else Feast(node.name, Relative("year", 0)), after
        case Nth() | Feast():
            return Nearest(node, 1 if step > 0 else -1), after
        case _:
            return None


def stepped(words: Words, place: int) -> Parsed | None:
    """The month after next, the week before last."""
    place = words.skip(place, "article")
    name, side = words.name(place, "unit"), words.name(place + 1, "bound")
    after = words.skip(place + 2, "article")
    step = words.number(after, "offset")
    if name is None or (side, step) not in (("after", 1), ("before", -1)):
        return None
    if unit(words, after + 1) or words.once(part, after + 1) or step is None:
        return None
    return Relative(name, 2 * step), after + 1


def whole(words: Words, place: int) -> Parsed | None:
    """The whole of this year, the entire month: not only to date; all of 2016."""
    start = words.skip(place, "article")
    if not words.has(start, "exact"):
        return None
    named = words.name(start + 1, "unit")
    after = words.skip(start + 2 if named else start + 1, "of", "article")
    found = words.once(part, after) if after > start + 2 or not named else None
    if found is not None:
        node = found[0]
        return (replace(node, whole=True) if isinstance(node, Relative) else node), found[1]
    if named in NAMED_UNITS and start > place:
        return Relative(named, 0, whole=True), start + 2
    return None


def whole_unit(words: Words, place: int) -> Parsed | None:
    """The year, the quarter (of the first quarter of the year)."""
    if not words.has(place, "definite") or words.has(place + 1, "number"):
        return None
    name = words.name(place + 1, "unit")
    if name not in NAMED_UNITS:
        return None
    return Relative(name, 0, whole=True), place + 2


PARTS = (
    dated, relative, whole, stepped, ordinal, quarter, numbered, month, year, day, weekday, feast,
)  # fmt: skip


def part(words: Words, place: int) -> Parsed | None:
    """The longest part of a date at a place."""
    return longest_of(words, place, PARTS)


def bare_day(words: Words, place: int) -> Parsed | None:
    """12 after a month: a day without a mark."""
    number, digits = words.number(place, "number"), words.number(place, "digits")
    if number is None or digits is None or digits > SHORT_YEAR_DIGITS or not 1 <= number <= MAX_DAY:
        return None
    if words.has(place + 1, "month_mark") or words.has(place + 1, "unit"):
        return None
    return Nth("day", number), place + 1


def bare_year(words: Words, place: int) -> Parsed | None:
    """87 after a month: a year of two digits."""
    number, digits = words.number(place, "number"), words.number(place, "digits")
    if number is None or digits != SHORT_YEAR_DIGITS:
        return None
    return Year(full_year(number)), place + 1


def is_day_level(node: Node) -> bool:
    """Whether a node is a day of a month."""
    return isinstance(node, Nth) and LEVELS[node.unit] is Level.DAY

"""Owns the parts of a date that have names or numbers: years, months, quarters, days, festivals."""

from assistant.reading.times_nodes import LEVELS, Feast, Level, Node, Nth, Weekday, Year
from assistant.reading.times_tokens import YEAR_DIGITS, full_year
from assistant.reading.times_words import Parsed, Words

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
    if words.has(place, "article") and words.has(place + 1, "year_word"):
        return words.once(year, place + 1)
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

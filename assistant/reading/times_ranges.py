"""Owns periods made of dates: rolling windows, distances, ranges, open bounds, to date."""

from assistant.reading.times_dates import edge, expression, week_of
from assistant.reading.times_nodes import (
    Away,
    Beside,
    Both,
    Bound,
    Level,
    Loose,
    Node,
    Now,
    Nth,
    Relative,
    Rest,
    Rolling,
    Side,
    Span,
    Weekday,
    accepts,
    attach,
    level,
    needs,
)
from assistant.reading.times_parts import (
    MAX_DAY,
    MAX_MONTH,
    MAX_QUARTER,
    SHORT_YEAR_DIGITS,
    count,
    unit,
    whole_unit,
)
from assistant.reading.times_resolve import like
from assistant.reading.times_tokens import YEAR_DIGITS
from assistant.reading.times_words import Parsed, Words, longest_of

MIN_TWO_DIGITS = 10
DIRECTIONS = {"past": -1, "future": 1}
SIDES: dict[str, Side] = {"before": "before", "after": "after", "since": "since", "by": "by"}


def duration(words: Words, place: int) -> tuple[int, str, int] | None:
    """(count, unit, place after) of 3 days, a week, 半年, a fortnight."""
    some = count(words, place)
    after = words.skip(place, "article") if some is None else some[1]
    number = some[0] if some else 1
    after = words.skip(after, "measure") if words.has(after + 1, "span") else after
    span = words.name(after, "span")
    if span is not None:
        size, name = span.split()
        return number * int(size), name, after + 1
    more = words.has(after, "half_more") and some is not None
    named = unit(words, after + more)
    if named and named[0] == "year" and (more or words.has(named[1], "half_more")):
        return number * 12 + 6, "month", named[1] + (not more)
    if named is None or (some is None and after == place) or _is_year(words, after - 1, named[1]):
        return None
    return number, named[0], named[1]


def _is_year(words: Words, place: int, after: int) -> bool:
    """2010年, 07年 and 16年之前 name a year; 10年前 and 3年 count years."""
    digits, number = words.number(place, "digits"), words.number(place, "number")
    if number is None or digits is None or not words.has(place + 1, "year_mark"):
        return False
    if digits == SHORT_YEAR_DIGITS:
        written = words.at(after).end - words.at(after).start
        return number < MIN_TWO_DIGITS or (words.has(after, "ago") and written > 1)
    return digits == YEAR_DIGITS


def rolling(words: Words, place: int) -> Parsed | None:
    """Last 3 weeks, 近7天, 过去半年, 5 past years, next 10 months, within the next 2 weeks, L30D."""
    start = words.skip(place, "less")
    start = words.skip(start, "article")
    rolled = words.name(start, "rolled")
    if rolled is not None:
        size, name = rolled.split()
        return Rolling(name, -int(size)), start + 1
    side = words.name(start, "side")
    found = _after_side(words, start) if side else _before_side(words, start)
    if found is None:
        bare = duration(words, start) if words.has(place, "less") and start > place else None
        return (Rolling(bare[1], bare[0]), words.skip(bare[2], "inner")) if bare else None
    number, name, after, side = found
    after = words.skip(after, "inner")
    node: Node = Rolling(name, DIRECTIONS[side] * number)
    if words.has(after, "away") and side == "future" and _is_today(words, after + 1):
        inside = words.has(after, "from")
        return Beside(name, number, Relative("day", 0), inside), after + 2
    return node, after


def _after_side(words: Words, place: int) -> tuple[int, str, int, str] | None:
    side = str(words.name(place, "side"))
    start = words.skip(place + 1, "link")
    for _ in range(2):
        start = words.skip(start, "exact")
    span = words.name(words.skip(start, "article"), "span")
    found = duration(words, start)
    if found is None and span is not None:
        size, name = span.split()
        return int(size), name, words.skip(start, "article") + 1, side
    if found is None:
        return None
    if not (count(words, start) or span or words.has(found[2] - 1, "half_more")):
        return None
    if side == "past" and words.has(place, "edge") and _first_quarters(words, start):
        return None
    return *found, side


def _first_quarters(words: Words, place: int) -> bool:
    """前三季度 are the first three quarters; 前三个季度 the last three."""
    return words.has(place, "number") and words.has(place + 1, "quarter_mark")


def _before_side(words: Words, place: int) -> tuple[int, str, int, str] | None:
    some = count(words, place)
    side = words.name(some[1], "side") if some else None
    named = unit(words, some[1] + 1) if some and side else None
    return (some[0], *named, side) if some and named and side else None


def _is_today(words: Words, place: int) -> bool:
    return words.name(place, "rel") == "day 0" or words.has(place, "now")


def ago(words: Words, place: int) -> Parsed | None:
    """3 days ago, 两个月前, a week from now."""
    found = duration(words, place)
    if found is None:
        return None
    number, name, after = found
    if _is_named(words, after - 1, number):
        return None
    if words.has(after, "ago"):
        return Away(name, -number), after + 1
    return (Away(name, number), after + 1) if words.has(after, "hence") else None


def _is_named(words: Words, place: int, number: int) -> bool:
    """十月 and 三季度 are names, 十个月 and 三个季度 durations."""
    if not words.has(place - 1, "number"):
        return False
    limits = {"month_mark": MAX_MONTH, "quarter_mark": MAX_QUARTER}
    return any(words.has(place, mark) and number <= limit for mark, limit in limits.items())


def away(words: Words, place: int) -> Parsed | None:
    """Two days after today, 3 days before Christmas, for 3 days from today, more than 2 weeks after."""
    more, less = words.has(place, "more"), words.has(place, "less")
    length = words.has(place, "length")
    start = place + (more or less or length)
    definite = words.has(start, "definite")
    found = duration(words, start)
    if found is None:
        return None
    number, name, after = found
    after += words.mark(after, ",")
    direction = words.number(after, "away")
    if direction is None:
        direction = 1 if length and words.name(after, "bound") == "since" else None
    point = None if direction is None else _point(words, words.skip(after + 1, "at", "article"))
    if (
        direction is None
        or point is None
        or level(point[0]) is None
        and not isinstance(point[0], Now)
    ):
        return None
    return _placed(point[0], direction * number, name, (more, less, length or definite)), point[1]


def _placed(anchor: Node, signed: int, name: str, manner: tuple[bool, bool, bool]) -> Node:
    more, less, stretch = manner
    day = Away(name, signed, anchor)
    if more:
        return Bound("after" if signed > 0 else "before", day)
    if less and signed > 0:
        return Both(Bound("after", anchor), Bound("before", day))
    if less:
        return Both(Bound("before", anchor), Bound("since", day))
    if stretch:
        inside = signed > 0 and isinstance(anchor, Relative | Now)
        return Beside(name, signed, anchor, inside)
    return day


def length_from(words: Words, place: int) -> Parsed | None:
    """For 1 week, from 20th dec: the week that begins there."""
    if not words.has(place, "length"):
        return None
    found = duration(words, place + 1)
    if found is None:
        return None
    number, name, after = found
    after += words.mark(after, ",")
    if words.name(after, "bound") != "since":
        return None
    point = _point(words, words.skip(after + 1, "at", "article"))
    return (Beside(name, number, point[0], inside=True), point[1]) if point else None


def beside(words: Words, place: int) -> Parsed | None:
    """双11前7天, 国庆后一周, X起3天内."""
    inner = words.once(expression, place)
    if inner is None or level(inner[0]) is not Level.DAY:
        return None
    node, after = inner
    after = words.skip(after, "link")
    tail = words.name(after, "tail") or words.name(after, "side")
    sign = {"before": -1, "past": -1, "after": 1, "future": 1, "since": 1}.get(tail or "")
    found = duration(words, words.skip(after + 1, "link")) if sign else None
    if sign is None or found is None or not count(words, words.skip(after + 1, "link")):
        return None
    number, name, end = found
    return Beside(name, sign * number, node, inside=tail == "since"), words.skip(end, "inner")


def next_to(words: Words, place: int) -> Parsed | None:
    """The week before Christmas, the day after Thanksgiving."""
    if not words.has(place, "definite"):
        return None
    name, direction = words.name(place + 1, "unit"), words.number(place + 2, "away")
    if name is None or direction is None:
        return None
    point = words.once(expression, words.skip(place + 3, "article"))
    if point is None or level(point[0]) is None:
        return None
    return Beside(name, direction, point[0]), point[1]


def _point(words: Words, place: int) -> Parsed | None:
    """An end of a range: a date, an edge, now."""
    found = longest_of(words, place, (edge, expression, ago, whole_unit, _now))
    return found


def _now(words: Words, place: int) -> Parsed | None:
    place = words.skip(place, "definite")
    return (Now(), place + 1) if words.has(place, "now") else None


def _loose(words: Words, place: int) -> Parsed | None:
    """A bare number as an end of a range."""
    place = words.skip(place, "article", "ordinal_mark")
    number = words.number(place, "number") or words.number(place, "ordinal")
    return (Loose(number), place + 1) if number is not None else None


def opened(words: Words, place: int) -> Parsed | None:
    """From X to Y, between X and Y, 从X到Y, a container around it: Feb between 2-7 2018."""
    if not words.has(place, "from"):
        return None
    start = words.skip(place + 1, "at", "article") if words.has(place + 1, "at") else place + 1
    first = _end_point(words, start)
    if first is None:
        return None
    node, after = first
    after = words.skip(after, "tail") if words.name(after, "tail") == "since" else after
    between = words.has(place, "between") or words.has(place, "from")
    joined = (
        words.has(after, "to") or words.mark(after, "-~") or (between and words.has(after, "and"))
    )
    if not joined:
        return None
    return _closed(words, node, after, opener=True)


def _end_point(words: Words, place: int) -> Parsed | None:
    found = _point(words, place)
    loose = _loose(words, place)
    if found is None or (loose and loose[1] > found[1]):
        return loose
    return found


def plain(words: Words, place: int) -> Parsed | None:
    """X - Y, X to Y, X至Y, X和Y之间; at least one end says what it is."""
    found = _point(words, place)
    if found is None:
        found = _loose(words, place)
    if found is None:
        return None
    node, after = found
    after = (
        words.skip(after, "tail")
        if words.name(after, "tail") == "since" and (words.has(after + 1, "to"))
        else after
    )
    if words.has(after, "to") or words.mark(after, "-~"):
        return _closed(words, node, after, opener=False)
    if words.has(after, "and"):
        closed = _closed(words, node, after, opener=False)
        if closed is not None and words.has(closed[1] - 1, "between_tail"):
            return closed
    return None


def _closed(words: Words, first: Node, place: int, *, opener: bool) -> Parsed | None:
    """The rest of a range from its connecting word on."""
    after = words.skip(place + 1, "to") if words.mark(place, "-~") else place + 1
    after = words.skip(after, "at")
    last = _end_point(words, after)
    if last is None:
        return None
    node, end = last
    if isinstance(node, Weekday) and words.has(after, "weekday") and node.of is not None:
        first = attach(first, node.of) if accepts(first, node.of) else first
    after = end
    if not opener and not _clear(words, first, node, place):
        return None
    after = words.skip(after, "inside", "between_tail")
    pair = _outer(words, first, node, after)
    return pair if pair is not None else (Span(first, node), after)


def _clear(words: Words, first: Node, last: Node, place: int) -> bool:
    """Whether a range without an opening word is one: 2-7 alone is not, 2-7 Feb is."""
    if isinstance(first, Loose):
        return not isinstance(last, Loose)
    if isinstance(last, Loose):
        numbered = words.has(place - 1, "number") or words.has(place - 1, "week")
        by_number = isinstance(first, Nth) and (words.tight(place + 1) or numbered)
        return level(first) is Level.DAY or by_number
    return True


def _outer(words: Words, first: Node, last: Node, place: int) -> Parsed | None:
    """Between 4 and 22 this month: a container said after the range."""
    link = words.skip(place, "of", "link")
    found = words.once(expression, link) or words.once(whole_unit, link)
    if found is None:
        return None
    ends = _as_days(first, last)
    if ends is None or not accepts(ends[1], found[0]):
        return None
    inner = attach(ends[0], found[0]) if accepts(ends[0], found[0]) else ends[0]
    return Span(inner, attach(ends[1], found[0])), found[1]


def _as_days(first: Node, last: Node) -> tuple[Node, Node] | None:
    if isinstance(last, Loose):
        last = like(last.number, first) if not isinstance(first, Loose) else Nth("day", last.number)
    if isinstance(first, Loose):
        first = like(first.number, last)
    if isinstance(last, Nth) and last.unit == "day" and not 1 <= last.number <= MAX_DAY:
        return None
    return first, last


def contained(words: Words, place: int) -> Parsed | None:
    """Last week between Friday and Sunday, Feb between 2-7 two thousand and eighteen."""
    outer = words.once(expression, place)
    if outer is None:
        return None
    start = words.skip(outer[1], "link")
    found = words.once(opened, start) or words.once(opened, outer[1])
    found = found or words.once(plain, start)
    if found is None or not isinstance(found[0], Span):
        return None
    coarse, span, after = outer[0], found[0], found[1]
    ends = _as_days(span.first, span.last)
    if ends is None:
        return None
    if needs(coarse) is not None and isinstance(ends[1], Nth) and ends[1].of is not None:
        year = ends[1].of
        if accepts(coarse, year):
            coarse = attach(coarse, year)
            ends = (Nth("day", _number(ends[0])), Nth("day", _number(ends[1])))
    if needs(coarse) is not None:
        year_after = words.once(expression, words.skip(after, "link"))
        if year_after is not None and accepts(coarse, year_after[0]):
            coarse, after = attach(coarse, year_after[0]), year_after[1]
    if not all(accepts(end, coarse) for end in ends):
        return None
    return Span(attach(ends[0], coarse), attach(ends[1], coarse)), after


def _number(node: Node) -> int:
    return node.number if isinstance(node, Nth) else 0


def bounded(words: Words, place: int) -> Parsed | None:
    """Before 2018, on or after X, since August, 截至X, X之前, X及之后, 2012 or later."""
    found = words.once(_bounded_before, place) or words.once(_bounded_after, place)
    return found


def _bounded_before(words: Words, place: int) -> Parsed | None:
    inclusive = words.has(place, "at") and words.has(place + 1, "or")
    start = place + 2 if inclusive else place
    side = words.name(start, "bound")
    if side is None:
        return None
    after = start + 1
    if words.has(after, "or") and words.has(after + 1, "at"):
        inclusive, after = True, after + 2
    after = words.skip(after, "at", "article") if words.has(after, "at") else after
    point = _point(words, words.skip(after, "definite") if words.has(after + 1, "now") else after)
    if point is None:
        return None
    sides: dict[str, Side] = {"before": "by", "after": "since"} if inclusive else {}
    chosen = sides.get(side, SIDES[side])
    after = point[1]
    if (
        chosen == "since"
        and words.name(after, "tail") == "since"
        or chosen == "by"
        and words.name(after, "tail") == "by"
        or chosen == "by"
        and words.has(after, "inside")
    ):
        after += 1
    elif words.has(after, "tail") and side in ("since", "by"):
        return _tailed(words, point[0], after) if side == "since" else None
    return Bound(chosen, point[0]), after


def _bounded_after(words: Words, place: int) -> Parsed | None:
    point = _point(words, place)
    if point is None or isinstance(point[0], Now):
        return None
    return _tailed(words, *point)


def _tailed(words: Words, node: Node, place: int) -> Parsed | None:
    if words.has(place, "or") and words.name(place + 1, "tail") in (
        "later",
        "earlier",
        "after",
        "before",
    ):
        later = words.name(place + 1, "tail") in ("later", "after")
        return Bound("since" if later else "by", node), place + 2
    if words.has(place, "or") and words.name(place + 1, "bound") in ("before", "after"):
        later = words.name(place + 1, "bound") == "after"
        return Bound("since" if later else "by", node), place + 2
    tail = words.name(place, "tail")
    if words.has(place, "side") and _counts_few(words, place + 1):
        return None
    inclusive: dict[str, Side] = {"since_incl": "since", "by_incl": "by"}
    side = inclusive.get(tail or "") or SIDES.get(tail or "")
    return (Bound(side, node), place + 1) if side else None


def _counts_few(words: Words, place: int) -> bool:
    """2024年前10: a count follows, so that the word before it is no bound of the year."""
    some = count(words, place)
    return some is not None and words.number(place, "digits") != YEAR_DIGITS


def both_bounds(words: Words, place: int) -> Parsed | None:
    """After 2010 and before 2018, 2010年之后2018年之前."""
    one = words.once(bounded, place)
    if one is None:
        return None
    other = words.once(bounded, words.skip(one[1], "and", "link"))
    return (Both(one[0], other[0]), other[1]) if other else None


def rest(words: Words, place: int) -> Parsed | None:
    """The rest of the month."""
    if not words.has(place, "rest"):
        return None
    found = words.once(whole_unit, place + 1) or words.once(expression, place + 1)
    return (Rest(found[0]), found[1]) if found else None


def first_quarters(words: Words, place: int) -> Parsed | None:
    """前三季度: from the first to the third quarter of the latest year that has begun."""
    outer = words.once(expression, place)
    start = words.skip(outer[1], "link") if outer else place
    if words.number(start, "edge") != 1 or not _first_quarters(words, start + 1):
        return None
    number = words.number(start + 1, "number") or 1
    year = outer[0] if outer and level(outer[0]) is Level.YEAR else Relative("year", 0, whole=True)
    return Span(Nth("quarter", 1, year), Nth("quarter", number, year)), start + 3


PERIODS = (
    first_quarters, contained, opened, plain, both_bounds, bounded, length_from, away, rolling, ago,
    beside, next_to, rest, week_of, expression,
)  # fmt: skip


def statement(words: Words, place: int) -> Parsed | None:
    """The longest expression of a period at a place."""
    return longest_of(words, place, PERIODS)

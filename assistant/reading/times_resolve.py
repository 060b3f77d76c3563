"""Owns the step from a node to a period: where the clock and the calendar are read.

Conventions: a unit without its container is the latest that has begun; the n-th week of a
container is the n-th one with at least four days in it; a range includes its named end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from assistant.reading.times_ends import borrow, with_kinds
from assistant.reading.times_fitting import (
    attach,
    container,
    is_current,
    lacking_part,
    level,
    needs,
)
from assistant.reading.times_nodes import (
    Around,
    Away,
    Beside,
    Both,
    Bound,
    Edge,
    Feast,
    Level,
    Loose,
    Nearest,
    Node,
    Now,
    Nth,
    Relative,
    Rest,
    Rolling,
    Run,
    Span,
    ToDate,
    Weekday,
    Year,
)
from assistant.reading.times_units import (
    DAY,
    DAYS_TO_MIDWEEK,
    HALF_MONTH,
    SATURDAY_OFFSET,
    SEASON_MONTHS,
    SEASON_START_MONTHS,
    TEN,
    move,
    nth_week,
    unit_start,
    weeks_of,
    year_period,
)
from metric_catalog.calendars import Calendar, nth_weekday
from metric_catalog.periods import (
    DAYS_OF_WEEK,
    Grain,
    Period,
    festival,
    fiscal_year,
    fiscal_year_of,
    floor,
    shift,
)

MONTHS_LOOKED_BACK = 12
YEARS_LOOKED_BACK = 8
# Days of a period that nobody means by two dates without a year.
NEARLY_A_YEAR = 270
"""29 February is found at most eight years back (1896 to 1904)."""
_SUB_DAY = ("hour", "minute")


@dataclass(frozen=True, slots=True)
class Scene:
    """The moment of asking, and the calendar that counts."""

    asked_at: datetime
    calendar: Calendar

    @property
    def today(self) -> datetime:
        """Midnight of the day asked."""
        return self.asked_at.replace(hour=0, minute=0, second=0, microsecond=0)


def resolve(node: Node, scene: Scene) -> Period | None:
    """The period of a node; None where it names no time (30 February, an inverted range)."""
    try:
        return _resolve(node, scene)
    except (OverflowError, ValueError):
        # Beyond the years 1 to 9999, or a day that the month does not have.
        return None


def _resolve(node: Node, scene: Scene) -> Period | None:
    if needs(node) is not None:
        return _latest_begun(node, scene)
    match node:
        case Year(number, fiscal):
            return fiscal_year(number, scene.calendar) if fiscal else year_period(number)
        case Relative():
            return _relative(node, scene)
        case Nth():
            return _nth(node, scene)
        case Weekday():
            return _weekday(node, scene)
        case Feast(name, of):
            year = of and _resolve(of, scene)
            return festival(name, year.start.year) if year and year.start else None
        case Run():
            return _run(node, scene)
        case Rolling() | Away() | Beside() | Around():
            return _counted(node, scene)
        case Nearest():
            return _nearest(node, scene)
        case Span():
            return _span(node, scene)
        case Bound():
            return _bound(node, scene)
        case Both(one, other):
            first, second = _resolve(one, scene), _resolve(other, scene)
            return first.intersect(second) if first and second else None
        case ToDate(unit):
            return to_date(Relative(unit, 0), scene)
        case Rest(inner):
            whole = _resolve(inner, scene)
            return whole and Period(max(whole.start or scene.today, scene.today), whole.end)
        case Edge() | Now() | Loose():
            return None
        case _:
            assert_never(node)


def to_date(node: Relative, scene: Scene) -> Period | None:
    """The running unit up to as_of; on its first day the whole unit."""
    whole = _relative(node, scene)
    if whole.start is None or whole.start >= scene.today:
        return whole
    return Period(whole.start, scene.today)


def _relative(node: Relative, scene: Scene) -> Period:
    here = scene.asked_at if node.unit in _SUB_DAY else scene.today
    start = move(unit_start(here, node.unit, scene.calendar), node.offset, node.unit)
    if node.unit == "weekend":
        return Period(start, start + 2 * DAY)
    return Period(start, move(start, 1, node.unit))


def _candidates(node: Node, missing: Level, scene: Scene) -> Iterator[Node]:
    """Containers from the running one backwards."""
    part = lacking_part(node)
    match missing:
        case Level.WEEK:
            yield from (Relative("week", -back) for back in range(2))
        case Level.MONTH:
            yield from (Relative("month", -back, whole=True) for back in range(MONTHS_LOOKED_BACK))
        case _:
            fiscal = isinstance(part, Nth) and part.fiscal
            newest = fiscal_year_of(scene.today, scene.calendar) if fiscal else scene.today.year
            yield from (Year(newest - back, fiscal) for back in range(YEARS_LOOKED_BACK + 1))


def _latest_begun(node: Node, scene: Scene) -> Period | None:
    part, missing = lacking_part(node), needs(node)
    if isinstance(part, Nth) and part.unit == "week" and part.named:
        midweek = floor(scene.today, Grain.WEEK, scene.calendar) + DAYS_TO_MIDWEEK * DAY
        return _resolve(attach(node, Year(midweek.year)), scene)
    if isinstance(part, Nth) and part.weekday is not None and missing is Level.MONTH:
        return _nearest_dated(node, scene)
    assert missing is not None
    for candidate in _candidates(node, missing, scene):
        period = resolve(attach(node, candidate), scene)
        if period and period.start and period.start <= scene.today:
            return period
    return None


def _nearest_dated(node: Node, scene: Scene) -> Period | None:
    """Friday the 11th: the month nearest to as_of in which the 11th is a Friday."""
    part = lacking_part(node)
    assert isinstance(part, Nth)
    found: list[tuple[timedelta, Period]] = []
    for back in range(-MONTHS_LOOKED_BACK, MONTHS_LOOKED_BACK + 1):
        period = resolve(attach(node, Relative("month", back, whole=True)), scene)
        if period and period.start and period.start.weekday() == part.weekday:
            found.append((abs(period.start - scene.today), period))
    return min(found, key=lambda item: item[0])[1] if found else None


def _of(node: Nth | Weekday | Run, scene: Scene) -> tuple[datetime, datetime] | None:
    whole = node.of and _resolve(node.of, scene)
    return whole.bounds() if whole and whole.start and whole.end else None


def _nth(node: Nth, scene: Scene) -> Period | None:
    bounds = _of(node, scene)
    if bounds is None:
        return None
    start, end = bounds
    match node.unit:
        case "week":
            return nth_week(node.number, start, end, scene.calendar)
        case "season":
            first = datetime(start.year, SEASON_START_MONTHS[node.number - 1], 1)
            return Period(first, shift(first, SEASON_MONTHS, Grain.MONTH))
        case "ten_days" | "half_month":
            size = TEN if node.unit == "ten_days" else HALF_MONTH
            first = start + (node.number - 1) * size * DAY
            is_last = node.number * size >= 2 * HALF_MONTH
            return Period(first, end if is_last else first + size * DAY)
        case "weekend":
            saturday = nth_weekday(start.year, start.month, SATURDAY_OFFSET, node.number)
            return Period.of_days(saturday, saturday + DAY)
    first = (
        move(start, node.number - 1, node.unit)
        if node.number > 0
        else (move(end, node.number, node.unit))
    )
    if not start <= first < end:
        return None
    return Period(first, move(first, 1, node.unit))


def _weekday(node: Weekday, scene: Scene) -> Period | None:
    bounds = _of(node, scene)
    if bounds is None:
        return None
    start, end = bounds
    if node.nth is None or node.nth > 0:
        first = start + timedelta(days=(node.day - start.weekday()) % DAYS_OF_WEEK)
        first += ((node.nth or 1) - 1) * DAYS_OF_WEEK * DAY
    else:
        first = end - DAY
        first -= timedelta(days=(first.weekday() - node.day) % DAYS_OF_WEEK)
        first += (node.nth + 1) * DAYS_OF_WEEK * DAY
    return Period(first, first + DAY) if start <= first < end else None


def _run(node: Run, scene: Scene) -> Period | None:
    bounds = _of(node, scene)
    if bounds is None:
        return None
    start, end = bounds
    if node.unit == "week":
        start, end = weeks_of(start, end, scene.calendar)
    if node.count > 0:
        return Period(start, min(end, move(start, node.count, node.unit)))
    return Period(max(start, move(end, node.count, node.unit)), end)


def _counted(node: Rolling | Away | Beside | Around, scene: Scene) -> Period | None:
    match node:
        case Rolling(unit, count):
            return _rolling(unit, count, scene)
        case Away(unit, count, anchor):
            return _away(unit, count, anchor, scene)
        case Beside(unit, count, anchor, inside):
            point = _resolve(anchor, scene)
            if point is None or point.start is None or point.end is None:
                return None
            if count < 0:
                until = point.end if inside else point.start
                return Period(move(until, count, unit), until)
            begin = point.start if inside else point.end
            return Period(begin, move(begin, count, unit))
        case Around(unit, inner, last):
            point = _resolve(inner, scene)
            if point is None or point.start is None:
                return None
            moment = point.end - DAY if last and point.end else point.start
            begin = unit_start(moment, unit, scene.calendar)
            return Period(begin, move(begin, 1, unit))
        case _:
            assert_never(node)


def _rolling(unit: str, count: int, scene: Scene) -> Period:
    if unit in _SUB_DAY:
        moved = move(scene.asked_at, count, unit)
        return Period(min(moved, scene.asked_at), max(moved, scene.asked_at))
    here = unit_start(scene.today, unit, scene.calendar)
    if unit == "weekend":
        size = 2 * DAY
        first, last = sorted((move(here, count, unit), move(here, 1 if count > 0 else -1, unit)))
        return Period(first, last + size)
    if count < 0:
        return Period(move(here, count, unit), here)
    begin = move(here, 1, "day" if unit == "business_day" else unit)
    return Period(begin, move(begin, count, unit))


def _away(unit: str, count: int, anchor: Node | None, scene: Scene) -> Period | None:
    if anchor is None:
        if unit in ("day", "business_day", *_SUB_DAY):
            begin = floor(move(scene.today, count, unit), Grain.DAY, scene.calendar)
            return Period(begin, begin + DAY)
        return _relative(Relative(unit, count), scene)
    point = Period(scene.today, None) if isinstance(anchor, Now) else _resolve(anchor, scene)
    if point is None or point.start is None:
        return None
    begin = move(point.start, count, unit)
    return Period(begin, begin + DAY)


def _nearest(node: Nearest, scene: Scene) -> Period | None:
    """The latest occurrence that is over, or the next that has not begun."""
    missing = needs(node.node)
    if missing is None:
        return _resolve(node.node, scene)
    for candidate in _around(missing, node.direction):
        period = resolve(attach(node.node, candidate), scene)
        if period is None or period.start is None or period.end is None:
            continue
        if period.end <= scene.today if node.direction < 0 else period.start > scene.today:
            return period
    return None


def _around(missing: Level, direction: int) -> Iterator[Node]:
    unit = {Level.WEEK: "week", Level.MONTH: "month"}.get(missing, "year")
    for count in range(YEARS_LOOKED_BACK + 1):
        yield Relative(unit, direction * count, whole=True)


def _span(node: Span, scene: Scene) -> Period | None:
    first, last = with_kinds(node.first, node.last)
    first = borrow(first, last)
    start = _start(first, scene)
    if start is None:
        return None
    end = _end(last, first, start, scene)
    turned = _turned_round(first, last, start, end, scene)
    if turned is not None:
        return turned
    missing = needs(node.first)
    if end is not None and start >= end and missing is Level.YEAR and level(node.first) is not None:
        start = shift(start, -1, Grain.YEAR)
    lone = missing is Level.YEAR and needs(last) is Level.YEAR
    if end is not None and lone and start == scene.today and end > shift(start, 1, Grain.MONTH):
        # What begins today and runs for months is no report: from November to February.
        start, end = shift(start, -1, Grain.YEAR), shift(end, -1, Grain.YEAR)
    return Period(start, end) if end is not None and start < end else None


def _turned_round(
    first: Node, last: Node, start: datetime, end: datetime | None, scene: Scene
) -> Period | None:
    """Return the period whose ends were said in the wrong order, None where they were not.

    Two full dates are; so are two without a year that would otherwise span nearly a whole one
    into the future: from May 10 to May 1, but not from November to February.
    """
    if isinstance(first, Edge | Now) or isinstance(last, Edge | Now) or level(first) != level(last):
        return None
    early, late = _resolve(last, scene), _resolve(first, scene)
    if early is None or late is None or None in (early.start, late.end):
        return None
    lower, upper = early.bounds()[0], late.bounds()[1]
    if not lower < upper or lower >= start:
        return None
    full = needs(first) is None and needs(last) is None and (end is None or start >= end)
    rolled = end is not None and end > scene.today and (end - start).days > NEARLY_A_YEAR
    return Period(lower, upper) if full or rolled else None


def _side(whole: Period | None, side: str) -> datetime | None:
    if whole is None:
        return None
    return whole.start if side == "start" else whole.end


def _start(node: Node, scene: Scene) -> datetime | None:
    match node:
        case Edge(inner, side):
            return _side(_resolve(inner, scene), side)
        case Now():
            return scene.today
        case _:
            return _side(_resolve(node, scene), "start")


def _end(last: Node, first: Node, start: datetime, scene: Scene) -> datetime | None:
    match last:
        case Edge(inner, side):
            return _side(_following(inner, first, start, scene), side)
        case Now():
            return scene.today
        case Relative() if is_current(last):
            return _side(to_date(last, scene), "end")
        case _:
            return _side(_following(last, first, start, scene), "end")


def _following(last: Node, first: Node, start: datetime, scene: Scene) -> Period | None:
    """The last end, read as the first occurrence that ends after the start."""
    missing = needs(last)
    if missing is None:
        return _resolve(last, scene)
    shared = container(first, missing)
    if shared is not None and shared != first:
        period = resolve(attach(last, shared), scene)
        if period and period.end and period.end > start:
            return period
    unit = {Level.WEEK: "week", Level.MONTH: "month"}.get(missing, "year")
    at_start = Scene(start, scene.calendar)
    for count in range(YEARS_LOOKED_BACK + 1):
        period = resolve(attach(last, Relative(unit, count, whole=True)), at_start)
        if period and period.end and period.start and period.start >= start:
            return period
    return None


def _bound(node: Bound, scene: Scene) -> Period | None:
    match node.side:
        case "before":
            return _open(None, _start(node.node, scene))
        case "after":
            return _open(_whole_end(node.node, scene), None)
        case "by":
            return _open(None, _whole_end(node.node, scene))
        case "since":
            start = _start(node.node, scene)
            return _open(start, scene.today if start and start < scene.today else None)
        case _:
            assert_never(node.side)


def _whole_end(node: Node, scene: Scene) -> datetime | None:
    if isinstance(node, Edge | Now):
        return _start(node, scene)
    return _side(_resolve(node, scene), "end")


def _open(start: datetime | None, end: datetime | None) -> Period | None:
    return None if start is None and end is None else Period(start, end)

"""Owns members that got worse: whom a breakdown or a ranking may call to act on.

A standing gap is no reason to repair anything: a member is told here where its rate moved the bad
way since the period before, by more than chance (two shares of counts, Wald; false discoveries at
most 5 %).
"""

import math
from collections.abc import Mapping

from assistant.insights.cells import NULL_MEMBER, Cells, members
from assistant.insights.chance import discoveries, two_sided
from assistant.insights.compared import split_query
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Intent, Investigation
from executors.result import ResultTable
from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import holiday_aligned, previous, year_before
from metric_catalog.periods import Period, is_complete
from metric_catalog.query import MetricQuery

INTENTS: frozenset[Intent] = frozenset({"breakdown", "ranking", "extreme"})
"""Where members stand side by side and no change was asked about."""
LEAST_COUNT = 30
"""Members with fewer in a period are not judged."""


def fallen_query(investigation: Investigation) -> MetricQuery | None:
    """Return the query of the asked dimension over the period and its base.

    None where it was not asked for members, or for the best of them, or the period still runs.
    """
    query, metric, current = investigation.query, investigation.metric, investigation.current
    groups = [item for item in query.group_by if not item.grain and not item.date_part]
    plain = len(groups) == len(query.group_by) == 1 and query.grain is None
    if investigation.intent not in INTENTS or not plain or current is None or query.having:
        return None
    if metric.unit != "ratio" or metric.direction == "none" or _asks_for_the_best(investigation):
        return None
    if current.start is None or not is_complete(current, investigation.as_of):
        return None
    base = _base(current, metric.comparison, investigation.calendar)
    return split_query(investigation, groups[0].name, (current, base)) if base else None


def _asks_for_the_best(investigation: Investigation) -> bool:
    """Whether the order was the question, and begins with the good; a breakdown's is a custom."""
    order = investigation.query.order
    if investigation.intent == "breakdown" or not order:
        return False
    return order[0].descending == (investigation.metric.direction == "up_good")


def _base(current: Period, rule: str, calendar: Calendar) -> Period | None:
    match rule:
        case "year":
            return year_before(current, calendar)
        case "holiday":
            return holiday_aligned(current, calendar)
        case _:
            return previous(current, calendar)


def find_fallen(investigation: Investigation, table: ResultTable) -> Finding | None:
    """Return the members that got worse, the heaviest first; None where none did.

    Drivers: kind rate, effect = (w₁ + w₀) / 2 × (r₁ − r₀) with w the share of the denominator;
    current and base = their rates. Facts: dimension. `period` is the one compared with.
    """
    current, metric = investigation.current, investigation.metric
    dimension = investigation.query.group_by[0].name
    if current is None:
        return None
    base = _base(current, metric.comparison, investigation.calendar)
    if base is None:
        return None
    now, before = (members(table, metric.id, dimension, period) for period in (current, base))
    both = [m for m in now if m in before and m != NULL_MEMBER]
    tested = [m for m in both if _is_counted(now[m]) and _is_counted(before[m])]
    stands = discoveries([_chance(now[m], before[m]) for m in tested])
    sign = 1.0 if metric.direction == "up_good" else -1.0
    drivers = [
        _driver(dimension, m, now, before)
        for m, kept in zip(tested, stands, strict=True)
        if kept and sign * (_rate(now[m]) - _rate(before[m])) < 0
    ]
    if not drivers:
        return None
    drivers.sort(key=lambda driver: -abs(driver.effect))
    size = math.fsum(driver.effect for driver in drivers)
    heaviest = drivers[0].member or ""
    return Finding(
        "fallen",
        metric.id,
        size,
        "up" if size > 0 else "down",
        1 - _chance(now[heaviest], before[heaviest]),
        (("dimension", dimension),),
        drivers=tuple(drivers),
        period=base,
        queries=(table.query,),
    )


def _is_counted(cells: Cells) -> bool:
    """Whether it is a share of counts, of enough of them."""
    top, bottom = cells.numerator, cells.denominator
    if top is None or bottom is None or bottom < LEAST_COUNT:
        return False
    return 0 <= top <= bottom and top.is_integer() and bottom.is_integer()


def _rate(cells: Cells) -> float:
    return (cells.numerator or 0.0) / (cells.denominator or 1.0)


def _chance(now: Cells, before: Cells) -> float:
    """The p-value of two shares being one."""
    n, m = now.denominator or 1.0, before.denominator or 1.0
    pooled = ((now.numerator or 0.0) + (before.numerator or 0.0) + 1) / (n + m + 2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return two_sided((_rate(now) - _rate(before)) / spread)


def _driver(
    dimension: str, member: str, now: Mapping[str, Cells], before: Mapping[str, Cells]
) -> Driver:
    shares = _share(now, member), _share(before, member)
    rates = _rate(now[member]), _rate(before[member])
    effect = (shares[0] + shares[1]) / 2 * (rates[0] - rates[1])
    return Driver(dimension, member, "rate", effect, *rates, shares)


def _share(side: Mapping[str, Cells], member: str) -> float:
    whole = math.fsum(cells.denominator or 0.0 for cells in side.values())
    return (side[member].denominator or 0.0) / whole

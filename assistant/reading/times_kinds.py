"""Owns the step from nodes to a mention: its periods, kind and unit."""

from collections.abc import Sequence
from datetime import datetime

from assistant.reading.times_fitting import is_current, needs
from assistant.reading.times_mention import Kind, TimeMention
from assistant.reading.times_nodes import (
    Around,
    Away,
    Beside,
    Both,
    Bound,
    Feast,
    Nearest,
    Node,
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
from assistant.reading.times_resolve import Scene, resolve, to_date
from metric_catalog.periods import Period


def last_complete(unit: str, scene: Scene) -> tuple[Period, ...]:
    """The last complete unit, as the other period that a running one may mean."""
    period = resolve(Relative(unit, -1), scene)
    return (period,) if period else ()


def from_nodes(
    nodes: Sequence[Node], start: int, end: int, text: str, scene: Scene
) -> TimeMention | None:
    """The mention of some nodes; None if one of them names no time."""
    periods = tuple(period for node in nodes if (period := _period(node, scene)) is not None)
    if len(periods) < len(nodes):
        return None
    unit = _unit(nodes[0])
    running = any(is_current(node) or isinstance(node, ToDate) for node in nodes)
    return TimeMention(
        start,
        end,
        text[start:end],
        _kind(nodes[0]),
        periods,
        unit=unit,
        incomplete=running or any(_reaches(period, scene.today) for period in periods),
        alternatives=last_complete(unit, scene) if unit and (running or _is_today(nodes)) else (),
    )


def _period(node: Node, scene: Scene) -> Period | None:
    if isinstance(node, Relative) and is_current(node):
        return to_date(node, scene)
    return resolve(node, scene)


def _is_today(nodes: Sequence[Node]) -> bool:
    return list(nodes) == [Relative("day", 0)]


def _reaches(period: Period, today: datetime) -> bool:
    return period.end is not None and period.end > today


def _kind(node: Node) -> Kind:
    match node:
        case Relative() if is_current(node):
            return "to_date"
        case ToDate():
            return "to_date"
        case Relative() | Away() | Nearest() | Rest() | Around():
            return "relative"
        case Rolling() | Run() | Beside():
            return "rolling"
        case Span():
            return "range"
        case Bound() | Both():
            return "open"
        case Feast():
            return "festival"
        case _:
            return _dated_kind(node)


def _dated_kind(node: Node) -> Kind:
    if needs(node) is not None:
        return "bare"
    while isinstance(node, Nth | Weekday) and node.of is not None:
        node = node.of
    return "relative" if isinstance(node, Relative) else "absolute"


def _unit(node: Node) -> str | None:
    match node:
        case Relative(unit=unit) | Nth(unit=unit) | Rolling(unit=unit) | Run(unit=unit):
            return unit
        case Away(unit=unit) | Beside(unit=unit) | Around(unit=unit) | ToDate(unit=unit):
            return unit
        case Year():
            return "year"
        case Weekday() | Feast():
            return "day"
        case _:
            return None

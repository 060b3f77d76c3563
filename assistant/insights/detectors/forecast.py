"""Owns the detector of forecasts: what a coming period is expected to bring, with its interval."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.expectation import Expectation, expect
from assistant.insights.finding import Finding
from assistant.insights.history import History, history_of, known
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from executors.result import ResultTable
from metric_catalog import periods
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Query

MOST_UNITS = 31
"""Units of a long coming period that are forecast one by one."""


@dataclass(frozen=True, slots=True)
class ForecastDetector:
    """Forecasts the period asked, and each unit in it; without one, the next unit.

    Size = the expected value of the whole period. Facts: low, high (95 %), basis, grain.
    Points: the expected value of each unit, by its first day.
    """

    name: str = "forecast"
    intents: tuple[Intent, ...] = ("forecast",)

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the history of the whole and of the units; then forecast."""
        target = coming_period(investigation)
        pieces = _pieces(investigation, target)
        wanted = [target] if len(pieces) < 2 else [target, pieces[-1]]
        metric = investigation.metric.id
        found = {p: history_of(investigation, p, metric, whole=True) for p in wanted}
        histories = {p: history for p, history in found.items() if history is not None}
        if missing := tuple(query for h in histories.values() for query in h.missing(tables)):
            return Ask(missing)
        if target not in histories:
            return Done()
        whole = _expected(investigation, histories[target], target, tables)
        if whole is None:
            return Done()
        units = []
        for piece in pieces if len(pieces) > 1 else ():
            one = _expected(investigation, histories[pieces[-1]], piece, tables)
            units.append((piece.bounds()[0].date().isoformat(), one.centre if one else None))
        queries = tuple(query for h in histories.values() for query in h.read(tables))
        return Done((_finding(investigation, target, whole, tuple(units), queries),))


def coming_period(investigation: Investigation) -> Period:
    """Return the period asked where it is not over yet, else the next unit of the grain asked."""
    cut = periods.as_day(investigation.as_of)
    asked = investigation.current
    if asked is not None and asked.start is not None and asked.end is not None and asked.end > cut:
        return asked
    name = investigation.query.grain or investigation.metric.default_grain or Grain.MONTH.value
    grain = Grain(name) if name in {g.value for g in Grain} else Grain.MONTH
    start = periods.floor(cut, grain, investigation.calendar)
    if start < cut:
        start = periods.shift(start, 1, grain)
    return Period(start, periods.shift(start, 1, grain))


def _pieces(investigation: Investigation, target: Period) -> list[Period]:
    whole = periods.whole_units(target, investigation.calendar)
    if whole is None or whole[1] > MOST_UNITS:
        return []
    return list(periods.split(target, whole[0], investigation.calendar))


def _expected(
    investigation: Investigation,
    history: History,
    target: Period,
    tables: Mapping[Query, ResultTable],
) -> Expectation | None:
    values = history.values(tables)
    earlier, numbers = known(history.earlier, values[: len(history.earlier)])
    return expect(earlier, numbers, target, investigation.calendar)


def _finding(
    investigation: Investigation,
    target: Period,
    whole: Expectation,
    units: tuple[tuple[str, float | None], ...],
    queries: tuple[Query, ...],
) -> Finding:
    low, high = whole.interval
    start = target.bounds()[0].date().isoformat()
    grain = periods.whole_units(target, investigation.calendar)
    return Finding(
        "forecast",
        investigation.metric.id,
        whole.centre,
        facts=(
            ("low", low),
            ("high", high),
            ("basis", whole.basis),
            ("grain", grain[0].value if grain else None),
        ),
        points=units or ((start, whole.centre),),
        period=target,
        queries=queries,
    )


DETECTOR = ForecastDetector()

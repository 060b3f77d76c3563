"""Owns the detector of anomalies: periods that lie outside what all the others lead to expect."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.chance import discoveries, t_two_sided
from assistant.insights.compared import direction
from assistant.insights.expectation import expect
from assistant.insights.finding import Finding
from assistant.insights.history import History, known
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.timeline import asked_span, last_history
from executors.result import ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Query


@dataclass(frozen=True, slots=True)
class AnomalyDetector:
    """Tests every period asked about against all others, false discoveries at most 5 %.

    One finding per odd period, oddest first: size = value − expected. Facts: start (ISO), value,
    expected, deviations (standard deviations).
    """

    name: str = "anomaly"
    intents: tuple[Intent, ...] = ("anomaly", "trend")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the history up to the last complete period asked; then test."""
        if investigation.judges:
            return Done()
        span = asked_span(investigation)
        history = last_history(investigation)
        if span is None or history is None:
            return Done()
        if missing := history.missing(tables):
            return Ask(missing)
        return Done(_odd(investigation, span, history, tables))


def _odd(
    investigation: Investigation,
    span: Period,
    history: History,
    tables: Mapping[Query, ResultTable],
) -> tuple[Finding, ...]:
    every, numbers = known(history.periods, history.values(tables))
    if not every:
        return ()
    # each by all others, the last one as well: nothing is to be foretold
    expectation = expect(every, numbers, every[-1], investigation.calendar, lasting=True)
    if expectation is None:
        return ()
    tested = [
        (every[place], numbers[place], fitted, surprise)
        for place, surprise, fitted in zip(
            expectation.places, expectation.surprises, expectation.fitted, strict=True
        )
        if every[place].intersect(span) == every[place]
    ]
    chances = [t_two_sided(surprise, expectation.freedom) for *_, surprise in tested]
    kept = discoveries(chances)
    found = [
        (chance, *test) for chance, test, odd in zip(chances, tested, kept, strict=True) if odd
    ]
    return tuple(
        Finding(
            "anomaly",
            investigation.metric.id,
            value - fitted,
            direction(value - fitted),
            1 - chance,
            (("start", period.bounds()[0].date().isoformat()), ("value", value),
             ("expected", fitted), ("deviations", surprise)),
            period=period,
            queries=history.read(tables),
        )
        for chance, period, value, fitted, surprise in sorted(found, key=lambda item: item[0])
    )  # fmt: skip


DETECTOR = AnomalyDetector()

"""Owns the detector of change: current against base, and whether it is more than noise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

from assistant.insights.cells import Cells, total
from assistant.insights.chance import SURE
from assistant.insights.compared import direction, value_query
from assistant.insights.expectation import Expectation
from assistant.insights.expected_history import expect_history
from assistant.insights.finding import Change, Finding
from assistant.insights.history import History, history_of
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.maturity import YOUNG, young_from
from executors.result import ResultTable
from metric_catalog.query import Query

NEGATIVE_DENOMINATOR = "negative_denominator"
NO_HISTORY = "no_history"
"""The basis of a change that history does not suffice to judge."""
SAMPLING = "_sampling"
"""Added to the basis where the sampling noise of a ratio widened the interval."""
POINTS = 60
Z_SURE = NormalDist().inv_cdf((1 + SURE) / 2)


@dataclass(frozen=True, slots=True)
class ChangeDetector:
    """Says how a metric moved, what was expected, and whether the move is normal variation."""

    name: str = "change"
    intents: tuple[Intent, ...] = ("value", "explain", "growth", "comparison", "trend", "anomaly")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for both periods and the history at once; then judge."""
        if investigation.current is None or investigation.query.having is not None:
            return Done()
        history = None
        if young_from(investigation) is None:
            history = history_of(investigation, investigation.current, investigation.metric.id)
        value = value_query(investigation)
        asked = history.missing(tables) if history else ()
        if missing := tuple(query for query in (value, *asked) if query not in tables):
            return Ask(missing)
        return Done(_findings(investigation, history, tables))


def _findings(
    investigation: Investigation, history: History | None, tables: Mapping[Query, ResultTable]
) -> tuple[Finding, ...]:
    metric = investigation.metric.id
    values = tables[value_query(investigation)]
    current = total(values, metric, investigation.current)
    base = total(values, metric, investigation.base)
    if current.value is None and base.value is None:
        return _negative(investigation, current, base)
    expectation, points = _expectation(investigation, history, tables) if history else (None, ())
    change = judge(current, base.value, expectation, investigation.metric.unit == "ratio")
    if young_from(investigation) is not None:
        # cohorts that are complete and those that are not are no two sides of one change
        change = replace(change, absolute=None, relative=None, basis=YOUNG)
    surprise = None
    if expectation is not None and current.value is not None:
        surprise = 1 - expectation.chance(current.value)
        surprise = min(surprise, SURE) if change.normal else surprise
    return (
        Finding(
            "change",
            metric,
            change.absolute,
            direction(change.absolute),
            surprise,
            (("normal", change.normal), ("basis", change.basis)),
            change,
            points=points,
            period=investigation.current,
            queries=(values.query, *(history.read(tables) if history else ())),
        ),
        *_negative(investigation, current, base),
    )


def _negative(investigation: Investigation, *sides: Cells) -> tuple[Finding, ...]:
    """What is said where a period's denominator is negative, so that it has no rate."""
    if all((side.denominator or 0.0) >= 0 for side in sides):
        return ()
    facts = (("code", NEGATIVE_DENOMINATOR),)
    return (Finding("quality", investigation.metric.id, facts=facts, period=investigation.current),)


def _expectation(
    investigation: Investigation, history: History, tables: Mapping[Query, ResultTable]
) -> tuple[Expectation | None, tuple[tuple[str, float | None], ...]]:
    """What history expected, and its last values as points."""
    found = expect_history(investigation, history, tables)
    labelled = [
        (p.bounds()[0].date().isoformat(), v)
        for p, v in zip(history.periods, found.values, strict=True)
    ]
    first = next((place for place, (_, v) in enumerate(labelled) if v is not None), len(labelled))
    return found.expectation, tuple(labelled[first:][-POINTS:])


def judge(
    current: Cells, previous: float | None, expectation: Expectation | None, is_rate: bool
) -> Change:
    """Return the change of `current` from `previous`, judged by the expectation.

    `relative` is None where the previous value is 0; `is_rate` lets the sampling noise of a
    share of counts widen the interval.
    """
    value = current.value
    absolute = None if value is None or previous is None else value - previous
    relative = absolute / abs(previous) if absolute is not None and previous else None
    change = Change(value, previous, absolute, relative, False, basis=NO_HISTORY)
    if expectation is None or value is None:
        return change
    low, high = expectation.interval
    floor = sampling_noise(current) if is_rate else None
    basis = expectation.basis
    if floor is not None:
        half = Z_SURE * floor
        wider = (min(low, expectation.centre - half), max(high, expectation.centre + half))
        basis += SAMPLING if wider != (low, high) else ""
        low, high = wider
    normal = value is not None and low <= value <= high
    return replace(
        change, normal=normal, interval=(low, high), expected=expectation.centre, basis=basis
    )


def sampling_noise(cells: Cells) -> float | None:
    """Return the standard deviation of a share of counts, None for any other ratio.

    A share of counts has whole components with 0 ≤ numerator ≤ denominator: r (1 − r) / n.
    """
    top, bottom = cells.numerator, cells.denominator
    if top is None or bottom is None or not 0 <= top <= bottom or bottom <= 0:
        return None
    if not (top.is_integer() and bottom.is_integer()):
        return None
    rate = (top + 1) / (bottom + 2)  # Laplace: no certainty at 0 and 1
    return math.sqrt(rate * (1 - rate) / bottom)


DETECTOR = ChangeDetector()

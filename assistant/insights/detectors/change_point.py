"""Owns the detector of change points: since when a metric runs on another level.

A step is added to the model of the history (line, wandering level, season) at every place in
turn; the most significant one is kept, then the next, each tested against the number of places
tried (Bonferroni). Steps at the very ends are not looked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assistant.insights.chance import ALPHA, t_two_sided
from assistant.insights.compared import direction
from assistant.insights.expectation import MIN_EARLIER, take
from assistant.insights.finding import Finding
from assistant.insights.history import History, known
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.process import Vector, best_kernel, points_of
from assistant.insights.timeline import asked_span, last_history
from executors.result import ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Query

MARGIN = 2
"""A level needs at least this many periods on each side of the step."""
MOST_STEPS = 3
MOST_PERIODS = 160
"""Older periods of a long history are left out."""


@dataclass(frozen=True, slots=True)
class ChangePointDetector:
    """Finds lasting steps within the time asked about.

    Size = the step in the metric's unit (for values taken as logarithms, from the level before).
    Facts: start (ISO, the first period of the new level), relative, periods_since.
    """

    name: str = "change_point"
    intents: tuple[Intent, ...] = ("trend", "anomaly")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the history up to the last complete period; then look for steps."""
        span = asked_span(investigation)
        history = last_history(investigation)
        if span is None or history is None:
            return Done()
        if missing := history.missing(tables):
            return Ask(missing)
        return Done(_found(investigation, span, history, tables))


def _found(
    investigation: Investigation,
    span: Period,
    history: History,
    tables: Mapping[Query, ResultTable],
) -> tuple[Finding, ...]:
    values = history.values(tables)
    every, numbers = known(history.periods[-MOST_PERIODS:], values[-MOST_PERIODS:])
    if len(numbers) < MIN_EARLIER + 2 * MARGIN:
        return ()
    y, logs = take(np.array(numbers))
    kernel = best_kernel(points_of([*every, every[-1]], investigation.calendar), y)
    found = []
    for place, step, chance in steps(y, kernel):
        if every[place].intersect(span) != every[place]:
            continue
        level = float(np.median(np.array(numbers[:place])))
        relative = float(np.expm1(step)) if logs else (step / abs(level) if level else None)
        size = level * float(np.expm1(step)) if logs else step
        facts = (
            ("start", every[place].bounds()[0].date().isoformat()),
            ("relative", relative),
            ("periods_since", len(every) - place),
        )
        found.append(
            Finding(
                "change_point",
                investigation.metric.id,
                size,
                direction(size),
                1 - chance,
                facts,
                period=Period(every[place].start, every[-1].end),
                queries=history.read(tables),
            )
        )
    return tuple(found)


def steps(y: Vector, kernel: Vector) -> tuple[tuple[int, float, float], ...]:
    """Return (place, size, corrected p-value) of the significant steps, most significant first.

    `kernel`: covariance of the values without steps, in units of the noise (n × n, noise added).
    """
    count = len(y)
    white = np.linalg.solve(np.linalg.cholesky(kernel), np.column_stack([y, _line(count)]))
    target, base = white[:, 0], white[:, 1:]
    places = range(MARGIN, count - MARGIN + 1)
    # column p of the lower triangle is 0 before p and 1 from p on
    shapes = np.linalg.solve(np.linalg.cholesky(kernel), np.tri(count))
    found: list[tuple[int, float, float]] = []
    for _ in range(MOST_STEPS):
        tests = [(p, *_test(target, base, shapes[:, p])) for p in places]
        place, size, chance = min(tests, key=lambda test: test[2])
        chance = min(1.0, chance * len(places))
        if chance > ALPHA:
            break
        found.append((place, size, chance))
        base = np.column_stack([base, shapes[:, place]])
    return tuple(found)


def _line(count: int) -> Vector:
    return np.column_stack([np.ones(count), np.arange(count) / count])


def _test(target: Vector, base: Vector, shape: Vector) -> tuple[float, float]:
    """Size and p-value of one more regressor beside `base`."""
    both = np.column_stack([target, shape])
    left = both - base @ np.linalg.lstsq(base, both, rcond=None)[0]
    y, x = left[:, 0], left[:, 1]
    spread = float(x @ x)
    freedom = len(target) - base.shape[1] - 1
    if spread < 1e-9 or freedom < 1:
        return 0.0, 1.0
    size = float(x @ y) / spread
    rest = y - size * x
    scale = max(float(rest @ rest) / freedom, 1e-300)
    return size, t_two_sided(size / (scale / spread) ** 0.5, freedom)


DETECTOR = ChangePointDetector()

"""Owns the detector of trends: slope over the periods asked, and whether it is more than chance.

Slope by Theil and Sen (median of all pairwise slopes); significance by Mann and Kendall's test
with the variance corrected for ties (Gilbert 1987, section 16.4).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.insights.chance import ALPHA, median, two_sided
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.timeline import timeline_of, timeline_query
from executors.result import ResultTable
from metric_catalog.query import Query

MIN_POINTS = 4
"""Fewer points have no trend."""


@dataclass(frozen=True, slots=True)
class TrendDetector:
    """Says whether the periods asked rise or fall; an incomplete last one does not count.

    Size = slope per period in the metric's unit. Facts: slope_share (of the median value),
    periods, first, last, first_incomplete, last_incomplete.
    """

    name: str = "trend"
    intents: tuple[Intent, ...] = ("trend", "growth")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the series; then test it."""
        query = timeline_query(investigation)
        if query is None:
            return Done()
        if query not in tables:
            return Ask((query,))
        points = timeline_of(investigation, tables[query])
        whole = [point for point in points if point.complete]
        values = [point.value for point in whole]
        if len(values) < MIN_POINTS:
            return Done()
        rise, chance = slope(values), kendall_chance(values)
        centre = median([abs(value) for value in values])
        facts = (
            ("slope_share", rise / centre if centre else None),
            ("periods", len(values)),
            ("first", values[0]),
            ("last", values[-1]),
            ("first_incomplete", not points[0].complete),
            ("last_incomplete", not points[-1].complete),
        )
        finding = Finding(
            "trend",
            investigation.metric.id,
            rise,
            _direction(rise, chance),
            1 - chance,
            facts,
            points=tuple((p.label, p.value) for p in points),
            queries=(query,),
        )
        return Done((finding,))


def _direction(rise: float, chance: float) -> Literal["up", "down", "flat"]:
    if chance > ALPHA or rise == 0:
        return "flat"
    return "up" if rise > 0 else "down"


def slope(values: Sequence[float]) -> float:
    """Return the median slope per step over all pairs."""
    count = len(values)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    return median([(values[j] - values[i]) / (j - i) for i, j in pairs])


def kendall_chance(values: Sequence[float]) -> float:
    """Return the two-sided p-value of no trend."""
    count = len(values)
    rises = sum(
        (values[j] > values[i]) - (values[j] < values[i])
        for i in range(count)
        for j in range(i + 1, count)
    )
    ties = [values.count(value) for value in set(values)]
    variance = count * (count - 1) * (2 * count + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)
    if variance <= 0:
        return 1.0
    return two_sided(max(0, abs(rises) - 1) / math.sqrt(variance / 18))


DETECTOR = TrendDetector()

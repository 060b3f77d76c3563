"""Owns the detector of opportunities: members whose rate stays below what good members reach."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.cells import Cells, members
from assistant.insights.chance import ALPHA, discoveries, two_sided
from assistant.insights.compared import direction, split_query
from assistant.insights.fallen import fallen_query, find_fallen
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.maturity import young_from
from assistant.insights.splits import split_queries
from executors.result import ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Query

MIN_SHARE = 0.02
"""Members with a smaller part of the denominator are no benchmark and no opportunity."""
MIN_MEMBERS = 3
BEST_QUARTER = 0.25
MOST_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class OpportunityDetector:
    """For ratios: what the total would win if weak members reached the rate of good ones.

    The benchmark is the rate that the best quarter of the denominator reaches.

    Drivers: weak members, kind rate, effect = their share × (their rate − benchmark), the largest
    first; current = their rate, base = the benchmark. Only members whose gap is more than
    chance count (for shares of counts). Size = the sum, with its sign. Facts: dimension, benchmark,
    best_member, best_rate, best_share (of the denominator: a small one leaves room to grow).
    Where members were asked for, a finding `fallen` says which of them got worse (`fallen`).
    """

    name: str = "opportunity"
    intents: tuple[Intent, ...] = ("breakdown", "ranking", "comparison", "extreme", "explain")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the metric by the dimension asked, else by those worth splitting by."""
        current, metric = investigation.current, investigation.metric
        if current is None or metric.unit != "ratio" or metric.direction == "none":
            return Done()
        if young_from(investigation) is not None:  # a level of the complete ones is not known yet
            return Done()
        groups = [g.name for g in investigation.query.group_by if not g.grain and not g.date_part]
        dimensions = groups[:1] or list(investigation.worth_splitting[:MOST_DIMENSIONS])
        shared = split_queries(investigation) if investigation.base else {}
        queries = {d: shared.get(d, split_query(investigation, d, (current,))) for d in dimensions}
        fallen = fallen_query(investigation)
        asked = (*queries.values(), *((fallen,) if fallen else ()))
        if missing := tuple(query for query in asked if query not in tables):
            return Ask(missing)
        found = [
            _found(investigation, dimension, current, tables[query])
            for dimension, query in queries.items()
        ]
        kept = [finding for finding in found if finding is not None]
        kept.sort(key=lambda finding: -abs(finding.size or 0.0))
        worse = find_fallen(investigation, tables[fallen]) if fallen else None
        return Done((*kept, *((worse,) if worse else ())))


def _found(
    investigation: Investigation, dimension: str, current: Period, table: ResultTable
) -> Finding | None:
    metric = investigation.metric
    sides = members(table, metric.id, dimension, current)
    whole = math.fsum(cells.denominator or 0.0 for cells in sides.values())
    if whole <= 0 or any((cells.denominator or 0.0) < 0 for cells in sides.values()):
        return None
    sized = {m: c for m, c in sides.items() if (c.denominator or 0.0) / whole >= MIN_SHARE}
    rates = {m: (c.numerator or 0.0) / (c.denominator or 1.0) for m, c in sized.items()}
    if len(rates) < MIN_MEMBERS:
        return None
    up = metric.direction == "up_good"
    ranked = sorted(rates, key=lambda m: rates[m], reverse=up)
    goal = rates[_last_of_best(ranked, {m: c.denominator or 0.0 for m, c in sized.items()})]
    weak = [m for m in ranked if (rates[m] < goal if up else rates[m] > goal)]
    weak = _beyond_chance(weak, sized, goal)
    drivers = [
        Driver(dimension, m, "rate", (sized[m].denominator or 0.0) / whole * (rates[m] - goal),
               rates[m], goal)
        for m in weak
    ]  # fmt: skip
    if not drivers:
        return None
    drivers.sort(key=lambda driver: -abs(driver.effect))
    size = math.fsum(driver.effect for driver in drivers)
    best = ranked[0]
    facts = (
        ("dimension", dimension),
        ("benchmark", goal),
        ("best_member", best),
        ("best_rate", rates[best]),
        ("best_share", (sized[best].denominator or 0.0) / whole),
    )
    return Finding(
        "opportunity", metric.id, size, direction(size), 1 - ALPHA, facts,
        drivers=tuple(drivers), period=current, queries=(table.query,),
    )  # fmt: skip


def _beyond_chance(weak: list[str], cells: Mapping[str, Cells], goal: float) -> list[str]:
    """The members whose distance from `goal` is more than sampling, where that can be told."""
    chances = []
    for member in weak:
        top, bottom = cells[member].numerator or 0.0, cells[member].denominator or 1.0
        if not 0 <= top <= bottom or not 0 < goal < 1:
            chances.append(0.0)
            continue
        chances.append(two_sided((top / bottom - goal) / math.sqrt(goal * (1 - goal) / bottom)))
    kept = discoveries(chances)
    return [member for member, stands in zip(weak, kept, strict=True) if stands]


def _last_of_best(ranked: list[str], sizes: Mapping[str, float]) -> str:
    """The member with which the best ones make up a quarter of the whole."""
    reached, whole = 0.0, math.fsum(sizes.values())
    for member in ranked:
        reached += sizes[member]
        if reached >= BEST_QUARTER * whole:
            return member
    return ranked[-1]


DETECTOR = OpportunityDetector()

"""Owns the detector of identities: which of the metrics a metric is made of moved it, exactly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.cells import total
from assistant.insights.compared import direction, has_change, value_query, values_query
from assistant.insights.edges import EdgeKind, edge_effects
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from executors.result import ResultTable
from metric_catalog.model.metrics import DriverEdge
from metric_catalog.query import MetricQuery, Query

MOST_RESIDUAL_SHARE = 0.5
"""A formula that misses more of the change than this does not hold here."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class IdentityDetector:
    """Splits the change by the first identity edge of the definition that holds.

    Drivers have dimension None and the metric id as member. Facts: metric, edge.
    """

    name: str = "identity"
    intents: tuple[Intent, ...] = ("explain", "growth")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for both periods of every metric of the edges; then split."""
        edges = [edge for edge in investigation.metric.drivers if edge.kind != "influence"]
        if not has_change(investigation) or not edges:
            return Done()
        queries = [value_query(investigation), *(_of(investigation, edge) for edge in edges)]
        if missing := tuple(query for query in queries if query not in tables):
            return Ask(missing)
        for edge in edges:
            finding = _split(investigation, tables, edge)
            if finding is not None:
                return Done((finding,))
        return Done()


def _of(investigation: Investigation, edge: DriverEdge) -> MetricQuery:
    return values_query(investigation, edge.metrics)


def _sides(
    investigation: Investigation, table: ResultTable, metric: str
) -> tuple[float | None, float | None]:
    return (
        total(table, metric, investigation.current).value,
        total(table, metric, investigation.base).value,
    )


def _split(
    investigation: Investigation, tables: Mapping[Query, ResultTable], edge: DriverEdge
) -> Finding | None:
    """The parts of one edge and its residual; None where a value is missing or it is far off."""
    own = tables[value_query(investigation)]
    now, before = _sides(investigation, own, investigation.metric.id)
    query = _of(investigation, edge)
    pairs = [_sides(investigation, tables[query], metric) for metric in edge.metrics]
    current = [a for a, _ in pairs if a is not None]
    base = [b for _, b in pairs if b is not None]
    if now is None or before is None or min(len(current), len(base)) < len(edge.metrics):
        return None
    effects = edge_effects(_kind(edge), current, base)
    if effects is None:
        return None
    change = now - before
    residual = change - math.fsum(effects)
    scale = max(abs(change), math.fsum(map(abs, effects)))
    if abs(residual) > MOST_RESIDUAL_SHARE * scale:
        return None
    drivers = [
        Driver(None, metric, "identity", effect, a, b)
        for metric, effect, a, b in zip(edge.metrics, effects, current, base, strict=True)
    ]
    drivers.sort(key=lambda driver: -abs(driver.effect))
    if abs(residual) > ROUNDING * scale:
        drivers.append(Driver(None, None, "residual", residual))
    return Finding(
        "drivers",
        investigation.metric.id,
        change,
        direction(change),
        None,
        (("metric", investigation.metric.id), ("edge", edge.kind)),
        drivers=tuple(drivers),
        period=investigation.current,
        queries=(query,),
    )


def _kind(edge: DriverEdge) -> EdgeKind:
    if edge.kind == "influence":
        raise ValueError(edge.kind)
    return edge.kind


DETECTOR = IdentityDetector()

"""Owns the detector of segments: combinations of members that moved beyond noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.insights.change_leaves import read_change
from assistant.insights.compared import COMBINED, has_change, leaf_query, value_query
from assistant.insights.finding import Finding, Segment
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.splits import Splits, split_queries, splits_of
from executors.result import ResultTable
from metric_catalog.query import Query

if TYPE_CHECKING:
    from assistant.insights.localise.causes import Cause

FEWEST_DIMENSIONS = 2
EXPLAINED_SHARE = 0.5
"""Where one of their causes is this much of the change, no other dimensions are combined."""
WIDE_DIMENSIONS, WIDE_CELLS = 6, 2500
"""Dimensions whose pairs are looked through else, and how many cells they may have together."""
MOST_SEGMENTS = 10
MIN_EFFECT_SHARE = 0.02
"""A segment with less of the change than this is not told, however surely it moved."""


@dataclass(frozen=True, slots=True)
class SegmentsDetector:
    """Combines the most telling dimensions and localises the change in their leaves.

    Where none of their causes is half of the change, all pairs of more dimensions are looked
    through. Expected is the base times the common growth of the leaves (a ratio's components as
    they were); the effect is Σ actual − Σ expected. Facts: metric, dimensions, growth.
    """

    name: str = "segments"
    intents: tuple[Intent, ...] = ("explain",)

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the splits, then for the leaves of the best dimensions, fewer if too many."""
        if not has_change(investigation):
            return Done()
        first = [value_query(investigation), *split_queries(investigation).values()]
        if missing := tuple(query for query in first if query not in tables):
            return Ask(missing)
        splits = splits_of(investigation, tables)
        ranked = splits.ranked()
        for count in range(COMBINED, FEWEST_DIMENSIONS - 1, -1):
            if len(ranked) < count:
                continue
            query = leaf_query(investigation, ranked[:count])
            if query not in tables:
                return Ask((query,))
            if not tables[query].truncated:
                return _localise(splits, ranked, count, tables)
        return Done()


def _localise(
    splits: Splits, ranked: tuple[str, ...], count: int, tables: Mapping[Query, ResultTable]
) -> Ask | Done:
    """The segments in the leaves of the first `count` dimensions, else in pairs of more."""
    query = leaf_query(splits.investigation, ranked[:count])
    found = read_change(splits, ranked[:count], tables[query])
    if found is None:
        return Done()
    causes = found.find_causes()
    dimensions = _wider(splits, ranked)
    enough = EXPLAINED_SHARE * abs(splits.change or 0.0)
    if len(dimensions) <= count or any(abs(cause.effect) >= enough for cause in causes):
        return Done(_finding(splits, ranked[:count], found.growth, causes, (query,)))
    wide = leaf_query(splits.investigation, dimensions)
    if wide not in tables:
        return Ask((wide,))
    more = None
    if not tables[wide].truncated:
        more = read_change(splits, dimensions, tables[wide], found.growth)
    causes += more.find_in_pairs(count) if more else ()
    return Done(_finding(splits, dimensions, found.growth, causes, (query, wide)))


def _wider(splits: Splits, ranked: tuple[str, ...]) -> tuple[str, ...]:
    """The most telling dimensions whose members may be combined at little cost."""
    cells, kept = 1, 0
    for dimension in ranked[:WIDE_DIMENSIONS]:
        cells *= len({*splits.sides(dimension)[0], *splits.sides(dimension)[1]})
        if cells > WIDE_CELLS:
            break
        kept += 1
    return ranked[:kept]


def parents_first(causes: "tuple[Cause, ...]") -> "list[Cause]":
    """Return the causes by falling score.

    But one that holds another, and as much of the change, comes before it.
    """

    def rank(cause: "Cause") -> tuple[float, int]:
        inner = [
            c.score
            for c in causes
            if set(c.elements) >= set(cause.elements) and abs(c.effect) <= abs(cause.effect)
        ]
        return -max(inner, default=cause.score), len(cause.elements)

    return sorted(causes, key=rank)


def _finding(
    splits: Splits,
    dimensions: tuple[str, ...],
    growth: float,
    causes: "tuple[Cause, ...]",
    queries: tuple[Query, ...],
) -> tuple[Finding, ...]:
    least = MIN_EFFECT_SHARE * abs(splits.change or 0.0)
    segments = tuple(
        Segment(c.elements, float(c.score), float(c.effect))
        for c in parents_first(causes)
        if abs(c.effect) >= least
    )[:MOST_SEGMENTS]
    if not segments:
        return ()
    metric = splits.investigation.metric.id
    facts = (("metric", metric), ("dimensions", ",".join(dimensions)), ("growth", growth))
    return (
        Finding(
            "segments",
            metric,
            segments[0].effect,
            "up" if segments[0].effect > 0 else "down",
            None,
            facts,
            segments=segments,
            period=splits.investigation.current,
            queries=queries,
        ),
    )


DETECTOR = SegmentsDetector()

"""Owns the detector of segments: combinations of members that moved beyond noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.insights.cells import Cells, by_member
from assistant.insights.compared import has_change, leaf_query, value_query
from assistant.insights.finding import Finding, Segment
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.parts import adds_up
from assistant.insights.splits import Splits, split_queries, splits_of
from executors.result import ResultTable
from metric_catalog.query import Query

if TYPE_CHECKING:
    from assistant.insights.localise.causes import Cause

MOST_DIMENSIONS = 3
"""Dimensions that are combined: the most telling ones."""
FEWEST_DIMENSIONS = 2
MOST_SEGMENTS = 10
MIN_EFFECT_SHARE = 0.02
"""A segment with less of the change than this is not told, however surely it moved."""

Leaves = dict[tuple[str, ...], Cells]


@dataclass(frozen=True, slots=True)
class SegmentsDetector:
    """Combines the most telling dimensions and localises the change in their leaves.

    Expected is the base times the common growth of the leaves (a ratio's components as they
    were); the effect is Σ actual − Σ expected. Facts: metric, dimensions, growth.
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
        for count in range(MOST_DIMENSIONS, FEWEST_DIMENSIONS - 1, -1):
            if len(ranked) < count:
                continue
            query = leaf_query(investigation, ranked[:count])
            if query not in tables:
                return Ask((query,))
            if not tables[query].truncated:
                return Done(_localise(splits, ranked[:count], tables[query]))
        return Done()


def _localise(
    splits: Splits, dimensions: tuple[str, ...], table: ResultTable
) -> tuple[Finding, ...]:
    """The segments in the leaves; none where leaves neither add up nor have components."""
    investigation = splits.investigation
    current, base = investigation.current, investigation.base
    if current is None or base is None:
        return ()
    metric = investigation.metric.id
    now = by_member(table, metric, dimensions, current)
    before = by_member(table, metric, dimensions, base)
    whole_now, whole_before = splits.totals()
    rate = whole_now.has_components and whole_before.has_components
    if not rate and not (_sum_up(now, whole_now) and _sum_up(before, whole_before)):
        return ()
    growth = 1.0 if rate else common_growth(now, before)
    least = MIN_EFFECT_SHARE * abs(splits.change or 0.0)
    segments = tuple(
        Segment(c.elements, float(c.score), float(c.effect))
        for c in _causes(dimensions, now, before, rate, growth)
        if abs(c.effect) >= least
    )[:MOST_SEGMENTS]
    if not segments:
        return ()
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
            period=current,
            queries=(table.query,),
        ),
    )


def _causes(
    dimensions: tuple[str, ...], now: Leaves, before: Leaves, rate: bool, growth: float
) -> "tuple[Cause, ...]":
    """The causes in the leaves, surest first."""
    # imported here: what explains nothing need not wait for it
    import numpy as np

    from assistant.insights.localise import leaves as localised
    from assistant.insights.localise.causes import find_causes
    from assistant.insights.localise.ratio import keep_present

    keys = sorted({*now, *before})
    rows = [_row(now.get(key, Cells()), before.get(key, Cells()), rate, growth) for key in keys]
    columns = np.array(rows, dtype=np.float64).reshape(len(keys), -1).T
    names = [sorted({key[place] for key in keys}) for place in range(len(dimensions))]
    places = [{member: code for code, member in enumerate(members)} for members in names]
    codes = [
        np.array([place[key[i]] for key in keys], dtype=np.intp) for i, place in enumerate(places)
    ]
    members = tuple(tuple(known) for known in names)
    found = localised.Leaves(dimensions, members, tuple(codes), *columns)
    if rate:
        found = keep_present(found)
        below = found.actual_denominator, found.expected_denominator
        if any(side is None or not side.any() for side in below):
            return ()
    return find_causes(found)


def _sum_up(leaves: Leaves, whole: Cells) -> bool:
    return adds_up({str(key): cells for key, cells in leaves.items()}, whole.value)


def _row(now: Cells, before: Cells, rate: bool, growth: float) -> list[float]:
    if rate:
        cells = (now.numerator, before.numerator, now.denominator, before.denominator)
        return [cell or 0.0 for cell in cells]
    return [now.value or 0.0, (before.value or 0.0) * growth]


def common_growth(
    now: Mapping[tuple[str, ...], Cells], before: Mapping[tuple[str, ...], Cells]
) -> float:
    """Return the growth that most of the metric shares: the median leaf's, by base size.

    1 where leaves are too few or not positive.
    """
    grown = sorted(
        ((now[key].value or 0.0) / cells.value, cells.value)
        for key, cells in before.items()
        if key in now and cells.value and cells.value > 0
    )
    half = sum(size for _, size in grown) / 2
    reached = 0.0
    for growth, size in grown:
        reached += size
        if reached >= half and growth > 0:
            return growth
    return 1.0


DETECTOR = SegmentsDetector()

"""Owns the detector of concentration: how few members make most of a metric."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from assistant.insights.cells import NULL_MEMBER, members, total
from assistant.insights.compared import split_query, value_query
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.parts import adds_up
from executors.result import ResultTable
from metric_catalog.query import Query

MOST = 0.8
"""What counts as most of a metric."""
MIN_MEMBERS = 3


@dataclass(frozen=True, slots=True)
class ConcentrationDetector:
    """Says how many members make 80 % of a metric that adds up over them.

    What belongs to no member does not count.

    Size = the share of the largest member. Facts: dimension, members, top_member, top_share, most
    (members that make 80 %; of a ranking of the first ones these), most_share (their share), even
    (1 / Herfindahl index: how many equal members would be as concentrated). Nothing where the
    smallest are asked for.
    """

    name: str = "concentration"
    intents: tuple[Intent, ...] = ("breakdown", "share", "ranking")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the metric by member and in total; then count."""
        if investigation.query.order and not investigation.query.order[0].descending:
            return Done()  # the smallest are asked for
        groups = [g for g in investigation.query.group_by if not g.grain and not g.date_part]
        current = investigation.current
        if len(groups) != 1 or current is None:
            return Done()
        dimension, metric = groups[0].name, investigation.metric.id
        split = split_query(investigation, dimension, (current,))
        whole = value_query(investigation)
        if missing := tuple(query for query in (split, whole) if query not in tables):
            return Ask(missing)
        parts = members(tables[split], metric, dimension, current)
        values = {m: cells.value or 0.0 for m, cells in parts.items() if m != NULL_MEMBER}
        complete = adds_up(parts, total(tables[whole], metric, current).value)
        if len(values) < MIN_MEMBERS or not complete or min(values.values()) < 0:
            return Done()
        return Done(_found(investigation, dimension, values, split))


def _found(
    investigation: Investigation, dimension: str, values: Mapping[str, float], query: Query
) -> tuple[Finding, ...]:
    whole, shown = sum(values.values()), investigation.query.limit
    if whole <= 0:
        return ()
    ranked = sorted(values, key=lambda member: (-values[member], member))
    sums = list(accumulate(values[member] / whole for member in ranked))
    most = next((i + 1 for i, reached in enumerate(sums) if reached >= MOST), len(ranked))
    most = shown if shown is not None and 1 < shown < len(ranked) else most
    facts = (
        ("dimension", dimension),
        ("members", len(ranked)),
        ("top_member", ranked[0]),
        ("top_share", values[ranked[0]] / whole),
        ("most", most),
        ("most_share", sums[most - 1]),
        ("even", 1 / sum((value / whole) ** 2 for value in values.values())),
    )
    size = values[ranked[0]] / whole
    subject = investigation.metric.id
    return (Finding("concentration", subject, size, facts=facts, queries=(query,)),)


DETECTOR = ConcentrationDetector()

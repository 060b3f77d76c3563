"""Owns the detector of ranking changes: who climbed and who fell against the base period."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.cells import NULL_MEMBER, Cells, members
from assistant.insights.compared import split_query
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from executors.result import ResultTable
from metric_catalog.query import Query

TOP = 10
MOST_SHOWN = 5
MIN_MEMBERS = 3


@dataclass(frozen=True, slots=True)
class RankingChangeDetector:
    """Compares the ranks of members, 1 = first in the order asked (largest first).

    Points: members by places won (positive) or lost, the farthest first, five at most. Facts:
    dimension, leader, leader_before, new_in_top (how many came into the first ten), climbed,
    fell (members that went farthest; None where nobody did).
    """

    name: str = "ranking_change"
    intents: tuple[Intent, ...] = ("ranking",)

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the metric by member in both periods; then compare the ranks."""
        groups = [g for g in investigation.query.group_by if not g.grain and not g.date_part]
        current, base = investigation.current, investigation.base
        if len(groups) != 1 or current is None or base is None:
            return Done()
        dimension, metric = groups[0].name, investigation.metric.id
        query = split_query(investigation, dimension, (current, base))
        if query not in tables:
            return Ask((query,))
        order = investigation.query.order
        descending = not order or order[0].descending
        sides = [_named(members(tables[query], metric, dimension, p)) for p in (current, base)]
        now, before = (ranks(side, descending) for side in sides)
        if len(now) < MIN_MEMBERS or not before:
            return Done()
        return Done((_finding(investigation, dimension, now, before, query),))


def _named(cells: Mapping[str, Cells]) -> dict[str, float | None]:
    """The values of the members; what belongs to none has no rank."""
    return {member: cell.value for member, cell in cells.items() if member != NULL_MEMBER}


def ranks(values: Mapping[str, float | None], descending: bool) -> dict[str, int]:
    """Return each member's rank from 1; members without a value have none, ties by name."""
    sign = -1 if descending else 1
    known = {member: value for member, value in values.items() if value is not None}
    ordered = sorted(known, key=lambda member: (sign * known[member], member))
    return {member: place for place, member in enumerate(ordered, start=1)}


def _finding(
    investigation: Investigation,
    dimension: str,
    now: Mapping[str, int],
    before: Mapping[str, int],
    query: Query,
) -> Finding:
    won = {member: before[member] - rank for member, rank in now.items() if member in before}
    moved = sorted((m for m in won if won[m]), key=lambda m: (-abs(won[m]), now[m]))
    climbed = max((m for m in moved if won[m] > 0), key=lambda m: won[m], default=None)
    fell = min((m for m in moved if won[m] < 0), key=lambda m: won[m], default=None)
    top = [m for m, rank in now.items() if rank <= TOP]
    facts = (
        ("dimension", dimension),
        ("leader", next(iter(now))),
        ("leader_before", next(iter(before))),
        ("new_in_top", sum(before.get(m, TOP + 1) > TOP for m in top)),
        ("climbed", climbed),
        ("fell", fell),
    )
    points = tuple((member, float(won[member])) for member in moved[:MOST_SHOWN])
    subject = investigation.metric.id
    return Finding("ranking", subject, facts=facts, points=points, queries=(query,))


DETECTOR = RankingChangeDetector()

"""Owns which dimension of a rate's change only follows from another.

Members of one dimension may grow because of what happened in a member of another: a flag spreads
in one region, a step is left unfinished on one platform. Where a member's share grew almost only
inside one member of another dimension, and that one's own share stayed, the other is told first.
"""

from collections.abc import Mapping, Sequence

from assistant.insights.cells import Cells, by_member
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Investigation
from executors.result import ResultTable

INSIDE = 0.7
"""So much of the growth must lie inside the one member."""
STAYED = 0.1
"""How far, relative to itself, its own share may move."""
AS_TELLING = 0.5
"""A dimension that tells less than this part of the other's is no origin of it."""

Side = Mapping[tuple[str, ...], Cells]


def origins_first(
    findings: Sequence[Finding],
    investigation: Investigation,
    table: ResultTable | None,
    dimensions: tuple[str, ...],
) -> list[Finding]:
    """Return the findings, a dimension that others follow from before these.

    `table` holds the metric by all of `dimensions` in both periods; other findings keep their
    place.
    """
    current, base, ordered = investigation.current, investigation.base, list(findings)
    if table is None or table.truncated or current is None or base is None:
        return ordered
    metric = investigation.metric.id
    sides = [by_member(table, metric, dimensions, period) for period in (current, base)]
    for after in [f for f in findings if f.subject in dimensions]:
        for origin in [f for f in findings if f.subject in dimensions]:
            late = ordered.index(origin) > ordered.index(after)
            telling = (origin.size or 0.0) >= AS_TELLING * (after.size or 0.0)
            if late and telling and _follows(after, origin, dimensions, sides):
                ordered.remove(origin)
                ordered.insert(ordered.index(after), origin)
    return ordered


def _follows(
    after: Finding, origin: Finding, dimensions: tuple[str, ...], sides: Sequence[Side]
) -> bool:
    """Whether the first member of `after` grew inside the first of `origin` alone."""
    grown, root = _first(after), _first(origin)
    if grown is None or root is None or grown.shares is None or root.shares is None:
        return False
    growth, moved = grown.shares[0] - grown.shares[1], root.shares[0] - root.shares[1]
    if grown.kind != "mix" or growth <= 0 or abs(moved) > STAYED * max(root.shares):
        return False
    places = dimensions.index(after.subject), dimensions.index(origin.subject)
    inside = [_share(side, places, (grown.member, root.member)) for side in sides]
    return inside[0] - inside[1] >= INSIDE * growth


def _first(finding: Finding) -> Driver | None:
    return finding.drivers[0] if finding.drivers else None


def _share(side: Side, places: tuple[int, int], members: tuple[str | None, str | None]) -> float:
    """How much of the denominator lies in both members."""
    whole = sum(cells.denominator or 0.0 for cells in side.values())
    both = sum(
        cells.denominator or 0.0
        for key, cells in side.items()
        if (key[places[0]], key[places[1]]) == members
    )
    return both / whole if whole > 0 else 0.0

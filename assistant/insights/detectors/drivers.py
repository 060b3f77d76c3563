"""Owns the detector of drivers: which members of which dimension a change comes from, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights import parts as exact
from assistant.insights.apart import find_apart, rest_queries
from assistant.insights.cells import Cells, stored_values
from assistant.insights.compared import (
    COMBINED,
    direction,
    has_change,
    leaf_query,
    value_query,
)
from assistant.insights.consequence import origins_first
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.parts import Parts
from assistant.insights.splits import Splits, split_queries, splits_of
from assistant.insights.telling import arranged, has_turned_over
from executors.result import Cell, ResultTable
from metric_catalog.query import Compare, Filter, MetricQuery, Not, Or, Query, iso

NEGATIVE_DENOMINATOR = "negative_denominator"
REMOVED_MEMBERS = 6
"""So many members are left out one by one where values do not add up."""
TIE_BREAK = 1e-6
"""Of members that moved alike the larger one comes first."""


@dataclass(frozen=True, slots=True)
class DriversDetector:
    """Splits the change by every dimension worth it, the most telling dimension first.

    What a question names one member of is set against the others instead (`apart`).
    Dimensions whose members changed hands (versions, cohorts) come last. Facts: metric, rule (see
    `splits.Rule`), members, top_member, special_share (how much of the change its most telling
    member tells, beyond what is usual), residual_share, simpson, turned_over.
    """

    name: str = "drivers"
    intents: tuple[Intent, ...] = ("explain", "growth")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the splits, then for totals without a member where values do not add up."""
        if not has_change(investigation):
            return Done()
        first = [value_query(investigation), *split_queries(investigation).values()]
        first += rest_queries(investigation).values()
        if missing := tuple(query for query in first if query not in tables):
            return Ask(missing)
        splits = splits_of(investigation, tables)
        if splits.change is None:
            return Done()
        removed = [d for d in investigation.worth_splitting if splits.rule(d) == "leave_one_out"]
        asked = [query for d in removed for query in _without(splits, d).values()]
        if missing := tuple(query for query in asked if query not in tables):
            return Ask(missing)
        leaves = _leaf_query(splits)
        if leaves is not None and leaves not in tables:
            return Ask((leaves,))
        return Done((*_findings(splits, leaves), *find_apart(investigation, tables)))


def _without(splits: Splits, dimension: str) -> dict[str, MetricQuery]:
    """Per member the query of the total without it; the small members together as other."""
    sides = splits.sides(dimension)
    sizes = {m: tuple(_of(side, m) for side in sides) for m in {*sides[0], *sides[1]}}
    moved = {m: abs(a - b) + TIE_BREAK * (abs(a) + abs(b)) for m, (a, b) in sizes.items()}
    ranked = sorted(moved, key=lambda member: (-moved[member], member))
    stored = stored_values(splits.table(dimension), dimension)
    named = ranked
    if len(ranked) > REMOVED_MEMBERS:  # a member that is called so is one of the others
        named = [m for m in ranked if m != exact.OTHER][: REMOVED_MEMBERS - 1]
    base = value_query(splits.investigation)
    found = {m: base.with_filter(_not(dimension, stored[m])) for m in named}
    if len(named) < len(ranked):
        kept = Or(tuple(_is(dimension, stored[m]) for m in named))
        found[exact.OTHER] = base.with_filter(kept)
    return found


def _of(side: Mapping[str, Cells], member: str) -> float:
    return (side[member].value or 0.0) if member in side else 0.0


def _is(dimension: str, value: Cell) -> Filter:
    if value is None:
        return Compare(dimension, "is_null", ())
    return Compare(dimension, "=", (iso(value),))


def _not(dimension: str, value: Cell) -> Filter:
    """Every row but the member's; rows without a value stay in, unlike SQL's plain not."""
    if value is None:
        return Not(_is(dimension, value))
    return Or((Not(_is(dimension, value)), Compare(dimension, "is_null", ())))


def _parts(splits: Splits, dimension: str) -> Parts | None:
    """The exact parts by the dimension's rule; None where nothing is known."""
    match splits.rule(dimension):
        case "unknown":
            return None
        case "leave_one_out":
            now, before = splits.totals()
            without = {}
            for member, query in _without(splits, dimension).items():
                rest_now, rest_before = splits.totals(query)
                without[member] = (rest_now.value, rest_before.value)
            whole = (now.value or 0.0, before.value or 0.0)
            return exact.removal_parts(dimension, whole, without, *splits.sides(dimension))
        case _:
            return splits.parts(dimension)


def _leaf_query(splits: Splits) -> MetricQuery | None:
    """The query of the rate by the most telling dimensions together, which shows what follows.

    The search for segments asks for the same; None where nothing is searched.
    """
    ranked = splits.ranked()[:COMBINED]
    rate = all(splits.rule(dimension) == "mix_rate" for dimension in ranked)
    explained = splits.investigation.intent == "explain" and not splits.investigation.query.group_by
    if not explained or not rate or len(ranked) < COMBINED:
        return None
    return leaf_query(splits.investigation, ranked)


def _findings(splits: Splits, leaves: MetricQuery | None) -> tuple[Finding, ...]:
    """One finding per dimension: the one asked by, then the one that tells most (`telling`).

    One that others follow from comes before these (`consequence`).
    """
    asked = {item.name for item in splits.investigation.query.group_by}
    found = []
    for dimension in splits.investigation.worth_splitting:
        parts = _parts(splits, dimension)
        if parts is not None:
            found.append(_finding(splits, dimension, parts))
    found.sort(
        key=lambda f: (f.subject not in asked, bool(f.fact("turned_over")), -(f.size or 0.0))
    )
    if leaves is not None:
        table, ranked = splits.tables.get(leaves), splits.ranked()[:COMBINED]
        found = origins_first(found, splits.investigation, table, ranked)
    return (*_negative(splits), *found)


def _negative(splits: Splits) -> tuple[Finding, ...]:
    """What is said where a rate was not split for its negative denominators."""
    investigation = splits.investigation
    if not any(splits.has_negative(d) for d in investigation.worth_splitting):
        return ()
    facts = (("code", NEGATIVE_DENOMINATOR),)
    return (Finding("quality", investigation.metric.id, facts=facts, period=investigation.current),)


def _finding(splits: Splits, dimension: str, parts: Parts) -> Finding:
    change = splits.change or 0.0
    special = splits.special(dimension, parts)
    drivers = arranged(parts, change)
    facts = (
        ("metric", splits.investigation.metric.id),
        ("rule", splits.rule(dimension)),
        ("members", len(parts.net)),
        ("top_member", drivers[0].member if drivers else None),
        ("special_share", special / abs(change) if change else None),
        ("residual_share", parts.residual / change if change else None),
        ("simpson", parts.simpson),
        ("turned_over", has_turned_over(parts)),
    )
    return Finding(
        "drivers",
        dimension,
        special,
        direction(change),
        None,
        facts,
        drivers=drivers,
        period=splits.investigation.current,
        queries=(splits.queries[dimension],),
    )


DETECTOR = DriversDetector()

"""Owns the detector of cross sections: members that meet a condition, and how they differ.

"Which stores lose money, and why": the members are set against all others on the other governed
metrics, by level and by growth. A difference is told as Cliff's delta, −1 to 1, where the rank
sum test stands among all that were made (false discoveries at most 5 %).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.insights.cells import Cells, members
from assistant.insights.chance import cliffs_delta, discoveries, median, rank_sum_p
from assistant.insights.compared import split_query
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.meeting import bound_of, is_about, meets
from assistant.insights.splits import split_queries
from executors.result import ResultTable
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.query import MetricQuery, Query

MOST_RELATED = 8
"""Other metrics that members are profiled on: of the same formula, domain or model."""
MOST_TRAITS = 6
MIN_REST = 3
"""Members without the condition needed to compare with."""
LEVEL, GROWTH = "level", "growth"


@dataclass(frozen=True, slots=True)
class CrossSectionDetector:
    """Profiles the members that meet the question's condition, or are below zero.

    Without a dimension in the question: of those worth splitting by, the finest with such members.
    Drivers: the members, effect = how far beyond the bound of the condition (value − bound; from
    the median of the rest where it has none), farthest first. Size = sum of the effects. Facts:
    dimension, count, of, rest_median; then per trait, strongest first,
    `<metric>:<level|growth>` = delta, `…:members` and `…:rest` = medians.
    """

    name: str = "cross_section"
    intents: tuple[Intent, ...] = ("threshold", "breakdown", "ranking", "explain", "extreme")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the metric by member; then, where some meet the condition, for the others."""
        if investigation.current is None or _ranks_the_best(investigation):
            return Done()
        candidates = _candidates(investigation)
        asked = {d: _query(investigation, d, investigation.metric) for d in candidates}
        if missing := tuple(query for query in asked.values() if query not in tables):
            return Ask(missing)
        sides = {d: _sides(investigation, d, tables[query]) for d, query in asked.items()}
        dimension = max(
            (d for d, (chosen, _) in sides.items() if chosen),
            key=lambda d: len(sides[d][0]) + len(sides[d][1]),
            default=None,
        )
        if dimension is None:
            return Done()
        own, (chosen, rest) = asked[dimension], sides[dimension]
        if len(rest) < MIN_REST:
            return Done()
        related = _related(investigation)
        queries = {m.id: _query(investigation, dimension, m) for m in related}
        if missing := tuple(query for query in queries.values() if query not in tables):
            return Ask(missing)
        profiles = {m: tables[query] for m, query in queries.items()}
        traits = _traits(investigation, dimension, set(chosen), set(rest), profiles)
        return Done((_finding(investigation, dimension, chosen, rest, traits, tables[own]),))


def _ranks_the_best(investigation: Investigation) -> bool:
    """Whether the best are asked for: the losers are another question."""
    query = investigation.query
    ranked = investigation.intent in ("ranking", "extreme") and query.having is None
    return ranked and bool(query.order) and query.order[0].descending


def _candidates(investigation: Investigation) -> tuple[str, ...]:
    """The dimension asked by; to explain a metric where up is good, those worth splitting by."""
    groups = [g for g in investigation.query.group_by if not g.grain and not g.date_part]
    if groups:
        return (groups[0].name,) if len(groups) == 1 else ()
    explained = investigation.intent == "explain" and investigation.base is not None
    good = investigation.metric.direction == "up_good" and investigation.metric.unit != "ratio"
    return investigation.worth_splitting if explained and good else ()


def _related(investigation: Investigation) -> list[Metric]:
    """The metrics of its formula first, then of its domain, then of its model."""
    own, others = investigation.metric, investigation.related or {}
    edges = [m for edge in own.drivers for m in edge.metrics]
    model = own.of.model if isinstance(own.of, Simple) else None

    def near(metric: Metric) -> int:
        if metric.id in edges:
            return 0
        if own.domain and metric.domain == own.domain:
            return 1
        same = isinstance(metric.of, Simple) and metric.of.model == model
        return 2 if same else 3

    ranked = sorted((m for m in others.values() if m.id != own.id), key=near)
    return [m for m in ranked if near(m) < 3][:MOST_RELATED]


def _query(investigation: Investigation, dimension: str, metric: Metric) -> MetricQuery:
    shared = split_queries(investigation) if investigation.base else {}
    if metric.id == investigation.metric.id and dimension in shared:
        return shared[dimension]
    periods = tuple(p for p in (investigation.current, investigation.base) if p is not None)
    return replace(split_query(investigation, dimension, periods), metrics=(metric.id,))


def _sides(
    investigation: Investigation, dimension: str, table: ResultTable
) -> tuple[dict[str, float], dict[str, float]]:
    """The values of the members that meet the condition, and of the others."""
    if investigation.current is None:
        return {}, {}
    metric = investigation.metric
    cells = members(table, metric.id, dimension, investigation.current)
    values = {m: c.value for m, c in cells.items() if c.value is not None}
    having = investigation.query.having
    if not (metric.direction == "up_good" if having is None else is_about(having, metric.id)):
        return {}, {}
    chosen = {m: v for m, v in values.items() if (v < 0 if having is None else meets(v, having))}
    return chosen, {m: v for m, v in values.items() if m not in chosen}


def _bound(investigation: Investigation) -> float | None:
    """The number that the condition compares with; 0 where none was asked, None without one."""
    having = investigation.query.having
    return 0.0 if having is None else bound_of(having)


@dataclass(frozen=True, slots=True)
class _Trait:
    """How the members differ on one metric, by its level or its growth."""

    metric: str
    aspect: str
    delta: float
    chance: float
    inside: float
    outside: float


def _traits(
    investigation: Investigation,
    dimension: str,
    chosen: set[str],
    rest: set[str],
    profiles: Mapping[str, ResultTable],
) -> list[_Trait]:
    traits = []
    for metric, table in profiles.items():
        for aspect, values in _aspects(investigation, dimension, metric, table).items():
            inside = [v for m, v in values.items() if m in chosen]
            outside = [v for m, v in values.items() if m in rest]
            if inside and len(outside) >= MIN_REST:
                traits.append(_trait(metric, aspect, inside, outside))
    kept = discoveries([trait.chance for trait in traits])
    found = [trait for trait, stands in zip(traits, kept, strict=True) if stands]
    return sorted(found, key=lambda t: (-abs(t.delta), t.chance, t.metric))[:MOST_TRAITS]


def _trait(metric: str, aspect: str, inside: Sequence[float], outside: Sequence[float]) -> _Trait:
    delta, chance = cliffs_delta(inside, outside), rank_sum_p(inside, outside)
    return _Trait(metric, aspect, delta, chance, median(inside), median(outside))


def _aspects(
    investigation: Investigation, dimension: str, metric: str, table: ResultTable
) -> dict[str, dict[str, float]]:
    """The metric's value per member, and its growth from the base period where there is one."""
    current, base = investigation.current, investigation.base
    now = _values(members(table, metric, dimension, current)) if current else {}
    before = _values(members(table, metric, dimension, base)) if base else {}
    growth = {m: v / before[m] - 1 for m, v in now.items() if before.get(m, 0.0) > 0}
    return {LEVEL: now} | ({GROWTH: growth} if growth else {})


def _values(cells: Mapping[str, Cells]) -> dict[str, float]:
    return {m: c.value for m, c in cells.items() if c.value is not None}


def _finding(
    investigation: Investigation,
    dimension: str,
    chosen: Mapping[str, float],
    rest: Mapping[str, float],
    traits: Sequence[_Trait],
    table: ResultTable,
) -> Finding:
    centre = median(list(rest.values()))
    base = investigation.base
    cells = members(table, investigation.metric.id, dimension, base) if base else {}
    bound = _bound(investigation)
    start = centre if bound is None else bound
    drivers = [
        Driver(dimension, m, "additive", v - start, v, cells[m].value if m in cells else None)
        for m, v in chosen.items()
    ]
    drivers.sort(key=lambda driver: (-abs(driver.effect), driver.member or ""))
    facts: list[tuple[str, str | float | int | bool | None]] = [
        ("dimension", dimension),
        ("count", len(chosen)),
        ("of", len(chosen) + len(rest)),
        ("rest_median", centre),
    ]
    for trait in traits:
        name = f"{trait.metric}:{trait.aspect}"
        facts += [(name, trait.delta), (f"{name}:members", trait.inside)]
        facts += [(f"{name}:rest", trait.outside)]
    size = sum(driver.effect for driver in drivers)
    return Finding(
        "cross_section",
        investigation.metric.id,
        size,
        "down" if size < 0 else "up",
        1 - min((trait.chance for trait in traits), default=1.0) if traits else None,
        tuple(facts),
        drivers=tuple(drivers),
        period=investigation.current,
        queries=(table.query,),
    )


DETECTOR = CrossSectionDetector()

"""Owns what a filled reading means by the catalog: another governed metric, or other groups."""

from dataclasses import replace

from assistant.reading.candidates import Lexicons
from assistant.reading.condition_shares import share_meant
from assistant.reading.reading import Reading
from assistant.reading.value_slots import dimension_names
from assistant.reading.variants import mean_meant, percentile_asked, percentile_meant
from metric_catalog.policy import Policy
from metric_catalog.query import GroupBy
from retrieval.match import MetricMatch
from retrieval.names import hides


def as_governed(
    reading: Reading, named: tuple[str, ...], lexicons: Lexicons, policy: Policy
) -> Reading:
    """Return the reading of what is governed: shares, means and percentiles that are metrics.

    `named`: the metrics that the question names.
    """
    placed = _by_place(reading, lexicons, policy)
    return _as_variant(_as_condition_share(placed, lexicons, policy), named, lexicons, policy)


def _by_place(reading: Reading, lexicons: Lexicons, policy: Policy) -> Reading:
    """Return the reading split by what a goal's playbook tells apart, where "where" is asked.

    "Where should we put more budget for paid conversion": into one marketing channel or another.
    """
    asked = "rel.where" in reading.markers and len(reading.metrics) == 1
    if not asked or reading.group_by or reading.intent not in ("value", "growth"):
        return reading
    catalog, metric = lexicons.catalog, reading.metrics[0]
    aims = [catalog.goals[s.name] for s in reading.spans if s.kind == "goal"]
    names = dimension_names((metric,), catalog)
    places = [
        name
        for goal in aims
        for playbook in goal.playbooks
        for trigger in catalog.playbooks[playbook].triggers
        if metric in trigger.metrics and trigger.dimension and not hides(policy, trigger.dimension)
        for name in names.get(trigger.dimension, ())
    ]
    if not places:
        return reading
    return replace(reading, intent="breakdown", group_by=(GroupBy(places[0]),), order=(), move=None)


def _as_condition_share(reading: Reading, lexicons: Lexicons, policy: Policy) -> Reading:
    """Return the reading with the share of groups under a condition as the metric that it is."""
    if reading.intent != "share":
        return reading
    meant = share_meant(reading.having, reading.group_by, lexicons.catalog, policy)
    if meant is None:
        return reading
    return replace(
        reading, intent="value", metrics=(meant,), having=None, group_by=(), post=None,
        matches=(MetricMatch(meant, 1.0, "synonym", reading.text), *reading.matches),
        markers=reading.markers - {"contested"},
    )  # fmt: skip


def _as_variant(
    reading: Reading, named: tuple[str, ...], lexicons: Lexicons, policy: Policy
) -> Reading:
    """Return the reading with the governed mean per day, or percentile, of the metric named.

    A percentile that nobody governs is left over.
    """
    asked, meant = percentile_asked(reading.spans), None
    if len(named) == 1 and asked is not None:
        meant = percentile_meant(named[0], asked[1], lexicons.catalog, policy)
    elif len(named) == 1 and reading.intent == "average" and reading.grain is not None:
        meant = mean_meant(named[0], reading.grain, lexicons.said, policy)
    if meant is None:
        words = () if asked is None else (asked[0],)
        return replace(reading, leftovers=(*reading.leftovers, *words))
    mean = reading.intent == "average"
    return replace(
        reading,
        intent="value" if mean else reading.intent,
        metrics=(meant,),
        matches=(MetricMatch(meant, 1.0, "synonym", reading.text), *reading.matches),
        grain=None if mean else reading.grain,
        post=None if mean else reading.post,
    )

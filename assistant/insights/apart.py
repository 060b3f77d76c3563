"""Owns what is apart: the change of a member that the question names, beside all the others.

A question narrowed to one member leaves nothing to split by its dimension. Whether the cause lies
with the member is seen by the others: what it did beyond moving as they did is its own.
"""

from collections.abc import Mapping
from dataclasses import replace

from assistant.insights.cells import Cells, member_of, total
from assistant.insights.compared import direction, value_query
from assistant.insights.finding import Driver, Finding
from assistant.insights.investigation import Investigation
from executors.result import ResultTable
from metric_catalog.query import And, Compare, Filter, MetricQuery, Not, Or, Query


def rest_queries(investigation: Investigation) -> dict[str, MetricQuery]:
    """Return, per dimension narrowed to a member, the query of all its other members together."""
    whole = value_query(investigation)
    return {
        dimension: replace(whole, filters=_of_the_rest(investigation.query.filters, leaf))
        for dimension, leaf in investigation.narrowed.items()
    }


def _of_the_rest(filters: Filter | None, leaf: Compare) -> Filter:
    """The conditions with `leaf` turned round; what has no member is one of the others."""
    rest = Or((Not(leaf), Compare(leaf.dimension, "is_null", ())))
    items = filters.items if isinstance(filters, And) else (leaf,)
    turned: tuple[Filter, ...] = tuple(rest if item == leaf else item for item in items)
    return turned[0] if len(turned) == 1 else And(turned)


def find_apart(
    investigation: Investigation, tables: Mapping[Query, ResultTable]
) -> tuple[Finding, ...]:
    """Return one finding of kind `apart` per dimension narrowed, where others are known.

    Size = what the member did beyond moving as the others did: of rates in points, else in
    proportion. Facts: dimension, member, rest_current, rest_base, own_share (size / change).
    Driver: the member with the whole change.
    """
    found = []
    for dimension, query in rest_queries(investigation).items():
        leaf = investigation.narrowed[dimension]
        made = _finding(investigation, dimension, member_of(leaf.values[0]), query, tables)
        found += [made] if made is not None else []
    return tuple(found)


def _finding(
    investigation: Investigation,
    dimension: str,
    member: str,
    query: MetricQuery,
    tables: Mapping[Query, ResultTable],
) -> Finding | None:
    now, before = _sides(investigation, tables[value_query(investigation)])
    rest_now, rest_before = _sides(investigation, tables[query])
    values = (now.value, before.value, rest_now.value, rest_before.value)
    if any(value is None for value in values):
        return None
    current, base, others, others_base = (value or 0.0 for value in values)
    if current == base:
        return None
    rate = investigation.metric.unit == "ratio"
    if rate:
        expected = base + others - others_base
    else:
        expected = base * others / others_base if others_base > 0 else base
    change, own = current - base, current - expected
    facts = (
        ("dimension", dimension),
        ("member", member),
        ("rest_current", others),
        ("rest_base", others_base),
        ("own_share", own / change),
    )
    driver = Driver(dimension, member, "rate" if rate else "additive", change, current, base)
    return Finding(
        "apart",
        dimension,
        own,
        direction(own),
        facts=facts,
        drivers=(driver,),
        period=investigation.current,
        queries=(query,),
    )


def _sides(investigation: Investigation, table: ResultTable) -> tuple[Cells, Cells]:
    metric = investigation.metric.id
    return (
        total(table, metric, investigation.current),
        total(table, metric, investigation.base),
    )

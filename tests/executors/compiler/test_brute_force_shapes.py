"""Stocks, percentiles, ranks, the rest, several metrics, joined times: against plain Python."""

import datetime as dt
import math
from collections import defaultdict
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from executors.compiler.other import OTHER
from metric_catalog.errors import CatalogError
from metric_catalog.periods import Grain, floor
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import (
    And,
    Compare,
    Comparison,
    GroupBy,
    MetricQuery,
    RankWithin,
)
from tests.executors.compiler import reference as ref
from tests.executors.compiler.every_type import (
    EVERY_TYPE,
    ON_CUSTOMERS,
    add_measure,
    define_every_type,
)
from tests.executors.compiler.examples import HOW_OFTEN, Check, each_of, try_out
from tests.executors.compiler.test_brute_force import (
    DIMENSIONS,
    ENGINE,
    SHARED,
    SIMPLE,
    dimensions,
    filters,
    groups,
    keyed,
    periods,
    run,
)
from tests.executors.compiler.worlds import (
    FIRST_DAY,
    Row,
    World,
    catalog_with,
    simple,
    worlds,
)

DAY = dt.timedelta(days=1)
AS_OF = (FIRST_DAY + 9 * DAY).date()


def with_measure(world: World, **measure: Any) -> None:
    """Give sales one more measure of the amounts, `more`, and a metric of it."""
    add_measure(world, name="more", **measure)
    catalog_with(world, simple("more", "sales", "more"))


def split(world: World, rows: list[Row], columns: list[str]) -> dict[ref.Key, list[Row]]:
    """The rows of sales by their cells; without columns one cell, even without rows."""
    keys = [tuple(ref.cell(world, "sales", row, name) for name in columns) for row in rows]
    return ref.grouped(keys, rows, columns)


def check_stock(data: st.DataObject) -> None:
    """A stock is that of its first or last moment, in each unit of time and for each holder."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    choice = data.draw(st.sampled_from(("min", "max")))
    holders = data.draw(st.sampled_from(((), ("customer",), ("shop",), ("customer", "shop"))))
    agg = data.draw(st.sampled_from(("sum", "average", "count", "count_distinct", "max")))
    edge = {"name": "sold_at", "window_choice": choice, "window_groupings": holders}
    with_measure(world, agg=agg, non_additive=edge)
    names = dimensions(world, DIMENSIONS)
    by, tree, period = data.draw(groups(names)), data.draw(filters(names)), data.draw(periods())
    columns = [item.column for item in by]
    times = [name for name in columns if name.startswith("metric_time")]
    grain = world.catalog.models["sales"].dimension("sold_at").grain  # type: ignore[union-attr]

    def moment(row: Row) -> dt.datetime:
        found: dt.datetime = row["sold_at"]
        return found if grain == "minute" else floor(found, Grain.DAY)

    kept = ref.kept(world, "sales", [tree], period)
    owned = [r for r in kept if all(r[f"{holder}_id"] is not None for holder in holders)]
    stretches: dict[ref.Key, list[Row]] = defaultdict(list)
    for row in owned:
        cells = tuple(ref.cell(world, "sales", row, name) for name in (*times, *holders))
        stretches[cells].append(row)
    pick = min if choice == "min" else max
    edges = {cells: pick(map(moment, rows)) for cells, rows in stretches.items()}
    at_edge = [r for cells, rows in stretches.items() for r in rows if moment(r) == edges[cells]]
    wanted = {
        key: ref.aggregate(agg, [row["amount"] for row in rows])
        for key, rows in split(world, at_edge, columns).items()
    }
    rows = run(world, MetricQuery(("more",), by, tree, periods=(period,)))
    ref.same_values(keyed(rows, columns, "more"), wanted)


def check_percentile(data: st.DataObject) -> None:
    """Between two values in proportion, or, discrete, the first value that enough lie under."""
    world = data.draw(worlds())
    share, discrete = data.draw(st.integers(0, 20)) / 20, data.draw(st.booleans())
    with_measure(world, agg="percentile", percentile=share, discrete=discrete)
    names = dimensions(world, DIMENSIONS)
    by, tree = data.draw(groups(names)), data.draw(filters(names))
    columns = [item.column for item in by]

    def percentile(rows: list[Row]) -> float | None:
        known = sorted(row["amount"] for row in rows if row["amount"] is not None)
        if not known:
            return None
        if discrete:
            return float(known[max(math.ceil(round(share * len(known), 9)) - 1, 0)])
        place = share * (len(known) - 1)
        low, high = math.floor(place), math.ceil(place)
        return float(known[low] + (known[high] - known[low]) * (place - low))

    kept = split(world, ref.kept(world, "sales", [tree], None), columns)
    rows = run(world, MetricQuery(("more",), by, tree))
    ref.same_values(keyed(rows, columns, "more"), {k: percentile(v) for k, v in kept.items()})


def check_rank(data: st.DataObject) -> None:
    """Ranks inside the members of a dimension: equals alike, nothing known last."""
    world = data.draw(worlds())
    names = dimensions(world, DIMENSIONS)
    within, name = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
    metric = data.draw(st.sampled_from(SIMPLE))
    time = data.draw(st.sampled_from(((), (GroupBy("metric_time", "month"),))))
    by = (GroupBy(within), GroupBy(name), *time)
    columns = [item.column for item in by]
    values = ref.simple_values(world, world.catalog.metrics[metric], columns, [], None)
    inside: dict[ref.Key, list[Any]] = defaultdict(list)
    for key, value in values.items():
        inside[key[0], *key[2:]].append(value)

    def rank(key: ref.Key) -> int:
        others, mine = inside[key[0], *key[2:]], values[key]
        known = [value for value in others if value is not None]
        return 1 + (len(known) if mine is None else sum(value > mine for value in known))

    rows = run(world, MetricQuery((metric,), by, post=RankWithin(within)))
    ref.same_values(keyed(rows, columns, f"{metric}__rank"), {key: rank(key) for key in values})


def check_rest(data: st.DataObject) -> None:
    """Members beside all others together, of which there may be none, whatever the metric."""
    world = data.draw(worlds())
    name = data.draw(st.sampled_from(("channel", "customer__city", "kind")))
    metric = world.catalog.metrics[data.draw(st.sampled_from(SIMPLE))]
    members = data.draw(st.sampled_from((("app",), ("app", "web"), ("ams",), ("big", "ams"))))
    choice = Compare(name, "in", members)
    more = data.draw(st.sampled_from((None, Compare("is_paid", "=", (True,)))))
    tree = And((choice, more)) if more else choice
    rows = run(world, MetricQuery((metric.id,), (GroupBy(name),), tree, other=True))
    wanted = ref.simple_values(world, metric, [name], [tree], None)
    shown = set(wanted)
    everyone = ref.kept(world, "sales", [more], None)
    left = [r for r in everyone if (ref.cell(world, "sales", r, name),) not in shown]
    rest = World({**world.tables, "sales": left}, world.catalog, world.joins)
    wanted[OTHER,] = ref.simple_values(rest, metric, [], [more], None)[()]
    ref.same_values(keyed(rows, [name], metric.id), wanted)


def check_several(data: st.DataObject) -> None:
    """Metrics of one or two fact tables asked together are what each is alone."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    both = data.draw(st.booleans())
    known = (*SIMPLE, *(("minutes", "visits") if both else ()))
    metrics = data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=4, unique=True))
    names = dimensions(world, SHARED if both else DIMENSIONS)
    by, tree = data.draw(groups(names)), data.draw(filters(names))
    asked = tuple(data.draw(st.lists(periods(), max_size=1)))
    columns = [item.column for item in by]
    together = run(world, MetricQuery(tuple(metrics), by, tree, periods=asked))
    alone = {
        metric: ref.simple_values(
            world, world.catalog.metrics[metric], columns, [tree], asked[0] if asked else None
        )
        for metric in metrics
    }
    every = {key for values in alone.values() for key in values}
    for metric, values in alone.items():
        got = keyed(together, columns, metric)
        ref.same_values(got, {key: values.get(key) for key in every})


def check_joined_time(data: st.DataObject) -> None:
    """Split by, and filtered by, the time of a joined table."""
    world = data.draw(worlds())
    metric = world.catalog.metrics[data.draw(st.sampled_from(SIMPLE))]
    names = dimensions(world, DIMENSIONS)
    by = (GroupBy("customer__joined_at", "month"), *data.draw(groups(names)))
    months = st.sampled_from(("2024-02-01", "2024-03-01", "2024-04-01"))
    op = data.draw(st.sampled_from(("=", ">=", "<", "!=")))
    leaf = Compare("customer__joined_at__month", op, (data.draw(months),))
    tree = data.draw(st.sampled_from((None, leaf)))
    columns = [item.column for item in by]
    wanted = ref.simple_values(world, metric, columns, [tree], None)
    rows = run(world, MetricQuery((metric.id,), by, tree))
    ref.same_values(keyed(rows, columns, metric.id), wanted)


def check_named_base(data: st.DataObject) -> None:
    """Any two periods beside each other, by any groups but time: values, changes and growth."""
    world = data.draw(worlds())
    names = dimensions(world, DIMENSIONS)
    metric = world.catalog.metrics[data.draw(st.sampled_from(SIMPLE))]
    by, tree = data.draw(groups(names, time=False)), data.draw(filters(names))
    now, base = (data.draw(periods()) for _ in range(2))
    columns = [item.column for item in by]
    comparison = Comparison("period", base)
    rows = run(world, MetricQuery((metric.id,), by, tree, periods=(now,), comparison=comparison))
    sides = [ref.simple_values(world, metric, columns, [tree], each) for each in (now, base)]
    keys = set(sides[0]) | set(sides[1])
    mine, before = ({key: side.get(key) for key in keys} for side in sides)
    changes = {
        k: None if mine[k] is None or before[k] is None else mine[k] - before[k] for k in keys
    }
    growth = {k: ref.ratio(changes[k], before[k] and abs(before[k])) for k in keys}
    for suffix, wanted in (("", mine), ("__base", before), ("__change", changes)):
        ref.same_values(keyed(rows, columns, f"{metric.id}{suffix}"), wanted)
    ref.same_values(keyed(rows, columns, f"{metric.id}__growth"), growth)


def check_visibility(data: st.DataObject) -> None:
    """For every type of metric: what may not be seen might as well not be there."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    define_every_type(world)
    metric = data.draw(st.sampled_from(EVERY_TYPE))
    names = dimensions(world, SHARED if metric in ON_CUSTOMERS else DIMENSIONS)
    query = _asked(data, metric, names)
    hidden = {
        "sales": Compare("channel", "in", ("app", "shop")),
        "customers": Compare("city", "!=", ("ams",)),
        "visits": Compare("source", "=", ("web",)),
    }
    seen = data.draw(st.sets(st.sampled_from(sorted(hidden)), min_size=1))
    policy = Policy("x", tuple(RowFilter(table, hidden[table]) for table in sorted(seen)))
    less = World(
        {
            table: [
                row
                for row in rows
                if table not in seen
                or ref.holds(hidden[table], lambda leaf, row=row: row[leaf.dimension])
            ]
            for table, rows in world.tables.items()
        },
        world.catalog,
        world.joins,
    )
    got = _rows(world, query, policy)
    wanted = _rows(less, query, EVERYTHING)
    assert (got is None) == (wanted is None)
    assume(got is not None)
    assert _texts(got) == _texts(wanted)


def check_all_values(data: st.DataObject) -> None:
    """For every type of metric: to filter by all values of a dimension is not to filter."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    define_every_type(world)
    metric = data.draw(st.sampled_from(EVERY_TYPE))
    names = dimensions(world, SHARED if metric in ON_CUSTOMERS else DIMENSIONS)
    query = _asked(data, metric, names)
    name = data.draw(st.sampled_from(("customer__city", *(n for n in names if n == "channel"))))
    values = {
        "channel": ("app", "web", "shop", None),
        "customer__city": ("ams", "ber", "cph", None),
    }
    every = Compare(name, "in", values[name])
    plain = _rows(world, query, EVERYTHING)
    filtered = _rows(world, query.with_filter(every), EVERYTHING)
    assume(plain is not None and filtered is not None)
    assert _texts(filtered) == _texts(plain)


def _asked(data: st.DataObject, metric: str, names: list[str]) -> MetricQuery:
    by = data.draw(groups(names, time=False))
    grain = data.draw(st.sampled_from((None, None, "week", "month")))
    asked = tuple(data.draw(st.lists(periods(), max_size=1)))
    return MetricQuery((metric,), by, data.draw(filters(names)), periods=asked, grain=grain)


def _rows(world: World, query: MetricQuery, policy: Policy) -> list[Row] | None:
    ENGINE.fill(world)
    try:
        return ENGINE.rows(compile_query(query, world.catalog, policy, AS_OF))
    except CatalogError:
        return None


def _texts(rows: list[Row] | None) -> list[str]:
    """The rows as texts, floats to the digits that the order of adding up does not touch."""
    assert rows is not None
    return sorted(
        str([round(cell, 9) if isinstance(cell, float) else cell for cell in row.values()])
        for row in rows
    )


CHECKS = (
    check_stock,
    check_percentile,
    check_rank,
    check_rest,
    check_several,
    check_joined_time,
    check_named_base,
    check_visibility,
    check_all_values,
)


@HOW_OFTEN
@each_of(CHECKS)
def test_agrees_with_plain_python(check: Check, often: settings) -> None:
    try_out(check, often)

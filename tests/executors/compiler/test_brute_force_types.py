"""The other types of metrics, cubes and post-aggregations against plain Python."""

import datetime as dt
import statistics
from collections import defaultdict
from itertools import combinations
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from executors.compiler.other import OTHER
from metric_catalog.periods import Grain, Period, floor, shift, unit, units
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import (
    AveragePer,
    Compare,
    CountGroups,
    CubeQuery,
    GroupBy,
    MetricQuery,
    Order,
    ShareOfTotal,
)
from tests.executors.compiler import reference as ref
from tests.executors.compiler.examples import HOW_OFTEN, Check, each_of, try_out
from tests.executors.compiler.test_brute_force import (
    DIMENSIONS,
    ENGINE,
    dimensions,
    filters,
    groups,
    keyed,
    periods,
    run,
)
from tests.executors.compiler.worlds import FIRST_DAY, World, catalog_with, defined, worlds

DAY = dt.timedelta(days=1)
PLAIN = ("channel", "customer__city", "kind")
ALWAYS = Period(FIRST_DAY - DAY, FIRST_DAY + 400 * DAY)


def closed(data: st.DataObject) -> Period:
    """A closed period of whole days, at times a month."""
    if data.draw(st.booleans()):
        return unit(FIRST_DAY + dt.timedelta(days=data.draw(st.integers(0, 80))), Grain.MONTH)
    start = FIRST_DAY + dt.timedelta(days=data.draw(st.integers(-3, 60)))
    return Period(start, start + dt.timedelta(days=data.draw(st.integers(1, 40))))


def near() -> st.SearchStrategy[Period]:
    """Periods whose bounds fall among the events of a dense world, or that hold them all."""
    starts, lengths = st.integers(-1, 6), st.integers(1, 8)
    some = st.builds(
        lambda n, m: Period(FIRST_DAY + n * DAY, FIRST_DAY + (n + m) * DAY), starts, lengths
    )
    return st.one_of(st.just(ALWAYS), some, periods())


def key_of(world: World, model: str, row: dict[str, Any], names: list[str]) -> ref.Key:
    return tuple(ref.cell(world, model, row, name) for name in names)


def check_cumulative(data: st.DataObject) -> None:
    """Running values: a trailing window, to date, of all time; at any grain, or at the end."""
    world = data.draw(worlds())
    agg = data.draw(st.sampled_from(("sum", "count", "count_distinct", "min", "average")))
    shape = data.draw(st.sampled_from(("window", "to_date", "all")))
    count = data.draw(st.integers(1, 20))
    length = data.draw(st.sampled_from(("day", "week", "month", "quarter")))
    count = count if length == "day" else min(count, 3)
    period_agg = data.draw(st.sampled_from(("first", "last", "average")))
    of: dict[str, Any] = {"metric": {"metric": f"amount_{agg}"}, "period_agg": period_agg}
    if shape == "window":
        of["window"] = {"count": count, "grain": length}
    elif shape == "to_date":
        of["grain_to_date"] = "month"
    catalog_with(world, defined("running", type="cumulative", **of))
    names = data.draw(st.lists(st.sampled_from(PLAIN), max_size=1))
    tree = data.draw(st.one_of(st.none(), st.just(Compare("channel", "in", ("app", "web")))))
    period, grain = closed(data), data.draw(st.sampled_from((None, "day", "week", "month")))

    def counts(moment: dt.datetime, day: dt.datetime) -> bool:
        happened = floor(moment, Grain.DAY)
        if shape == "window":
            return shift(day, -count, Grain(length)) < happened <= day
        start = floor(day, Grain.MONTH) if shape == "to_date" else dt.datetime.min
        return start <= happened <= day

    def value(rows: list[dict[str, Any]]) -> Any:
        column = "customer_id" if agg == "count_distinct" else "amount"
        return ref.aggregate(agg, [row[column] for row in rows])

    kept = ref.kept(world, "sales", [tree], None)
    query = MetricQuery(
        ("running",), tuple(GroupBy(n) for n in names), tree, periods=(period,), grain=grain
    )
    assert period.start and period.end
    running: dict[ref.Key, dict[dt.datetime, Any]] = defaultdict(dict)
    for day in (each.start for each in units(period, Grain.DAY)):
        assert day is not None
        found: dict[ref.Key, list[Any]] = defaultdict(list)
        for row in kept:
            if counts(row["sold_at"], day):
                found[key_of(world, "sales", row, names)].append(row)
        for key, rows in found.items():
            running[key][day] = value(rows)
    wanted: dict[ref.Key, Any] = {}
    if grain is None:
        last = period.end - DAY
        wanted = {key: values[last] for key, values in running.items() if last in values}
        wanted = wanted or ({} if names else {(): value([])})
    else:
        cells: dict[ref.Key, list[Any]] = defaultdict(list)
        for key, values in running.items():
            for day in sorted(values):
                cells[floor(day, Grain(grain)), *key].append(values[day])
        for key, several in cells.items():
            known = [v for v in several if v is not None]
            mean = statistics.fmean(known) if known else None
            wanted[key] = {"first": several[0], "last": several[-1], "average": mean}[period_agg]
    columns = [*([f"metric_time__{grain}"] if grain else []), *names]
    ref.same_values(keyed(run(world, query), columns, "running"), wanted)


def check_offset(data: st.DataObject) -> None:
    """A value beside what it was some days before, by day and by coarser grains."""
    world = data.draw(worlds())
    days = data.draw(st.integers(1, 20))
    metric = defined(
        "then",
        type="derived",
        expr="before + 0",
        inputs=[
            {
                "metric": "amount_sum",
                "alias": "before",
                "offset_window": {"count": days, "grain": "day"},
            }
        ],
    )
    catalog_with(world, metric)
    names = data.draw(st.lists(st.sampled_from(PLAIN), max_size=1))
    period, grain = closed(data), data.draw(st.sampled_from((None, "day", "week", "month")))
    tree = data.draw(st.one_of(st.none(), st.just(Compare("channel", "!=", ("app",)))))
    query = MetricQuery(
        ("then",), tuple(GroupBy(n) for n in names), tree, periods=(period,), grain=grain
    )
    found: dict[ref.Key, list[Any]] = {} if names or grain else {(): []}
    for row in ref.kept(world, "sales", [tree], None):
        later = floor(row["sold_at"], Grain.DAY) + days * DAY
        if period.contains(later):
            cell = (floor(later, Grain(grain)),) if grain else ()
            found.setdefault((*cell, *key_of(world, "sales", row, names)), []).append(row["amount"])
    wanted = {key: ref.aggregate("sum", values) for key, values in found.items()}
    columns = [*([f"metric_time__{grain}"] if grain else []), *names]
    ref.same_values(keyed(run(world, query), columns, "then"), wanted)


def check_entity_share(data: st.DataObject) -> None:
    """The share of customers whose measure meets the condition, per group and cell."""
    world = data.draw(worlds())
    agg = data.draw(st.sampled_from(("count", "sum")))
    op, bound = data.draw(st.sampled_from((">=", ">", "=", "<"))), data.draw(st.integers(0, 4))
    catalog_with(
        world,
        defined(
            "share",
            type="entity_share",
            entity="customer",
            model="sales",
            measure=f"amount_{agg}",
            op=op,
            value=bound,
        ),
    )
    names = dimensions(world, DIMENSIONS)
    by, tree, period = data.draw(groups(names)), data.draw(filters(names)), data.draw(periods())
    columns = [item.column for item in by]
    amounts: dict[ref.Key, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    if not by:
        amounts[()] = defaultdict(list)
    for row in ref.kept(world, "sales", [tree], period):
        if row["customer_id"] is not None:
            amounts[key_of(world, "sales", row, columns)][row["customer_id"]].append(row["amount"])
    test = Compare("x", op, (bound,))
    above = {
        key: sum(
            ref.holds(test, lambda _, v=v: ref.aggregate(agg, v)) is True for v in each.values()
        )
        for key, each in amounts.items()
    }
    rows = run(world, MetricQuery(("share",), by, tree, periods=(period,)))
    ref.same_values(keyed(rows, columns, "share__numerator"), above)
    ref.same_values(
        keyed(rows, columns, "share__denominator"), {k: len(v) for k, v in amounts.items()}
    )
    ref.same_values(
        keyed(rows, columns, "share"), {k: ref.ratio(above[k], len(v)) for k, v in amounts.items()}
    )


def check_retention(data: st.DataObject) -> None:
    """The share of customers that buy again some days after their first visit."""
    world = data.draw(worlds(dense=True))
    first, width = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 2))
    catalog_with(
        world,
        defined(
            "kept",
            type="retention",
            entity="customer",
            cohort_model="visits",
            return_model="sales",
            return_filter="channel != 'shop'",
            from_day=first,
            to_day=first + width,
        ),
    )
    by = data.draw(
        st.sampled_from(((), (GroupBy("metric_time", "week"),), (GroupBy("customer__city"),)))
    )
    tree = data.draw(st.one_of(st.none(), st.just(Compare("customer__city", "!=", ("ams",)))))
    period = data.draw(near())
    today = FIRST_DAY + data.draw(st.integers(0, 12)) * DAY
    columns = [item.column for item in by]
    starts: dict[Any, dict[str, Any]] = {}
    for row in world.tables["visits"]:
        who = row["customer_id"]
        if who is not None and (who not in starts or row["seen_at"] < starts[who]["seen_at"]):
            starts[who] = row
    cohort: dict[ref.Key, list[Any]] = {} if by else {(): []}
    chosen = ref.kept(world, "visits", [tree], period)
    for who, row in starts.items():
        if any(row is each for each in chosen):
            cohort.setdefault(key_of(world, "visits", row, columns), []).append(
                (who, row["seen_at"])
            )

    def back(who: Any, day: dt.datetime) -> bool:
        return any(
            row["customer_id"] == who
            and row["channel"] not in ("shop", None)
            and first <= (floor(row["sold_at"], Grain.DAY) - day).days <= first + width
            for row in world.tables["sales"]
        )

    above = {key: sum(back(*each) for each in members) for key, members in cohort.items()}
    rows = run(world, MetricQuery(("kept",), by, tree, periods=(period,)), today.date())
    ref.same_values(keyed(rows, columns, "kept__numerator"), above)
    running = {
        key: sum(day + (first + width) * DAY >= today for _, day in members)
        for key, members in cohort.items()
    }
    ref.same_values(keyed(rows, columns, "kept__incomplete"), running)
    ref.same_values(
        keyed(rows, columns, "kept__denominator"), {k: len(v) for k, v in cohort.items()}
    )


def check_interval(data: st.DataObject) -> None:
    """The time from a customer's sale before, by the later sale."""
    world = data.draw(worlds(dense=True))
    how = data.draw(st.sampled_from(("mean", "median")))
    catalog_with(
        world,
        defined(
            "gap",
            type="interval",
            entity="customer",
            model="sales",
            aggregate=how,
            filter="is_paid = true",
        ),
    )
    names = dimensions(world, DIMENSIONS)
    by, tree, period = data.draw(groups(names)), data.draw(filters(names)), data.draw(near())
    if data.draw(st.booleans()):  # nothing but time
        by, tree = tuple(item for item in by if item.name == "metric_time"), None
    columns = [item.column for item in by]
    paid = [r for r in world.tables["sales"] if r["is_paid"] and r["customer_id"] is not None]
    chosen = [r for r in ref.kept(world, "sales", [tree], period) if any(r is p for p in paid)]
    gaps: dict[ref.Key, dict[Any, float]] = {} if by else {(): {}}
    for row in chosen:
        earlier = [
            p["sold_at"]
            for p in paid
            if p["customer_id"] == row["customer_id"] and p["sold_at"] < row["sold_at"]
        ]
        if earlier:
            event = (row["customer_id"], row["sold_at"])
            members = gaps.setdefault(key_of(world, "sales", row, columns), {})
            members[event] = (row["sold_at"] - max(earlier)) / DAY
    mean = statistics.fmean if how == "mean" else statistics.median
    wanted = {key: mean(each.values()) if each else None for key, each in gaps.items()}
    rows = run(world, MetricQuery(("gap",), by, tree, periods=(period,)))
    ref.same_values(keyed(rows, columns, "gap"), wanted)


def check_cube(data: st.DataObject) -> None:
    """All segments up to a depth, additive and not, in two periods."""
    world = data.draw(worlds())
    names = data.draw(
        st.lists(st.sampled_from((*PLAIN, "is_paid")), min_size=1, max_size=3, unique=True)
    )
    depth = data.draw(st.integers(0, 3))
    name = data.draw(
        st.sampled_from(("amount_sum", "amount_count", "amount_count_distinct", "amount_average"))
    )
    current = closed(data)
    assert current.start
    base = Period(current.start - 20 * DAY, current.start)
    tree = data.draw(st.one_of(st.none(), st.just(Compare("channel", "!=", ("web",)))))
    metric = world.catalog.metrics[name]
    ENGINE.fill(world)
    cube = CubeQuery(name, tuple(names), depth, current, base, tree)
    rows = ENGINE.rows(compile_query(cube, world.catalog, EVERYTHING))
    assert len({(row["__grouped"], *(row[n] for n in names)) for row in rows}) == len(rows)
    parts = (
        {"numerator": "sum", "denominator": "count"} if name == "amount_average" else {"value": ""}
    )
    for size in range(min(depth, len(names)) + 1):
        for places in combinations(range(len(names)), size):
            chosen = [names[place] for place in places]
            mine = [row for row in rows if row["__grouped"] == sum(1 << p for p in places)]
            for side, period in (("current", current), ("base", base)):
                for part, agg in parts.items():
                    of = world.catalog.metrics[f"amount_{agg}"] if agg else metric
                    wanted = ref.simple_values(world, of, chosen, [tree], period)
                    ref.same_segments(keyed(mine, chosen, f"{side}__{part}"), wanted)


def check_other(data: st.DataObject) -> None:
    """The best groups, and one row for what all the others come to together."""
    world = data.draw(worlds())
    name = data.draw(st.sampled_from(("amount_count", "amount_count_distinct", "amount_average")))
    by, limit = data.draw(st.sampled_from(PLAIN)), data.draw(st.integers(1, 3))
    order = (Order("amount_count", True),)
    rows = run(world, MetricQuery((name,), (GroupBy(by),), order=order, limit=limit, other=True))
    counts = ref.simple_values(world, world.catalog.metrics["amount_count"], [by], [], None)
    ranked = sorted(counts, key=lambda k: (-counts[k], k[0] is None, k[0] or ""))
    top, beyond = ranked[:limit], ranked[limit:]
    assert [row[by] for row in rows] == [*(k[0] for k in top), *([OTHER] if beyond else [])]
    if beyond:
        left = [r for r in world.tables["sales"] if (ref.cell(world, "sales", r, by),) in beyond]
        rest = World({**world.tables, "sales": left}, world.catalog, world.joins)
        wanted = ref.simple_values(rest, world.catalog.metrics[name], [], [], None)[()]
        assert ref.close(rows[-1][name], wanted)


def check_average(data: st.DataObject) -> None:
    """Means per day and month: empty units count for sums, a cut month counts by its part."""
    world = data.draw(worlds())
    period, grain = closed(data), data.draw(st.sampled_from(("day", "week", "month")))
    metric = world.catalog.metrics["amount_sum"]
    rows = run(
        world, MetricQuery(("amount_sum", "amount_max"), periods=(period,), post=AveragePer(grain))
    )
    total = ref.simple_values(world, metric, [], [], period)[()] or 0
    assert period.start and period.end
    weight, best = 0.0, []
    for whole in units(period, Grain(grain)):
        part = whole.intersect(period)
        assert part and part.days and whole.days
        weight += part.days / whole.days
        best += [ref.simple_values(world, world.catalog.metrics["amount_max"], [], [], part)[()]]
    if not ref.kept(world, "sales", [], period):
        assert ref.close(rows[0]["amount_sum"], 0.0)
        return
    assert ref.close(rows[0]["amount_sum"], total / weight)
    known = [value for value in best if value is not None]
    assert ref.close(rows[0]["amount_max"], statistics.fmean(known) if known else None)


def check_share_and_count(data: st.DataObject) -> None:
    """Shares of the whole, and how many groups meet a condition."""
    world = data.draw(worlds())
    by = data.draw(st.sampled_from(PLAIN))
    rows = run(world, MetricQuery(("amount_count_distinct",), (GroupBy(by),), post=ShareOfTotal()))
    metric = world.catalog.metrics["amount_count_distinct"]
    parts = ref.simple_values(world, metric, [by], [], None)
    whole = ref.simple_values(world, metric, [], [], None)[()]
    wanted = {key: ref.ratio(value, whole) for key, value in parts.items()}
    ref.same_values(keyed(rows, [by], "amount_count_distinct__share"), wanted)
    having = Compare("amount_count_distinct", ">", (1,))
    query = MetricQuery(
        ("amount_count_distinct",), (GroupBy(by),), having=having, post=CountGroups()
    )
    assert run(world, query)[0]["group_count"] == sum(value > 1 for value in parts.values())


def check_policy(data: st.DataObject) -> None:
    """What the asker may not see is gone from facts and from joined tables."""
    world = data.draw(worlds())
    policy = Policy(
        "x",
        (
            RowFilter("sales", Compare("channel", "!=", ("web",))),
            RowFilter("customers", Compare("city", "in", ("ams", "ber"))),
        ),
    )
    by = data.draw(groups(PLAIN))
    columns = [item.column for item in by]
    ENGINE.fill(world)
    query = MetricQuery(("amount_sum",), by)
    rows = ENGINE.rows(compile_query(query, world.catalog, policy))
    seen = {
        **world.tables,
        "sales": [r for r in world.tables["sales"] if r["channel"] not in ("web", None)],
        "customers": [r for r in world.tables["customers"] if r["city"] in ("ams", "ber")],
    }
    less = World(seen, world.catalog, world.joins)
    wanted = ref.simple_values(less, world.catalog.metrics["amount_sum"], columns, [], None)
    ref.same_values(keyed(rows, columns, "amount_sum"), wanted)


CHECKS = (
    check_cumulative,
    check_offset,
    check_entity_share,
    check_retention,
    check_interval,
    check_cube,
    check_other,
    check_average,
    check_share_and_count,
    check_policy,
)


@HOW_OFTEN
@each_of(CHECKS)
def test_agrees_with_plain_python(check: Check, often: settings) -> None:
    try_out(check, often)

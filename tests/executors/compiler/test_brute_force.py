"""Compiled queries against plain Python, on random tables and random queries."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from metric_catalog.periods import Grain, Period, floor, shift
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import (
    And,
    Compare,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Not,
    Or,
    Order,
)
from tests.executors.compiler import reference as ref
from tests.executors.compiler.examples import HOW_OFTEN, Check, each_of, try_out
from tests.executors.compiler.worlds import FIRST_DAY, Engine, World, defined, worlds

ENGINE = Engine()
DIMENSIONS = ("channel", "is_paid", "customer__city", "kind", "customer", "zone")
SHARED = ("customer__city", "customer", "zone")
GRAINS = ("day", "week", "month", "quarter")
SIMPLE = (
    "amount_sum",
    "amount_count",
    "amount_count_distinct",
    "amount_average",
    "amount_min",
    "amount_max",
    "amount_median",
    "amount_sum_boolean",
    "paid_amount",
)


def dimensions(world: World, names: Sequence[str]) -> list[str]:
    """The dimensions that this world has."""
    return [name for name in names if name != "zone" or "zones" in world.catalog.models]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """A period of some days that may begin or end anywhere, or be open at one end.

    It often begins among the first days, where crowded worlds have all their events.
    """
    first = draw(st.one_of(st.integers(-1, 4), st.integers(-3, 70)))
    start = FIRST_DAY + dt.timedelta(days=first)
    end = start + dt.timedelta(days=draw(st.one_of(st.integers(1, 4), st.integers(1, 45))))
    shape = draw(st.sampled_from(("closed", "closed", "from", "until")))
    return Period(None if shape == "until" else start, None if shape == "from" else end)


def _leaf(name: str) -> st.SearchStrategy[Compare]:
    if name == "is_paid":
        return st.builds(lambda v: Compare(name, "=", (v,)), st.booleans())
    if name == "customer":
        return st.one_of(
            st.builds(
                lambda op, v: Compare(name, op, (v,)),
                st.sampled_from(("<", ">=", "!=")),
                st.integers(0, 4),
            ),
            st.builds(
                lambda v: Compare(name, "in", tuple(v)),
                st.lists(st.integers(0, 4), min_size=1, max_size=3),
            ),
        )
    words = st.sampled_from(("app", "web", "shop", "ams", "ber", "north", "big"))
    return st.one_of(
        st.builds(
            lambda op, v: Compare(name, op, (v,)),
            st.sampled_from(("=", "!=", "contains", "prefix", "suffix", ">")),
            words,
        ),
        st.builds(lambda v: Compare(name, "in", tuple(v)), st.lists(words, min_size=1, max_size=3)),
        st.just(Compare(name, "is_null", ())),
    )


def _time_leaf() -> st.SearchStrategy[Compare]:
    days = st.integers(0, 75).map(lambda n: (FIRST_DAY + dt.timedelta(days=n)).date().isoformat())
    names = st.sampled_from(("metric_time__day", "metric_time__month", "metric_time"))
    return st.builds(
        lambda name, op, v: Compare(name, op, (v,)), names, st.sampled_from((">=", "<", "!=")), days
    )


def filters(names: Sequence[str]) -> st.SearchStrategy[Filter | None]:
    """Trees of conditions on dimensions and time."""
    leaves = st.one_of(*(_leaf(name) for name in names), _time_leaf())
    trees: st.SearchStrategy[Filter] = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda items: And(tuple(items))),
            st.lists(inner, min_size=1, max_size=3).map(lambda items: Or(tuple(items))),
            inner.map(Not),
        ),
        max_leaves=4,
    )
    return st.one_of(st.none(), trees)


@st.composite
def groups(draw: st.DrawFn, names: Sequence[str], time: bool = True) -> tuple[GroupBy, ...]:
    """Up to two dimensions and at most one grain or part of time."""
    items = [GroupBy(n) for n in draw(st.lists(st.sampled_from(names), max_size=2, unique=True))]
    if time and draw(st.booleans()):
        grain = draw(st.sampled_from((*GRAINS, "dow")))
        if grain == "dow":
            items.append(GroupBy("metric_time", None, "dow"))
        else:
            items.append(GroupBy("metric_time", grain))
    return tuple(items)


def keyed(rows: list[dict[str, Any]], keys: Sequence[str], value: str) -> dict[ref.Key, Any]:
    """Return a result column per key; no key may come twice."""
    found = {tuple(row[key] for key in keys): row[value] for row in rows}
    assert len(found) == len(rows)
    return found


def run(world: World, query: MetricQuery, as_of: dt.date | None = None) -> list[dict[str, Any]]:
    """Return the rows of a query on the world's tables."""
    ENGINE.fill(world)
    return ENGINE.rows(compile_query(query, world.catalog, EVERYTHING, as_of))


def check_simple(data: st.DataObject) -> None:
    """Any simple metric by any groups, filters and periods."""
    world = data.draw(worlds())
    names = dimensions(world, DIMENSIONS)
    metric = world.catalog.metrics[data.draw(st.sampled_from(SIMPLE))]
    by, tree = data.draw(groups(names)), data.draw(filters(names))
    asked = tuple(data.draw(st.lists(periods(), max_size=2)))
    rows = run(world, MetricQuery((metric.id,), by, tree, periods=asked))
    columns = [item.column for item in by]
    for period in asked or (None,):
        wanted = ref.simple_values(world, metric, columns, [tree], period)
        mine = rows if len(asked) < 2 else [r for r in rows if period and _is_of(r, period)]
        if len(asked) == 2 and asked[0] == asked[1]:
            mine = mine[: len(mine) // 2] if not by else mine
            assume(not by)
        ref.same_values(keyed(mine, columns, metric.id), wanted)


def _is_of(row: dict[str, Any], period: Period) -> bool:
    return row["period__start"] == period.start and row["period__end"] == period.end


def check_ratio(data: st.DataObject) -> None:
    """Ratios over one or two fact tables, with components, having, order and limit."""
    world = data.draw(worlds())
    crossing = data.draw(st.booleans())
    names = dimensions(world, SHARED if crossing else DIMENSIONS)
    above = data.draw(st.sampled_from(("amount_sum", "paid_amount", "amount_count")))
    below = data.draw(
        st.sampled_from(
            ("minutes", "visits") if crossing else ("amount_count_distinct", "amount_count")
        )
    )
    zero = data.draw(st.sampled_from(("null", "zero")))
    metric = defined(
        "rate",
        type="ratio",
        numerator={"metric": above},
        denominator={"metric": below},
        zero_denominator=zero,
    )
    world.catalog.metrics["rate"] = metric  # type: ignore[index]
    by, tree = data.draw(groups(names)), data.draw(filters(names))
    period = data.draw(st.one_of(st.none(), periods()))
    columns = [item.column for item in by]
    parts = [
        ref.simple_values(world, world.catalog.metrics[m], columns, [tree], period)
        for m in (above, below)
    ]
    keys = set(parts[0]) | set(parts[1])
    wanted = {k: ref.ratio(parts[0].get(k), parts[1].get(k), zero) for k in keys}
    query = MetricQuery(("rate", above), by, tree, periods=(period,) if period else ())
    rows = run(world, query)
    ref.same_values(keyed(rows, columns, "rate"), wanted)
    for role, values in zip(("numerator", "denominator"), parts, strict=True):
        got = keyed(rows, columns, f"rate__{role}")
        ref.same_values(got, {k: values.get(k) for k in keys})
    _check_having(data, world, query, columns, rows)


def _check_having(
    data: st.DataObject, world: World, query: MetricQuery, columns: list[str], rows: list[Any]
) -> None:
    bound = data.draw(st.integers(-2, 8))
    having = data.draw(
        st.sampled_from(
            (Compare("rate", ">", (bound,)), Not(MetricCondition("rate", "<=", (bound,))))
        )
    )
    descending, limit = data.draw(st.booleans()), data.draw(st.integers(1, 4))
    order = (Order("rate", descending),)
    narrowed = MetricQuery(
        query.metrics,
        query.group_by,
        query.filters,
        having,
        query.periods,
        order=order,
        limit=limit,
    )
    met = [row for row in rows if row["rate"] is not None and row["rate"] > bound]
    sign = -1 if descending else 1

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        return (
            sign * row["rate"],
            *((row[c] is None, row[c] if row[c] is not None else 0) for c in columns),
        )

    wanted = sorted(met, key=place)[:limit]
    got = run(world, narrowed)
    assert [[row[c] for c in columns] for row in got] == [[r[c] for c in columns] for r in wanted]


def check_comparison(data: st.DataObject) -> None:
    """Values beside those of a base period of the same number of cells."""
    world = data.draw(worlds())
    names = dimensions(world, DIMENSIONS)
    by = data.draw(groups(names, time=False))
    grain = data.draw(st.sampled_from((None, "day", "week", "month")))
    month = floor(FIRST_DAY, Grain.MONTH)
    count = data.draw(st.integers(1, 2))
    period = Period(shift(month, count, Grain.MONTH), shift(month, 2 * count, Grain.MONTH))
    from metric_catalog.query import Comparison

    rows = run(
        world,
        MetricQuery(
            ("amount_sum",), by, periods=(period,), grain=grain, comparison=Comparison("previous")
        ),
    )
    columns = [*([f"metric_time__{grain}"] if grain else []), *(item.column for item in by)]
    base_period = Period(month, period.start)
    metric = world.catalog.metrics["amount_sum"]
    now = ref.simple_values(world, metric, columns, [None], period)
    base = ref.simple_values(world, metric, columns, [None], base_period)
    if grain:
        base = {
            (_moved(k[0], Grain(grain), base_period, period), *k[1:]): v for k, v in base.items()
        }
    keys = set(now) | set(base)
    ref.same_values(keyed(rows, columns, "amount_sum"), {k: now.get(k) for k in keys})
    ref.same_values(keyed(rows, columns, "amount_sum__base"), {k: base.get(k) for k in keys})
    changes = {
        k: None if now.get(k) is None or base.get(k) is None else now[k] - base[k] for k in keys
    }
    ref.same_values(keyed(rows, columns, "amount_sum__change"), changes)
    growth = {k: ref.ratio(changes[k], base.get(k) and abs(base[k])) for k in keys}
    ref.same_values(keyed(rows, columns, "amount_sum__growth"), growth)


def _moved(moment: dt.datetime, grain: Grain, base: Period, period: Period) -> dt.datetime:
    """The cell of `period` at the place that `moment` has in `base`, counted unit by unit."""
    assert base.start and period.start
    place, step = 0, floor(base.start, grain)
    while step < moment:
        place, step = place + 1, shift(step, 1, grain)
    return shift(floor(period.start, grain), place, grain)


def check_metric_condition(data: st.DataObject) -> None:
    """Filters on a metric of the customer: measured over all time and without other filters."""
    world = data.draw(worlds())
    names = dimensions(world, DIMENSIONS)
    bound = data.draw(st.integers(0, 3))
    leaf = MetricCondition("amount_count", ">=", (bound,), ("customer",))
    tree: Filter = data.draw(st.sampled_from((leaf, Not(leaf))))
    more = data.draw(filters(names))
    by = data.draw(groups(names))
    whole = And((tree, more)) if more else tree
    counts = ref.simple_values(world, world.catalog.metrics["amount_count"], ["customer"], [], None)

    def by_entity(_: MetricCondition, row: dict[str, Any]) -> Any:
        return None if row["customer_id"] is None else counts.get((row["customer_id"],))

    columns = [item.column for item in by]
    metric = world.catalog.metrics["amount_sum"]
    wanted = ref.simple_values(world, metric, columns, [whole], None, by_entity)
    rows = run(world, MetricQuery(("amount_sum",), by, whole))
    ref.same_values(keyed(rows, columns, "amount_sum"), wanted)


def check_identities(data: st.DataObject) -> None:
    """Filtering by all values changes nothing; the parts of an additive metric add up."""
    world = data.draw(worlds())
    names = [name for name in dimensions(world, DIMENSIONS) if name != "is_paid"]
    name = data.draw(st.sampled_from(names))
    metric = data.draw(st.sampled_from(("amount_sum", "amount_count", "amount_sum_boolean")))
    parts = run(world, MetricQuery((metric,), (GroupBy(name),)))
    total = run(world, MetricQuery((metric,)))[0][metric]
    added = [row[metric] for row in parts if row[metric] is not None]
    assert (sum(added) if added else None) == total or (not added and total == 0)
    every = Compare(name, "in", tuple(row[name] for row in parts))
    if parts:
        assert run(world, MetricQuery((metric,), filters=every))[0][metric] == total


CHECKS = (check_simple, check_ratio, check_comparison, check_metric_condition, check_identities)


@HOW_OFTEN
@each_of(CHECKS)
def test_agrees_with_plain_python(check: Check, often: settings) -> None:
    try_out(check, often)

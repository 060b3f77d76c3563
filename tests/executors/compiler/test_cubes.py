"""Cubes against plain Python: every segment is the sum over its own rows, and sets add up."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from executors.compiler.grouping_sets import sets_of
from executors.compiler.plan import Packed
from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import Compare, CubeQuery, Filter, Not, Or
from tests.executors.compiler import reference as ref
from tests.executors.compiler.examples import HOW_OFTEN, QUICK, Check, each_of, try_out
from tests.executors.compiler.test_brute_force import ENGINE
from tests.executors.compiler.worlds import (
    FIRST_DAY,
    Row,
    World,
    catalog_with,
    defined,
    simple,
    worlds,
)

SPLITS = ("channel", "customer__city", "kind", "is_paid", "metric_time__month")
SHARED = ("customer__city", "customer", "metric_time__month")
NAMED: dict[str, tuple[Any, ...]] = {
    "channel": ("app", None),
    "customer__city": ("ber", "cph"),
    "kind": ("big",),
    "is_paid": (True,),
}
COMPONENTS: dict[str, dict[str, dict[str, int]]] = {
    "amount_sum": {"value": {"amount_sum": 1}},
    "amount_sum_boolean": {"value": {"amount_sum_boolean": 1}},
    "paid_amount": {"value": {"paid_amount": 1}},
    "amount_average": {"numerator": {"amount_sum": 1}, "denominator": {"amount_count": 1}},
    "paid_share": {"numerator": {"paid_amount": 1}, "denominator": {"amount_sum": 1}},
    "unpaid": {"value": {"amount_sum": 1, "paid_amount": -1}},
    "doubled": {"numerator": {"amount_sum": 2}, "denominator": {"app_count": 1}},
    "per_visit": {"numerator": {"amount_sum": 1}, "denominator": {"visits": 1}},
    "amount_count_distinct": {"value": {"amount_count_distinct": 1}},
    "amount_max": {"value": {"amount_max": 1}},
}
EXACT = ("amount_count_distinct", "amount_max")
"""What does not add up, so that every set is measured by itself."""
OTHER = "other"

Cell = tuple[str, Any]


def _metrics(world: World) -> None:
    two = {"inputs": [{"metric": "amount_sum"}, {"metric": "paid_amount"}]}
    catalog_with(
        world,
        simple("app_count", "sales", "amount_count", "channel = 'app'"),
        _ratio("paid_share", "paid_amount", "amount_sum"),
        _ratio("doubled", "twice", "app_count"),
        _ratio("per_visit", "amount_sum", "visits"),
        defined("unpaid", type="derived", expr="amount_sum - paid_amount", **two),
        defined("twice", type="derived", expr="2 * amount_sum", inputs=[{"metric": "amount_sum"}]),
    )


def _ratio(name: str, above: str, below: str) -> Any:
    return defined(name, type="ratio", numerator={"metric": above}, denominator={"metric": below})


def _rows(
    world: World, of: str, tree: Filter | None, periods: list[Period | None]
) -> list[tuple[str, Row]]:
    """The rows that a simple metric counts, in any of some periods."""
    metric = world.catalog.metrics[of]
    own = parse_condition(metric.filter) if metric.filter else None
    model = metric.of.model  # type: ignore[union-attr]
    found: dict[int, Row] = {}
    for period in periods:
        found |= {id(row): row for row in ref.kept(world, model, (tree, own), period)}
    return [(model, row) for row in found.values()]


def _members(world: World, query: CubeQuery, name: str) -> Callable[[Any], Cell]:
    """What a cube makes of the cells of a dimension."""
    named = dict(query.members).get(name)
    leaves = {leaf for part in COMPONENTS[query.metric].values() for leaf in part}
    exact = query.metric in EXACT
    if exact and named is None and name.startswith("metric_time"):
        return lambda value: ("member", value)
    periods: list[Period | None] = [None] if exact else [query.current, query.base]
    counts: Counter[Any] = Counter()
    for model in {world.catalog.metrics[leaf].of.model for leaf in leaves}:  # type: ignore[union-attr]
        own = [leaf for leaf in leaves if world.catalog.metrics[leaf].of.model == model]  # type: ignore[union-attr]
        rows = {id(r): r for of in own for _, r in _rows(world, of, query.filters, periods)}
        counts.update(ref.cell(world, model, row, name) for row in rows.values())
    counts.pop(None, None)
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    chosen = ranked[: query.most_members] if named is None else [v for v in named if v is not None]

    def cell(value: Any) -> Cell:
        if value is None:
            return (OTHER, None) if named is not None and None not in named else ("missing", None)
        return ("member", value) if value in chosen else (OTHER, None)

    return cell


def _wanted(world: World, query: CubeQuery, side: Period, role: str) -> dict[Any, Any]:
    """Every segment with its value."""
    cells = {name: _members(world, query, name) for name in query.dimensions}
    found: dict[Any, float] = {}
    for of, factor in COMPONENTS[query.metric][role].items():
        metric = world.catalog.metrics[of]
        measure = world.catalog.models[metric.of.model].measure(metric.of.measure)  # type: ignore[union-attr]
        assert measure
        groups: dict[Any, list[Any]] = {}
        for model, row in _rows(world, of, query.filters, [side]):
            mapped = [cells[n](ref.cell(world, model, row, n)) for n in query.dimensions]
            for size in range(min(query.depth, len(mapped)) + 1):
                for places in combinations(range(len(mapped)), size):
                    key = (places, tuple(mapped[place] for place in places))
                    groups.setdefault(key, []).append(row[measure.expr or measure.name])
        for key, values in groups.items():
            value = ref.aggregate(measure.agg.value, values) or 0
            found[key] = found.get(key, 0) + factor * value
    return found


def _got(query: CubeQuery, rows: list[Row], column: str) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for row in rows:
        places = tuple(
            place for place in range(len(query.dimensions)) if row["__grouped"] >> place & 1
        )
        cells = []
        for place, name in enumerate(query.dimensions):
            is_other = bool(row["__other"] >> place & 1)
            if place not in places:
                assert row[name] is None and not is_other
                continue
            kind = OTHER if is_other else "missing" if row[name] is None else "member"
            assert kind != OTHER or row[name] is None
            cells.append((kind, row[name]))
        key = (places, tuple(cells))
        assert key not in found, key
        found[key] = row[column]
    return found


def _cube(data: st.DataObject, metric: str, splits: tuple[str, ...]) -> CubeQuery:
    names = data.draw(st.lists(st.sampled_from(splits), max_size=4, unique=True))
    start = FIRST_DAY + dt.timedelta(days=data.draw(st.integers(0, 45)))
    length, gap = data.draw(st.integers(5, 30)), data.draw(st.integers(-3, 6))
    day = dt.timedelta(days=1)
    base = Period(start - (length + gap) * day, start - gap * day)
    tree = data.draw(st.sampled_from((None, Compare("customer__city", "!=", ("ams",)))))
    members = tuple((n, NAMED[n]) for n in names if n in NAMED and data.draw(st.booleans()))
    return CubeQuery(
        metric,
        tuple(names),
        data.draw(st.integers(0, 4)),
        Period(start, start + length * day),
        base,
        tree,
        members,
        data.draw(st.sampled_from((1, 2, 29))),
    )


def check_segments(data: st.DataObject) -> None:
    """Every segment of every set, in both periods, with other and missing members."""
    world = data.draw(worlds(dense=data.draw(st.booleans())))
    _metrics(world)
    metric = data.draw(st.sampled_from(sorted(COMPONENTS)))
    query = _cube(data, metric, SHARED if metric == "per_visit" else SPLITS)
    ENGINE.fill(world)
    rows = ENGINE.rows(compile_query(query, world.catalog, EVERYTHING))
    assert query.base
    for side, period in (("current", query.current), ("base", query.base)):
        for role in COMPONENTS[metric]:
            wanted = _wanted(world, query, period, role)
            ref.same_segments(_got(query, rows, f"{side}__{role}"), wanted)


def check_least_share(data: st.DataObject) -> None:
    """Only segments of several dimensions are left out, and only those too small in both."""
    world = data.draw(worlds())
    query = _cube(data, "amount_sum_boolean", SPLITS)
    share = data.draw(st.sampled_from((0.2, 0.5)))
    ENGINE.fill(world)
    every = ENGINE.rows(compile_query(query, world.catalog, EVERYTHING))
    large = replace(query, least_share=share)
    kept = ENGINE.rows(compile_query(large, world.catalog, EVERYTHING))
    whole = next(row for row in every if not row["__grouped"])
    sides = ("current__value", "base__value")
    wanted = [
        row
        for row in every
        if row["__grouped"].bit_count() < 2
        or any(abs(row[side]) >= share * abs(whole[side]) for side in sides)
    ]
    assert sorted(map(str, kept)) == sorted(map(str, wanted))


def check_policy(data: st.DataObject) -> None:
    """What the asker may not see is in no segment, and counts for no member's rank."""
    world = data.draw(worlds())
    _metrics(world)
    metric = data.draw(st.sampled_from(("amount_sum", "paid_share", "amount_count_distinct")))
    query = _cube(data, metric, SPLITS)
    hidden = Or((Compare("channel", "=", ("web",)), Compare("channel", "is_null", ())))
    policy = Policy("x", (RowFilter("sales", Not(hidden)),))
    ENGINE.fill(world)
    got = ENGINE.rows(compile_query(query, world.catalog, policy))
    sales = [row for row in world.tables["sales"] if row["channel"] not in ("web", None)]
    ENGINE.fill(World({**world.tables, "sales": sales}, world.catalog, world.joins))
    wanted = ENGINE.rows(compile_query(query, world.catalog, EVERYTHING))
    assert sorted(map(str, got)) == sorted(map(str, wanted))


CHECKS = (check_segments, check_least_share, check_policy)


@HOW_OFTEN
@each_of(CHECKS)
def test_agrees_with_plain_python(check: Check, often: settings) -> None:
    try_out(check, often)


@given(st.lists(st.integers(2, 8), max_size=6), st.integers(0, 4))
def test_every_set_is_rolled_up_from_one_before_it(bits: list[int], depth: int) -> None:
    fields = tuple(Packed(f"d{n}", sum(bits[:n]), width) for n, width in enumerate(bits))
    sets = sets_of(fields, depth)
    shown = [each.dimensions for each in sets if each.shown]
    every = [p for n in range(min(depth, len(bits)) + 1) for p in combinations(range(len(bits)), n)]
    assert sorted(shown) == sorted(every)
    seen: set[tuple[int, ...]] = set()
    for each in sets:
        if each.parent is not None:
            assert each.parent in seen and set(each.dimensions) < set(each.parent)
        assert each.dimensions not in seen
        seen.add(each.dimensions)


@QUICK
@given(worlds())
def test_too_many_members_or_dimensions_are_refused(world: World) -> None:
    period = Period(FIRST_DAY, FIRST_DAY + dt.timedelta(days=5))
    ones = (("channel", tuple(map(str, range(1_000)))),)
    good = CubeQuery("amount_sum", ("channel",), 1, period, None, None, ones)
    compile_query(good, world.catalog, EVERYTHING)
    for bad in (
        CubeQuery("amount_sum", ("channel", "channel"), 1, period, None),
        CubeQuery("amount_sum", ("channel",), -1, period, None),
        CubeQuery("amount_sum", ("channel",), 1, period, None, most_members=0),
        CubeQuery("amount_sum", ("chanel",), 1, period, None),
    ):
        with pytest.raises(CatalogError):
            compile_query(bad, world.catalog, EVERYTHING)

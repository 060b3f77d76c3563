"""Conversions against plain Python: every window, direction, attribution and choice of base events.

Which events are read for a period is not part of what a conversion means: the reference reads all.
"""

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from executors.compiler.event_windows import reach
from metric_catalog.calendars import DEFAULT_CALENDAR
from metric_catalog.model.metrics import Window
from metric_catalog.periods import Grain, Period, floor, shift
from metric_catalog.query import Compare, Filter, GroupBy, MetricQuery
from tests.executors.compiler import reference as ref
from tests.executors.compiler.examples import HOW_OFTEN, try_out
from tests.executors.compiler.test_brute_force import keyed, periods, run
from tests.executors.compiler.test_brute_force_types import key_of, near
from tests.executors.compiler.worlds import FIRST_DAY, Row, World, catalog_with, defined, worlds

DAY = dt.timedelta(days=1)
LENGTHS = (
    ("hour", 5), ("day", 0), ("day", 1), ("day", 2), ("day", 3), ("day", 20), ("week", 1),
    ("month", 1), ("month", 2), ("quarter", 1),
)  # fmt: skip
FAR = 400
"""Days around the months of a random world, for months that end early."""


@dataclass(frozen=True)
class Side:
    """The events of one side: rows of a model where a column is not one value, or null."""

    model: str
    metric: str
    column: str
    without: str
    key: str

    def rows(self, world: World) -> list[Row]:
        """Return the events."""
        rows = world.tables[self.model]
        return [row for row in rows if row[self.column] not in (self.without, None)]

    def when(self, world: World, row: Row) -> dt.datetime:
        """Return when an event happens, as finely as its model tells."""
        grain = self.grain(world)
        moment: dt.datetime = row[ref.TIMES[self.model]]
        return floor(moment, grain)

    def grain(self, world: World) -> Grain:
        """Return how finely the model tells the time of its events."""
        dimension = world.catalog.models[self.model].dimension(ref.TIMES[self.model])
        assert dimension and dimension.grain
        return Grain(dimension.grain)

    def input(self) -> dict[str, Any]:
        """Return the side as a definition writes it."""
        return {"metric": self.metric, "filter": f"{self.column} != '{self.without}'"}


VISITS = Side("visits", "visits", "source", "web", "visit_id")
APP = Side("sales", "amount_count", "channel", "web", "sale_id")
WEB = Side("sales", "amount_count", "channel", "app", "sale_id")


def counted(side: Side, row: Row) -> bool:
    return side.model == "visits" or row["amount"] is not None


def check_conversion(data: st.DataObject) -> None:
    """Events after a base event of the same customer, counted for the latest one before.

    By default that is the latest of all base events, then chosen by the query or not; `asked`
    makes it the latest of those that the query chooses.
    """
    world = data.draw(worlds(dense=True))
    base, later = data.draw(st.sampled_from(((VISITS, APP), (APP, VISITS), (APP, WEB))))
    length = data.draw(st.one_of(st.none(), st.sampled_from(LENGTHS)))
    attribution = data.draw(st.sampled_from(("every", "asked")))
    constant = data.draw(st.booleans())
    of: dict[str, Any] = {"base": base.input(), "conversion": later.input(), "entity": "customer"}
    of["attribution"] = attribution
    if constant:
        of["constant_properties"] = [{"base": base.column, "conversion": later.column}]
    if length:
        of["window"] = {"count": length[1], "grain": length[0]}
    catalog_with(world, defined("converted", type="conversion", **of))
    names = [base.column, "customer__city"] if attribution == "every" else ["customer__city"]
    grains = ("week", "day", "month")
    by = data.draw(st.sampled_from(((), *((GroupBy("metric_time", g),) for g in grains))))
    by += tuple(map(GroupBy, data.draw(st.lists(st.sampled_from(names), max_size=1))))
    among = Compare(base.column, "in", ("app",))
    tree: Filter | None = data.draw(
        st.sampled_from((None, among, Compare("customer__city", "!=", ("ams",))))
    )
    period = data.draw(st.one_of(near(), periods()))
    columns = [item.column for item in by]
    ours = {id(row) for row in base.rows(world)}
    chosen = [b for b in ref.kept(world, base.model, [tree], period) if id(b) in ours]
    candidates = base.rows(world) if attribution == "every" else chosen
    grain = max((base.grain(world), later.grain(world)), key=lambda g: g.order)
    above: dict[ref.Key, Any] = {} if by else {(): 0}
    for event in later.rows(world):
        end = floor(later.when(world, event), grain)
        before = [
            b
            for b in candidates
            if b["customer_id"] is not None
            and b["customer_id"] == event["customer_id"]
            and (not constant or b[base.column] == event[later.column])
            and (start := floor(base.when(world, b), grain)) <= end
            and (not length or start > shift(end, -length[1], Grain(length[0])))
        ]
        if not before:
            continue
        latest = max(before, key=lambda b: (base.when(world, b), -b[base.key]))
        if any(latest is each for each in chosen):
            key = key_of(world, base.model, latest, columns)
            above[key] = above.get(key, 0) + counted(later, event)
    below: dict[ref.Key, Any] = {} if by else {(): 0}
    for row in chosen:
        key = key_of(world, base.model, row, columns)
        below[key] = below.get(key, 0) + counted(base, row)
    none = 0 if attribution == "every" else None
    above = {key: above.get(key, none) for key in set(above) | set(below)}
    rows = run(world, MetricQuery(("converted",), by, tree, periods=(period,)))
    ref.same_values(keyed(rows, columns, "converted__numerator"), above)
    ref.same_values(
        keyed(rows, columns, "converted"), {k: ref.ratio(n, below.get(k)) for k, n in above.items()}
    )


@HOW_OFTEN
def test_agrees_with_plain_python(often: settings) -> None:
    try_out(check_conversion, often)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(dense=True), st.randoms(use_true_random=False))
def test_the_later_of_two_on_one_day_is_the_latest(world: World, random: Random) -> None:
    of = {"base": {"metric": "amount_count"}, "conversion": {"metric": "visits"}}
    catalog_with(world, defined("converted", type="conversion", entity="customer", **of))
    for row in world.tables["sales"]:
        row["sold_at"] = FIRST_DAY + dt.timedelta(minutes=random.randint(0, 1439))
        row["amount"] = 1
    above: dict[ref.Key, int] = {(row["channel"],): 0 for row in world.tables["sales"]}
    for visit in world.tables["visits"]:
        bases = [r for r in world.tables["sales"] if r["customer_id"] == visit["customer_id"]]
        if not bases or visit["customer_id"] is None or visit["seen_at"] < FIRST_DAY:
            continue
        latest = max(bases, key=lambda r: (APP.when(world, r), -r["sale_id"]))
        above[latest["channel"],] += 1
    rows = run(world, MetricQuery(("converted",), (GroupBy("channel"),)))
    ref.same_values(keyed(rows, ["channel"], "converted__numerator"), above)


@pytest.mark.parametrize("attribution", ["every", "asked"])
def test_a_repeated_or_missing_key_counts_no_conversion_twice(attribution: str) -> None:
    @settings(max_examples=30, deadline=None, derandomize=True)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        world = data.draw(worlds(dense=True))
        side = {"base": {"metric": "visits"}, "conversion": {"metric": "amount_count"}}
        metric = defined(
            "converted", type="conversion", entity="customer", **side, attribution=attribution
        )
        catalog_with(world, metric)
        query = MetricQuery(("converted",), (GroupBy("customer__city"),))
        wanted = keyed(run(world, query), ["customer__city"], "converted__numerator")
        for table, key in (("visits", "visit_id"), ("sales", "sale_id")):
            for row in world.tables[table]:
                row[key] = data.draw(st.sampled_from((0, 1, None)))
        assert keyed(run(world, query), ["customer__city"], "converted__numerator") == wanted

    holds()


lengths = st.sampled_from(
    [(g, n) for g in ("hour", "day", "week", "month", "year") for n in (1, 2)]
)
moments = st.builds(
    lambda day, minute: FIRST_DAY + day * DAY + dt.timedelta(minutes=minute),
    st.integers(-FAR, FAR),
    st.one_of(st.just(0), st.integers(0, 1439)),
)
month_ends = st.builds(
    lambda month, day: shift(dt.datetime(2024, 1, 1), month, Grain.MONTH) - day * DAY,
    st.integers(-4, 16),
    st.integers(-1, 3),
)
bounds = st.one_of(moments, month_ends)


@settings(max_examples=2_000, deadline=None, derandomize=True)
@given(lengths, bounds, st.integers(-36, 36), st.sampled_from(("minute", "hour", "day", "month")))
def test_every_conversion_of_a_period_is_within_reach(
    length: tuple[str, int], end: dt.datetime, hours: int, grain: str
) -> None:
    window, unit = Window(grain=length[0], count=length[1]), Grain(grain)
    later = shift(end, window.count, Grain(window.grain)) + dt.timedelta(hours=hours)
    near = reach(window, Period(None, end), unit, DEFAULT_CALENDAR)
    last = end - dt.timedelta(microseconds=1)  # of the moments inside the period
    inside = floor(last, unit) > shift(floor(later, unit), -window.count, Grain(window.grain))
    assert near and near.end
    if inside:
        assert later < near.end
    slack = shift(near.end + DAY, 1, unit)  # no more is read than that
    assert floor(last, unit) <= shift(floor(slack, unit), -window.count, Grain(window.grain))


def test_reach_beyond_the_years_there_are_is_open() -> None:
    near = reach(
        Window(grain="day", count=10**9), Period(None, FIRST_DAY), Grain.DAY, DEFAULT_CALENDAR
    )
    assert near == Period(None, None)

"""Running values looked back on by less than the cell that is asked for, against plain Python."""

import datetime as dt
from collections import defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from metric_catalog.periods import Grain, Period, floor, shift, units
from metric_catalog.query import Compare, GroupBy, MetricQuery
from tests.executors.compiler import reference as ref
from tests.executors.compiler.examples import HOW_OFTEN, try_out
from tests.executors.compiler.test_brute_force import keyed, run
from tests.executors.compiler.test_brute_force_types import PLAIN, closed, key_of
from tests.executors.compiler.worlds import catalog_with, defined, worlds

FINER = (
    ("day", "week"),
    ("day", "month"),
    ("week", "month"),
    ("day", "quarter"),
    ("week", "quarter"),
    ("month", "quarter"),
    ("day", "day"),
    ("week", "day"),
    ("month", "day"),
    ("week", "week"),
)


def check_shifted(data: st.DataObject) -> None:
    """A value beside what it was at the moments before: each moment of a cell looks back."""
    world = data.draw(worlds())
    agg = data.draw(st.sampled_from(("sum", "count", "count_distinct", "min", "average")))
    shape = data.draw(st.sampled_from(("window", "to_date", "all")))
    length, grain = data.draw(st.sampled_from(FINER))
    count = data.draw(st.integers(1, 3))
    of: dict[str, Any] = {"metric": {"metric": f"amount_{agg}"}}
    of["period_agg"] = data.draw(st.sampled_from(("first", "last", "average")))
    if shape == "window":
        of["window"] = {"count": data.draw(st.integers(1, 20)), "grain": "day"}
    elif shape == "to_date":
        of["grain_to_date"] = "month"
    of["looks_back"] = data.draw(st.sampled_from(("every", "asked")))
    alone = of["looks_back"] == "asked" and grain == "day"
    back = {"count": count, "grain": length}
    before = {"metric": "running", "alias": "before", "offset_window": back}
    catalog_with(
        world,
        defined("running", type="cumulative", **of),
        defined("then", type="derived", expr="before + 0", inputs=[before]),
    )
    names = data.draw(st.lists(st.sampled_from(PLAIN), max_size=1))
    tree = data.draw(st.one_of(st.none(), st.just(Compare("channel", "in", ("app", "web")))))
    period: Period = closed(data)
    kept = ref.kept(world, "sales", [tree], None)

    def counts(moment: dt.datetime, day: dt.datetime) -> bool:
        happened = floor(moment, Grain.DAY)
        if shape == "window":
            return shift(day, -of["window"]["count"], Grain.DAY) < happened <= day
        start = floor(day, Grain.MONTH) if shape == "to_date" else dt.datetime.min
        return start <= happened <= day

    def value(rows: list[dict[str, Any]]) -> Any:
        column = "customer_id" if agg == "count_distinct" else "amount"
        return ref.aggregate(agg, [row[column] for row in rows])

    cells: dict[ref.Key, list[Any]] = defaultdict(list)
    for day in (each.start for each in units(period, Grain.DAY)):
        assert day is not None
        then = shift(day, -count, Grain(length))
        found: dict[ref.Key, list[Any]] = defaultdict(list)
        for row in kept if not alone or period.contains(then) else ():
            if counts(row["sold_at"], then):
                found[key_of(world, "sales", row, names)].append(row)
        for key, rows in found.items():
            cells[floor(day, Grain(grain)), *key].append(value(rows))
    wanted: dict[ref.Key, Any] = {}
    for key, several in cells.items():
        known = [v for v in several if v is not None]
        mean = sum(known) / len(known) if known else None
        wanted[key] = {"first": several[0], "last": several[-1], "average": mean}[of["period_agg"]]
    query = MetricQuery(
        ("then",), tuple(GroupBy(n) for n in names), tree, periods=(period,), grain=grain
    )
    rows = run(world, query)
    ref.same_values(keyed(rows, [f"metric_time__{grain}", *names], "then"), wanted)


@HOW_OFTEN
def test_agrees_with_plain_python(often: settings) -> None:
    try_out(check_shifted, often)

"""Which chart an answer gets, and that its numbers are those of the rows and findings."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insights.charts.choose import choose_chart
from assistant.insights.charts.spec import (
    Bar,
    Bullet,
    ChartSpec,
    Funnel,
    Heatmap,
    Line,
    MixRate,
    Number,
    Share,
    Waterfall,
)
from assistant.insights.finding import Change, Driver, Finding
from assistant.insights.investigation import Intent
from assistant.insights.labels import OTHER, Labels
from assistant.insights.story import Story
from executors.result import Cell
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import Dimension, Measure, SemanticModel
from metric_catalog.periods import Period
from metric_catalog.query import Compare, CountGroups, GroupBy, MetricQuery, Order, ShareOfTotal
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric, table

CHANGE = Change(120.0, 100.0, 20.0, 0.2, False)
TITLE = "the finding"
RETURNS = {
    "type": "retention",
    "entity": "user",
    "cohort_model": "users",
    "return_model": "visits",
    "from_day": 1,
    "to_day": 1,
}


def story(
    intent: Intent,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Cell]],
    findings: tuple[Finding, ...] = (),
    of: Metric | None = None,
    language: Language = "en",
    others: tuple[Metric, ...] = (),
    focus: tuple[Compare, ...] = (),
    **query: Any,
) -> Story:
    """A story over `sales`, a sum of `orders.amount`."""
    chosen = of or metric(unit="count", direction="up_good")
    known = {m.id: m for m in (chosen, *others)}
    asked = MetricQuery(tuple(known), **{"periods": (OCTOBER,), **query})
    model = SemanticModel(
        id="orders", table="orders", measures=(Measure(name="amount", agg="sum"),)
    )  # type: ignore[arg-type]
    catalog = Catalog(models={"orders": model}, metrics=known)
    found = investigation(intent, of=chosen, query=asked)
    return Story(found, table(asked, columns, rows), findings, Labels(catalog, language), (), focus)


def drivers(*found: Driver) -> tuple[Finding, ...]:
    change = math.fsum(d.effect for d in found)
    moved = Change(100 + change, 100.0, change, None, False)
    return (
        Finding("change", "sales", change=moved),
        Finding("drivers", "channel", drivers=found),
    )


def chart(of: Story) -> ChartSpec:
    spec = choose_chart(of, TITLE)
    assert spec is not None
    assert spec.frame.title == TITLE
    assert TITLE in spec.frame.alt
    return spec


def by_channel(intent: Intent, count: int, **more: Any) -> Story:
    rows = [(f"c{i}", float(count - i)) for i in range(count)]
    columns = [("channel", "dimension"), ("sales", "metric")]
    return story(intent, columns, rows, group_by=(GroupBy("channel"),), **more)


def test_no_rows_and_counts_of_groups_have_no_chart() -> None:
    assert choose_chart(story("value", [("sales", "metric")], []), TITLE) is None
    counted = story("value", [("count", "metric")], [(3,)], post=CountGroups())
    assert choose_chart(counted, TITLE) is None


def test_one_number_has_its_history_as_sparkline() -> None:
    points = (("2026-08-01", 90.0), ("2026-09-01", 100.0), ("2026-10-01", 120.0))
    found = (Finding("change", "sales", change=CHANGE, points=points),)
    spec = chart(story("value", [("sales", "metric")], [(120.0,)], found))
    assert isinstance(spec, Number)
    assert (spec.value, spec.spark, spec.previous) == (120.0, (90.0, 100.0, 120.0), 100.0)
    assert spec.previous_label == "September 2026"


def test_growth_is_two_columns_from_past_to_present() -> None:
    found = (Finding("change", "sales", change=CHANGE),)
    spec = chart(story("growth", [("sales", "metric")], [(120.0,)], found))
    assert isinstance(spec, Bar)
    assert spec.labels == ("September 2026", "October 2026")
    assert spec.series[0][1] == (100.0, 120.0)
    assert spec.compared


def test_several_periods_are_columns_in_order() -> None:
    columns = [("period__start", "time"), ("period__end", "time"), ("sales", "metric")]
    rows = [(OCTOBER.start, OCTOBER.end, 2.0), (SEPTEMBER.start, SEPTEMBER.end, 1.0)]
    spec = chart(story("comparison", columns, rows, periods=(OCTOBER, SEPTEMBER)))
    assert isinstance(spec, Bar)
    assert spec.series[0][1] == (1.0, 2.0)


MONTHS = [dt.date(2026, month, 1) for month in range(1, 12)]
SO_FAR = Period.of_days(dt.date(2026, 1, 1), dt.date(2026, 11, 30))
OVER_TIME = [("metric_time__month", "time"), ("sales", "metric")]


def test_a_trend_is_a_line_dashed_where_the_period_runs() -> None:
    rows = [(day, float(day.month)) for day in reversed(MONTHS)]
    spec = chart(story("trend", OVER_TIME, rows, periods=(SO_FAR,), grain="month"))
    assert isinstance(spec, Line)
    assert spec.labels[0] == "Jan 2026"
    assert spec.series[0][1] == tuple(float(month) for month in range(1, 12))
    assert spec.incomplete_last
    done = Period.of_days(dt.date(2026, 1, 1), dt.date(2026, 10, 31))
    complete = chart(story("trend", OVER_TIME, rows[1:], periods=(done,), grain="month"))
    assert isinstance(complete, Line)
    assert not complete.incomplete_last


def test_the_largest_members_get_lines_and_the_rest_is_said() -> None:
    columns = [("metric_time__month", "time"), ("city", "dimension"), ("sales", "metric")]
    rows = [(day, f"c{i}", float(i)) for day in MONTHS for i in range(9)]
    spec = chart(story("trend", columns, rows, group_by=(GroupBy("city"),), grain="month"))
    assert isinstance(spec, Line)
    assert [name for name, _ in spec.series] == ["c8", "c7", "c6", "c5", "c4", "c3"]
    assert "6 of 9" in spec.frame.note


def test_anomalies_are_marked_on_the_line() -> None:
    found = (Finding("anomaly", "sales", facts=(("start", "2026-03-01"),)),)
    rows = [(day, float(day.month)) for day in MONTHS]
    spec = chart(story("anomaly", OVER_TIME, rows, found, grain="month"))
    assert isinstance(spec, Line)
    assert spec.marks == (2,)


def test_a_forecast_follows_the_past() -> None:
    ahead = Finding(
        "forecast", "sales", 12.0, facts=(("low", 9.0), ("high", 15.0), ("grain", "month")),
        points=(("2026-12-01", 12.0),),
    )  # fmt: skip
    rows = [(day, float(day.month)) for day in MONTHS]
    spec = chart(story("forecast", OVER_TIME, rows, (ahead,), grain="month"))
    assert isinstance(spec, Line)
    assert (spec.forecast, spec.band) == (1, ((9.0, 15.0),))
    assert (spec.labels[-1], spec.series[0][1][-1]) == ("Dec 2026", 12.0)


def test_cohorts_are_a_heat_map_with_blank_cells() -> None:
    day_1 = metric("d1", unit="ratio", of=RETURNS)
    day_7 = metric("d7", unit="ratio", of={**RETURNS, "from_day": 7, "to_day": 7})
    columns = [("metric_time__month", "time"), ("d1", "metric"), ("d7", "metric")]
    rows = [(MONTHS[0], 0.4, 0.2), (MONTHS[1], 0.5, None)]
    spec = chart(story("trend", columns, rows, of=day_1, others=(day_7,), grain="month"))
    assert isinstance(spec, Heatmap)
    assert spec.cells == ((0.4, 0.2), (0.5, None))
    assert spec.frame.note


def test_metrics_of_other_units_stay_off_the_axis() -> None:
    rate = metric("rate", unit="ratio")
    columns = [("metric_time__month", "time"), ("sales", "metric"), ("rate", "metric")]
    rows = [(day, 5.0, 0.5) for day in MONTHS]
    spec = chart(story("trend", columns, rows, others=(rate,), grain="month"))
    assert isinstance(spec, Line)
    assert [name for name, _ in spec.series] == ["sales"]


def test_thirty_groups_become_twelve_and_the_rest_of_a_sum() -> None:
    spec = chart(by_channel("breakdown", 30))
    assert isinstance(spec, Bar)
    values = spec.series[0][1]
    assert (len(values), spec.rest, spec.horizontal) == (13, True, True)
    assert math.fsum(v or 0 for v in values) == 30 * 31 / 2
    assert "12 of 30" in spec.frame.note


def test_what_does_not_add_up_gets_no_rest() -> None:
    spec = chart(
        by_channel(
            "breakdown",
            30,
            of=metric(
                unit="ratio",
                of={"type": "ratio", "numerator": {"metric": "a"}, "denominator": {"metric": "b"}},
            ),
        )
    )
    assert isinstance(spec, Bar)
    assert (len(spec.labels), spec.rest) == (12, False)
    limited = chart(by_channel("ranking", 30, limit=30))
    assert isinstance(limited, Bar)
    assert not limited.rest


def test_the_row_of_all_others_is_drawn_last_and_in_words() -> None:
    columns = [("channel", "dimension"), ("sales", "metric")]
    rows = [(OTHER, 90.0), ("a", 5.0), ("b", 7.0)]
    asked = {"group_by": (GroupBy("channel"),), "limit": 2, "other": True}
    spec = chart(story("ranking", columns, rows, language="zh", **asked))
    assert isinstance(spec, Bar)
    assert (spec.labels, spec.rest) == (("b", "a", "其他"), True)


def test_an_asked_order_is_kept() -> None:
    columns = [("channel", "dimension"), ("sales", "metric")]
    asked = {"group_by": (GroupBy("channel"),), "order": (Order("sales"),)}
    spec = chart(story("ranking", columns, [("a", 1.0), ("b", 2.0)], **asked))
    assert isinstance(spec, Bar)
    assert spec.labels == ("a", "b")


def test_this_and_last_stand_side_by_side() -> None:
    columns = [("channel", "dimension"), ("sales", "metric"), ("sales__base", "component")]
    rows = [("a", 5.0, 4.0), ("b", 7.0, 9.0)]
    spec = chart(story("growth", columns, rows, group_by=(GroupBy("channel"),)))
    assert isinstance(spec, Bar)
    assert [name for name, _ in spec.series] == ["September 2026", "October 2026"]
    assert [values for _, values in spec.series] == [(9.0, 4.0), (7.0, 5.0)]


def test_two_dimensions_cross() -> None:
    columns = [("channel", "dimension"), ("city", "dimension"), ("sales", "metric")]
    rows = [("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 3.0)]
    groups = (GroupBy("channel"), GroupBy("city"))
    spec = chart(story("breakdown", columns, rows, group_by=groups))
    assert isinstance(spec, Heatmap)
    assert spec.cells == ((1.0, 2.0), (3.0, None))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30), st.booleans())
def test_shares_always_sum_to_one(sizes: list[float], as_shares: bool) -> None:
    whole = math.fsum(sizes)
    rows = [(f"c{i}", size, size / whole) for i, size in enumerate(sizes)]
    columns = [("channel", "dimension"), ("sales", "metric"), ("sales__share", "component")]
    if not as_shares:
        columns, rows = columns[:2], [row[:2] for row in rows]  # type: ignore[misc]
    asked = {"group_by": (GroupBy("channel"),), "post": ShareOfTotal() if as_shares else None}
    wanted = (Compare("channel", "=", (f"c{len(sizes) - 1}",)),)
    spec = chart(story("share", columns, rows, focus=wanted, **asked))
    assert isinstance(spec, Share)
    assert math.fsum(part or 0.0 for part in spec.parts) == pytest.approx(1, abs=1e-3)
    assert spec.labels[0] == f"c{len(sizes) - 1}"


def test_parts_that_overlap_are_no_whole() -> None:
    columns = [("channel", "dimension"), ("sales", "metric"), ("sales__share", "component")]
    rows = [("a", 8.0, 0.8), ("b", 7.0, 0.7)]
    asked = {"group_by": (GroupBy("channel"),), "post": ShareOfTotal()}
    assert isinstance(chart(story("share", columns, rows, **asked)), Bar)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20), st.floats(-100, 100))
def test_a_waterfall_sums_to_the_change(effects: list[float], residual: float) -> None:
    found = [Driver("channel", f"m{i}", "additive", effect) for i, effect in enumerate(effects)]
    found.append(Driver("channel", None, "residual", residual))
    spec = chart(story("explain", [("sales", "metric")], [(1.0,)], drivers(*found)))
    assert isinstance(spec, Waterfall)
    total = spec.start[1] + math.fsum(effect for _, effect in spec.effects)
    assert total == pytest.approx(spec.end[1], abs=1e-4)
    assert len(spec.effects) <= 9


@given(
    st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), min_size=1, max_size=12),
    st.sampled_from([0.0, 0.02]),
)
def test_mix_rate_and_rest_sum_to_the_change(
    pairs: list[tuple[float, float]], residual: float
) -> None:
    found = []
    for i, (mix, rate) in enumerate(pairs):
        found += [Driver("channel", f"m{i}", "mix", mix), Driver("channel", f"m{i}", "rate", rate)]
    found.append(Driver("channel", None, "residual", residual))
    findings = drivers(*found)
    of = metric(unit="ratio", direction="up_good")
    spec = chart(story("explain", [("sales", "metric")], [(1.0,)], findings, of=of))
    assert isinstance(spec, MixRate)
    drawn = math.fsum(v or 0.0 for v in (*spec.mix, *spec.rate)) + spec.rest
    assert findings[0].change is not None
    assert drawn == pytest.approx(findings[0].change.absolute, abs=1e-6)


@pytest.mark.parametrize(("language", "said"), [("en", "By shop kind"), ("zh", "按店型拆分")])
@pytest.mark.parametrize("kind", ["additive", "rate"])
def test_effects_name_the_first_dimension_of_the_drivers(
    kind: Any, language: Language, said: str
) -> None:
    change = Finding("change", "sales", change=Change(90.0, 100.0, -10.0, None, False))
    found = tuple(
        Finding("drivers", name, drivers=(Driver(name, "a", kind, -10.0),))
        for name in ("shop_kind", "channel")
    )
    told = story("explain", [("sales", "metric")], [(90.0,)], (change, *found), language=language)
    model = told.labels.catalog.models["orders"]
    label = {"en": "shop kind", "zh": "店型"}
    named = Dimension(name="shop_kind", label=label)  # type: ignore[arg-type]
    labels = Labels(
        replace(told.labels.catalog, models={"orders": model.model_copy(
            update={"dimensions": (named,)})}), language)  # fmt: skip
    spec = chart(replace(told, labels=labels))
    assert isinstance(spec, MixRate if kind == "rate" else Waterfall)
    assert spec.frame.subtitle == said
    assert said in spec.frame.alt


def test_factors_of_a_metric_are_no_dimension() -> None:
    change = Finding("change", "sales", change=Change(90.0, 100.0, -10.0, None, False))
    factor = Finding("drivers", "sales", drivers=(Driver(None, "sales", "identity", -10.0),))
    spec = chart(story("explain", [("sales", "metric")], [(90.0,)], (change, factor)))
    assert isinstance(spec, Waterfall)
    assert spec.frame.subtitle == ""


def test_a_target_and_a_funnel_come_from_findings() -> None:
    goal = Finding("attainment", "sales", facts=(("value", 80.0), ("target", 100)))
    bullet = chart(story("attainment", [("sales", "metric")], [(80.0,)], (goal,)))
    assert isinstance(bullet, Bullet)
    assert (bullet.value, bullet.target) == (80.0, 100.0)
    steps = Finding("funnel", "sales", points=(("visit", 9.0), ("pay", 3.0)))
    funnel = chart(story("value", [("sales", "metric")], [(9.0,)], (steps,)))
    assert isinstance(funnel, Funnel)
    assert funnel.values == (9.0, 3.0)


def test_units_cut_by_the_period_are_dashed_at_both_ends() -> None:
    weeks = [dt.datetime(2026, 8, 31) + dt.timedelta(weeks=i) for i in range(5)]
    september = Period.of_days(dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    columns = [("metric_time__week", "time"), ("sales", "metric")]
    rows = [(week, 5.0) for week in weeks]
    spec = chart(story("trend", columns, rows, periods=(september,), grain="week"))
    assert isinstance(spec, Line)
    assert (spec.incomplete_first, spec.dashed) == (True, 1)
    whole = Period(weeks[0], weeks[-1] + dt.timedelta(weeks=1))
    complete = chart(story("trend", columns, rows, periods=(whole,), grain="week"))
    assert isinstance(complete, Line)
    assert (complete.incomplete_first, complete.dashed, complete.frame.note) == (False, 0, "")


def test_young_cohorts_are_dashed_or_blank() -> None:
    day_1 = metric("d1", unit="ratio", of=RETURNS)
    day_7 = metric("d7", unit="ratio", of={**RETURNS, "from_day": 7, "to_day": 7})
    columns = [("metric_time__month", "time"), ("d1", "metric"), ("d1__incomplete", "component")]
    rows = [(MONTHS[0], 0.4, 0), (MONTHS[1], 0.3, 5), (MONTHS[2], 0.1, 9)]
    spec = chart(story("trend", columns, rows, of=day_1, grain="month"))
    assert isinstance(spec, Line)
    assert spec.dashed == 2
    both = [*columns, ("d7", "metric")]
    cells = [(*row, 0.2) for row in rows]
    heat = chart(story("trend", both, cells, of=day_1, others=(day_7,), grain="month"))
    assert isinstance(heat, Heatmap)
    assert heat.cells == ((0.4, 0.2), (None, 0.2), (None, 0.2))


def test_shares_beside_the_amounts_are_taken() -> None:
    columns = [("channel", "dimension"), ("sales", "metric"), ("sales__share", "component")]
    rows = [("a", 30.0, 0.3), ("b", 70.0, 0.7)]
    asked = {"group_by": (GroupBy("channel"),), "post": ShareOfTotal()}
    spec = chart(story("share", columns, rows, **asked))
    assert isinstance(spec, Share)
    assert spec.parts == (0.7, 0.3)


def test_several_metrics_of_one_unit_are_bars() -> None:
    cost = metric("cost", unit="count")
    spec = chart(story("value", [("sales", "metric"), ("cost", "metric")], [(5.0, 3.0)],
                       others=(cost,)))  # fmt: skip
    assert isinstance(spec, Bar)
    assert (spec.labels, spec.series[0][1]) == (("sales", "cost"), (5.0, 3.0))

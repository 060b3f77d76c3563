"""Every kind of finding is told in both languages, in full, and never as a cause."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from assistant.insights.finding import Change, Driver, Finding, Segment
from assistant.insights.headline import headline
from assistant.insights.investigation import Intent
from assistant.insights.labels import Labels
from assistant.insights.maturity import YOUNG, on_complete_cohorts
from assistant.insights.narrative import narrate
from assistant.insights.story import Story
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.query import Compare, GroupBy, MetricCondition, MetricQuery
from prompts.render import sentences
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric, table

LANGUAGES: tuple[Language, ...] = ("en", "zh")
FELL = Change(80.0, 100.0, -20.0, -0.2, False, (95.0, 105.0), 100.0, "season_trend")
CAUSED = re.compile(r"\b(caused|because|due to)\b|导致|造成|因为|由于")
CHANGE = Finding("change", "sales", -20.0, change=FELL)


def finding(kind: Any, subject: str = "sales", size: float | None = 1.0, **more: Any) -> Finding:
    facts = tuple(more.pop("facts", {}).items())
    return Finding(kind, subject, size, facts=facts, **more)


FINDINGS = {
    "change_point": finding("change_point", facts={"start": "2026-10-05"}),
    "anomaly": finding(
        "anomaly", period=OCTOBER, facts={"start": "2026-10-05", "value": 3.0, "expected": 2.0, "deviations": 4.0}
    ),
    "concentration": finding(
        "concentration",
        facts={"dimension": "channel", "members": 9, "top_member": "app", "top_share": 0.5,
               "most": 3, "most_share": 0.82, "even": 3.0},
    ),
    "ranking": finding(
        "ranking",
        facts={"dimension": "channel", "leader": "app", "leader_before": "web", "new_in_top": 0,
               "climbed": "app", "fell": "web"},
        points=(("app", 3.0), ("web", -2.0)),
    ),
    "forecast": finding("forecast", facts={"low": 1.0, "high": 2.0, "basis": "season_trend"}),
    "short forecast": finding("forecast", facts={"low": 1.0, "high": 2.0, "basis": "trend"}),
    "pace": finding(
        "attainment",
        facts={"value": 4.0, "target": 8.0, "attainment": 0.5, "met": False, "elapsed": 0.4,
               "pace": 1.25},
    ),
    "target": finding(
        "attainment",
        facts={"value": 9.0, "target": 8.0, "attainment": 1.125, "met": True, "elapsed": 1.0},
    ),
    "opportunity": finding(
        "opportunity", size=-3.0,
        facts={"dimension": "channel", "benchmark": 0.5, "best_member": "app", "best_rate": 0.6,
               "best_share": 0.1},
        drivers=(Driver("channel", "web", "rate", -2.0), Driver("channel", None, "rate", -1.0)),
    ),
    "moved_together": finding(
        "moved_together", "sales", 0.8, facts={"strength": 0.8, "lag": 0, "periods": 24}
    ),
    "moved earlier": finding(
        "moved_together", "sales", -0.8, facts={"strength": -0.8, "lag": 2, "periods": 24}
    ),
    "segments": finding(
        "segments", size=-9.0, segments=(Segment(("channel=app", "page=∅"), 9.0, -9.0),)
    ),
    "simpson": finding("drivers", "channel", facts={"simpson": True}),
    "gap": finding("quality", facts={"code": "data_gap", "days": 3, "first": "2026-10-05"}),
    "definition": finding(
        "quality", facts={"code": "definition_changed", "since": "2026-10-05", "version": 2}
    ),
    "before data": finding("quality", facts={"code": "before_data", "first": "2026-10-05"}),
    "unequal": finding(
        "quality", facts={"code": "unequal_periods", "current_days": 9, "base_days": 30}
    ),
    "young": finding("quality", facts={"code": "young_cohorts", "since": "2026-10-05"}),
    "cut cohorts": finding("quality", facts={"code": "cohorts_cut", "since": "2026-10-05"}),
    "unanswered": finding("quality", facts={"code": "unanswered", "queries": 2}),
    "cut": finding("quality", facts={"code": "cut", "detector": "x", "rounds": 4}),
    "apart": finding(
        "apart", "channel", facts={"rest_current": 9.0, "rest_base": 8.0, "own_share": 0.9}
    ),
    "negative": finding("quality", facts={"code": "negative_denominator"}),
}  # fmt: skip


def story(
    language: Language,
    *findings: Finding,
    intent: Intent = "explain",
    of: Metric | None = None,
    **query: Any,
) -> Story:
    chosen = of or metric(unit="number", direction="up_good")
    asked = MetricQuery((chosen.id,), periods=(OCTOBER,), **query)
    labels = Labels(Catalog(metrics={chosen.id: chosen}), language)
    rows = table(asked, [(chosen.id, "metric")], [[80.0]])
    return Story(investigation(intent, of=chosen, query=asked), rows, findings, labels)


def check(lines: tuple[str, ...]) -> None:
    for line in lines:
        assert line and not re.search(r"[{}]|None|∅", line), line
        assert not CAUSED.search(line), line


@pytest.mark.parametrize("name", FINDINGS)
def test_every_kind_is_told_in_both_languages(name: str) -> None:
    found = FINDINGS[name]
    intent: Intent = "breakdown" if found.kind == "opportunity" else "explain"
    said = []
    for language in LANGUAGES:
        given = (CHANGE,) if found.kind in ("segments", "drivers", "apart") else ()
        with_it = narrate(story(language, *given, found, intent=intent))
        without = narrate(story(language, *given, intent=intent))
        check(with_it)
        assert len(with_it) > len(without)
        said.append(with_it)
    assert said[0] != said[1]


@pytest.mark.parametrize("room", ["narrative", "findings"])
def test_no_sentence_says_caused_but_to_deny_it(room: str) -> None:
    for language in LANGUAGES:
        for key, text in sentences(language, room).items():
            assert key == "no_proof" or not CAUSED.search(str(text)), key


def test_quality_comes_before_any_cause() -> None:
    driver = finding("drivers", "channel", drivers=(Driver("channel", "app", "additive", -20.0),))
    lines = narrate(story("en", FINDINGS["gap"], CHANGE, driver))
    assert lines[0].startswith("Data is missing")
    assert any("channel, app: -20" in line for line in lines[1:])


def test_normal_variation_names_no_driver() -> None:
    normal = Change(98.0, 100.0, -2.0, -0.02, True, (95.0, 105.0), 100.0, "season_trend")
    driver = finding("drivers", "channel", drivers=(Driver("channel", "app", "additive", -2.0),))
    told = story("en", Finding("change", "sales", -2.0, change=normal), driver)
    assert headline(told).endswith("normal variation")
    assert not any("app" in line for line in narrate(told))


def test_members_that_meet_a_condition_are_the_headline() -> None:
    profile = finding(
        "cross_section", size=-9.0,
        facts={"dimension": "store", "count": 5, "of": 40, "rest_median": 3.0},
        drivers=tuple(Driver("store", f"s{n}", "additive", -float(n)) for n in (5, 4, 3, 2, 1)),
    )  # fmt: skip
    having = MetricCondition("sales", "<", (0,))
    told = story("en", profile, having=having, group_by=(GroupBy("store"),))
    assert headline(told) == (
        "By store, 5 of 40 have sales < 0 in October 2026: s5, s4, s3, s2 and 1 more"
    )
    assert "s5、s4、s3、s2及另外 1 个" in headline(
        story("zh", profile, having=having, group_by=(GroupBy("store"),))
    )


PROFILE = finding(
    "cross_section", size=-3.0,
    facts={"dimension": "store", "count": 2, "of": 9, "rest_median": 3.0,
           "sales:level": -1.0, "sales:level:members": 1.0, "sales:level:rest": 5.0},
    drivers=tuple(Driver("store", f"s{n}", "additive", -float(n)) for n in (2, 1)),
)  # fmt: skip


def test_losers_nobody_asked_for_are_named_as_what_they_are() -> None:
    told = story("en", PROFILE, intent="breakdown", group_by=(GroupBy("store"),))
    assert narrate(told)[:2] == (
        "By store, 2 of 9 have sales below zero: s2, s1. "
        "What sets them apart from the others (medians):",
        "Lower sales: 1, against 5.",
    )


def test_members_asked_for_are_set_against_the_others_without_naming_them_twice() -> None:
    having = MetricCondition("sales", "<", (0,))
    told = story("en", PROFILE, intent="threshold", having=having, group_by=(GroupBy("store"),))
    assert narrate(told)[0] == "What sets these 2 apart from the other 7 (medians):"


def test_groups_that_meet_a_condition_are_named_with_it() -> None:
    of = metric("rate", unit="ratio")
    having = Compare("rate", "<", (0.2,))
    asked = MetricQuery(("rate",), (GroupBy("city"),), periods=(OCTOBER,), having=having)
    labels = Labels(Catalog(metrics={"rate": of}), "en")
    columns = [("city", "dimension"), ("rate", "metric")]
    made = investigation("threshold", of=of, query=asked)
    found = table(asked, columns, [["Wuhan", 0.1], ["Xi'an", 0.15]])
    told = headline(Story(made, found, (), labels))
    assert told == "By city, 2 have rate < 20.0% in October 2026: Wuhan, Xi'an"
    none = headline(Story(made, table(asked, columns, []), (), labels))
    assert none == "By city, none has rate < 20.0% in October 2026"


@pytest.mark.parametrize("running", [True, False])
def test_a_target_of_a_part_is_said_to_be_of_that_part(running: bool) -> None:
    """October's target is none of the quarter under way, of which only October is over."""
    given = finding(
        "attainment", period=OCTOBER,
        facts={"value": 7.0, "target": 8.0, "attainment": 0.875, "met": False, "elapsed": 1.0},
    )  # fmt: skip
    told = story("en", given, intent="attainment")
    asked = replace(told.investigation, running=running)
    line = narrate(replace(told, investigation=asked))[0]
    assert ("The target of 8 for October 2026 is missed so far" in line) is running
    assert ("The target is missed" in line) is not running


@pytest.mark.parametrize("met", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_target_is_told_with_its_size_and_its_verdict(language: Language, met: bool) -> None:
    """Also of a rate whose period is not over: every day is measured by it."""
    given = finding(
        "attainment", period=OCTOBER,
        facts={"value": 7.0, "target": 8.25, "attainment": 0.875, "met": met, "elapsed": 0.8,
               "pace": None},
    )  # fmt: skip
    (line,) = narrate(story(language, given, intent="value"))
    assert "8.25" in line
    verdict = {"en": ("missed", "met"), "zh": ("未达成", "达成")}[language][met]
    assert verdict in line and (not met or "未达成" not in line)


def test_a_ranking_of_the_one_member_asked_for_is_its_value() -> None:
    chosen = metric(unit="number")
    of_one = Compare("store", "=", ("s",))
    asked = MetricQuery((chosen.id,), (GroupBy("store"),), of_one, periods=(OCTOBER,))
    rows = table(asked, [("store", "dimension"), (chosen.id, "metric")], [["s", 5.0]])
    labels = Labels(Catalog(metrics={chosen.id: chosen}), "en")
    told = Story(investigation("ranking", of=chosen, query=asked), rows, (), labels)
    assert headline(told) == "Sales for s came to 5 in October 2026"
    top = replace(asked, filters=None, limit=1)
    told = Story(investigation("ranking", of=chosen, query=top), rows, (), labels)
    assert headline(told).startswith("S leads")


def over_time(values: list[float], *findings: Finding, language: Language = "en") -> Story:
    chosen = metric(unit="number", direction="up_good")
    starts = [dt.datetime(2026, 11 - back, 1) for back in range(len(values), 0, -1)]
    span = Period(starts[0], dt.datetime(2026, 11, 1))
    asked = MetricQuery((chosen.id,), periods=(span,), grain="month")
    rows = table(
        asked,
        [("metric_time__month", "time"), (chosen.id, "metric")],
        [[start, value] for start, value in zip(starts, values, strict=True)],
    )
    labels = Labels(Catalog(metrics={chosen.id: chosen}), language)
    return Story(investigation("trend", span, None, of=chosen, query=asked), rows, findings, labels)


LOW = finding(
    "anomaly", size=-9.0, direction="down", period=OCTOBER,
    facts={"start": "2026-10-01", "value": 4.0, "expected": 13.0, "deviations": -5.0},
)  # fmt: skip


def test_the_end_of_a_trend_is_set_against_the_period_before_it() -> None:
    said = headline(over_time([12.0, 11.0, 4.0], LOW))
    assert said == (
        "No steady trend of sales from Aug to Oct 2026, but a fall at the end: "
        "from 11 (Sep 2026) to 4 (Oct 2026), -7"
    )
    zh = headline(over_time([12.0, 11.0, 4.0], LOW, language="zh"))
    assert "由2026年9月的 11 降至2026年10月的 4" in zh


def test_an_end_below_what_was_expected_is_no_fall_where_it_rose() -> None:
    said = headline(over_time([12.0, 3.0, 4.0], LOW))
    assert "fall" not in said and "below what was expected: 4 (Oct 2026)" in said


def test_a_trend_says_from_when_to_when_and_the_last_step() -> None:
    told = over_time([12.0, 11.0, 14.0])
    assert headline(told).endswith("12 (Aug 2026), 14 (Oct 2026)")
    assert "The last step: 14 (Oct 2026) after 11 (Sep 2026), +3 (+27.3%)." in narrate(told)


def test_a_lasting_step_is_the_headline_of_a_trend_without_direction() -> None:
    step = finding(
        "change_point", size=-4.0, direction="down", facts={"start": "2026-09-01"},
        period=Period(SEPTEMBER.start, OCTOBER.end),
    )  # fmt: skip
    odd = replace(LOW, facts=(("start", "2026-10-01"), *LOW.facts[1:]))
    told = over_time([12.0, 8.0, 8.0], step, odd)
    assert "a lower level since Sep 2026 (-4)" in headline(told)
    assert not any("level" in line or "expected" in line for line in narrate(told))


def test_neighbours_that_are_odd_alike_are_one_sentence() -> None:
    days = [
        finding(
            "anomaly", size=-9.0, direction="down",
            facts={"start": f"2026-10-{day}", "value": 4.0 + day, "expected": 60.0,
                   "deviations": -5.0},
            period=Period.of_days(dt.date(2026, 10, day), dt.date(2026, 10, day)),
        )
        for day in (22, 20, 21, 25)
    ]  # fmt: skip
    told = narrate(story("en", *days, intent="anomaly", grain="day"))
    assert "From 20 to 22 Oct 2026 it was 24 to 26, below the 60 expected." in told
    assert "25 Oct 2026: 29, below the 60 expected." in told
    assert len(told) == 2


def test_a_share_that_moved_is_told_with_both_shares() -> None:
    mix = Driver("channel", "app", "mix", -20.0, 0.1, 0.2, (0.25, 0.05))
    lines = narrate(story("zh", CHANGE, finding("drivers", "channel", drivers=(mix,))))
    assert any("“app”占比由 5.0% 变为 25.0%，贡献 -20（结构效应）" in line for line in lines)


def test_cohorts_too_young_are_not_compared() -> None:
    change = Change(80.0, 100.0, -20.0, -0.2, False, basis=YOUNG)
    told = story("en", Finding("change", "sales", -20.0, change=change), FINDINGS["young"])
    assert "too young" in headline(told) and "fell" not in headline(told)


RETURNS = {"type": "retention", "entity": "user", "cohort_model": "users",
           "return_model": "visits", "from_day": 1, "to_day": 7}  # fmt: skip


def test_only_complete_cohorts_are_explained() -> None:
    asked = investigation(of=metric("back", of=RETURNS), as_of=dt.date(2026, 11, 1))
    cut = on_complete_cohorts(asked)
    assert cut.current == Period.of_days(dt.date(2026, 10, 1), dt.date(2026, 10, 24))
    assert cut.base == Period.of_days(dt.date(2026, 9, 1), dt.date(2026, 9, 24))
    complete = investigation(of=metric("back", of=RETURNS), as_of=dt.date(2026, 11, 8))
    assert on_complete_cohorts(complete) == complete
    value = on_complete_cohorts(investigation("value", of=metric("back", of=RETURNS)))
    assert (value.current, value.base) == (cut.current, cut.base)
    over_time = investigation("trend", of=metric("back", of=RETURNS))
    assert on_complete_cohorts(over_time) == over_time
    plain = investigation(of=metric("sales"))
    assert on_complete_cohorts(plain) == plain


def test_a_period_hardly_begun_is_left_as_it_is() -> None:
    asked = investigation(of=metric("back", of={**RETURNS, "to_day": 30}))
    assert on_complete_cohorts(asked) == asked


def test_a_missing_member_is_named() -> None:
    labels = [Labels(Catalog(), language) for language in LANGUAGES]
    assert [label.member("store", None) for label in labels] == ["no store", "无store"]
    assert [label.member("store", "") for label in labels] == ["(empty)", "（空）"]


def test_what_has_no_member_wins_no_ranking() -> None:
    chosen = metric(unit="number")
    asked = MetricQuery((chosen.id,), (GroupBy("store"),), periods=(OCTOBER, SEPTEMBER)[:1])
    rows = table(asked, [("store", "dimension"), (chosen.id, "metric")], [[None, 9.0], ["s", 5.0]])
    labels = Labels(Catalog(metrics={chosen.id: chosen}), "en")
    told = Story(investigation("ranking", of=chosen, query=asked), rows, (), labels)
    assert headline(told).startswith("S leads")

"""A member that a question names is set against all others; its own dimension tells nothing."""

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.detectors.drivers import DETECTOR
from assistant.insights.finding import Finding
from assistant.insights.investigation import Investigation
from assistant.insights.labels import Labels
from assistant.insights.narrative import telling_splits
from assistant.insights.story import Story
from metric_catalog.catalog import Catalog
from metric_catalog.query import And, Compare, GroupBy, MetricQuery, Or
from tests.assistant.insights.engine import Engine, Row, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric, table

APP = Compare("channel", "=", ("app",))
NORTH = Compare("region", "=", ("north",))
SPLITS = ("channel", "region", "page")


def rows_of(seed: int) -> list[Row]:
    draw = random.Random(seed)
    return [
        {"at": period.start, "channel": channel, "region": region, "page": page,
         "amount": draw.randint(1, 50), "n": draw.randint(0, 20), "d": draw.randint(20, 40)}
        for period in (OCTOBER, SEPTEMBER)
        for channel in ("app", "web", None)
        for region in ("north", "south")
        for page in ("a", "b")
    ]  # fmt: skip


def asked(filters: Any, of: str = "sales", **query: Any) -> Investigation:
    chosen = metric(of, unit="ratio" if of == "rate" else "number", direction="up_good")
    narrowed = MetricQuery((of,), filters=filters, periods=(OCTOBER,), **query)
    return investigation(split_by=SPLITS, of=chosen, query=narrowed)


def found(seed: int, question: Investigation) -> tuple[Finding, ...]:
    measures = {"sales": total_of("amount"), "rate": rate_of("n", "d")}
    return Engine(rows_of(seed), measures).findings(DETECTOR, question)


def whole(seed: int, of: str, at: Any, keep: Any) -> float:
    rows = [row for row in rows_of(seed) if row["at"] == at and keep(row)]
    if of == "sales":
        return float(sum(row["amount"] for row in rows))
    return float(sum(row["n"] for row in rows) / sum(row["d"] for row in rows))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["sales", "rate"]))
def test_the_rest_and_what_is_own_are_those_of_the_rows(seed: int, of: str) -> None:
    now, before = (
        whole(seed, of, p.start, lambda r: r["channel"] == "app" and r["region"] == "north")
        for p in (OCTOBER, SEPTEMBER)
    )
    rest, rest_before = (
        whole(seed, of, p.start, lambda r: r["channel"] != "app" and r["region"] == "north")
        for p in (OCTOBER, SEPTEMBER)
    )
    apart = {f.subject: f for f in found(seed, asked(And((APP, NORTH)), of)) if f.kind == "apart"}
    if now == before:
        assert not apart
        return
    assert set(apart) == {"channel", "region"}
    one = apart["channel"]
    assert one.fact("rest_current") == pytest.approx(rest)
    assert one.fact("rest_base") == pytest.approx(rest_before)
    moved = rest - rest_before if of == "rate" else before * (rest / rest_before - 1)
    assert one.size == pytest.approx(now - before - moved)
    assert one.drivers[0].effect == pytest.approx(now - before)


@pytest.mark.parametrize("filters", [APP, And((APP, NORTH)), Compare("channel", "in", ("app",))])
def test_a_dimension_of_which_one_member_is_named_is_not_split(filters: Any) -> None:
    split = {f.subject for f in found(1, asked(filters)) if f.kind == "drivers"}
    named = {"channel", "region"} if isinstance(filters, And) else {"channel"}
    assert split == set(SPLITS) - named


@pytest.mark.parametrize(
    "filters",
    [None, Compare("channel", "in", ("app", "web")), Or((APP, NORTH))],
)
def test_everything_else_is_split(filters: Any) -> None:
    kinds = found(1, asked(filters))
    assert {f.subject for f in kinds if f.kind == "drivers"} == set(SPLITS)
    assert not any(f.kind == "apart" for f in kinds)


def test_a_dimension_of_which_one_member_is_left_is_not_told() -> None:
    question = asked(Compare("channel", "!=", ("app",)))  # web: null is not unequal
    kinds = tuple(f for f in found(1, question) if f.kind == "drivers")
    told = Story(question, table(question.query, [], []), kinds, Labels(Catalog(), "en"))
    assert {f.subject for f in telling_splits(told)} == {"region", "page"}
    by_channel = replace(question, query=replace(question.query, group_by=(GroupBy("channel"),)))
    assert len(telling_splits(replace(told, investigation=by_channel))) == len(kinds)


def test_the_dimension_that_is_grouped_by_is_split() -> None:
    kinds = found(1, asked(APP, group_by=(GroupBy("channel"),)))
    assert "channel" in {f.subject for f in kinds if f.kind == "drivers"}


AS_OF = dt.date(2026, 11, 1)
NAMED = (
    ("why did mini program GMV fall from 20 to 23 October 2026", "repair_payments", "channel"),
    ("10月20日到23日小程序成交额为什么下降", "repair_payments", "channel"),
    ("why did repurchase rate in tier 3 drop last month", "late_delivery", "city_tier"),
    ("上个月三线城市的复购率为什么下降", "late_delivery", "city_tier"),
)


@pytest.mark.parametrize(("text", "playbook", "dimension"), NAMED)
def test_a_planted_cause_is_found_where_the_question_names_it(
    conversation: Conversation, text: str, playbook: str, dimension: str
) -> None:
    answer = conversation.ask(conversation.question(text, AS_OF, None)).outcome
    assert isinstance(answer, Answer) and answer.change is not None
    assert playbook in [r.playbook for r in answer.recommendations]
    assert dimension not in {driver.dimension for driver in answer.drivers}
    for split in {driver.dimension for driver in answer.drivers} - {None}:
        effects = [d.effect for d in answer.drivers if d.dimension == split]
        assert sum(effects) == pytest.approx(answer.change.absolute)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("top 5 cities by GMV last month", "5 of 20 make up"),
        ("上个月GMV前5的城市", "前 5 个合计占"),
        ("lowest 5 cities by GMV last month", None),
        ("GMV by city last month", "make up 8"),
    ],
)
def test_a_ranking_tells_what_the_members_it_shows_make_up(
    conversation: Conversation, text: str, said: str | None
) -> None:
    answer = conversation.ask(conversation.question(text, AS_OF, None)).outcome
    assert isinstance(answer, Answer)
    told = [f for f in answer.findings if f.kind == "concentration"]
    assert len(told) == (said is not None)
    assert said is None or any(said in line for line in answer.narrative)


def test_a_member_that_moved_like_the_others_is_no_cause(conversation: Conversation) -> None:
    text = "why did repurchase rate in tier 1 drop last month"
    answer = conversation.ask(conversation.question(text, AS_OF, None)).outcome
    assert isinstance(answer, Answer)
    assert "late_delivery" not in [r.playbook for r in answer.recommendations]

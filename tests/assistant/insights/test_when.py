"""When it was, as sentences say it; what is not over, or not whole, is said to be so."""

import datetime as dt
from typing import Any

import pytest

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.charts.spec import Line
from assistant.insights.figures import format_period, format_when
from assistant.insights.openings import opened
from metric_catalog.model.definition import Language
from metric_catalog.periods import Period

AS_OF = dt.date(2026, 10, 28)


def days(first: tuple[int, int, int], last: tuple[int, int, int]) -> Period:
    return Period.of_days(dt.date(*first), dt.date(*last))


SAID: tuple[tuple[Period | None, str, str], ...] = (
    (None, "over all time", "全部时间"),
    (days((2026, 10, 1), (2026, 10, 31)), "in October 2026", "2026年10月"),
    (days((2026, 7, 1), (2026, 9, 30)), "in Q3 2026", "2026年第3季度"),
    (days((2026, 1, 1), (2026, 12, 31)), "in 2026", "2026年"),
    (days((2026, 10, 28), (2026, 10, 28)), "on 28 Oct 2026", "2026年10月28日"),
    (
        days((2026, 10, 1), (2026, 10, 27)),
        "from 1 to 27 Oct 2026",
        "2026年10月1日至27日",
    ),
    (
        days((2026, 9, 28), (2026, 10, 4)),
        "from 28 Sep to 4 Oct 2026",
        "2026年9月28日至10月4日",
    ),
    (
        days((2025, 12, 29), (2026, 1, 4)),
        "from 29 Dec 2025 to 4 Jan 2026",
        "2025年12月29日至2026年1月4日",
    ),
    (days((2026, 8, 1), (2026, 10, 31)), "from Aug to Oct 2026", "2026年8月至10月"),
    (days((2026, 1, 1), (2026, 6, 30)), "from Jan to Jun 2026", "2026年1月至6月"),
    (
        days((2025, 11, 1), (2026, 10, 31)),
        "from Nov 2025 to Oct 2026",
        "2025年11月至2026年10月",
    ),
    (Period(dt.datetime(2026, 10, 1), None), "since 1 Oct 2026", "2026年10月1日以来"),
    (Period(None, dt.datetime(2026, 10, 1)), "before 1 Oct 2026", "2026年10月1日之前"),
)


@pytest.mark.parametrize(("period", "en", "zh"), SAID)
def test_a_period_as_a_sentence_says_it(period: Period | None, en: str, zh: str) -> None:
    assert (format_when(period, "en"), format_when(period, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("period", "en", "zh"),
    [
        (days((2026, 10, 19), (2026, 10, 25)), "19–25 Oct 2026", "2026年10月19日至25日"),
        (days((2026, 9, 28), (2026, 10, 4)), "28 Sep – 4 Oct 2026", "2026年9月28日至10月4日"),
        (days((2026, 8, 1), (2026, 10, 31)), "Aug–Oct 2026", "2026年8月至10月"),
        (days((2026, 10, 1), (2026, 10, 31)), "October 2026", "2026年10月"),
        (days((2026, 10, 28), (2026, 10, 28)), "28 Oct 2026", "2026年10月28日"),
    ],
)
def test_a_period_as_a_label_says_it(period: Period, en: str, zh: str) -> None:
    assert tuple(format_period(period, language, "") for language in ("en", "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("orders fell", "en", "Orders fell"),
        ("eBay orders fell", "en", "eBay orders fell"),
        ("iOS users", "en", "iOS users"),
        ("7-day retention", "en", "7-day retention"),
        ("orders: 5", "en", "Orders: 5"),
        ("app 订单数", "zh", "app 订单数"),
        ("", "en", ""),
    ],
)
def test_sentences_begin_with_a_capital(text: str, language: Language, shown: str) -> None:
    assert opened(text, language) == shown


def answered(conversation: Conversation, text: str, as_of: dt.date = AS_OF) -> Answer:
    reply = conversation.ask(conversation.question(text, as_of, None))
    assert isinstance(reply.outcome, Answer), reply.content["headline"]
    return reply.outcome


def codes(answer: Answer) -> dict[Any, Any]:
    return {f.fact("code"): f for f in answer.findings if f.kind == "quality"}


UNDER_WAY = (
    "GMV this month",
    "orders this week",
    "orders today",
    "GMV in October",
    "orders by channel this month",
    "why did GMV change this month",
    "monthly GMV this year",
    "本月成交额",
    "本周订单数",
    "今天的订单数",
    "10月成交额",
    "本月各渠道订单数",
    "今年每月成交额趋势",
)
OVER = ("GMV last month", "GMV from October 1 to October 27", "GMV last 27 days", "上个月成交额")


@pytest.mark.parametrize("text", UNDER_WAY)
def test_what_is_under_way_is_said_in_the_headline(conversation: Conversation, text: str) -> None:
    answer = answered(conversation, text)
    word = "尚未结束" if answer.language == "zh" else "so far"
    assert word in answer.headline
    assert "incomplete_period" in codes(answer)
    last = "10月27日" if answer.language == "zh" else "27 Oct 2026"
    assert last in answer.narrative[-1]


@pytest.mark.parametrize("text", OVER)
def test_what_is_over_is_not(conversation: Conversation, text: str) -> None:
    answer = answered(conversation, text)
    assert "so far" not in answer.headline and "尚未结束" not in answer.headline
    assert "incomplete_period" not in codes(answer)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("GMV this month", "GMV in September 2026"),
        ("orders today", "orders on 27 Oct 2026"),
        ("本月成交额", "2026年9月成交额"),
    ],
)
def test_the_last_complete_one_is_offered(
    conversation: Conversation, text: str, offered: str
) -> None:
    answer = answered(conversation, text)
    assert answer.follow_ups[0] == offered
    whole = answered(conversation, offered)
    assert whole.query.metrics == answer.query.metrics
    assert "incomplete_period" not in codes(whole)


def test_a_turn_that_takes_over_this_month_says_so_too(conversation: Conversation) -> None:
    conversation.ask(conversation.question("GMV this month", AS_OF, None), "1")
    reply = conversation.ask(conversation.question("and by channel", AS_OF, None, "1"))
    assert "so far" in reply.content["headline"]


@pytest.mark.parametrize("text", ["weekly orders in September", "9月每周订单数"])
def test_units_cut_at_both_ends_are_marked_everywhere(
    conversation: Conversation, text: str
) -> None:
    answer = answered(conversation, text)
    found = codes(answer)
    assert found["first_unit_incomplete"].fact("start") == "2026-08-31"
    assert found["last_unit_incomplete"].fact("start") == "2026-09-28"
    chart = answer.chart
    assert isinstance(chart, Line) and chart.incomplete_first and chart.dashed == 1
    assert chart.frame.note
    assert sum("31" in line or "28" in line for line in answer.narrative) >= 2
    values = list(answer.table.values("orders"))  # type: ignore[union-attr]
    shown = [f"{values[1]:,}", f"{values[-2]:,}"]
    assert all(text in answer.headline for text in shown), answer.headline


def test_whole_units_are_not_marked(conversation: Conversation) -> None:
    answer = answered(conversation, "weekly orders from 2026-09-07 to 2026-10-04")
    assert not {"first_unit_incomplete", "last_unit_incomplete"} & set(codes(answer))


@pytest.mark.parametrize(
    ("text", "told"),
    [("GMV this month", True), ("orders today", False), ("orders last week", False)],
)
def test_a_part_is_measured_by_a_target_from_its_start_only(
    conversation: Conversation, text: str, told: bool
) -> None:
    kinds = {finding.kind for finding in answered(conversation, text).findings}
    assert ("attainment" in kinds) is told


@pytest.mark.parametrize(
    ("text", "told"), [("GMV this month", True), ("GMV from May 1 to May 10", False)]
)
def test_only_a_target_that_still_runs_has_a_pace(
    conversation: Conversation, text: str, told: bool
) -> None:
    lines = answered(conversation, text).narrative
    assert any("at this pace" in line for line in lines) is told


@pytest.mark.parametrize("text", ["GMV", "复购率"])
def test_a_month_that_is_over_is_not_the_quarter_under_way(
    conversation: Conversation, text: str
) -> None:
    answer = answered(conversation, text, dt.date(2026, 11, 1))
    assert "so far" not in answer.headline
    assert "尚未结束" not in answer.headline
    assert not any("not over yet" in line or "尚未结束" in line for line in answer.narrative)


BEFORE_THE_DATA = (
    "2025年3月GMV同比",
    "why did GMV change in March 2025 compared with the same month last year",
    "compare GMV in September 2024 with August 2024",
    "why did GMV rise in September 2024",
    "GMV by channel in March 2025 vs last year",
    "2025年3月各渠道GMV同比",
)


@pytest.mark.parametrize("text", BEFORE_THE_DATA)
def test_a_base_before_the_data_is_no_zero(conversation: Conversation, text: str) -> None:
    reply = conversation.ask(conversation.question(text, AS_OF, None))
    answer = reply.outcome
    assert isinstance(answer, Answer)
    assert "before_data" in codes(answer)
    changes = [f.change for f in answer.findings if f.change is not None]
    assert all(change.previous is None and change.absolute is None for change in changes)
    assert not [f for f in answer.findings if f.kind == "driver"]
    content = reply.content
    assert content["change"] is None and content["drivers"] == [] and content["segments"] == []
    assert [c["name"] for c in content["rows"]["columns"] if "__" in c["name"]] == []
    assert "0%" not in answer.headline and "¥0" not in answer.headline


NARROWED = (
    ("why did mini program GMV fall from 20 to 23 October", "GMV for mini program fell"),
    ("为什么10月20日到23日小程序GMV下降", "小程序的成交额降至"),
    ("上海的GMV趋势", "上海的成交额"),
    ("GMV of the app in September compared with August", "GMV for app"),
)


@pytest.mark.parametrize(("text", "said"), NARROWED)
def test_the_headline_names_what_the_figures_are_of(
    text: str, said: str, conversation: Conversation
) -> None:
    assert said in answered(conversation, text).headline


def test_members_that_the_groups_show_are_not_named(conversation: Conversation) -> None:
    headline = answered(conversation, "compare app and store GMV in September").headline
    assert "GMV for" not in headline

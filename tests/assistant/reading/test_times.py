"""The reading of time: golden periods, mentions in questions, and what must not be time."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.times import read_period, read_times
from assistant.reading.times_lexicon import fold
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period

GOLDEN = Path(__file__).parents[2] / "golden"
AS_OF = date(2025, 8, 14)
NEEDS_A_PREPOSITION = ("the 20th",)


def _golden() -> list[tuple[str, str, date, tuple[Any, Any]]]:
    cases = []
    for lang in ("en", "zh"):
        text = (GOLDEN / f"periods_{lang}.yml").read_text(encoding="utf-8")
        for group in yaml.safe_load_all(text):
            for words, (start, end) in group["cases"].items():
                cases.append((lang, str(words), group["as_of"], (start, end)))
    return cases


def _bounds(period: Period | None) -> tuple[str | None, str | None] | None:
    return None if period is None else tuple(period.to_json().values())  # type: ignore[return-value]


@pytest.mark.parametrize(("lang", "text", "as_of", "bounds"), _golden())
def test_golden_periods(lang: str, text: str, as_of: date, bounds: tuple[Any, Any]) -> None:
    expected = tuple(None if bound is None else str(bound) for bound in bounds)
    assert _bounds(read_period(text, as_of, lang=lang)) == expected


@pytest.mark.parametrize(("lang", "text", "as_of", "bounds"), _golden())
def test_a_question_around_the_words_changes_nothing(
    lang: str, text: str, as_of: date, bounds: tuple[Any, Any]
) -> None:
    before, after = ("查一下", "的复购率") if lang == "zh" else ("orders ", " by channel")
    question = f"{before}{text}{after}"
    found = [item for item in read_times(question, as_of, lang=lang) if item.periods]
    expected = tuple(None if bound is None else str(bound) for bound in bounds)
    if text in NEEDS_A_PREPOSITION:
        assert not found
        return
    longest = max(found, key=lambda item: item.end - item.start)
    assert _bounds(longest.periods[0]) == expected
    assert longest.words in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("上周转化率为什么下降", ["上周"]),
        ("上周日均销售额", ["上周", "日均"]),
        ("本月销售额与上月相比", ["本月", "与上月相比"]),
        ("近7日新用户留存率", ["近7日"]),
        ("今年累计销售额同比", ["今年累计", "同比"]),
        ("2024年前10的城市", ["2024年"]),
        ("同比Q3同比", ["同比", "Q3", "同比"]),
        ("3月、4月和5月的订单", ["3月、4月和5月"]),
        ("截至昨天的库存", ["截至昨天"]),
        ("revenue this quarter vs last quarter", ["this quarter", "vs last quarter"]),
        ("show daily orders for the last 2 weeks", ["daily", "the last 2 weeks"]),
        ("yoy growth of GMV in Q2", ["yoy", "Q2"]),
        ("What was revenue on 5th of Nov.?", ["5th of Nov."]),
        ("may I see sales in May", ["May"]),
        ("average daily orders last month", ["average daily", "last month"]),
        ("March sales vs April sales", ["March", "vs April"]),
        ("GMV 同比 last month", ["同比", "last month"]),
    ],
)
def test_words_of_mentions(text: str, words: list[str]) -> None:
    assert [item.words for item in read_times(text, AS_OF)] == words


@pytest.mark.parametrize(
    "text",
    [
        "库存周转率是多少",
        "订单超过2000的用户",
        "客单价大于500的客户数",
        "会员首购后30天内复购率",
        "下单3天后复购的用户",
        "平均复购周期",
        "次日留存率",
        "1号店的销量",
        "前5名城市",
        "天猫渠道的年龄分布",
        "最近一次购买时间",
        "sales between 3 and 5 orders",
        "customers with more than 2016 orders",
        "orders from 2000 users",
        "second order rate",
        "why did sales fall",
        "7-day repurchase rate",
        "24/7 support tickets",
        "users who bought within 30 days",
        "top 10 cities by revenue",
    ],
)
def test_what_is_no_time(text: str) -> None:
    sure = [item for item in read_times(text, AS_OF) if item.score > 0.5 and not item.grain]
    assert sure == []


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("按月", {"kind": "grain", "grain": "month"}),
        ("by week", {"kind": "grain", "grain": "week"}),
        ("每季度", {"kind": "grain", "grain": "quarter"}),
        ("同比", {"kind": "same_period", "comparison": "year"}),
        ("环比", {"kind": "same_period", "comparison": "previous"}),
        ("week over week", {"kind": "same_period", "comparison": "previous"}),
        ("same period last year", {"kind": "same_period", "comparison": "year"}),
        ("vs last month", {"kind": "compared", "comparison": "previous"}),
        ("较去年", {"kind": "compared", "comparison": "year"}),
        ("compared with 2023", {"kind": "compared", "comparison": "period"}),
        ("月均", {"kind": "average", "average_per": "month"}),
        ("per day on average", {"kind": "average", "average_per": "day"}),
        ("累计", {"kind": "cumulative", "cumulative": "all"}),
        ("YTD", {"kind": "to_date", "cumulative": "year", "unit": "year", "incomplete": True}),
        ("本月", {"kind": "to_date", "unit": "month", "incomplete": True}),
        ("today", {"kind": "relative", "incomplete": True}),
        ("last month", {"kind": "relative", "incomplete": False}),
        ("2025年", {"kind": "absolute", "incomplete": True}),
        ("lately", {"kind": "recent", "assumption": "recent_30_days"}),
        ("end of March", {"assumption": "vague_part"}),
        ("Q3", {"kind": "bare", "incomplete": True}),
        ("双11", {"kind": "festival"}),
        ("since March", {"kind": "open"}),
        ("近12个月", {"kind": "rolling", "unit": "month"}),
    ],
)
def test_fields_of_mentions(text: str, fields: dict[str, Any]) -> None:
    (item,) = read_times(text, AS_OF)
    assert {name: getattr(item, name) for name in fields} == fields


def test_running_units_offer_the_last_complete_one() -> None:
    (item,) = read_times("this month", AS_OF)
    assert [_bounds(period) for period in item.alternatives] == [("2025-07-01", "2025-08-01")]


def test_on_its_first_day_a_unit_is_read_whole() -> None:
    assert _bounds(read_period("本月", date(2025, 8, 1))) == ("2025-08-01", "2025-09-01")
    assert _bounds(read_period("year to date", date(2025, 1, 1))) == ("2025-01-01", "2026-01-01")


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("Q1 and Q3", [("2025-01-01", "2025-04-01"), ("2025-07-01", "2025-10-01")]),
        ("Q1 and Q3 2023", [("2023-01-01", "2023-04-01"), ("2023-07-01", "2023-10-01")]),
        ("2023年Q1和Q3", [("2023-01-01", "2023-04-01"), ("2023-07-01", "2023-10-01")]),
        ("2024年和2025年", [("2024-01-01", "2025-01-01"), ("2025-01-01", "2026-01-01")]),
    ],
)
def test_several_periods(text: str, bounds: list[tuple[str, str]]) -> None:
    (item,) = read_times(text, AS_OF)
    assert [_bounds(period) for period in item.periods] == bounds
    assert read_period(text, AS_OF) is None


def test_the_days_before_the_last_days() -> None:
    last, before = read_times("最近7天和前7天对比", AS_OF)
    assert last.periods[0].start == before.periods[0].end
    assert before.comparison == "previous"


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("FY25", ("2024-04-01", "2025-04-01")),
        ("fiscal Q2", ("2025-07-01", "2025-10-01")),
        ("上个财年", ("2024-04-01", "2025-04-01")),
        ("FY25 Q1", ("2024-04-01", "2024-07-01")),
        ("Q2", ("2025-04-01", "2025-07-01")),
    ],
)
def test_fiscal_years_follow_the_calendar(text: str, bounds: tuple[str, str]) -> None:
    calendar = Calendar(fiscal_year_start_month=4)
    assert _bounds(read_period(text, AS_OF, calendar)) == bounds


def test_weeks_follow_the_calendar() -> None:
    sunday = Calendar(week_start=6)
    assert _bounds(read_period("last week", AS_OF, sunday)) == ("2025-08-03", "2025-08-10")
    assert _bounds(read_period("本周", AS_OF, sunday)) == ("2025-08-10", "2025-08-14")


def test_the_time_of_day_asked_changes_only_hours() -> None:
    moment = datetime(2025, 8, 14, 15, 30)
    assert read_period("近7天", moment) == read_period("近7天", AS_OF)
    hours = read_period("last 24 hours", moment)
    assert hours == Period(datetime(2025, 8, 13, 15, 30), moment)


LATIN = "Q3 the last week of March from to between and since days two thousand first ago , . - / '"
CHINESE = "2024 年 3 月 5日 上 周 近 七 天 从 到 至 和 之前 以来 同比 去年 双11 第 半 个 １ 週"
PIECES = st.sampled_from([*re.split(" ", LATIN), *re.split(" ", CHINESE)])


@given(st.lists(PIECES, max_size=14), st.booleans())
def test_offsets_point_at_the_words(pieces: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(pieces)
    place = 0
    for item in read_times(text, AS_OF):
        assert place <= item.start < item.end <= len(text)
        assert item.words == text[item.start : item.end]
        assert item.words == item.words.strip()
        place = item.end


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert len(fold(text)) == len(text)
    read_times(text, AS_OF)


@pytest.mark.parametrize("unit", ["last week of ", "从", "3月到", "the week of ", "上", "2024-"])
def test_long_texts_are_read(unit: str) -> None:
    assert len(read_times(unit * (10_000 // len(unit)), AS_OF)) < 10_000


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("from May 10 to May 1", ("2026-05-01", "2026-05-11")),
        ("5月10日到5月1日", ("2026-05-01", "2026-05-11")),
        ("2026-05-10到2026-05-01", ("2026-05-01", "2026-05-11")),
        ("from November to February", ("2025-11-01", "2026-03-01")),
        ("Dec 20 to Jan 5", ("2025-12-20", "2026-01-06")),
    ],
)
def test_ends_said_in_the_wrong_order_are_turned_round(text: str, bounds: tuple[str, str]) -> None:
    assert _bounds(read_period(text, date(2026, 11, 1))) == bounds

"""Which period is meant where none is said, and whether it is judged as a whole."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.reading.reading import Reading
from assistant.resolve.defaults import choose_periods
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period

AS_OF = dt.date(2026, 11, 1)
NOTHING = Reading("", "en", "value", ("sales",))
DAYS = st.dates(dt.date(2020, 2, 1), dt.date(2030, 12, 31))


def month(number: int) -> Period:
    return Period(dt.datetime(2026, number, 1), dt.datetime(2026, number + 1, 1))


@pytest.mark.parametrize(
    ("mature", "chosen", "code"),
    [
        (None, month(10), "last_month_default"),
        (dt.datetime(2026, 11, 1), month(10), "last_month_default"),
        (dt.datetime(2026, 10, 25), month(9), "mature_month_default"),
        (dt.datetime(2026, 10, 1), month(9), "mature_month_default"),
        (dt.datetime(2026, 9, 30), month(8), "mature_month_default"),
    ],
)
def test_a_month_that_nobody_named_has_complete_cohorts(
    mature: dt.datetime | None, chosen: Period, code: str
) -> None:
    found = choose_periods(NOTHING, "value", AS_OF, Calendar(), mature)
    assert (found.periods, found.assumptions) == ((chosen,), (code,))


def test_a_month_that_was_named_is_kept() -> None:
    named = Reading("", "en", "value", ("sales",), periods=(month(10),))
    found = choose_periods(named, "value", AS_OF, Calendar(), dt.datetime(2026, 10, 2))
    assert (found.periods, found.assumptions) == ((month(10),), ())


@given(DAYS, st.integers(0, 200))
def test_a_chosen_month_is_the_last_one_that_is_mature(day: dt.date, waits: int) -> None:
    mature = dt.datetime.combine(day, dt.time()) - dt.timedelta(days=waits)
    (period,) = choose_periods(NOTHING, "value", day, Calendar(), mature).periods
    assert period.end is not None and period.start is not None
    assert period.end <= mature < (period.end + dt.timedelta(days=32)).replace(day=1)


def answered(conversation: Conversation, text: str) -> Answer:
    outcome = conversation.ask(conversation.question(text, None, None)).outcome
    assert isinstance(outcome, Answer), outcome
    return outcome


@pytest.mark.parametrize("text", ["7-day retention", "7日留存率是多少", "paid conversion"])
def test_the_answer_says_which_month_it_chose(conversation: Conversation, text: str) -> None:
    answer = answered(conversation, text)
    assert answer.query.periods == (month(9),)
    assert answer.receipt is not None
    assert answer.receipt.assumptions == ("mature_month_default",)
    assert any("cohort" in line or "观察期已满" in line for line in answer.narrative)


@pytest.mark.parametrize("text", ["7-day retention last month", "上个月7日留存率"])
def test_a_named_month_is_kept_and_its_young_cohorts_are_not(
    conversation: Conversation, text: str
) -> None:
    answer = answered(conversation, text)
    assert answer.query.periods == (month(10),)
    assert answer.receipt and answer.receipt.query["periods"][0]["end_exclusive"] == "2026-10-25"
    assert any("25 Oct" in line or "10月25日" in line for line in answer.narrative)


NORMAL = [
    "is the fall of store traffic normal",
    "is this drop in store traffic normal",
    "is store traffic unusual",
    "was store traffic abnormal in October",
    "门店客流下降正常吗",
    "门店客流的波动正常吗",
    "上个月门店客流是不是异常",
    "门店客流下滑算正常吗",
]
ODD = [
    "is the drop in repurchase rate normal",
    "is repurchase rate unusual",
    "复购率的波动正常吗",
    "复购率下跌是不是不正常",
]


@pytest.mark.parametrize(
    ("text", "normal"), [(t, True) for t in NORMAL] + [(t, False) for t in ODD]
)
def test_a_question_whether_it_is_normal_is_answered_for_the_period(
    conversation: Conversation, text: str, normal: bool
) -> None:
    answer = answered(conversation, text)
    assert answer.intent == "anomaly" and answer.query.periods == (month(10),)
    change = answer.change
    assert change is not None and change.interval is not None
    assert change.normal is normal
    assert change.current is not None and change.previous is not None
    assert change.absolute == pytest.approx(change.current - change.previous)
    words = ("not normal", "不正常")
    assert any(word in answer.headline for word in words) is not normal
    assert "normal" in answer.headline or "正常" in answer.headline
    assert not any(finding.kind == "anomaly" for finding in answer.findings)


@pytest.mark.parametrize(
    "text",
    ["any anomalies in store traffic last month", "上个月门店客流有没有异常", "哪几天门店客流异常"],
)
def test_a_question_for_odd_days_tells_days(conversation: Conversation, text: str) -> None:
    answer = answered(conversation, text)
    assert answer.query.grain == "day" and answer.table is not None and len(answer.table.rows) > 7
    assert answer.change is not None and answer.change.previous is not None
    assert answer.change.absolute is not None


def test_days_that_are_too_young_are_no_anomalies(conversation: Conversation) -> None:
    answer = answered(conversation, "any anomalies in 7-day retention last month")
    starts = [str(f.fact("start")) for f in answer.findings if f.kind == "anomaly"]
    assert all(start < "2026-10-25" for start in starts)

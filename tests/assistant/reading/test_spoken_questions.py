"""What people say around a question, and what they leave out of it."""

from typing import Any

import pytest

from assistant.asking import Conversation


def read(conversation: Conversation, text: str) -> dict[str, Any]:
    return conversation.read(conversation.question(text, None, None)).to_json()


@pytest.mark.parametrize(
    ("spoken", "plain"),
    [
        ("Board pack: gross margin by quarter, 2025", "gross margin by quarter, 2025"),
        ("hope you are all well, gmv in september please", "gmv in september"),
        ("renewal rate annual vs monthly plans YTD", "renewal rate annual plans vs monthly plans YTD"),
        ("Q3各城市门店日均客流", "Q3各城市日均客流"),
        ("小程序跟APP客单价对比，9月", "9月小程序跟APP客单价对比"),
        ("10月底库存件数一共多少？不分店，汇总就行", "10月底库存件数一共多少"),
        ("total store traffic for July and August together", "total store traffic from July to August"),
    ],
)  # fmt: skip
def test_it_is_read_as_the_plain_question(
    spoken: str, plain: str, conversation: Conversation
) -> None:
    slots = ("metrics", "intent", "group_by", "filters", "period", "grain")
    first, second = read(conversation, spoken), read(conversation, plain)
    assert {slot: first[slot] for slot in slots} == {slot: second[slot] for slot in slots}


def test_a_label_that_says_something_is_no_chatter(conversation: Conversation) -> None:
    assert read(conversation, "Beauty: units sold in September")["filters"] == {
        "dimension": "category", "op": "=", "values": ["beauty"],
    }  # fmt: skip


def test_who_runs_a_store_means_that_store(conversation: Conversation) -> None:
    found = read(conversation, "我是衢州中心店的店长，想看下我们店十月份营业额")
    assert found["filters"] == {"dimension": "store", "op": "=", "values": ["S037"]}
    assert found["group_by"] == []


@pytest.mark.parametrize(
    "text",
    ["上个月几成的门店在赔钱", "10月亏损的门店占几成", "share of loss-making stores in October"],
)
def test_a_share_of_groups_under_a_condition_is_its_metric(
    text: str, conversation: Conversation
) -> None:
    found = read(conversation, text)
    assert found["metrics"] == ["losing_store_share"]
    assert (found["having"], found["group_by"]) == (None, [])


def test_a_count_after_per_is_not_what_is_asked(conversation: Conversation) -> None:
    assert read(conversation, "how many things end up in one order")["metrics"] != ["orders"]


def test_a_month_by_name_beside_itself_is_that_of_the_year_before(
    conversation: Conversation,
) -> None:
    found = read(conversation, "orders in October compared to last October")
    assert found["period"] == {"start": "2026-10-01", "end_exclusive": "2026-11-01"}
    assert found["comparison"]["kind"] == "year"


def test_what_is_expected_of_a_month_is_that_to_come(conversation: Conversation) -> None:
    found = read(conversation, "How many orders should we expect in December?")
    assert (found["intent"], found["period"]["start"]) == ("forecast", "2026-12-01")


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("GMV by fiscal quarter this fiscal year", "fiscal_quarter"),
        ("按财季看今年GMV", "fiscal_quarter"),
        ("orders by retail month this year", "retail_month"),
    ],
)
def test_grains_of_business_years_are_asked_for(
    text: str, grain: str, conversation: Conversation
) -> None:
    found = conversation.ask(conversation.question(text, None, None)).content
    assert (found["outcome"], found["intent"], found["grain"]) == ("answer", "trend", grain)
    assert len(found["rows"]["rows"]) > 1


@pytest.mark.parametrize(
    "text",
    ["why did GMV change from 1 Sep to 31 Oct", "GMV从9月1日到10月31日为什么变化"],
)
def test_a_change_between_two_days_is_one_of_the_range(
    text: str, conversation: Conversation
) -> None:
    found = read(conversation, text)
    assert found["period"] == {"start": "2026-09-01", "end_exclusive": "2026-11-01"}
    months = read(conversation, "why did GMV change from September to October")
    assert months["period"] == {"start": "2026-10-01", "end_exclusive": "2026-11-01"}


@pytest.mark.parametrize(
    ("spoken", "plain"),
    [
        ("10月平均一天多少人打开App", "10月日活"),
        ("on a typical day in October how many users opened the app", "DAU in October"),
        ("90th percentile of app session length in September", "p90 session length in September"),
        ("2025年每一季的退款率走势", "2025年每季度的退款率走势"),
        ("2026年3月15日至2026年4月10日期间给客户的优惠金额", "2026年3月15日至2026年4月10日优惠金额"),
        ("北京那几家店八月份一共来了多少人", "北京的门店8月客流"),
        ("哪个品类在店里压的钱最多", "库存金额最高的是哪个品类"),
        ("Which product departments have a gross margin below 48%?",
         "Which departments have a gross margin below 48%?"),
        ("how bad were late parcels in October, as a rate", "late delivery rate in October"),
        ("GMV between 10 and 24 August 2026 inclusive", "GMV from 10 to 24 August 2026"),
    ],
)  # fmt: skip
def test_it_means_the_plain_question(spoken: str, plain: str, conversation: Conversation) -> None:
    slots = ("metrics", "intent", "group_by", "filters", "having", "period", "grain")
    first, second = read(conversation, spoken), read(conversation, plain)
    assert {slot: first[slot] for slot in slots} == {slot: second[slot] for slot in slots}
    assert second["metrics"]


def test_a_percentile_that_nobody_governs_is_asked_about(conversation: Conversation) -> None:
    for text in ("median AOV last month", "客单价中位数", "90th percentile of GMV"):
        answer = conversation.ask(conversation.question(text, None, None))
        assert answer.content["outcome"] == "clarification", text


def test_a_mean_per_day_that_no_metric_is_stays_one(conversation: Conversation) -> None:
    found = read(conversation, "average daily orders in September")
    assert (found["metrics"], found["intent"], found["grain"]) == (["orders"], "average", "day")


@pytest.mark.parametrize(
    "text", ["profit of the Central store", "East Town store traffic last week"]
)
def test_half_a_name_that_several_members_share_is_asked_about(
    text: str, conversation: Conversation
) -> None:
    answer = conversation.ask(conversation.question(text, None, None))
    assert answer.content["outcome"] == "clarification"
    labels = [option["label"] for option in answer.content["clarification"]["options"]]
    assert len(labels) > 1 and all("Central" in x or "East Town" in x for x in labels)


def test_the_stores_of_a_region_are_no_half_name(conversation: Conversation) -> None:
    found = read(conversation, "traffic of the Central stores")
    assert found["filters"]["dimension"] == "store_region"


@pytest.mark.parametrize(
    "text",
    [
        "where should we put more budget for paid conversion",
        "where should we put more budget to lift paid conversion",
        "预算该往哪里多投才能提高付费转化率",
    ],
)
def test_where_to_put_money_is_told_by_what_the_playbook_tells_apart(
    text: str, conversation: Conversation
) -> None:
    reply = conversation.ask(conversation.question(text, None, None)).content
    assert (reply["metrics"], reply["group_by"]) == (["paid_conversion"], ["marketing_channel"])
    assert reply["recommendation"]["playbook"] == "shift_budget_to_search_ads"


@pytest.mark.parametrize(
    "text",
    ["did the flash sale cause the fall of repurchase rate?", "复购率下降是不是限时抢购造成的"],
)
def test_whether_one_thing_caused_another_is_a_question_of_proof(
    text: str, conversation: Conversation
) -> None:
    reply = conversation.ask(conversation.question(text, None, None)).content
    assert reply["refusal"]["reason"] == "cause_proof"


def test_whether_is_no_exclusion(conversation: Conversation) -> None:
    assert read(conversation, "北京的订单是不是变少了")["filters"] == {
        "dimension": "city", "op": "=", "values": ["北京"],
    }  # fmt: skip
    assert read(conversation, "不是北京的订单数")["filters"]["op"] == "!="


def test_a_name_that_asks_which_one_asks_for_one(conversation: Conversation) -> None:
    found = read(conversation, "上个月哪家店客流最多")
    assert (found["group_by"], found["limit"]) == (["store"], 1)

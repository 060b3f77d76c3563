import pytest

from assistant.asking import Conversation
from assistant.wiring import Assistant


def turn(conversation: Conversation, text: str, key: str, after: str | None = None) -> dict:
    question = conversation.question(text, None, None, after)
    return conversation.read(question, key).to_json()


def test_a_member_replaces_the_member_before(conversation: Conversation) -> None:
    turn(conversation, "上个月北京的GMV", "a")
    read = turn(conversation, "那上海呢", "b", "a")
    assert read["metrics"] == ["gmv"]
    assert read["filters"] == {"dimension": "city", "op": "=", "values": ["上海"]}
    assert read["period"] == {"start": "2026-10-01", "end_exclusive": "2026-11-01"}


def test_a_dimension_splits_what_was_asked(conversation: Conversation) -> None:
    turn(conversation, "GMV in September", "a")
    read = turn(conversation, "by channel", "b", "a")
    assert (read["metrics"], read["group_by"], read["intent"]) == (
        ["gmv"],
        ["channel"],
        "breakdown",
    )
    assert read["period"]["start"] == "2026-09-01"


def test_a_comparison_is_added(conversation: Conversation) -> None:
    turn(conversation, "GMV last month", "a")
    read = turn(conversation, "compare with last year", "b", "a")
    assert read["comparison"]["kind"] == "year"
    assert read["metrics"] == ["gmv"]


def test_a_number_becomes_the_limit(conversation: Conversation) -> None:
    turn(conversation, "上个月各城市GMV排名", "a")
    read = turn(conversation, "前三个", "b", "a")
    assert (read["limit"], read["group_by"]) == (3, ["city"])


def test_a_grain_is_changed(conversation: Conversation) -> None:
    turn(conversation, "今年GMV趋势", "a")
    read = turn(conversation, "换成周", "b", "a")
    assert (read["grain"], read["intent"], read["metrics"]) == ("week", "trend", ["gmv"])


def test_why_explains_what_was_asked(conversation: Conversation) -> None:
    turn(conversation, "上个月复购率", "a")
    read = turn(conversation, "为什么", "b", "a")
    assert (read["intent"], read["metrics"]) == ("explain", ["repurchase_rate"])


def test_back_returns_to_the_question_before(conversation: Conversation) -> None:
    turn(conversation, "上个月北京的GMV", "a")
    turn(conversation, "那上海呢", "b", "a")
    read = turn(conversation, "back", "c", "b")
    assert read["filters"]["values"] == ["北京"]


def test_a_fresh_question_inherits_nothing(conversation: Conversation) -> None:
    turn(conversation, "9月北京的GMV", "a")
    read = turn(conversation, "订单数是多少", "b", "a")
    assert (read["metrics"], read["filters"], read["period"]) == (["orders"], None, None)


def test_what_about_another_metric_keeps_the_rest(conversation: Conversation) -> None:
    turn(conversation, "9月北京的GMV", "a")
    read = turn(conversation, "那订单数呢", "b", "a")
    assert read["metrics"] == ["orders"]
    assert read["filters"]["values"] == ["北京"]
    assert read["period"]["start"] == "2026-09-01"


@pytest.mark.parametrize(
    "turns",
    [
        ("late delivery rate", "west only", "compare with east"),
        ("延迟送达率", "西部的", "和华东对比"),
        ("late delivery rate in the west", "and the east", "compare them"),
        ("西部延迟送达率", "华东呢", "两个对比一下"),
    ],
)
def test_members_said_in_turn_are_put_side_by_side(
    turns: tuple[str, ...], conversation: Conversation
) -> None:
    for place, text in enumerate(turns):
        read = turn(conversation, text, str(place), str(place - 1) if place else None)
    assert (read["intent"], read["comparison"]["kind"]) == ("comparison", "members")
    assert (read["metrics"], read["group_by"]) == (["late_delivery_rate"], ["region"])
    assert sorted(read["filters"]["values"]) == ["east", "west"]


def test_a_definition_is_not_asked_for_twice(conversation: Conversation) -> None:
    turn(conversation, "七日留存率怎么算", "a")
    read = turn(conversation, "现在多少", "b", "a")
    assert (read["intent"], read["metrics"]) == ("value", ["d7_retention"])


def test_new_customers_only_are_those_of_the_metric_before(conversation: Conversation) -> None:
    turn(conversation, "GMV in September", "a")
    read = turn(conversation, "new customers only", "b", "a")
    assert read["metrics"] == ["gmv"]
    assert read["filters"] == {"dimension": "customer_type", "op": "=", "values": ["new"]}
    assert read["period"]["start"] == "2026-09-01"


def last(conversation: Conversation, *texts: str) -> dict:
    before = None
    for number, text in enumerate(texts):
        found = turn(conversation, text, f"t{number}", before)
        before = f"t{number}"
    return found


def test_members_are_added_and_left_out(conversation: Conversation) -> None:
    added = last(conversation, "华南9月退款率", "再加上华东")
    assert added["filters"]["values"] == ["south", "east"]
    left = last(conversation, "华南9月退款率", "再加上华东", "去掉华南")
    assert left["filters"] == {"dimension": "region", "op": "=", "values": ["east"]}
    dropped = last(conversation, "gmv by category in Q3", "drop fresh food and snacks")
    assert dropped["filters"]["op"] == "not"


def test_the_period_before_is_that_of_the_turn(conversation: Conversation) -> None:
    found = last(conversation, "GMV in August", "and the month before?")
    assert found["period"] == {"start": "2026-07-01", "end_exclusive": "2026-08-01"}
    assert found["intent"] == "value"
    found = last(conversation, "8月GMV", "再往前一个月呢")
    assert found["period"] == {"start": "2026-07-01", "end_exclusive": "2026-08-01"}


def test_groups_are_forgotten_and_a_split_keeps_the_trend(conversation: Conversation) -> None:
    found = last(
        conversation,
        "repurchase rate in September",
        "by segment",
        "forget the segments, for August",
    )
    assert (found["group_by"], found["period"]["start"]) == ([], "2026-08-01")
    found = last(conversation, "net sales by month this year", "add the split by department")
    assert (found["grain"], found["group_by"]) == ("month", ["department"])


def test_going_back_to_a_member_is_no_undoing(conversation: Conversation) -> None:
    found = last(conversation, "10月北京的订单数", "上海的呢", "回到北京，按天看")
    assert (found["filters"]["values"], found["grain"]) == (["北京"], "day")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("10月各门店利润排名", "第一名那家店租金多少"),
        ("store profit by store in October, ranked", "store rent of the top one"),
        ("which store had the highest store profit in October", "what was its store rent"),
    ],
)
def test_the_first_group_of_the_answer_is_meant(
    first: str, then: str, conversation: Conversation
) -> None:
    ranked = conversation.ask(conversation.question(first, None, None), "a").content
    names = [column["name"] for column in ranked["rows"]["columns"]]
    member = ranked["rows"]["rows"][0][names.index("store")]
    found = conversation.ask(conversation.question(then, None, None, "a"), "b").content
    assert found["metrics"] == ["store_rent"]
    assert found["filters"] == {"dimension": "store", "op": "=", "values": [member]}
    assert found["period"] == ranked["period"]
    assert found["group_by"] == []


@pytest.mark.parametrize(
    ("asked", "reply", "metric"),
    [
        ("what's our retention in September", "the 30 day one", "d30_retention"),
        ("9月留存率是多少", "7日的", "d7_retention"),
        ("9月留存率是多少", "次日那个", "d1_retention"),
    ],
)
def test_a_reply_to_a_question_back_picks_by_a_part_of_a_name(
    asked: str, reply: str, metric: str, shop_session: Assistant
) -> None:
    conversation = Conversation(shop_session, keep=False)
    turn(conversation, asked, "a")
    read = turn(conversation, reply, "b", "a")
    assert read["metrics"] == [metric]
    assert read["period"] == {"start": "2026-09-01", "end_exclusive": "2026-10-01"}


def test_a_member_that_is_also_a_word_of_personal_data_is_a_member(
    conversation: Conversation,
) -> None:
    turn(conversation, "上个月支付成功率", "a")
    read = turn(conversation, "银行卡不算呢", "b", "a")
    assert read["filters"] == {"dimension": "payment_method", "op": "!=", "values": ["bank_card"]}


def test_the_worst_of_a_metric_that_should_fall_are_the_highest(
    conversation: Conversation,
) -> None:
    found = last(conversation, "stockout rate per store last month", "which five are worst")
    assert (found["order"], found["limit"]) == ([{"by": "stockout_rate", "desc": True}], 5)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("9月成都的订单数", "把城市条件去掉"),
        ("orders in Chengdu in September", "remove the city filter"),
    ],
)
def test_a_condition_is_taken_away(first: str, then: str, conversation: Conversation) -> None:
    found = last(conversation, first, then)
    assert (found["metrics"], found["filters"], found["group_by"]) == (["orders"], None, [])
    assert found["period"]["start"] == "2026-09-01"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("各大区8月订单数排名", "反过来排"),
        ("regions ranked by orders in August", "reverse the order"),
    ],
)
def test_an_order_is_turned_round(first: str, then: str, conversation: Conversation) -> None:
    found = last(conversation, first, then)
    assert found["order"] == [{"by": "orders", "desc": False}]
    assert found["group_by"] == ["region"]


def test_which_of_the_groups_before_meet_a_condition(conversation: Conversation) -> None:
    found = last(conversation, "各门店上个月利润", "亏钱的是哪些")
    assert (found["metrics"], found["group_by"]) == (["store_profit"], ["store"])
    assert found["having"]["op"] == "<" and found["period"]["start"] == "2026-10-01"

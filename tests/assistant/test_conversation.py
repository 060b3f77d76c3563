import pytest

from assistant.asking import Conversation


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

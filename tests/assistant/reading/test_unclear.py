"""What a question names must be known, or it is asked about: nothing is dropped in silence."""

import pytest

from assistant.asking import Conversation
from assistant.resolve.gate import check
from assistant.resolve.outcomes import Clarification, Refusal
from assistant.wiring import Assistant


def outcome(text: str, shop: Assistant) -> Clarification | Refusal | None:
    conversation = Conversation(shop, keep=False)
    reading = conversation.read(conversation.question(text, None, None))
    return check(reading, shop.catalog, shop.policy(None), shop.line.gate)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("五线城市9月复购率", "filter"),
        ("拉萨门店客流", "filter"),
        ("各省成交额", "filter"),
        ("快手gmv", "filter"),
        ("orders in suzhou last month", "filter"),
        ("orders from TV shopping in September", "filter"),
        ("orders on mondays in october", "filter"),
        ("每周六的客流", "filter"),
        ("moving average of gmv", "filter"),
        ("上个月利润多少", "metric"),
        ("conversion rate last month", "metric"),
        ("inventory turnover", "metric"),
        ("revenue per buyer", "metric"),
        ("订单最多的", "group_by"),
        ("share of gmv", "group_by"),
    ],
)
def test_what_is_not_known_is_asked_about(text: str, slot: str, shop_session: Assistant) -> None:
    unclear = outcome(text, shop_session)
    assert isinstance(unclear, Clarification)
    assert unclear.slot == slot


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("how much VAT did we pay in Q3", "no_metric"),
        ("今年碳排放总量", "no_metric"),
        ("谁是买得最多的客户", "personal"),
        ("who was the top customer by spend", "personal"),
        ("你好", "out_of_scope"),
        ("thanks!", "out_of_scope"),
        ("37乘以48等于几", "out_of_scope"),
        ("客诉率最高的品类", "impossible"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    text: str, reason: str, shop_session: Assistant
) -> None:
    refused = outcome(text, shop_session)
    assert isinstance(refused, Refusal)
    assert refused.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "new customers 2025",
        "e-mail campaign ctr last month",
        "profit of Shanghai Central in September",
    ],
)
def test_a_likeness_alone_is_no_reason(text: str, shop_session: Assistant) -> None:
    """A year is no customer number, a channel no address, and a store settles which profit."""
    assert outcome(text, shop_session) is None


def test_what_is_offered_is_another_question(shop_session: Assistant) -> None:
    unclear = outcome("GMV in Mars", shop_session)
    assert isinstance(unclear, Clarification)
    assert all("mars" not in option.reask.lower() for option in unclear.options)

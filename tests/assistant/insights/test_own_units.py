"""A metric defined per week is never told of a month as if that were a week."""

from typing import Any

import pytest

from assistant.asking import Conversation


def ask(conversation: Conversation, text: str) -> dict[str, Any]:
    return conversation.ask(conversation.question(text, None, None)).content


@pytest.mark.parametrize(
    "text", ["why did weekly repurchase rate change in October", "10月每周复购率环比"]
)
def test_a_change_is_that_of_the_last_whole_week(text: str, conversation: Conversation) -> None:
    found = ask(conversation, text)
    week = ask(conversation, "weekly repurchase rate from 2026-10-19 to 2026-10-25")["value"]
    before = ask(conversation, "weekly repurchase rate from 2026-10-12 to 2026-10-18")["value"]
    assert found["change"]["current"] == pytest.approx(week)
    assert found["change"]["previous"] == pytest.approx(before)
    for dimension in {driver["dimension"] for driver in found["drivers"]}:
        parts = [d["effect"] for d in found["drivers"] if d["dimension"] == dimension]
        assert sum(parts) == pytest.approx(found["change"]["absolute"])


def test_groups_are_of_the_last_whole_week(conversation: Conversation) -> None:
    month = ask(conversation, "weekly repurchase rate by city tier in October")
    week = ask(conversation, "weekly repurchase rate by city tier from 2026-10-19 to 2026-10-25")
    assert month["rows"]["rows"] == week["rows"]["rows"]

"""Groups that meet a condition, listed and counted: members as well as days and months."""

from typing import Any

import pytest

from assistant.asking import Conversation


def ask(conversation: Conversation, text: str) -> dict[str, Any]:
    return conversation.ask(conversation.question(text, None, None)).content


@pytest.mark.parametrize(
    ("listed", "counted"),
    [
        ("days in October with GMV above 20000", "how many days in October had GMV above 20000"),
        ("10月GMV大于2万的日子", "10月GMV大于2万的天数有几个"),
        ("cities with AOV above 320 in October", "how many cities had AOV above 320 in October"),
        ("10月客单价大于320的城市有哪些", "10月客单价大于320的城市有几个"),
        ("cities with AOV above 9000 in October", "how many cities had AOV above 9000 in October"),
    ],
)
def test_the_count_is_that_of_the_list(
    listed: str, counted: str, conversation: Conversation
) -> None:
    rows = ask(conversation, listed)
    count = ask(conversation, counted)
    assert (rows["outcome"], count["outcome"]) == ("answer", "answer")
    assert count["value"] == len(rows["rows"]["rows"])
    assert f"{len(rows['rows']['rows'])}" in count["headline"]
    assert count["intent"] == rows["intent"] == "threshold"

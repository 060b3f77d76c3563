"""Clicks become commands; whatever else a browser sends becomes nothing."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.interfaces.chat.commands import (
    LONGEST_QUESTION,
    Accept,
    Ask,
    Dismiss,
    Edit,
    Finish,
    Rate,
    Show,
    read_command,
)

CASES = [
    ({"do": "ask", "text": " GMV ", "after": "a1"}, Ask("GMV", "a1")),
    ({"do": "ask", "text": "GMV", "picked": "yes"}, Ask("GMV", None, True)),
    ({"do": "show", "answer": "a1"}, Show("a1")),
    ({"do": "accept", "answer": "a1", "playbook": "p"}, Accept("a1", "p")),
    (
        {"do": "accept", "answer": "a1", "playbook": "p", "owner": "ops", "due": "2026-12-01",
         "words": "call them"},
        Accept("a1", "p", "ops", dt.date(2026, 12, 1), "call them"),
    ),
    ({"do": "accept", "answer": "a1", "playbook": "p", "due": "soon"}, Accept("a1", "p")),
    ({"do": "dismiss", "answer": "a1", "playbook": "p"}, Dismiss("a1", "p")),
    ({"do": "edit", "action": "i1", "owner": "ops"}, Edit("i1", "ops")),
    ({"do": "finish", "action": "i1"}, Finish("i1")),
    ({"do": "rate", "answer": "a1", "liked": "yes"}, Rate("a1", True)),
    (
        {"do": "rate", "answer": "a1", "liked": "no", "reason": "unclear", "comment": "why?"},
        Rate("a1", False, "unclear", "why?"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "command"), CASES)
def test_a_click_is_read(data: dict[str, Any], command: object) -> None:
    assert read_command(data) == command


@pytest.mark.parametrize(
    "data",
    [
        {}, {"do": "ask"}, {"do": "ask", "text": "  "}, {"do": "ask", "text": 7}, {"do": ["ask"]},
        {"do": "accept", "answer": "a1"}, {"do": "drop", "answer": "a1"}, {"do": "finish"},
    ],
)  # fmt: skip
def test_anything_else_is_nothing(data: dict[str, Any]) -> None:
    assert read_command(data) is None


@given(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text() | st.lists(
    st.text())))  # fmt: skip
def test_no_data_raises(data: dict[str, Any]) -> None:
    assert read_command(data) is None or data["do"]


def test_a_question_is_cut() -> None:
    command = read_command({"do": "ask", "text": "x" * (2 * LONGEST_QUESTION)})
    assert isinstance(command, Ask) and len(command.text) == LONGEST_QUESTION

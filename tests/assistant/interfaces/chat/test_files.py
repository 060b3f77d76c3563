"""An answer as a file: every offered format, Markdown with its picture inside."""

import pytest

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.labels import Labels
from assistant.interfaces.chat.files import OFFERED, offered, write_answer
from assistant.plugins import find
from assistant.wiring import Assistant

STARTS = {"png": b"\x89PNG", "pptx": b"PK\x03\x04", "md": b"# "}


def answer_to(assistant: Assistant, text: str) -> Answer:
    conversation = Conversation(assistant)
    outcome = conversation.ask(conversation.question(text, None, None)).outcome
    assert isinstance(outcome, Answer)
    return outcome


def test_every_format_can_be_written() -> None:
    assert offered(find("exporter")) == OFFERED
    assert offered({}) == ()


@pytest.mark.parametrize("ending", OFFERED)
@pytest.mark.parametrize("text", ["上个月各渠道的成交额", "what is the definition of GMV"])
def test_a_file_is_what_it_says(shop_session: Assistant, ending: str, text: str) -> None:
    answer = answer_to(shop_session, text)
    labels = Labels(shop_session.catalog, "zh" if answer.language == "zh" else "en")
    content = write_answer(answer, labels, ending, find("exporter")[ending])
    assert content.startswith(STARTS[ending])


def test_markdown_needs_no_other_file(shop_session: Assistant) -> None:
    answer = answer_to(shop_session, "上个月各渠道的成交额")
    labels = Labels(shop_session.catalog, "zh")
    text = write_answer(answer, labels, "md", find("exporter")["md"]).decode()
    assert "](data:image/png;base64," in text
    assert ".png>" not in text

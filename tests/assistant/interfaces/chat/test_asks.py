"""Whatever the page offers to ask can be asked: examples, chips, follow-ups."""

import pytest

from assistant.asking import Reply
from assistant.insights.answer import Answer
from assistant.interfaces.chat.chips import chips_for
from assistant.interfaces.chat.commands import Ask
from assistant.interfaces.chat.handlers import Desk, carry_out
from assistant.interfaces.chat.visits import Visit
from assistant.interfaces.chat.welcome import EXAMPLES, examples
from metric_catalog.model.definition import Language

QUESTIONS = ("上个月各渠道一线城市的成交额", "GMV by channel last month in tier 1 cities")
CHANGED = {"period": "periods", "compared": "comparison", "grain": "grain", "by": "group_by",
           "metric": "metrics", "filters": "filters"}  # fmt: skip


def ask(desk: Desk, visit: Visit, text: str, after: str | None = None) -> Reply:
    for _ in carry_out(desk, visit, Ask(text, after)):
        pass
    return visit.replies[visit.shown or ""].reply


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_example_is_answered(desk: Desk, language: Language) -> None:
    questions = examples(desk.served.catalog, language)
    assert len(questions) == len(EXAMPLES)
    for question in questions:
        outcome = ask(desk, desk.open(language, "b"), question).outcome
        assert isinstance(outcome, Answer), question
        assert outcome.language == language


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_chip_asks_for_what_it_says(desk: Desk, question: str) -> None:
    visit = desk.open("en", "b")
    first = ask(desk, visit, question)
    assert isinstance(first.outcome, Answer), first.content["headline"]
    view = desk.view(visit, first.outcome.id)
    assert view is not None
    for chip in chips_for(view, first.outcome):
        for label, text in chip.choices:
            reply = ask(desk, visit, text, first.outcome.id)
            place = f"{chip.slot}: {label} ({text})"
            assert isinstance(reply.outcome, Answer), f"{place}: {reply.content['headline']}"
            field = CHANGED[chip.slot]
            if label not in ("上个月", "last month"):
                assert reply.content[field] != first.content[field], place


@pytest.mark.parametrize("question", ["上个月复购率为什么下降", "GMV trend"])
def test_every_follow_up_is_answered(desk: Desk, question: str) -> None:
    visit = desk.open("en", "b")
    first = ask(desk, visit, question)
    assert isinstance(first.outcome, Answer) and first.outcome.follow_ups
    for text in first.outcome.follow_ups:
        assert isinstance(ask(desk, visit, text, first.outcome.id).outcome, Answer), text

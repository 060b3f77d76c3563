"""What is to be done is one item, whatever the words of the question that led to it."""

from typing import Any

import pytest

from assistant.actions.items import Choices, accept, action_id, dismiss, finish, list_items, taken
from assistant.asking import Conversation
from metric_catalog.model.definition import Language

SAME: tuple[tuple[tuple[str, Language | None], ...], ...] = (
    (
        ("why did repurchase rate drop in October", None),
        ("10月复购率为什么下降", None),
        ("上个月复购率为什么下降", "en"),
        ("why did repurchase rate drop last month", "zh"),
        ("10月复购率环比变化", None),
    ),
    (
        ("which stores lost money last quarter", None),
        ("上季度哪些门店亏损", None),
    ),
)


def ask(conversation: Conversation, text: str, language: Language | None = None) -> dict[str, Any]:
    return conversation.ask(conversation.question(text, None, language)).content


@pytest.mark.parametrize("questions", SAME)
def test_one_thing_to_do_is_one_item(
    conversation: Conversation, questions: tuple[tuple[str, Language | None], ...]
) -> None:
    store, catalog = conversation.assistant.store, conversation.assistant.catalog
    answers = [ask(conversation, *question) for question in questions]
    assert len({answer["answer_id"] for answer in answers}) == len(answers)
    first, *others = [accept(store, catalog, a["answer_id"], Choices()) for a in answers]
    assert others == [first] * len(others)
    assert list_items(store) == (first,)
    for answer in answers:
        assert taken(store, answer) == {first.playbook: first}
    assert finish(store, answers[-1]["answer_id"]).id == first.id
    assert [item.state for item in list_items(store)] == ["done"]


def test_turned_down_in_one_language_is_turned_down_in_the_other(
    conversation: Conversation,
) -> None:
    store, catalog = conversation.assistant.store, conversation.assistant.catalog
    zh, en = (ask(conversation, text)["answer_id"] for text, _ in (SAME[0][1], SAME[0][0]))
    dropped = dismiss(store, catalog, zh, None)
    assert dismiss(store, catalog, en, None) == dropped
    opened = accept(store, catalog, en, Choices())
    assert (opened.id, opened.state, opened.language) == (dropped.id, "open", "en")
    assert list_items(store) == (opened,)


FLASH = {"dimension": "channel", "op": "=", "values": ["flash"]}
APP = {"dimension": "channel", "op": "=", "values": ["app"]}
OCTOBER = {"start": "2026-10-01", "end_exclusive": "2026-11-01"}
AUGUST = {"start": "2026-08-01", "end_exclusive": "2026-09-01"}


def offer(
    query: dict[str, Any] | None = None,
    chosen: dict[str, Any] | None = None,
    metric: dict[str, Any] | None = None,
    policy: str = "everyone",
) -> str:
    """The id of an item made from an answer that differs from the usual one in these."""
    asked = {"metrics": ["sales"], "periods": [OCTOBER], **(query or {})}
    answer = {
        "answer_id": "one",
        "metric": {"id": "sales", "version": 1, "hash": "h", **(metric or {})},
        "receipt": {"as_of": "2026-11-01", "policy": policy, "query": asked},
    }
    return action_id(answer, {"playbook": "fix", "segment": "city=a", **(chosen or {})})


@pytest.mark.parametrize(
    "query",
    [
        {"order": [{"by": "sales", "desc": True}], "limit": 3, "other": True},
        {"group_by": ["city"], "group_by_parts": [["city", None, None]]},
        {"having": {"metric": "sales", "entity": None, "op": "<", "values": [0]}},
    ],
)
def test_how_rows_are_laid_out_is_no_part_of_what_is_done(query: dict[str, Any]) -> None:
    assert offer(query) == offer()


def test_filters_that_keep_the_same_rows_are_the_same() -> None:
    said = [
        {"op": "or", "items": [FLASH, APP]},
        {"op": "or", "items": [APP, FLASH, APP]},
        {"dimension": "channel", "op": "in", "values": ["app", "flash"]},
        {"dimension": "channel", "op": "in", "values": ["flash", "app"]},
    ]
    assert len({offer({"filters": condition}) for condition in said}) == 1


def test_what_tells_two_actions_apart() -> None:
    ids = [
        offer(),
        offer(metric={"id": "orders"}),
        offer(metric={"version": 2}),
        offer(metric={"hash": "other"}),
        offer(chosen={"playbook": "other"}),
        offer(chosen={"segment": "city=b"}),
        offer(chosen={"segment": None}),
        offer(policy="east"),
        offer({"filters": FLASH}),
        offer({"filters": APP}),
        offer({"filters": {"op": "not", "items": [FLASH]}}),
        offer({"periods": [AUGUST]}),
        offer({"periods": [AUGUST, OCTOBER]}),
        offer({"comparison": {"kind": "period", "period": AUGUST}}),
        offer({"comparison": {"kind": "year", "period": None}}),
        offer({"post": {"kind": "average_per", "grain": "day"}}),
    ]
    assert len(set(ids)) == len(ids)


def test_an_offer_kept_under_another_id_is_found_by_its_answer(conversation: Conversation) -> None:
    from assistant.state import tables

    store, catalog = conversation.assistant.store, conversation.assistant.catalog
    answer = ask(conversation, SAME[0][0][0])
    first = accept(store, catalog, answer["answer_id"], Choices())
    store.change(tables.actions, first.id, id="before")
    again = accept(store, catalog, answer["answer_id"], Choices())
    assert (again.state, [row["id"] for row in store.find(tables.actions)]) == ("open", ["before"])
    assert dismiss(store, catalog, answer["answer_id"], None).state == "dismissed"

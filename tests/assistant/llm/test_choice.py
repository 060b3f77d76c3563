import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.choice import LONGEST_REPLY, Choice, parse_reply
from assistant.llm.model import ModelFailed
from assistant.llm.offer import LONGEST_WORDS, Offer, Offered
from metric_catalog.periods import Period

OFFER = Offer(
    ("takings", "autumn"),
    (Offered("metric", ("gmv",), "GMV"), Offered("member", ("channel", "app"), "app")),
    period=True,
)
QUESTION = "takings of the app in autumn"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
ITEM = st.fixed_dictionaries(
    {
        "words": st.sampled_from(["takings", "app", "autumn", "elsewhere", "", " a"]) | ANYTHING,
        "means": st.sampled_from([*OFFER.keys, "metric:margin", "drop table orders"]) | ANYTHING,
        "start": st.sampled_from(["2026-09-01", "2026-12-01", "9999-99-99", "soon"]) | ANYTHING,
        "end_exclusive": st.sampled_from(["2026-12-01", "2026-09-01"]) | ANYTHING,
    }
)


def reply(*items: dict[str, object]) -> str:
    return json.dumps({"readings": items}, ensure_ascii=False)


def said(
    words: str, means: str, start: str | None = None, end: str | None = None
) -> dict[str, object]:
    return {"words": words, "means": means, "start": start, "end_exclusive": end}


def test_what_is_on_offer_is_taken() -> None:
    text = reply(
        said("takings", "metric:gmv"), said("autumn", "period", "2026-09-01", "2026-12-01")
    )
    autumn = Period(dt.datetime(2026, 9, 1), dt.datetime(2026, 12, 1))
    wanted = (Choice("takings", "metric", ("gmv",)), Choice("autumn", "period", period=autumn))
    assert parse_reply(text, OFFER, QUESTION) == wanted
    assert parse_reply(f"```json\n{text}\n```", OFFER, QUESTION) == wanted


@pytest.mark.parametrize(
    "item",
    [
        said("takings", "metric:margin"),
        said("takings", "GMV"),
        said("takings", "metric:gmv; DROP TABLE orders"),
        said("income", "metric:gmv"),
        said("a", "metric:gmv"),
        said("autumn", "period", "2026-12-01", "2026-09-01"),
        said("autumn", "period", "2026-09-01"),
        said("autumn", "period", "the first", "2026-12-01"),
        said("takings" * LONGEST_WORDS, "metric:gmv"),
    ],
)
def test_what_is_not_on_offer_is_dropped(item: dict[str, object]) -> None:
    assert parse_reply(reply(item), OFFER, QUESTION) == ()
    good = said("app", "member:channel=app")
    assert parse_reply(reply(item, good), OFFER, QUESTION) == (
        Choice("app", "member", ("channel", "app")),
    )


def test_no_period_where_none_is_open() -> None:
    text = reply(said("autumn", "period", "2026-09-01", "2026-12-01"))
    assert parse_reply(text, Offer(OFFER.words, OFFER.items), QUESTION) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gmv",
        "SELECT 1",
        "null",
        "[]",
        '{"readings": "all"}',
        '{"readings": {}}',
        "{",
        "[" * 9000,
    ],
)
def test_wrong_shape_is_malformed(text: str) -> None:
    with pytest.raises(ModelFailed) as failure:
        parse_reply(text, OFFER, QUESTION)
    assert failure.value.reason == "malformed"


def test_long_reply_is_too_large() -> None:
    with pytest.raises(ModelFailed) as failure:
        parse_reply(reply() + " " * LONGEST_REPLY, OFFER, QUESTION)
    assert failure.value.reason == "too_large"


@given(items=st.lists(ITEM | ANYTHING, max_size=9))
def test_only_what_is_on_offer_ever_comes_out(items: list[object]) -> None:
    text = json.dumps({"readings": items})
    for choice in parse_reply(text, OFFER, QUESTION):
        assert QUESTION.count(choice.words) == 1
        if choice.kind == "period":
            assert choice.period is not None
            assert choice.period.start < choice.period.end
        else:
            assert any((choice.kind, choice.target) == (o.kind, o.target) for o in OFFER.items)


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        assert parse_reply(text, OFFER, QUESTION) == ()
    except ModelFailed as failure:
        assert failure.reason in ("malformed", "too_large")


def test_schema_is_closed() -> None:
    schema = OFFER.schema()
    item = schema["properties"]["readings"]["items"]
    assert item["properties"]["means"]["enum"] == ["metric:gmv", "member:channel=app", "period"]
    for part in (schema, item):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])

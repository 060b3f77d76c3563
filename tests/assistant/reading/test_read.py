from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.asking import Conversation
from assistant.wiring import Assistant

GOLDEN = yaml.safe_load(
    (Path(__file__).parents[2] / "golden" / "readings_shop.yml").read_text("utf-8")
)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["q"])
def test_slots_are_read(case: dict[str, Any], shop_session: Assistant) -> None:
    conversation = Conversation(shop_session, keep=False)
    read = conversation.read(conversation.question(case["q"], None, None)).to_json()
    wanted = {name: value for name, value in case.items() if name != "q"}
    assert {name: read[name] for name in wanted} == wanted


def test_every_span_is_where_it_says(shop_session: Assistant) -> None:
    conversation = Conversation(shop_session, keep=False)
    for case in GOLDEN:
        reading = conversation.read(conversation.question(case["q"], None, None))
        ends = [0]
        for span in reading.spans:
            assert reading.text[span.start : span.end].casefold().strip()
            if span.kind != "dimension":  # a metric's name may begin with a dimension asked for
                assert span.start >= ends[-1], "spans of a cover do not overlap"
                ends.append(span.end)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str, shop_session: Assistant) -> None:
    conversation = Conversation(shop_session, keep=False)
    reading = conversation.read(conversation.question(text, None, None))
    assert len(reading.text) <= len(text)
    assert reading.to_json()["intent"]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("上个月GMV是多少", "what was GMV last month"),
        ("各渠道上个月的订单数", "orders by channel last month"),
        ("上个月哪个渠道GMV最高", "which channel had the highest GMV last month"),
        ("三季度上海的客单价", "AOV in Shanghai in Q3"),
        ("GMV环比增长多少", "month over month GMV growth"),
    ],
)
def test_both_languages_give_the_same_query(zh: str, en: str, shop_session: Assistant) -> None:
    conversation = Conversation(shop_session, keep=False)
    read = [
        conversation.read(conversation.question(text, None, None)).to_json() for text in (zh, en)
    ]
    for slots in read:
        slots.pop("spans")
    assert read[0] == read[1]

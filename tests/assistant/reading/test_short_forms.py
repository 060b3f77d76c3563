"""Short forms mean what their full forms mean; texts without any stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.asking import Conversation
from assistant.reading.short_forms import write_out

SLOTS = ("metrics", "intent", "group_by", "filters", "period", "comparison", "grain", "limit")


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("wechat ad spend yday", "wechat ad spend yesterday"),
        ("AOV excl. web, last month", "AOV excluding web, last month"),
        ("gmv last 3 mos", "gmv last 3 months"),
        (
            "wich channel had the most orders in september",
            "which channel had the most orders in september",
        ),
        ("orders in March vs March a year ago", "orders in March vs March last year"),
        ("d1 retention of v5.2.0 in september", "d1 retention of 5.2.0 in september"),
        ("日活这俩月走势", "日活这两个月走势"),
        ("三四线城市9月延迟送达率", "三线和四线城市9月延迟送达率"),
        ("10.1-10.15每天的广告曝光", "10月1日到10月15日每天的广告曝光"),
        ("毛利律最低的是哪个品类", "毛利率最低的是哪个品类"),
        ("国庆7天GMV", "国庆假期GMV"),
        ("尋日GMV幾多錢", "昨天GMV多少钱"),
    ],
)
def test_a_short_form_is_read_as_its_full_form(
    short: str, full: str, conversation: Conversation
) -> None:
    first, second = (
        conversation.read(conversation.question(text, None, None)).to_json()
        for text in (short, full)
    )
    assert write_out(short) != short
    assert {slot: first[slot] for slot in SLOTS} == {slot: second[slot] for slot in SLOTS}


@given(
    st.text(
        alphabet="abcdefghijklmnopqrstuvwxyz0123456789 .,?-%一二三四月日年店单的了在率", max_size=60
    )
)
def test_what_is_written_out_stays_as_it_is(text: str) -> None:
    once = write_out(text)
    assert write_out(write_out(once)) == write_out(once)
    assert write_out("revenue of September by channel") == "revenue of September by channel"

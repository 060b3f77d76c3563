"""The shipped font draws Chinese completely; what nothing can draw becomes a box."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ft2font import FT2Font

from assistant.insights.charts.fonts import MISSING, chinese_font, drawable, families


def gb2312() -> str:
    """Every character of GB 2312, levels 1 and 2 and the symbols."""
    found = []
    for row, cell in product(range(0xA1, 0xF8), range(0xA1, 0xFF)):
        try:
            found.append(bytes((row, cell)).decode("gb2312"))
        except UnicodeDecodeError:
            continue
    return "".join(found)


def test_the_font_has_all_of_gb2312_and_ascii() -> None:
    known = FT2Font(str(chinese_font())).get_charmap()
    wanted = gb2312() + "".join(map(chr, range(32, 127)))
    assert len(wanted) > 7400
    assert [c for c in wanted if ord(c) not in known] == []


def test_the_first_family_is_the_shipped_font() -> None:
    assert families()[0] == "Noto Sans SC"


def test_emoji_and_controls() -> None:
    assert drawable("销量🦄") == f"销量{MISSING}"
    assert drawable("a\x00b\u200dc\ufe0f") == "a bc"
    assert drawable("Zażółć ¥$ −5 ∅") == "Zażółć ¥$ −5 ∅"


@given(st.text(max_size=40))
def test_drawable_is_a_projection(text: str) -> None:
    once = drawable(text)
    assert drawable(once) == once
    assert len(once) <= len(text)

"""Text on charts: widths, wrapping, shortening, figures and axes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insights.charts.spec import Frame
from assistant.insights.charts.text import (
    ELLIPSIS,
    axis_texts,
    difference_text,
    finite,
    shorten_label,
    value_text,
    width_em,
    wrap,
    wrap_even,
)

SENTENCE = "2026年10月成交额升至 ¥574.02万，此前为 ¥566.89万（+¥7.12万，+1.3%），门店回落。"
WORDS = st.text(alphabet="销售额，。 abc XYZ12%", max_size=80)


def frame(unit: str = "count", language: str = "en", **more: object) -> Frame:
    return Frame("t", "", language, unit, **more)  # type: ignore[arg-type]


@given(WORDS, st.integers(4, 30))
def test_wrapping_keeps_every_character(text: str, most: int) -> None:
    lines = wrap(text, most, 1000)
    if not any(line.endswith(ELLIPSIS) for line in lines):
        assert "".join("".join(lines).split()) == "".join(text.split())


@given(WORDS, st.integers(4, 30), st.integers(1, 4))
def test_wrapped_lines_are_few_and_narrow(text: str, most: int, count: int) -> None:
    for form in (wrap, wrap_even):
        lines = form(text, most, count)
        assert len(lines) <= count
        assert all(width_em(line) <= most + 1 + 1e-9 for line in lines)


def test_no_line_begins_with_a_comma() -> None:
    for most in range(8, 40):
        lines = wrap(SENTENCE, most, 20)
        assert all(line[0] not in "，。）" for line in lines)


def test_even_lines_leave_no_orphan() -> None:
    assert wrap("渠道无法解释的部分", 8, 3) == ["渠道无法解释的部", "分"]
    assert [len(line) for line in wrap_even("渠道无法解释的部分", 8, 3)] == [5, 4]


@given(st.text(max_size=60), st.floats(2, 20))
def test_shortened_labels_fit(text: str, most: float) -> None:
    assert width_em(shorten_label(text, most)) <= most + 1e-9


@pytest.mark.parametrize("unit", ["count", "currency", "ratio", "number", "days"])
@pytest.mark.parametrize("language", ["en", "zh"])
@given(st.floats(-1e12, 1e12), st.floats(1e-3, 1e11))
def test_ticks_read_differently(unit: str, language: str, start: float, step: float) -> None:
    ticks = [start + step * i for i in range(5)]
    if abs(start) / step < 1e4:
        texts = axis_texts(frame(unit, language), ticks)
        assert len(set(texts)) == 5


def test_figures_in_both_languages() -> None:
    assert value_text(frame("currency", "zh", currency="CNY"), 1.21e6) == "¥121万"
    assert value_text(frame("currency", "en", currency="CNY"), 1.21e6) == "¥1.21M"
    assert difference_text(frame("ratio", "zh"), -0.024) == "-2.4 个百分点"
    assert difference_text(frame("ratio", "en"), 0.024) == "+2.4 pp"
    assert value_text(frame("ratio"), None) == "–"
    assert len(value_text(frame("count"), 3.2e40)) < 12


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e200, None])
def test_what_cannot_be_drawn_is_none(value: float | None) -> None:
    assert finite(value) is None

"""The marks drawn: heights, sums, labels and colours, in both languages, nothing missing."""

import math
import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from assistant.insights.charts.colours import BAD, GOOD, MUTED, REST
from assistant.insights.charts.gallery import examples
from assistant.insights.charts.matplotlib import BUILT_IN, HEIGHTS, draw, figure_of
from assistant.insights.charts.spec import (
    Bar,
    Bullet,
    ChartSpec,
    Frame,
    Funnel,
    Heatmap,
    Line,
    MixRate,
    Number,
    Share,
    Waterfall,
    kind_of,
)
from assistant.insights.charts.text import difference_text, say, value_text

LANGUAGES = ("en", "zh")
NAMES = sorted(examples("en"))


def frame(language: str = "en", **more: Any) -> Frame:
    given = {"unit": "count", "direction": "up_good", **more}
    return Frame("标题 title", "alt", language, **given)


def axes_of(spec: ChartSpec) -> Axes:
    return figure_of(spec)[1]


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def texts_of(axes: Axes) -> list[str]:
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    return [text.get_text() for text in (*axes.texts, *ticks)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_drawn_without_a_warning(name: str, language: Any) -> None:
    spec = examples(language)[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = draw(spec, "png", 400)
    assert picture.startswith(b"\x89PNG")
    assert spec.frame.alt


def test_the_gallery_shows_every_kind() -> None:
    assert {kind_of(spec) for spec in examples("en").values()} == set(BUILT_IN) == set(HEIGHTS)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_chart_gives_the_same_bytes(form: Any) -> None:
    spec = examples("zh")["trend"]
    assert draw(spec, form, 300) == draw(spec, form, 300)


def test_a_picture_is_as_wide_as_asked_and_says_what_it_shows() -> None:
    spec = examples("en")["share"]
    assert int.from_bytes(draw(spec, "png", 640)[16:20], "big") == 640
    svg = draw(spec, "svg").decode("utf-8")
    assert 'role="img"' in svg
    assert "41.3%" in svg.split("aria-label=")[1][:400]
    with pytest.raises(ValueError, match="width"):
        draw(spec, "png", 0)


def test_titles_wrap_and_dollars_stay_dollars() -> None:
    title = "Revenue of $5 and $6 " * 12
    figure, _ = figure_of(replace(examples("en")["share"], frame=frame() and Frame(
        title, "", "en", "ratio")))  # fmt: skip
    lines = [text.get_text() for text in figure.texts]
    assert len(lines) == 3
    assert all("$5" in line for line in lines[:2])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("horizontal", [True, False])
def test_bars_start_at_zero_and_carry_their_values(language: str, horizontal: bool) -> None:
    values = (300.0, 120.0, -50.0, None)
    spec = Bar(frame(language), ("a", "b", "c", "d"), (("s", values),), horizontal)
    axes = axes_of(spec)
    bars = bars_of(axes)
    sizes = [bar.get_width() if horizontal else bar.get_height() for bar in bars]
    feet = [bar.get_x() if horizontal else bar.get_y() for bar in bars]
    assert sizes == [300.0, 120.0, -50.0]
    assert feet == [0.0, 0.0, 0.0]
    low, high = axes.get_xlim() if horizontal else axes.get_ylim()
    assert low < -50 < 0 < 300 < high
    for value in values:
        assert value_text(spec.frame, value) in texts_of(axes)
    assert to_hex(bars[2].get_facecolor()).upper() == BAD


def test_columns_too_narrow_for_their_labels_lie_down() -> None:
    labels = tuple(f"store {i}" for i in range(30))
    spec = Bar(frame(), labels, (("s", tuple(float(i * 1234567) for i in range(30))),))
    bars = bars_of(axes_of(spec))
    assert [bar.get_width() for bar in bars] == [float(i * 1234567) for i in range(30)]


def test_the_rest_is_muted_and_the_compared_bar_shows_good_or_bad() -> None:
    rest = Bar(frame(), ("a", "other"), (("s", (1.0, 2.0)),), horizontal=True, rest=True)
    assert to_hex(bars_of(axes_of(rest))[1].get_facecolor()).upper() == REST
    for direction, colour in (("up_good", BAD), ("down_good", GOOD)):
        fell = Bar(frame(direction=direction), ("then", "now"), (("s", (2.0, 1.0)),), compared=True)
        colours = [to_hex(bar.get_facecolor()).upper() for bar in bars_of(axes_of(fell))]
        assert colours == [MUTED, colour]


EFFECTS = st.lists(st.floats(-500, 500).map(lambda v: round(v, 2)), min_size=1, max_size=14)


@settings(max_examples=20, deadline=None)
@given(st.floats(-300, 900).map(lambda v: round(v, 2)), EFFECTS, st.sampled_from(LANGUAGES))
def test_a_waterfall_lands_on_its_end(start: float, sizes: list[float], language: str) -> None:
    effects = tuple((f"m{i}", size) for i, size in enumerate(sizes))
    end = start + math.fsum(sizes)
    axes = axes_of(Waterfall(frame(language), ("then", start), effects, ("now", end)))
    bars = bars_of(axes)
    stands = len(bars) <= 10
    feet = [bar.get_y() if stands else bar.get_x() for bar in bars]
    spans = [bar.get_height() if stands else bar.get_width() for bar in bars]
    assert feet[0] == feet[-1] == 0.0
    assert spans[1:-1] == pytest.approx(sizes, abs=1e-6)
    assert feet[-2] + spans[-2] == pytest.approx(end, abs=1e-6)
    for i in range(1, len(bars) - 1):
        assert feet[i] == pytest.approx(feet[i - 1] + spans[i - 1], abs=1e-6)
    shown = texts_of(axes)
    assert all(difference_text(frame(language), size) in shown for size in sizes)


def test_mix_and_rate_follow_the_sign_and_the_direction() -> None:
    spec = MixRate(frame(unit="ratio"), ("a", "b"), (-0.01, 0.02), (0.03, 0.0), 0.004, "rest")
    axes = axes_of(spec)
    bars = bars_of(axes)
    assert [bar.get_width() for bar in bars] == [-0.01, 0.03, 0.02, 0.0, 0.004]
    assert [to_hex(bar.get_facecolor()).upper() for bar in bars[:3]] == [BAD, GOOD, GOOD]
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False, True, False, False]
    assert "-1 pp" in texts_of(axes)


def test_shares_fill_the_bar_and_name_every_part() -> None:
    spec = Share(frame("zh", unit="ratio"), ("甲", "乙", "其他"), (0.5, 0.3, 0.2), rest=True)
    axes = axes_of(spec)
    parts = [bar for bar in bars_of(axes) if bar.get_height() == 1.0]
    assert [bar.get_width() for bar in parts] == pytest.approx([0.5, 0.3, 0.2])
    assert [bar.get_x() for bar in parts] == pytest.approx([0.0, 0.5, 0.8])
    assert {"甲 50.0%", "乙 30.0%", "其他 20.0%"} <= set(texts_of(axes))


def test_a_running_period_is_dashed_and_hollow() -> None:
    spec = Line(frame(), ("a", "b", "c"), (("s", (1.0, 2.0, 1.5)),), incomplete_last=True)
    lines = axes_of(spec).lines
    assert [line.get_linestyle() for line in lines] == ["-", "--", "None"]
    assert [list(line.get_xdata()) for line in lines] == [[0, 1], [1, 2], [2]]
    complete = replace(spec, incomplete_last=False)
    assert [line.get_linestyle() for line in axes_of(complete).lines] == ["-"]


def test_gaps_stay_gaps_and_lonely_points_are_seen() -> None:
    spec = Line(frame(), tuple("abcde"), (("s", (1.0, None, 3.0, None, None)),))
    line, *alone = axes_of(spec).lines
    assert [math.isnan(v) for v in line.get_ydata()] == [False, True, False, True, True]
    assert [list(point.get_xdata()) for point in alone] == [[0], [2]]


def test_the_band_and_the_unusual_point_are_drawn() -> None:
    spec = Line(
        frame(), tuple("abcdef"), (("s", (1.0, 2, 9, 2, 3, 4)),),
        band=((2.5, 3.5), (3.0, 5.0)), forecast=2, marks=(2,),
    )  # fmt: skip
    axes = axes_of(spec)
    assert len(axes.collections) == 1
    rings = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert [(list(r.get_xdata()), list(r.get_ydata())) for r in rings] == [([2], [9.0])]


def test_blank_cells_stay_blank() -> None:
    cells = ((0.5, 0.25), (0.75, None))
    axes = axes_of(Heatmap(frame(unit="ratio"), ("r", "s"), ("c", "d"), cells))
    assert len(bars_of(axes)) == 3
    assert sorted(t for t in texts_of(axes) if t.endswith("%")) == ["25.0%", "50.0%", "75.0%"]


def test_a_funnel_tells_both_rates() -> None:
    axes = axes_of(Funnel(frame(), ("visit", "cart", "pay"), (200.0, 50.0, 25.0)))
    assert [bar.get_width() for bar in bars_of(axes)] == [200.0, 50.0, 25.0]
    shown = " ".join(texts_of(axes))
    assert "12.5%" in shown
    assert "50.0%" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bullet_shows_value_and_target(language: str) -> None:
    spec = Bullet(frame(language), "orders", 80.0, 100.0)
    axes = axes_of(spec)
    assert bars_of(axes)[1].get_width() == 80.0
    assert to_hex(bars_of(axes)[1].get_facecolor()).upper() == BAD
    assert say(spec.frame, "target", value="100") in texts_of(axes)
    assert any("80.0%" in text for text in texts_of(axes))


def test_a_number_says_its_change_in_points_for_rates() -> None:
    spec = Number(frame(unit="ratio"), 0.25, (0.3, 0.27, 0.25), "rate", 0.27, "September")
    shown = texts_of(axes_of(spec))
    assert "25.0%" in shown
    assert "-2 pp against September" in shown


WILD = st.one_of(
    st.none(), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, -1e-300, 1e99])
)
LABELS = st.text(max_size=30) | st.sampled_from(["🦄 émoji $x$", "销量" * 40, "", "=1+1", "\n"])


@st.composite
def wild_specs(draw_value: st.DrawFn) -> ChartSpec:
    """Charts of any kind with values and names as bad as data can be."""
    count = draw_value(st.integers(0, 30))
    unit = draw_value(st.sampled_from(["count", "currency", "ratio", "number", "days"]))
    shown = frame(draw_value(st.sampled_from(LANGUAGES)), unit=unit, currency="CNY",
                  direction=draw_value(st.sampled_from(["up_good", "none"])))  # fmt: skip
    labels = tuple(draw_value(st.lists(LABELS, min_size=count, max_size=count)))
    values = tuple(draw_value(st.lists(WILD, min_size=count, max_size=count)))
    number = draw_value(st.floats(allow_nan=True))
    series = (("a", values), ("b", values[::-1]))[: draw_value(st.integers(1, 2))]
    return draw_value(
        st.sampled_from(
            [
                Number(shown, draw_value(WILD), values, "n", draw_value(WILD), "p"),
                Line(shown, labels, series, draw_value(st.booleans())),
                Bar(shown, labels, series, draw_value(st.booleans())),
                Share(shown, labels, values),
                Waterfall(shown, ("s", number), tuple((n, v or 0.0) for n, v in
                          zip(labels, values, strict=True)), ("e", number)),
                MixRate(shown, labels, values, values[::-1], number, "rest"),
                Heatmap(shown, labels[:8], labels[:5], (values[:5],) * len(labels[:8])),
                Funnel(shown, labels, values),
                Bullet(shown, "b", number, -number),
            ]
        )
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(wild_specs())
def test_nothing_in_the_data_breaks_a_chart(spec: ChartSpec) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert draw(spec, "png", 200).startswith(b"\x89PNG")

"""Charts on a narrow page: every kind of the gallery keeps its words inside."""

import io
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from assistant.insights.charts.gallery import examples
from assistant.insights.charts.matplotlib import figure_of, save
from assistant.insights.charts.spec import ChartSpec, MixRate, Waterfall
from assistant.interfaces.chat.card import PHONE_INCHES

WIDTHS = (PHONE_INCHES, 4.6, 8.0)
EDGE = 1.0


def is_of_effects(spec: ChartSpec) -> bool:
    return isinstance(spec, MixRate | Waterfall)


EXAMPLES = {
    f"{lang}-{name}": spec for lang in ("en", "zh") for name, spec in examples(lang).items()
}


@pytest.mark.parametrize("wide", WIDTHS)
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_words_stay_inside_a_narrow_picture(name: str, wide: float) -> None:
    chart: ChartSpec = EXAMPLES[name]
    slim = replace(chart, frame=replace(chart.frame, width=wide))
    figure, _ = figure_of(slim, title=False)
    for words, box in boxes(figure):
        assert box.x0 >= -EDGE and box.x1 <= figure.bbox.width + EDGE, words


@pytest.mark.parametrize("wide", WIDTHS)
@pytest.mark.parametrize("name", sorted(n for n, s in EXAMPLES.items() if is_of_effects(s)))
def test_no_words_lie_on_others(name: str, wide: float) -> None:
    chart: ChartSpec = EXAMPLES[name]
    slim = replace(chart, frame=replace(chart.frame, width=wide, note="what is left out"))
    for title in (True, False):
        figure, _ = figure_of(slim, title=title)
        shown = boxes(figure)
        for place, (words, box) in enumerate(shown):
            for others, other in shown[place + 1 :]:
                wider = min(box.x1, other.x1) - max(box.x0, other.x0)
                higher = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert min(wider, higher) <= EDGE, (words, others)


def boxes(figure: Any) -> list[tuple[str, Any]]:
    """Every text that is drawn, with its box in pixels."""
    FigureCanvasAgg(figure).draw()
    drawn = figure.findobj(Text)
    return [
        (text.get_text(), text.get_window_extent())
        for text in drawn
        if text.get_visible() and text.get_text().strip()
    ]


def test_a_whole_picture_is_as_wide_as_it_must() -> None:
    from matplotlib.image import imread

    chart = EXAMPLES[sorted(EXAMPLES)[0]]
    figure, _ = figure_of(chart, title=False)
    plain = imread(io.BytesIO(save(figure, "png", 800, "t", "a")), format="png")
    assert plain.shape[1] == 800

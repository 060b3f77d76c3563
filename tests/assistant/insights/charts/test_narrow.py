"""Charts on a narrow page: every kind of the gallery keeps its words inside."""

import io
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from assistant.insights.charts.gallery import examples
from assistant.insights.charts.matplotlib import figure_of, save
from assistant.insights.charts.spec import ChartSpec

NARROW = 4.6
EDGE = 1.0
EXAMPLES = {
    f"{lang}-{name}": spec for lang in ("en", "zh") for name, spec in examples(lang).items()
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_words_stay_inside_a_narrow_picture(name: str) -> None:
    chart: ChartSpec = EXAMPLES[name]
    slim = replace(chart, frame=replace(chart.frame, width=NARROW))
    figure, _ = figure_of(slim, title=False)
    FigureCanvasAgg(figure).draw()
    wide = figure.bbox.width
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent()
            assert box.x0 >= -EDGE and box.x1 <= wide + EDGE, text.get_text()


def test_a_whole_picture_is_as_wide_as_it_must() -> None:
    from matplotlib.image import imread

    chart = EXAMPLES[sorted(EXAMPLES)[0]]
    figure, _ = figure_of(chart, title=False)
    plain = imread(io.BytesIO(save(figure, "png", 800, "t", "a")), format="png")
    assert plain.shape[1] == 800

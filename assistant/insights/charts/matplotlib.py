"""Owns the picture of a chart: `draw` turns a ChartSpec into PNG or SVG bytes, always the same.

Figures are made without pyplot, so nothing is shared between threads. matplotlib is imported
when the first chart is drawn.
"""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import quoteattr

from assistant.insights.charts.alt import is_empty
from assistant.insights.charts.axes import (
    PAD,
    POINTS_PER_INCH,
    SMALL_POINTS,
    TEXT_POINTS,
    TITLE_POINTS,
    bare,
    style,
    write,
)
from assistant.insights.charts.bars import bar_height, draw_bar, draw_funnel, funnel_height
from assistant.insights.charts.colours import INK, PAPER, SOFT_INK
from assistant.insights.charts.effects import (
    draw_mix_rate,
    draw_waterfall,
    mix_rate_height,
    waterfall_height,
)
from assistant.insights.charts.fonts import drawable
from assistant.insights.charts.heatmap import draw_heatmap, heatmap_height
from assistant.insights.charts.lines import draw_line, line_height
from assistant.insights.charts.parts import draw_share, share_height
from assistant.insights.charts.single import (
    BULLET_HEIGHT,
    NUMBER_HEIGHT,
    draw_bullet,
    draw_number,
)
from assistant.insights.charts.spec import ChartSpec, kind_of
from assistant.insights.charts.text import say, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Drawer = Callable[["Axes", Any], None]
"""Draws one kind of chart into empty axes; text is already escaped from markup by `write`."""

BUILT_IN: Mapping[str, Drawer] = {
    "number": draw_number,
    "line": draw_line,
    "bar": draw_bar,
    "share": draw_share,
    "waterfall": draw_waterfall,
    "mixrate": draw_mix_rate,
    "heatmap": draw_heatmap,
    "funnel": draw_funnel,
    "bullet": draw_bullet,
}
HEIGHTS: Mapping[str, Callable[[Any], float]] = {
    "number": lambda _: NUMBER_HEIGHT,
    "line": line_height,
    "bar": bar_height,
    "share": share_height,
    "waterfall": waterfall_height,
    "mixrate": mix_rate_height,
    "heatmap": heatmap_height,
    "funnel": funnel_height,
    "bullet": lambda _: BULLET_HEIGHT,
}
PLAIN_HEIGHT = 3.0
TITLE_LINE, TITLE_GAP, SUBTITLE_LINE, NOTE_LINE = 0.27, 0.14, 0.28, 0.26
MOST_TITLE_LINES = 3
PIXELS = 1200
MOST_PIXELS = 8000
SALT = "askmetric"

Format = Literal["png", "svg"]


def draw(
    spec: ChartSpec,
    format: Format = "png",
    width: int = PIXELS,
    drawers: Mapping[str, Drawer] = BUILT_IN,
) -> bytes:
    """Return the picture, `width` pixels wide; the layout is the same at every width.

    Raises ValueError for a width outside 1 to 8000 and KeyError for a kind without a drawer.
    """
    if not 1 <= width <= MOST_PIXELS:
        raise ValueError(f"width {width}")
    figure, _ = figure_of(spec, drawers)
    return save(figure, format, width, spec.frame.title, spec.frame.alt)


def figure_of(
    spec: ChartSpec, drawers: Mapping[str, Drawer] = BUILT_IN, title: bool = True
) -> tuple["Figure", "Axes"]:
    """Return the drawn figure and its axes; without `title` where a card already says it."""
    from matplotlib.figure import Figure

    lines = title_lines(spec.frame.title, spec.frame.width) if title else []
    below = PAD + (len(lines) * TITLE_LINE + TITLE_GAP if lines else 0.0)
    head = below + (SUBTITLE_LINE if spec.frame.subtitle else 0.0)
    foot = PAD + (NOTE_LINE if spec.frame.note else 0.0)
    body = _height(spec)
    height = head + body + foot
    wide = spec.frame.width
    figure = Figure(figsize=(wide, height), facecolor=PAPER)
    inner = (wide - 2 * PAD) / wide
    axes = figure.add_axes((PAD / wide, foot / height, inner, body / height))
    axes.set_facecolor("none")
    for row, line in enumerate(lines):
        y = 1 - (PAD + row * TITLE_LINE) / height
        figure.text(PAD / wide, y, drawable(line), va="top", **style(TITLE_POINTS, INK))
    if spec.frame.subtitle:
        words = drawable(spec.frame.subtitle)
        y = 1 - (below - TITLE_GAP / 2 if lines else below) / height
        figure.text(PAD / wide, y, words, va="top", **style(TEXT_POINTS, SOFT_INK))
    if spec.frame.note:
        note = drawable(spec.frame.note)
        figure.text(PAD / wide, PAD / height, note, va="bottom", **style(SMALL_POINTS, SOFT_INK))
    if is_empty(spec):
        bare(axes)
        write(axes, 0.5, 0.5, say(spec.frame, "nothing"), colour=SOFT_INK, align="center")
    else:
        drawers[kind_of(spec)](axes, spec)
    return figure, axes


def title_lines(title: str, width: float) -> list[str]:
    """Return the title as it is wrapped in `width` inches."""
    return wrap(title, (width - 2 * PAD) * POINTS_PER_INCH / TITLE_POINTS, MOST_TITLE_LINES)


def _height(spec: ChartSpec) -> float:
    wanted = HEIGHTS.get(kind_of(spec))
    return wanted(spec) if wanted and not is_empty(spec) else PLAIN_HEIGHT


def save(
    figure: "Figure", format: Format, width: int, title: str, alt: str, whole: bool = False
) -> bytes:
    """Return the figure's bytes: no date, no version, same ids, with its alt text inside.

    `whole`: the picture grows by what stands out over its edges.
    """
    import matplotlib

    buffer = io.BytesIO()
    wide = float(figure.get_size_inches()[0])
    if format == "png":
        words = {"Title": title, "Description": alt, "Software": None}
        figure.savefig(buffer, format="png", dpi=width / wide, metadata=words,
                       bbox_inches="tight" if whole else None, pad_inches=0.05)  # fmt: skip
        return buffer.getvalue()
    matplotlib.rcParams["svg.hashsalt"] = SALT  # the only door to stable ids; always the same
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode("utf-8")
    labelled = f'<svg role="img" aria-label={quoteattr(drawable(alt))} '
    return text.replace("<svg ", labelled, 1).encode("utf-8")

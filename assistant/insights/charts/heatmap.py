"""Owns the drawing of heat maps: numbers in cells, blank where a cohort is not complete."""

from typing import TYPE_CHECKING

from assistant.insights.charts.axes import (
    GAP,
    LABEL_EM,
    SMALL_POINTS,
    bare,
    inches,
    inset,
    tick_y,
    widest,
    write,
)
from assistant.insights.charts.colours import SOFT_INK, between, ink_on
from assistant.insights.charts.spec import Heatmap
from assistant.insights.charts.text import finite, shorten_label, value_text, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, HEAD_LINES, HEAD_LINE = 0.36, 2, 0.17
EDGE = 0.02
LEAST_POINTS = 5.0
ONLY_VALUE = 0.5
"""Where all cells are equal, they take the middle of the scale."""


def heatmap_height(spec: Heatmap) -> float:
    """Return how high the body of the chart wants to be."""
    return max(ROW * len(spec.rows), ROW) + HEAD_LINES * HEAD_LINE


def draw_heatmap(axes: "Axes", spec: Heatmap) -> None:
    """Draw one rectangle per known cell, darker where larger, with its number."""
    from matplotlib.patches import Rectangle

    bare(axes)
    names = [shorten_label(name, LABEL_EM) for name in spec.rows]
    width, _ = inset(axes, left=widest(names) + 2 * GAP, top=HEAD_LINES * HEAD_LINE + GAP)
    axes.set_xlim(0, max(len(spec.columns), 1))
    axes.set_ylim(max(len(spec.rows), 1), 0)
    slot = width / max(len(spec.columns), 1)
    shown = [[finite(value) for value in row] for row in spec.cells]
    known = [value for row in shown for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    points = _points([value_text(spec.frame, value) for value in known], slot)
    for y, row in enumerate(shown):
        for x, value in enumerate(row):
            if value is None:
                continue
            colour = between((value - low) / (high - low) if high > low else ONLY_VALUE)
            corner = (x + EDGE, y + EDGE)
            axes.add_patch(Rectangle(corner, 1 - 2 * EDGE, 1 - 2 * EDGE, color=colour, lw=0))
            text, ink = value_text(spec.frame, value), ink_on(colour)
            write(axes, x + 0.5, y + 0.5, text, points, ink, align="center")
    tick_y(axes, [y + 0.5 for y in range(len(names))], names)
    _head(axes, spec, slot)


def _points(texts: list[str], slot: float) -> float:
    """The size at which the widest number fits its cell."""
    need = widest(texts, SMALL_POINTS) + GAP
    return max(min(SMALL_POINTS, SMALL_POINTS * slot / need), LEAST_POINTS) if texts else 0.0


def _head(axes: "Axes", spec: Heatmap, slot: float) -> None:
    height = axes.get_position().height * float(axes.figure.get_figure().get_size_inches()[1])  # type: ignore[union-attr]
    for x, name in enumerate(spec.columns):
        lines = wrap(name, (slot - GAP / 2) / inches("国", SMALL_POINTS), HEAD_LINES)
        for row, line in enumerate(reversed(lines)):
            y = 1 + (GAP / 2 + row * HEAD_LINE) / height
            write(
                axes, x + 0.5, y, line, SMALL_POINTS, SOFT_INK, "center", "bottom",
                transform=axes.get_xaxis_transform(),
            )  # fmt: skip

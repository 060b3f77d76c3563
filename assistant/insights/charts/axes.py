"""Owns the ground that charts are drawn on: text, ticks, margins and limits, sizes in inches."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assistant.insights.charts.colours import DARK, GRID, INK, SOFT_INK
from assistant.insights.charts.fonts import drawable, families
from assistant.insights.charts.text import width_em

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KEY = 0.36
"""Inches of a legend's swatch and the gaps beside it."""
LEGEND, LEGEND_ROW = 0.28, 0.2
"""Inches of a legend of one row, and of each row more."""
"""Every chart is laid out this wide; pixels only scale it, so a layout never depends on them."""
PAD = 0.22
TITLE_POINTS, TEXT_POINTS, SMALL_POINTS = 13.0, 10.0, 9.0
POINTS_PER_INCH = 72.0
LABEL_EM = 13.0
"""The widest a member's name gets."""
LINE_SPACING = 1.35
GAP = 0.08
"""Between a mark and its label."""


def inches(text: str, points: float = TEXT_POINTS) -> float:
    """Return about how wide `text` is."""
    return width_em(text) * points / POINTS_PER_INCH


def widest(texts: Sequence[str], points: float = TEXT_POINTS) -> float:
    """Return the width of the widest of `texts`; 0 where there is none."""
    return max((inches(text, points) for text in texts), default=0.0)


def style(points: float = TEXT_POINTS, colour: str = INK) -> dict[str, Any]:
    """Return the properties of every text drawn; dollar signs are dollars, not formulas."""
    return {
        "fontfamily": list(families()),
        "fontsize": points,
        "color": colour,
        "parse_math": False,
    }


def write(
    axes: "Axes",
    x: float,
    y: float,
    text: str,
    points: float = TEXT_POINTS,
    colour: str = INK,
    align: str = "left",
    valign: str = "center",
    **more: Any,
) -> None:
    """Put `text` at a place of the data."""
    axes.text(
        x,
        y,
        drawable(text),
        ha=align,
        va=valign,
        clip_on=False,
        **{**style(points, colour), **more},
    )


def bare(axes: "Axes") -> None:
    """Take frame, ticks and tick labels away."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def inset(
    axes: "Axes", left: float = 0, right: float = 0, bottom: float = 0, top: float = 0
) -> tuple[float, float]:
    """Take margins off the axes; return the width and height that are left."""
    box = axes.get_position()
    wide, high = (float(side) for side in axes.figure.get_figure().get_size_inches())  # type: ignore[union-attr]
    width = max(box.width * wide - left - right, GAP)
    height = max(box.height * high - bottom - top, GAP)
    axes.set_position((box.x0 + left / wide, box.y0 + bottom / high, width / wide, height / high))
    return width, height


def tick_x(axes: "Axes", places: Sequence[float], texts: Sequence[str], **more: Any) -> None:
    """Write categories below the axes."""
    shown = [drawable(text) for text in texts]
    axes.set_xticks(list(places), labels=shown, **{**style(TEXT_POINTS, SOFT_INK), **more})
    axes.tick_params(axis="x", length=0, pad=4)


def tick_y(axes: "Axes", places: Sequence[float], texts: Sequence[str], **more: Any) -> None:
    """Write categories or amounts beside the axes."""
    shown = [drawable(text) for text in texts]
    axes.set_yticks(list(places), labels=shown, **{**style(TEXT_POINTS, SOFT_INK), **more})
    axes.tick_params(axis="y", length=0, pad=4)


def grid_y(axes: "Axes") -> None:
    """Draw light lines at the amounts."""
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def zero_line(axes: "Axes", upright: bool) -> None:
    """Draw the line that bars start from."""
    line = axes.axhline if upright else axes.axvline
    line(0, color=DARK, linewidth=0.8, zorder=3, clip_on=False)


def write_names(axes: "Axes", names: Sequence[Sequence[str]], points: float) -> None:
    """Write the lines of each category's name below its column."""
    height = axes.get_position().height * float(axes.figure.get_figure().get_size_inches()[1])  # type: ignore[union-attr]
    below = axes.get_xaxis_transform()
    for place, lines in enumerate(names):
        for row, line in enumerate(lines):
            y = -(GAP + row * name_line(points)) / height
            write(axes, place, y, line, points, SOFT_INK, "center", "top", transform=below)


def name_line(points: float) -> float:
    """Return the height of one line of a name."""
    return points * LINE_SPACING / POINTS_PER_INCH


def limits(
    low: float, high: float, length: float, before: float, after: float
) -> tuple[float, float]:
    """Return axis limits that leave `before` and `after` inches free of `length` inches."""
    if high <= low:
        high = low + 1.0
    room = max(length - before - after, length / 4)
    per_inch = (high - low) / room
    return low - before * per_inch, high + after * per_inch


def legend_height(entries: Sequence[tuple[str, str, str]], wide: float) -> float:
    """Return the inches that a legend takes in a chart `wide` inches wide."""
    return LEGEND + (math.ceil(len(entries) / _fitting(entries, wide)) - 1) * LEGEND_ROW


def _fitting(entries: Sequence[tuple[str, str, str]], wide: float) -> int:
    """How many entries stand in one row."""
    widths = [widest([text], SMALL_POINTS) + KEY for text, _, _ in entries]
    room = wide - PAD
    return len(entries) if sum(widths) <= room else max(int(room / max(widths)), 1)


def legend(axes: "Axes", entries: Sequence[tuple[str, str, str]], lift: float = 0.06) -> None:
    """Write (text, colour, hatch) entries above the axes, in as many rows as the width asks."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0)
        for _, colour, hatch in entries
    ]
    box = axes.get_position()
    wide, high = map(float, axes.figure.get_figure().get_size_inches())  # type: ignore[union-attr]
    height = box.height * high
    drawn = axes.legend(
        handles,
        [drawable(text) for text, _, _ in entries],
        loc="lower left",
        bbox_to_anchor=((PAD / wide - box.x0) / box.width, 1 + lift / height),
        ncols=_fitting(entries, wide),
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.0,
        handleheight=0.9,
        handletextpad=0.5,
        columnspacing=1.4,
    )
    for text in drawn.get_texts():
        text.set(**style(SMALL_POINTS, SOFT_INK))

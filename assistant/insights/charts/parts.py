"""Owns the drawing of shares: one bar of 100 %, its parts named below."""

from typing import TYPE_CHECKING

from assistant.insights.charts.axes import (
    GAP,
    LABEL_EM,
    PAD,
    SMALL_POINTS,
    bare,
    inches,
    inset,
    widest,
    write,
)
from assistant.insights.charts.colours import PAPER, REST, fractions, ink_on, of_series
from assistant.insights.charts.spec import Share
from assistant.insights.charts.text import finite, shorten_label, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR, KEY_ROW, KEY_GAP = 0.72, 0.28, 0.2
SWATCH = 0.14


def share_height(spec: Share) -> float:
    """Return how high the body of the chart wants to be."""
    rows = -(-len(spec.labels) // _key_columns(spec))
    return BAR + KEY_GAP + KEY_ROW * rows


def draw_share(axes: "Axes", spec: Share) -> None:
    """Draw the parts side by side from 0 to 1; what has no positive size is only named.

    Parts of more than 1 in all (overlapping members) are drawn in proportion.
    """
    bare(axes)
    columns = _key_columns(spec)
    rows = -(-len(spec.labels) // columns)
    under = KEY_GAP + KEY_ROW * rows
    width, height = inset(axes, bottom=under)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    sizes = [max(finite(part) or 0.0, 0.0) for part in spec.parts]
    whole, left = max(sum(sizes), 1.0), 0.0
    for place, part in enumerate(sizes):
        size, colour = part / whole, _colour(spec, place)
        if size > 0:
            axes.barh(0.5, size, 1.0, left=left, color=colour, edgecolor=PAPER, linewidth=1.5)
            _label_part(axes, spec, place, left, size, width)
        left += size
    _draw_key(axes, spec, columns, width, height)


def _colour(spec: Share, place: int) -> str:
    rest = spec.rest and place == len(spec.labels) - 1
    return REST if rest else of_series(place)


def _label_part(
    axes: "Axes", spec: Share, place: int, left: float, size: float, width: float
) -> None:
    """Write name and percent inside the part, the percent alone, or nothing: what fits."""
    colour = ink_on(fractions(_colour(spec, place)))
    percent = value_text(spec.frame, spec.parts[place])
    name = shorten_label(spec.labels[place], LABEL_EM)
    middle, room = left + size / 2, size * width - GAP
    if inches(name) <= room and inches(percent) <= room:
        write(axes, middle, 0.66, name, colour=colour, align="center")
        write(axes, middle, 0.34, percent, colour=colour, align="center")
    elif inches(percent, SMALL_POINTS) <= room:
        write(axes, middle, 0.5, percent, SMALL_POINTS, colour, align="center")


def _entries(spec: Share) -> list[str]:
    return [
        f"{shorten_label(name, LABEL_EM)} {value_text(spec.frame, finite(part))}"
        for name, part in zip(spec.labels, spec.parts, strict=True)
    ]


def _key_columns(spec: Share) -> int:
    each = widest(_entries(spec), SMALL_POINTS) + SWATCH + 4 * GAP
    return max(min(int((spec.frame.width - 2 * PAD) / each), 4), 1)


def _draw_key(axes: "Axes", spec: Share, columns: int, width: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    for place, text in enumerate(_entries(spec)):
        row, column = divmod(place, columns)
        x = column / columns
        y = -(KEY_GAP + KEY_ROW * (row + 0.5)) / height
        swatch = Rectangle(
            (x, y - SWATCH / 2 / height),
            SWATCH / width,
            SWATCH / height,
            color=_colour(spec, place),
            clip_on=False,
        )
        axes.add_patch(swatch)
        write(axes, x + (SWATCH + GAP) / width, y, text, SMALL_POINTS)

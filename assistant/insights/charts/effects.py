"""Owns the drawing of effects: waterfalls from start to end, mix and rate bars per segment."""

from typing import TYPE_CHECKING

from assistant.insights.charts.axes import (
    GAP,
    LABEL_EM,
    PAD,
    SMALL_POINTS,
    bare,
    inches,
    inset,
    legend,
    legend_height,
    limits,
    name_line,
    tick_y,
    widest,
    write,
    write_names,
    zero_line,
)
from assistant.insights.charts.colours import (
    BAD,
    DARK,
    FALL,
    GOOD,
    MUTED,
    RISE,
    of_effect,
)
from assistant.insights.charts.spec import Frame, MixRate, Waterfall
from assistant.insights.charts.text import (
    difference_text,
    finite,
    say,
    shorten_label,
    value_text,
    wrap_even,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEP_ROW, PAIR_ROW = 0.36, 0.5
THICK = 0.62
MIX_HATCH = "////"
LEAST_COLUMN = 0.72
"""A step narrower than this is laid down instead of stood up."""
UPRIGHT_HEIGHT, NAME_ROWS = 3.3, 3
LIFT = 0.06


def waterfall_height(spec: Waterfall) -> float:
    """Return how high the body of the chart wants to be."""
    rows = len(spec.effects) + 2
    room = legend_height(sign_legend(spec.frame), spec.frame.width)
    return room + (UPRIGHT_HEIGHT if _stands(spec, rows) else STEP_ROW * rows)


def _stands(spec: Waterfall, rows: int) -> bool:
    return (spec.frame.width - 2 * PAD) / rows >= LEAST_COLUMN


def steps(spec: Waterfall) -> list[tuple[str, float, float]]:
    """Return (label, bottom, height) of every bar: start, effects, end; totals start at zero."""
    start = finite(spec.start[1]) or 0.0
    bars, level = [(spec.start[0], 0.0, start)], start
    for name, effect in spec.effects:
        size = finite(effect) or 0.0
        bars.append((name, level, size))
        level += size
    return [*bars, (spec.end[0], 0.0, finite(spec.end[1]) or 0.0)]


def sign_legend(frame: Frame) -> list[tuple[str, str, str]]:
    """Return the legend of what the colours of effects mean."""
    if frame.direction == "none":
        return [(say(frame, "rise"), RISE, ""), (say(frame, "fall"), FALL, "")]
    return [(say(frame, "favourable"), GOOD, ""), (say(frame, "unfavourable"), BAD, "")]


def draw_waterfall(axes: "Axes", spec: Waterfall) -> None:
    """Draw the bars from start to end, each effect standing where the one before it ended."""
    bare(axes)
    inset(axes, top=legend_height(sign_legend(spec.frame), spec.frame.width))
    bars = steps(spec)
    if _stands(spec, len(bars)):
        _draw_standing(axes, spec, bars)
    else:
        _draw_lying(axes, spec, bars)
    legend(axes, sign_legend(spec.frame))


def _extent(bars: list[tuple[str, float, float]]) -> tuple[float, float]:
    ends = [end for _, bottom, size in bars for end in (bottom, bottom + size)]
    return min([0.0, *ends]), max([0.0, *ends])


def _look(spec: Waterfall, place: int, size: float, last: int) -> tuple[str, str]:
    """Colour and text of one bar."""
    if place == 0:
        return MUTED, value_text(spec.frame, spec.start[1])
    if place == last:
        return DARK, value_text(spec.frame, spec.end[1])
    return of_effect(spec.frame, size), difference_text(spec.frame, size)


def _draw_standing(axes: "Axes", spec: Waterfall, bars: list[tuple[str, float, float]]) -> None:
    last, slot = len(bars) - 1, (spec.frame.width - 2 * PAD) / len(bars)
    names = [wrap_even(n, slot / inches("国", SMALL_POINTS), NAME_ROWS) for n, _, _ in bars]
    rows = max(len(lines) for lines in names)
    _, height = inset(axes, bottom=GAP + rows * name_line(SMALL_POINTS))
    write_names(axes, names, SMALL_POINTS)
    low, high = _extent(bars)
    axes.set_ylim(*limits(low, high, height, 0.25 if low < 0 else 0.0, 0.25))
    axes.set_xlim(-0.5, last + 0.5)
    lift = (axes.get_ylim()[1] - axes.get_ylim()[0]) * LIFT / height
    for place, (_, bottom, size) in enumerate(bars):
        colour, text = _look(spec, place, size, last)
        axes.bar(place, size, THICK, bottom=bottom, color=colour, zorder=2)
        top = max(bottom, bottom + size)
        write(axes, place, top + lift, text, SMALL_POINTS, align="center", valign="bottom")
        if place < last:
            level = bottom + size
            axes.plot(
                [place + THICK / 2, place + 1 - THICK / 2], [level, level],
                color=DARK, linewidth=0.8, zorder=1,
            )  # fmt: skip
    zero_line(axes, upright=True)


def _draw_lying(axes: "Axes", spec: Waterfall, bars: list[tuple[str, float, float]]) -> None:
    names = [shorten_label(name, LABEL_EM) for name, _, _ in bars]
    width, _ = inset(axes, left=widest(names) + 2 * GAP)
    last = len(bars) - 1
    looks = [_look(spec, place, size, last) for place, (_, _, size) in enumerate(bars)]
    low, high = _extent(bars)
    room = widest([text for _, text in looks], SMALL_POINTS) + 2 * GAP
    axes.set_xlim(*limits(low, high, width, 0.0, room))
    lift = (axes.get_xlim()[1] - axes.get_xlim()[0]) * GAP / width
    for place, ((_, bottom, size), (colour, text)) in enumerate(zip(bars, looks, strict=True)):
        axes.barh(place, size, THICK, left=bottom, color=colour, zorder=2)
        write(axes, max(bottom, bottom + size) + lift, place, text, SMALL_POINTS)
        if place < last:
            level = bottom + size
            axes.plot([level, level], [place, place + 1], color=DARK, linewidth=0.8, zorder=1)
    tick_y(axes, range(len(names)), names)
    axes.set_ylim(last + 0.5, -0.5)
    zero_line(axes, upright=False)


def mix_rate_height(spec: MixRate) -> float:
    """Return how high the body of the chart wants to be."""
    room = legend_height(mix_legend(spec.frame), spec.frame.width)
    return room + PAIR_ROW * max(len(spec.labels) + (1 if spec.rest else 0), 2)


def mix_legend(frame: Frame) -> list[tuple[str, str, str]]:
    """Return the legend of what is hatched, and what the colours of effects mean."""
    kinds = [(say(frame, "mix"), MUTED, MIX_HATCH), (say(frame, "rate"), MUTED, "")]
    return [*kinds, *sign_legend(frame)]


def draw_mix_rate(axes: "Axes", spec: MixRate) -> None:
    """Draw per segment two bars: what its share of the whole did and what its own rate did."""
    bare(axes)
    inset(axes, top=legend_height(mix_legend(spec.frame), spec.frame.width))
    names = [shorten_label(name, LABEL_EM) for name in spec.labels]
    pairs = [
        (finite(mix) or 0.0, finite(rate) or 0.0)
        for mix, rate in zip(spec.mix, spec.rate, strict=True)
    ]
    bars = [(y + side, pair[i], i == 0) for y, pair in enumerate(pairs)
            for i, side in ((0, -0.21), (1, 0.21))]  # fmt: skip
    if spec.rest:
        names.append(shorten_label(spec.rest_label, LABEL_EM))
        bars.append((len(pairs), finite(spec.rest) or 0.0, False))
    width, _ = inset(axes, left=widest(names) + 2 * GAP)
    sizes = [size for _, size, _ in bars]
    texts = [difference_text(spec.frame, size) for size in sizes]
    low, high = min([0.0, *sizes]), max([0.0, *sizes])
    room = widest(texts, SMALL_POINTS) + 2 * GAP
    axes.set_xlim(*limits(low, high, width, room if low < 0 else 0.0, room))
    lift = (axes.get_xlim()[1] - axes.get_xlim()[0]) * GAP / width
    for (y, size, is_mix), text in zip(bars, texts, strict=True):
        colour = MUTED if y == len(pairs) else of_effect(spec.frame, size)
        _draw_effect(axes, y, size, colour, is_mix)
        at, align = (size - lift, "right") if size < 0 else (size + lift, "left")
        write(axes, at, y, text, SMALL_POINTS, align=align)
    tick_y(axes, range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    zero_line(axes, upright=False)
    legend(axes, mix_legend(spec.frame))


def _draw_effect(axes: "Axes", y: float, size: float, colour: str, is_mix: bool) -> None:
    hatch = MIX_HATCH if is_mix else ""
    axes.barh(y, size, 0.38, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)

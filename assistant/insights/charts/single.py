"""Owns the drawing of single numbers: the number with its sparkline, a value against a target."""

from typing import TYPE_CHECKING

from assistant.insights.charts.axes import (
    GAP,
    LABEL_EM,
    PAD,
    SMALL_POINTS,
    TEXT_POINTS,
    bare,
    inches,
    inset,
    limits,
    write,
    zero_line,
)
from assistant.insights.charts.colours import (
    BAD,
    DARK,
    GOOD,
    GRID,
    INK,
    MAIN,
    SOFT_INK,
    of_effect,
)
from assistant.insights.charts.spec import Bullet, Number
from assistant.insights.charts.text import (
    difference_text,
    finite,
    say,
    shorten_label,
    value_text,
)
from assistant.insights.figures import format_relative

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBER_HEIGHT, NUMBER_POINTS = 1.35, 34.0
SPARK = 0.42
"""The part of the width that the sparkline takes."""
BULLET_HEIGHT, MEASURE, MARKER = 1.25, 0.5, 0.78


def draw_number(axes: "Axes", spec: Number) -> None:
    """Draw the number large, its change below it, the last values beside it."""
    bare(axes)
    value = finite(spec.value)
    text = value_text(spec.frame, value)
    room = (spec.frame.width - 2 * PAD) * (1 - SPARK if spec.spark else 1)
    points = min(NUMBER_POINTS, NUMBER_POINTS * room / inches(text, NUMBER_POINTS))
    place = axes.transAxes
    write(axes, 0, 0.62, text, points, INK, transform=place)
    line = _compared(spec)
    colour = SOFT_INK
    if value is not None and spec.previous is not None:
        change = value - spec.previous
        colour = of_effect(spec.frame, change) if change else SOFT_INK
    write(axes, 0, 0.12, line, TEXT_POINTS, colour, transform=place)
    if spec.spark:
        _draw_spark(axes, spec)
    else:
        axes.set_xlim(0, 1)


def _compared(spec: Number) -> str:
    value, previous = finite(spec.value), finite(spec.previous)
    if value is None or previous is None:
        return spec.label
    difference = difference_text(spec.frame, value - previous)
    label = spec.previous_label
    if spec.frame.unit == "ratio" or not previous:
        return say(spec.frame, "compared_points", difference=difference, label=label)
    relative = format_relative((value - previous) / abs(previous))
    return say(spec.frame, "compared_with", difference=difference, relative=relative, label=label)


def _draw_spark(axes: "Axes", spec: Number) -> None:
    values = [finite(value) for value in spec.spark]
    known = [(x, v) for x, v in enumerate(values) if v is not None]
    if not known:
        axes.set_xlim(0, 1)
        return
    low, high = min(v for _, v in known), max(v for _, v in known)
    margin = (high - low) / 4 or abs(high) / 4 or 1.0
    axes.set_ylim(low - margin, high + margin)
    last = max(len(values) - 1, 1)
    axes.set_xlim(last - last / SPARK, last * 1.02)
    line = [float("nan") if value is None else value for value in values]
    axes.plot(range(len(line)), line, color=MAIN, linewidth=2, zorder=3)
    axes.plot([known[-1][0]], [known[-1][1]], marker="o", color=MAIN, markersize=6, zorder=4)


def draw_bullet(axes: "Axes", spec: Bullet) -> None:
    """Draw the value as a bar from zero and the target as a line across it."""
    bare(axes)
    value, target = finite(spec.value) or 0.0, finite(spec.target) or 0.0
    name = shorten_label(spec.label, LABEL_EM)
    aim = say(spec.frame, "target", value=value_text(spec.frame, spec.target))
    width, _ = inset(axes, left=inches(name) + 2 * GAP, bottom=0.12)
    low, high = min(0.0, value, target), max(0.0, value, target)
    axes.set_xlim(*limits(low, high, width, 0.0, inches(aim, SMALL_POINTS) / 2 + GAP))
    axes.set_ylim(0, 1)
    axes.barh(0.4, high - low, MARKER * 0.9, left=low, color=GRID, zorder=1)
    axes.barh(0.4, value, MEASURE * 0.8, color=_bullet_colour(spec), zorder=2)
    axes.plot([target, target], [0.4 - MARKER / 2, 0.4 + MARKER / 2], color=INK, lw=3, zorder=4)
    write(axes, target, 0.86, aim, SMALL_POINTS, DARK, "center", "bottom")
    _label_value(axes, spec, value, width)
    write(axes, -0.012, 0.4, name, colour=SOFT_INK, align="right", transform=axes.transAxes)
    zero_line(axes, upright=False)


def _label_value(axes: "Axes", spec: Bullet, value: float, width: float) -> None:
    text = value_text(spec.frame, value)
    if spec.target:
        share = say(spec.frame, "of_target", share=f"{value / spec.target:.1%}")
        text = f"{text} · {share}"
    low, high = axes.get_xlim()
    lift = (high - low) * GAP / width
    fits = inches(text) <= abs(value) / (high - low) * width - 2 * GAP
    if fits:
        write(axes, value - lift, 0.4, text, colour="white", align="right", zorder=5)
    else:
        clear = max(value, 0.0) + lift
        write(axes, clear, 0.4, text, colour=INK, zorder=5)


def _bullet_colour(spec: Bullet) -> str:
    if spec.frame.direction == "none":
        return MAIN
    reached = spec.value >= spec.target
    return GOOD if reached == (spec.frame.direction == "up_good") else BAD

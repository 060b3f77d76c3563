"""Owns the drawing of bars: columns side by side, sorted horizontal bars, funnels."""

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
    MAIN,
    MUTED,
    REST,
    SOFT_INK,
    of_effect,
    of_series,
)
from assistant.insights.charts.spec import Bar, Funnel, Series
from assistant.insights.charts.text import finite, say, shorten_label, value_text, wrap_even

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, COLUMN_HEIGHT = 0.34, 2.7
EXTRA_BAR = 0.2
THICK = 0.72
MOST_COLUMNS, MOST_LINES = 16, 3
WIDEST_COLUMN = 1.1


def bar_height(spec: Bar) -> float:
    """Return how high the body of the chart wants to be."""
    head = legend_height(_entries(spec), spec.frame.width) if len(spec.series) > 1 else 0.0
    if is_upright(spec):
        return COLUMN_HEIGHT + head
    each = ROW + EXTRA_BAR * (len(spec.series) - 1)
    return max(each * len(spec.labels), 1.0) + head


def is_upright(spec: Bar) -> bool:
    """Whether the labels of the marks fit onto columns; else the bars lie down."""
    if spec.horizontal or not spec.labels:
        return False
    texts = [value_text(spec.frame, finite(v)) for _, values in spec.series for v in values]
    count = len(spec.labels) * len(spec.series)
    slot = (spec.frame.width - 2 * PAD) / (count + 0.4 * len(spec.labels))
    return count <= MOST_COLUMNS and widest(texts, SMALL_POINTS) <= slot * 1.25


def draw_bar(axes: "Axes", spec: Bar) -> None:
    """Draw columns where their labels fit and bars else; both start at zero."""
    bare(axes)
    if len(spec.series) > 1:
        inset(axes, top=legend_height(_entries(spec), spec.frame.width))
    if is_upright(spec):
        _draw_columns(axes, spec)
    else:
        _draw_rows(axes, spec)
    if len(spec.series) > 1:
        legend(axes, _entries(spec))


def _entries(spec: Bar) -> list[tuple[str, str, str]]:
    """The legend: every series with its colour."""
    names = [shorten_label(name, LABEL_EM) for name, _ in spec.series]
    return [(name, _colour(spec, i, 0, 0.0), "") for i, name in enumerate(names)]


def _colour(spec: Bar, series: int, place: int, value: float) -> str:
    count = len(spec.series)
    if spec.rest and place == len(spec.labels) - 1 and len(spec.labels) > 1:
        return REST
    if count == 2:
        return MUTED if series == 0 else MAIN
    if count > 2:
        return of_series(series)
    if not spec.compared:
        return MAIN if value >= 0 else of_effect(spec.frame, value)
    if place < len(spec.labels) - 1:
        return MUTED
    change = _change(spec)
    return MAIN if change is None else of_effect(spec.frame, change)


def _change(spec: Bar) -> float | None:
    """The step to the last bar of a compared series."""
    shown = [finite(value) for value in spec.series[0][1]]
    if len(shown) < 2 or shown[-1] is None or shown[-2] is None:
        return None
    return shown[-1] - shown[-2]


def _draw_columns(axes: "Axes", spec: Bar) -> None:
    count = len(spec.series)
    slot = (spec.frame.width - 2 * PAD) / len(spec.labels)
    names = [wrap_even(n, slot / inches("国") * 0.96, MOST_LINES) for n in spec.labels]
    rows = max(len(lines) for lines in names)
    _, height = inset(axes, bottom=GAP + rows * name_line(TEXT_POINTS))
    thick = min(THICK, WIDEST_COLUMN * count / slot) / count
    low, high = _extent([values for _, values in spec.series])
    for i, (_, values) in enumerate(spec.series):
        for place, value in enumerate(map(finite, values)):
            x = place + (i - (count - 1) / 2) * thick
            if value is not None:
                colour = _colour(spec, i, place, value)
                axes.bar(x, value, thick * 0.94, color=colour, zorder=2)
            above = value is None or value >= 0
            lift = (high - low) * GAP * (0.4 if above else -0.4) / height * 2
            text = value_text(spec.frame, value)
            valign = "bottom" if above else "top"
            write(axes, x, (value or 0) + lift, text, SMALL_POINTS, align="center", valign=valign)
    write_names(axes, names, TEXT_POINTS)
    axes.set_xlim(-0.5, len(spec.labels) - 0.5)
    axes.set_ylim(*limits(low, high, height, 0.25 if low < 0 else 0.0, 0.25))
    zero_line(axes, upright=True)


def _extent(columns: list[Series]) -> tuple[float, float]:
    """The least and greatest value drawn, zero included."""
    shown = [v for values in columns for v in map(finite, values) if v is not None]
    return min([0.0, *shown]), max([0.0, *shown])


def _draw_rows(axes: "Axes", spec: Bar) -> None:
    count = len(spec.series)
    names = [shorten_label(name, LABEL_EM) for name in spec.labels]
    width, _ = inset(axes, left=widest(names) + 2 * GAP)
    low, high = _extent([values for _, values in spec.series])
    texts = [[value_text(spec.frame, finite(v)) for v in values] for _, values in spec.series]
    room = max(widest(row, SMALL_POINTS) for row in texts) + 2 * GAP
    axes.set_xlim(*limits(low, high, width, room if low < 0 else 0.0, room))
    lift = (axes.get_xlim()[1] - axes.get_xlim()[0]) * GAP / width
    thick = THICK / count
    for i, (_, values) in enumerate(spec.series):
        for place, value in enumerate(map(finite, values)):
            y = place + (i - (count - 1) / 2) * thick
            if value is not None:
                colour = _colour(spec, i, place, value)
                axes.barh(y, value, thick * 0.94, color=colour, zorder=2)
            left = value is not None and value < 0
            at = (value or 0) + (-lift if left else lift)
            write(axes, at, y, texts[i][place], SMALL_POINTS, align="right" if left else "left")
    tick_y(axes, range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    zero_line(axes, upright=False)


FUNNEL_ROW = 0.62


def funnel_height(spec: Funnel) -> float:
    """Return how high the body of the chart wants to be."""
    return max(FUNNEL_ROW * len(spec.labels), 1.0)


def draw_funnel(axes: "Axes", spec: Funnel) -> None:
    """Draw steps from zero, each with its part of the first step and of the step before."""
    bare(axes)
    values = [finite(value) for value in spec.values]
    names = [shorten_label(name, LABEL_EM) for name in spec.labels]
    labels = [_step_text(spec, values, place) for place in range(len(values))]
    width, _ = inset(axes, left=widest(names) + 2 * GAP)
    low, high = _extent([spec.values])
    axes.set_xlim(*limits(low, high, width, 0.0, widest(labels, SMALL_POINTS) + 2 * GAP))
    lift = (axes.get_xlim()[1] - axes.get_xlim()[0]) * GAP / width
    for place, value in enumerate(values):
        if value is not None:
            axes.barh(place, value, 0.58, color=MAIN, zorder=2)
        write(axes, max(value or 0, 0) + lift, place, labels[place], SMALL_POINTS)
        onward = _onward(spec, values, place)
        if onward:
            write(axes, lift, place + 0.5, onward, SMALL_POINTS, SOFT_INK)
    tick_y(axes, range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    zero_line(axes, upright=False)


def _step_text(spec: Funnel, values: list[float | None], place: int) -> str:
    value, first = values[place], values[0]
    text = value_text(spec.frame, value)
    if place == 0 or value is None or not first:
        return text
    return f"{text} · {say(spec.frame, 'of_first', share=f'{value / first:.1%}')}"


def _onward(spec: Funnel, values: list[float | None], place: int) -> str:
    following = values[place + 1] if place + 1 < len(values) else None
    value = values[place]
    if following is None or not value:
        return ""
    return "↓ " + say(spec.frame, "of_step", share=f"{following / value:.1%}")

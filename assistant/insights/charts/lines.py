"""Owns the drawing of lines over time: the running period dashed, forecasts, unusual points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.insights.charts.axes import (
    GAP,
    LABEL_EM,
    SMALL_POINTS,
    bare,
    grid_y,
    inches,
    inset,
    limits,
    tick_x,
    tick_y,
    widest,
    write,
)
from assistant.insights.charts.colours import BAD, BAND, MAIN, PAPER, SOFT_INK, of_series
from assistant.insights.charts.spec import Line, Series
from assistant.insights.charts.text import axis_texts, finite, shorten_label, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 3.0
LABEL_ROW, LABEL_STEP = 0.3, 0.19
TICK_GAP, KEY = 0.25, 0.3
MOST_TICKS = 5
LEAST_POINTS_FOR_EXTREMES = 5
DASHES = (0, (3, 2))
BRINK, CLEAR = 0.3, 0.1
"""Room above and below the line for labels."""


def line_height(spec: Line) -> float:
    """Return how high the body of the chart wants to be."""
    return max(HEIGHT, LABEL_STEP * len(spec.series) + LABEL_ROW)


def draw_line(axes: "Axes", spec: Line) -> None:
    """Draw every series over the same labels; gaps where a value is missing."""
    bare(axes)
    ends = _end_texts(spec)
    low, high = _extent(spec)
    ticks = _ticks(low, high)
    amounts = axis_texts(spec.frame, ticks)
    left = widest(amounts) + 2 * GAP
    width, height = inset(axes, left=left, right=widest(ends, SMALL_POINTS) + KEY, bottom=LABEL_ROW)
    axes.set_ylim(*limits(low, high, height, BRINK, BRINK))
    axes.set_xlim(*_sides(len(spec.labels)))
    _draw_band(axes, spec)
    for place, (_, values) in enumerate(spec.series):
        _draw_series(axes, spec, _colour(spec, place), values)
    _label_ends(axes, spec, ends, height)
    if len(spec.series) == 1:
        _label_points(axes, spec, spec.series[0][1], height)
    shown = [t for t in zip(ticks, amounts, strict=True) if _inside(axes, t[0], height)]
    tick_y(axes, [tick for tick, _ in shown], [text for _, text in shown])
    grid_y(axes)
    _tick_labels(axes, spec.labels, width)


def _sides(count: int) -> tuple[float, float]:
    edge = 0.5 if count < 2 else 0.02 * (count - 1)
    return -edge, max(count - 1, 0) + edge


def _inside(axes: "Axes", tick: float, height: float) -> bool:
    """Whether a tick lies in the axes and clear of the labels below."""
    low, high = axes.get_ylim()
    return low + (high - low) * CLEAR / height <= tick <= high


def _colour(spec: Line, place: int) -> str:
    return MAIN if len(spec.series) == 1 else of_series(place)


def _extent(spec: Line) -> tuple[float, float]:
    shown = [v for _, values in spec.series for v in map(finite, values) if v is not None]
    shown += [v for pair in spec.band for v in map(finite, pair) if v is not None]
    if not shown:
        return 0.0, 1.0
    low, high = min(shown), max(shown)
    return (low, high) if high > low else (low - abs(low) / 2 - 1e-9, high + abs(high) / 2 + 1e-9)


def _ticks(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    places = MaxNLocator(MOST_TICKS - 1, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(place) for place in places]


def _end_texts(spec: Line) -> list[str]:
    texts = []
    for name, values in spec.series:
        last = next((v for v in reversed(list(map(finite, values))) if v is not None), None)
        text = value_text(spec.frame, last)
        many = len(spec.series) > 1
        texts.append(f"{shorten_label(name, LABEL_EM)} {text}" if many else text)
    return texts


def _draw_band(axes: "Axes", spec: Line) -> None:
    if not spec.band:
        return
    first = len(spec.labels) - len(spec.band)
    pairs = [(first + i, finite(low), finite(high)) for i, (low, high) in enumerate(spec.band)]
    drawn = [(x, low, high) for x, low, high in pairs if low is not None and high is not None]
    places, lows, highs = ([row[i] for row in drawn] for i in range(3))
    axes.fill_between(places, lows, highs, color=BAND, linewidth=0, zorder=1)


def _draw_series(axes: "Axes", spec: Line, colour: str, values: Series) -> None:
    points = [(x, v) for x, v in enumerate(map(finite, values))]
    count = len(points)
    dashed = min(spec.dashed, count)
    begin = 1 if spec.incomplete_first and count > dashed + 1 else 0
    solid = points[begin : count - dashed]
    tail = points[max(count - dashed - 1, 0) :] if dashed else []
    markers = "o" if count <= 16 else ""
    for part, line in ((points[: 2 * begin], DASHES), (solid, "-"), (tail, DASHES)):
        if part:
            axes.plot(
                [x for x, _ in part],
                [float("nan") if v is None else v for _, v in part],
                linestyle=line,
                color=colour,
                linewidth=2,
                marker=markers if line == "-" else "",
                markersize=4,
                zorder=3,
            )
    _draw_alone(axes, colour, [v for _, v in points])
    open_points = points[:begin] + (tail[-dashed:] if dashed else [])
    hollow = [(x, v) for x, v in open_points if v is not None]
    if hollow:
        axes.plot(
            [x for x, _ in hollow], [v for _, v in hollow], linestyle="", marker="o", markersize=5,
            markerfacecolor=PAPER, color=colour, zorder=4,
        )  # fmt: skip
    unusual = [(x, points[x][1]) for x in spec.marks if 0 <= x < count]
    drawn = [(x, v) for x, v in unusual if v is not None]
    if drawn:
        axes.plot(
            [x for x, _ in drawn], [v for _, v in drawn], linestyle="", marker="o", markersize=9,
            markerfacecolor="none", markeredgewidth=2, color=BAD, zorder=5,
        )  # fmt: skip


def _draw_alone(axes: "Axes", colour: str, values: list[float | None]) -> None:
    """Draw points without neighbours, which a line would not show."""
    around = [None, *values, None]
    for x, value in enumerate(values):
        if value is not None and around[x] is None and around[x + 2] is None:
            axes.plot([x], [value], marker="o", markersize=5, color=colour, zorder=3)


def _label_ends(axes: "Axes", spec: Line, texts: list[str], height: float) -> None:
    """Write each series' name and last value beside its end, pushed apart where they collide."""
    low, high = axes.get_ylim()
    step = (high - low) * LABEL_STEP / height
    ends = []
    for place, (_, values) in enumerate(spec.series):
        found = [(x, v) for x, v in enumerate(map(finite, values)) if v is not None]
        if found:
            ends.append((found[-1][1], found[-1][0], place))
    ends.sort()
    places = spread([y for y, _, _ in ends], step, low, high)
    right = axes.get_xlim()[1]
    shift = (right - axes.get_xlim()[0]) * 0.012
    for at, (_, x, place) in zip(places, ends, strict=True):
        if len(spec.series) == 1:
            write(axes, x + shift, at, texts[place], SMALL_POINTS, SOFT_INK)
            continue
        colour = _colour(spec, place)
        axes.plot([right + shift], [at], marker="s", markersize=6, color=colour, clip_on=False)
        write(axes, right + 2.2 * shift, at, texts[place], SMALL_POINTS)


def spread(places: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Return rising places at least `step` apart, near the given ones, inside low to high."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + step) if moved else place)
    top = high
    for i in range(len(moved) - 1, -1, -1):
        moved[i] = min(moved[i], top)
        top = moved[i] - step
    return [max(place, low) if i == 0 else place for i, place in enumerate(moved)]


def _label_points(axes: "Axes", spec: Line, values: Series, height: float) -> None:
    """Write the highest and the lowest value and the unusual ones at their points."""
    found = [(v, x) for x, v in enumerate(map(finite, values)) if v is not None]
    if len(found) < LEAST_POINTS_FOR_EXTREMES:
        return
    last = found[-1][1]
    low, high = axes.get_ylim()
    lift = (high - low) * GAP / height
    wanted = {max(found)[1]: 1, min(found)[1]: -1}
    wanted.update({x: 1 for x in spec.marks if x not in wanted})
    by_place = {x: v for v, x in found}
    edge = inches(value_text(spec.frame, found[0][0]), SMALL_POINTS) / 2
    for x, side in wanted.items():
        if x == last or x not in by_place:
            continue
        align = "left" if x == 0 and edge > GAP else "center"
        valign = "bottom" if side > 0 else "top"
        text = value_text(spec.frame, by_place[x])
        write(
            axes, x, by_place[x] + side * lift, text, SMALL_POINTS, SOFT_INK, align, valign
        )  # fmt: skip


def _tick_labels(axes: "Axes", labels: tuple[str, ...], width: float) -> None:
    """Write as many labels as fit side by side, the last one always."""
    if not labels:
        return
    names = [shorten_label(name, LABEL_EM) for name in labels]
    most = max(int(width / (widest(names) + TICK_GAP)), 1)
    stride = -(-len(names) // most)
    shown = [x for x in range(len(names)) if (len(names) - 1 - x) % stride == 0]
    tick_x(axes, shown, [names[x] for x in shown])

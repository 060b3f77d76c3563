"""Owns native charts before they are written: shape, categories, series, looks, as data.

A waterfall is stacked columns on an unfilled base; a number and a heat map have no native chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from assistant.exports.formats import number_format
from assistant.insights.charts.colours import (
    DARK,
    MAIN,
    MUTED,
    REST,
    of_effect,
    of_series,
)
from assistant.insights.charts.effects import steps
from assistant.insights.charts.spec import (
    Bar,
    Bullet,
    ChartSpec,
    Frame,
    Funnel,
    Heatmap,
    Line,
    MixRate,
    Number,
    Series,
    Share,
    Waterfall,
)
from assistant.insights.charts.text import difference_text, finite, language_of, say, value_text
from prompts.render import render

Shape = Literal["columns", "bars", "stacked", "whole", "line"]
Look = str | None
"""A colour; None = not filled."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One series: values by category, a look for each, own texts where numbers do not say it."""

    name: str
    values: Series
    looks: tuple[Look, ...]
    texts: tuple[str, ...] | None = None
    dashed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A native chart before it is written: shape, categories, series, number format."""

    shape: Shape
    categories: tuple[str, ...]
    strips: tuple[Strip, ...]
    code: str
    legend: bool = False


def plot_of(spec: ChartSpec) -> Plot | None:
    """Return the native chart of a spec; None where Office has none (a number, a heat map)."""
    match spec:
        case Number() | Heatmap():
            return None
        case Line():
            return _line(spec)
        case Bar():
            return _bar(spec)
        case Share():
            return _share(spec)
        case Waterfall():
            return _waterfall(spec)
        case MixRate():
            return _mix_rate(spec)
        case Funnel(frame=frame, labels=labels, values=values):
            strip = Strip(frame.title, _finite(values), _same(MAIN, labels))
            return Plot("bars", labels, (strip,), _code(frame))
        case Bullet(frame=frame, label=label, value=value, target=target):
            aim = say(frame, "target", value=value_text(frame, target))
            strips = (
                Strip(label, (finite(value),), (of_effect(frame, value - target) if value != target
                                                else MAIN,)),
                Strip(aim, (finite(target),), (DARK,)),
            )  # fmt: skip
            return Plot("bars", (label,), strips, _code(frame), legend=True)
        case _:
            assert_never(spec)


def _finite(values: Series) -> Series:
    return tuple(finite(value) for value in values)


def _same(look: Look, labels: Sequence[object]) -> tuple[Look, ...]:
    return (look,) * len(labels)


def _code(frame: Frame, signed: bool = False) -> str:
    return number_format(frame.unit, frame.decimals, frame.currency, signed)


def _line(spec: Line) -> Plot:
    count = len(spec.labels)
    dashed = (*range(1, 2 if spec.incomplete_first else 1), *range(count - spec.dashed, count))
    strips = []
    for place, (name, values) in enumerate(spec.series):
        look = MAIN if len(spec.series) == 1 else of_series(place)
        strips.append(Strip(name, _finite(values), _same(look, spec.labels), None, dashed))
    return Plot("line", spec.labels, tuple(strips), _code(spec.frame), len(strips) > 1)


def _bar(spec: Bar) -> Plot:
    count, last = len(spec.series), len(spec.labels) - 1
    strips = []
    for place, (name, series) in enumerate(spec.series):
        values = _finite(series)
        look = MAIN if count == 1 else of_series(place)
        if count == 2:
            look = MUTED if place == 0 else MAIN
        looks = [look] * len(values)
        if spec.compared and last > 0:
            looks[:last] = [MUTED] * last
            now, before = values[last], values[last - 1]
            if now is not None and before is not None:
                looks[last] = of_effect(spec.frame, now - before)
        if spec.rest and last > 0:
            looks[last] = REST
        strips.append(Strip(name, values, tuple(looks)))
    shape: Shape = "bars" if spec.horizontal else "columns"
    return Plot(shape, spec.labels, tuple(strips), _code(spec.frame), count > 1)


def _share(spec: Share) -> Plot:
    last = len(spec.labels) - 1
    strips = tuple(
        Strip(label, (finite(part),), (REST if spec.rest and place == last else of_series(place),))
        for place, (label, part) in enumerate(zip(spec.labels, spec.parts, strict=True))
    )
    return Plot("whole", ("",), strips, _code(spec.frame), legend=True)


def _waterfall(spec: Waterfall) -> Plot:
    """Every bar from its foot: above zero, below zero or across; the foot's stack is unfilled."""
    bars = steps(spec)
    last, feet, above, below = len(bars) - 1, [], [], []
    looks: list[Look] = []
    texts = []
    for place, (_, bottom, size) in enumerate(bars):
        low, high = min(bottom, bottom + size), max(bottom, bottom + size)
        feet.append(low if low > 0 else high if high < 0 else 0.0)
        above.append(max(high, 0.0) - max(low, 0.0))
        below.append(min(low, 0.0) - min(high, 0.0))
        total = place in (0, last)
        looks.append((MUTED if place == 0 else DARK) if total else of_effect(spec.frame, size))
        texts.append((value_text if total else difference_text)(spec.frame, size))
    empty = tuple("" for _ in bars)
    language = language_of(spec.frame)
    foot = render(language, "exports", "base")
    name = render(language, "exports", "total")
    strips = [
        Strip(foot, tuple(feet), _same(None, bars), empty),
        Strip(name, tuple(above), tuple(looks), tuple(texts)),
    ]
    if any(below):
        only_below = tuple(t if not a else "" for t, a in zip(texts, above, strict=True))
        strips[1] = Strip(name, tuple(above), tuple(looks), tuple(
            t if a else "" for t, a in zip(texts, above, strict=True)))  # fmt: skip
        strips.append(Strip(f"{name} −", tuple(below), tuple(looks), only_below))
    return Plot("stacked", tuple(label for label, _, _ in bars), tuple(strips), _code(spec.frame))


def _mix_rate(spec: MixRate) -> Plot:
    labels = (*spec.labels, spec.rest_label) if spec.rest else spec.labels
    blank: Series = (None,) if spec.rest else ()
    mix, rate = (*_finite(spec.mix), *blank), (*_finite(spec.rate), *blank)
    strips = [
        Strip(say(spec.frame, "mix"), mix, _same(MUTED, labels), _differences(spec.frame, mix)),
        Strip(say(spec.frame, "rate"), rate, _effects(spec.frame, rate),
              _differences(spec.frame, rate)),
    ]  # fmt: skip
    if spec.rest:
        rest: Series = (*(None for _ in spec.labels), finite(spec.rest))
        strips.append(
            Strip(spec.rest_label, rest, _same(REST, labels), _differences(spec.frame, rest))
        )
    return Plot("bars", labels, tuple(strips), _code(spec.frame, signed=True), legend=True)


def _effects(frame: Frame, values: Series) -> tuple[Look, ...]:
    return tuple(of_effect(frame, value or 0.0) for value in values)


def _differences(frame: Frame, values: Series) -> tuple[str, ...]:
    return tuple("" if value is None else difference_text(frame, value) for value in values)

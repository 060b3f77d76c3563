"""Owns the charts of a change explained: a waterfall, or mix and rate effects per segment."""

import math
from collections.abc import Iterable
from dataclasses import replace

from assistant.insights.charts.rows import frame_of
from assistant.insights.charts.spec import ChartSpec, Frame, MixRate, Waterfall
from assistant.insights.charts.text import say
from assistant.insights.finding import Change, Driver
from assistant.insights.labels import OTHER
from assistant.insights.parts import OTHER as MERGED
from assistant.insights.story import Story

MOST_EFFECTS = 7
NEGLIGIBLE = 1e-9
"""A remainder below this part of the change is rounding."""


def explained_chart(story: Story, title: str) -> ChartSpec | None:
    """Return the chart of the best drivers; None without a change or drivers."""
    drivers, change = best_drivers(story), story.change
    if not drivers or change is None or change.absolute is None:
        return None
    if any(driver.kind in ("mix", "rate") for driver in drivers):
        return _mix_rate(_frame(story, title, drivers), story, drivers, change)
    return _waterfall(_frame(story, title, drivers), story, drivers, change)


def _frame(story: Story, title: str, drivers: tuple[Driver, ...]) -> Frame:
    """The frame, with the dimension that the effects are split by; factors name themselves."""
    frame, dimension = frame_of(story, title), drivers[0].dimension
    if dimension is None:
        return frame
    return replace(frame, subtitle=say(frame, "by", dimension=story.labels.dimension(dimension)))


def best_drivers(story: Story) -> tuple[Driver, ...]:
    """Return the drivers of the dimension that explains most: the first finding of that kind."""
    return next((f.drivers for f in story.findings if f.kind == "drivers" and f.drivers), ())


def _label(story: Story, driver: Driver) -> str:
    if driver.member is None:
        return story.say("rest", dimension=story.labels.dimension(driver.dimension or ""))
    if driver.dimension is None:
        return story.labels.metric(driver.member)
    if driver.member == MERGED:
        return _other(story)
    return story.labels.member(driver.dimension, driver.member)


def _other(story: Story) -> str:
    return story.labels.member(None, OTHER)


def _remainder(change: Change, effects: Iterable[float]) -> float:
    """What the effects leave of the change; 0 where it is rounding."""
    total, sizes = change.absolute or 0.0, list(effects)
    rest = total - math.fsum(sizes)
    scale = max([abs(total), *map(abs, sizes)])
    return rest if abs(rest) > NEGLIGIBLE * scale else 0.0


def _rest_label(story: Story, drivers: tuple[Driver, ...]) -> str:
    return story.say("rest", dimension=story.labels.dimension(drivers[0].dimension or ""))


def _waterfall(
    frame: Frame, story: Story, drivers: tuple[Driver, ...], change: Change
) -> ChartSpec:
    named = [d for d in drivers if d.member is not None and d.member != MERGED]
    named.sort(key=lambda d: -abs(d.effect))
    shown = named[:MOST_EFFECTS]
    effects = [(_label(story, driver), driver.effect) for driver in shown]
    others = [d.effect for d in drivers if d.member is not None and d not in shown]
    if any(others):
        effects.append((_other(story), math.fsum(others)))
    rest = _remainder(change, (size for _, size in effects))
    if rest:
        effects.append((_rest_label(story, drivers), rest))
    investigation = story.investigation
    return Waterfall(
        frame,
        (story.period(investigation.base), change.previous or 0.0),
        tuple(effects),
        (story.period(investigation.current), change.current or 0.0),
    )


def _mix_rate(frame: Frame, story: Story, drivers: tuple[Driver, ...], change: Change) -> ChartSpec:
    sizes: dict[str, list[float]] = {}
    for driver in drivers:
        if driver.kind in ("mix", "rate"):
            pair = sizes.setdefault(_label(story, driver), [0.0, 0.0])
            pair[0 if driver.kind == "mix" else 1] += driver.effect
    other = _other(story)
    ordered = sorted((m for m in sizes if m != other), key=lambda m: -sum(map(abs, sizes[m])))
    shown, beyond = ordered[:MOST_EFFECTS], ordered[MOST_EFFECTS:]
    if beyond or other in sizes:
        merged = [sizes[m] for m in (*beyond, other) if m in sizes]
        sizes[other] = [math.fsum(pair[i] for pair in merged) for i in (0, 1)]
        shown.append(other)
    mix, rate = ([sizes[m][i] for m in shown] for i in (0, 1))
    rest = _remainder(change, [*mix, *rate])
    label = _rest_label(story, drivers) if rest else ""
    return MixRate(frame, tuple(shown), tuple(mix), tuple(rate), rest, label)

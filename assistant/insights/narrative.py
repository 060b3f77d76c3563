"""Owns the narrative: which sentences the findings deserve below the headline, in which order."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

from assistant.insights.figures import format_relative
from assistant.insights.finding import Change, Driver, Finding
from assistant.insights.headline import FLAT, change_line
from assistant.insights.maturity import YOUNG
from assistant.insights.naming import format_share
from assistant.insights.openings import opened
from assistant.insights.over_time import last_is_odd, last_step, whole_points
from assistant.insights.sentences import profile_lines, quality_lines, told_findings
from assistant.insights.story import Story

MOST_DRIVERS = 5
LEAST_SHARE = 0.01
"""Drivers with less of the change are not told."""
LEAST_RANGE = 3
"""Fewer points have no highest and lowest worth telling."""


def narrate(story: Story) -> tuple[str, ...]:
    """Return the sentences below the headline: quality, noise, causes, conventions."""
    return tuple(opened(line, story.labels.language) for line in _lines(story))


def _lines(story: Story) -> tuple[str, ...]:
    lines = quality_lines(story)
    change = story.change
    profile = story.found("cross_section")
    conditional = story.investigation.query.having is not None
    measured = change is not None and None not in (change.previous, change.current)
    odd_parts = story.investigation.intent == "anomaly" and not story.investigation.judges
    if change is not None and measured and not conditional and not odd_parts:
        lines += _step(story, change)
        lines += _certainty(story, change)
        if not change.normal:
            lines += _driver_lines(story)
    if profile is not None and (conditional or change is None or not change.normal):
        lines += profile_lines(story, profile)
    lines += told_findings(story)
    grouped = any(not item.grain for item in story.investigation.query.group_by)
    if story.investigation.intent == "trend" and not grouped:
        lines += _last_step_line(story)
        lines += _range_line(story)
    return (*lines, *_conventions(story))


def _conventions(story: Story) -> list[str]:
    """How the question was understood, and what the numbers cannot say."""
    lines = [story.say(code) for code in story.assumptions]
    if story.investigation.is_under_way:
        last = story.investigation.as_of - dt.timedelta(days=1)
        lines.append(story.say("incomplete", day=story.labels.moment(last, None)))
    if story.proof_asked:
        lines.append(story.say("no_proof"))
    if story.table.truncated:
        lines.append(story.say("truncated"))
    return lines


def _step(story: Story, change: Change) -> list[str]:
    """What the value is set against, where the headline tells the value alone; else with what."""
    base = story.investigation.base
    if story.investigation.intent not in ("value", "cumulative", "anomaly"):
        return [story.say("compared_with", period=story.period(base))] if base else []
    if base is None or change.absolute is None or abs(change.absolute) < FLAT:
        return [change_line(story, change)]
    key = "step" if change.relative is not None else "step_from_nothing"
    return [
        story.say(
            key,
            previous=story.value(change.previous),
            difference=story.difference(change.absolute),
            relative=format_relative(change.relative),
            base_when=story.when(base),
        )
    ]


def _certainty(story: Story, change: Change) -> list[str]:
    lines: list[str] = []
    if story.investigation.judges:
        return lines  # the headline says the rest
    if change.interval is None:
        return lines if change.basis == YOUNG else [*lines, story.say("no_interval")]
    low, high = (story.value(bound) for bound in change.interval)
    return [*lines, story.say("normal" if change.normal else "not_normal", low=low, high=high)]


def _driver_lines(story: Story) -> list[str]:
    found = [d for f in telling_splits(story) for d in f.drivers]
    least = LEAST_SHARE * abs((story.change.absolute if story.change else None) or 0.0)
    told = [d for d in found if d.member is not None and d.kind != "residual"]
    named = [driver for driver in told if driver.effect and abs(driver.effect) >= least]
    return [driver_line(story, driver) for driver in top_drivers(named)]


def telling_splits(story: Story) -> list[Finding]:
    """Return the splits that take the change apart.

    Not those whose members changed hands, nor those of which one member is left.
    """
    asked = {item.name for item in story.investigation.query.group_by}
    found = [f for f in story.findings if f.kind == "drivers" and not f.fact("turned_over")]
    return [f for f in found if f.subject in asked or f.fact("members") != 1]


def top_drivers(drivers: Sequence[Driver]) -> list[Driver]:
    """Return the first drivers of each dimension in turn: all the first ones, then the second.

    Findings come in the order of how much a dimension tells, net of what is usual; inside one
    the most special members come first.
    """
    places: dict[str | None, int] = {}
    ranked: list[tuple[int, int, Driver]] = []
    for place, driver in enumerate(drivers):
        rank = places.get(driver.dimension, 0)
        places[driver.dimension] = rank + 1
        ranked.append((rank, place, driver))
    kept = [driver for _, _, driver in sorted(ranked, key=lambda item: item[:2])]
    return kept[:MOST_DRIVERS]


def driver_line(story: Story, driver: Driver) -> str:
    """Return the sentence of one driver."""
    effect = story.difference(driver.effect)
    if driver.dimension is None:
        return story.say(
            "driver_identity", member=story.labels.metric(str(driver.member)), effect=effect
        )
    say = partial(
        story.say,
        dimension=story.labels.dimension(driver.dimension),
        member=story.labels.cell(driver.dimension, driver.member),
        effect=effect,
    )
    if driver.kind == "mix" and driver.shares is not None:
        now, before = (format_share(share) for share in driver.shares)
        return say("driver_mix", base=before, current=now)
    moved = driver.base is not None and driver.current is not None
    key = f"driver_{driver.kind}" + ("_moved" if moved and driver.kind == "additive" else "")
    return say(key, base=story.value(driver.base), current=story.value(driver.current))


def _last_step_line(story: Story) -> list[str]:
    """How the last whole period moved from the one directly before, but for days of the week."""
    step, grain = last_step(story), story.investigation.query.grain
    if step is None or grain in (None, "day") or last_is_odd(story):
        return []
    difference = step.last - step.before
    if abs(difference) < FLAT:
        return []
    relative = difference / abs(step.before) if step.before else None
    return [
        story.say(
            "last_step",
            last=story.value(step.last),
            last_at=step.last_at,
            before=story.value(step.before),
            before_at=step.before_at,
            difference=story.difference(difference),
            relative=format_relative(relative),
        )
    ]


def _range_line(story: Story) -> list[str]:
    """The highest and the lowest of the periods that are whole."""
    points = whole_points(story)
    if len(points) < LEAST_RANGE:
        return []
    high, low = max(points, key=lambda p: p[1]), min(points, key=lambda p: p[1])
    return [
        story.say(
            "trend_range",
            high=story.value(high[1]),
            high_at=high[0],
            low=story.value(low[1]),
            low_at=low[0],
        )
    ]

"""Owns the narrative: which sentences the numbers deserve, in which order; words are prompts'."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from assistant.insights.figures import (
    format_difference,
    format_period,
    format_relative,
    format_value,
)
from assistant.insights.finding import Change, Driver, Finding
from assistant.insights.investigation import Investigation
from assistant.insights.labels import Labels
from executors.result import Cell, ResultTable
from metric_catalog.periods import Period, is_complete
from metric_catalog.query import AveragePer, Compare, CountGroups
from prompts.render import render

MOST_DRIVERS = 6
MOST_DIMENSIONS = 4
"""Dimensions that each have their largest driver named."""
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell of one answer."""

    investigation: Investigation
    table: ResultTable
    findings: tuple[Finding, ...]
    labels: Labels
    assumptions: tuple[str, ...] = ()
    focus: tuple[Compare, ...] = ()
    proof_asked: bool = False

    @property
    def change(self) -> Change | None:
        """The change found, if the question was about one."""
        return next((f.change for f in self.findings if f.kind == "change"), None)

    def value(self, number: object) -> str:
        """Return a number in the metric's unit."""
        shown = float(number) if isinstance(number, int | float) else None
        return format_value(shown, self.investigation.metric, self.labels.language)

    def difference(self, number: float | None) -> str:
        """Return a signed difference in the metric's unit."""
        return format_difference(number, self.investigation.metric, self.labels.language)

    def period(self, period: Period | None) -> str:
        """Return a period in words."""
        language = self.labels.language
        return format_period(period, language, render(language, "narrative", "all_time"))

    def say(self, key: str, **arguments: object) -> str:
        """Return a sentence; `metric` and `period` are given."""
        query = self.investigation.query
        period = self.investigation.current or _spanned(query.periods)
        given = {"metric": self.labels.metric(self.investigation.metric.id),
                 "period": self.period(period)}  # fmt: skip
        return render(self.labels.language, "narrative", key, **{**given, **arguments})


def _spanned(periods: tuple[Period, ...]) -> Period | None:
    return periods[0] if len(periods) == 1 else None


def headline(story: Story) -> str:
    """Return the finding in one sentence."""
    query, intent = story.investigation.query, story.investigation.intent
    change = story.change
    if not story.table.rows:
        return story.say("no_rows")
    told = _special(story)
    if told is not None:
        return told
    compared = change is not None and change.previous is not None
    if change is not None and compared and intent in ("explain", "growth", "comparison"):
        return _change_line(story, change)
    if isinstance(query.post, CountGroups):
        return story.say("count_groups", count=story.table.rows[0][-1])
    if isinstance(query.post, AveragePer):
        grain = story.labels.grain(query.post.grain)
        return story.say("average", value=story.value(main_value(story)), grain=grain)
    if query.grain or any(item.grain for item in query.group_by):
        return _over_time(story)
    if query.group_by:
        return _groups(story)
    if len(query.periods) > 1:
        return _several_periods(story)
    if len(query.metrics) > 1:
        return _several_metrics(story)
    key = {"cumulative": "cumulative"}.get(intent, "value_filtered" if query.filters else "value")
    return story.say(
        key, value=story.value(main_value(story)), filters=story.labels.filter(query.filters)
    )


def _finding(story: Story, kind: str) -> Finding | None:
    return next((f for f in story.findings if f.kind == kind), None)


def _special(story: Story) -> str | None:
    """Return the headline of an intent whose finding says more than the table."""
    match story.investigation.intent:
        case "attainment":
            return _attainment(story, _finding(story, "attainment"))
        case "forecast":
            return _forecast(story, _finding(story, "forecast"))
        case "anomaly":
            return _anomalies(story)
        case "explain" if story.investigation.query.having is not None:
            return _meeting(story) if story.investigation.query.group_by else None
        case _:
            return None


def _meeting(story: Story) -> str:
    label = story.labels.dimension(story.investigation.query.group_by[0].name)
    return story.say("threshold", count=len(story.table.rows), dimension=label)


def _attainment(story: Story, found: Finding | None) -> str | None:
    if found is None:
        return None
    value, target = story.value(found.fact("value")), story.value(found.fact("target"))
    share = _percent(found.fact("attainment"))
    return story.say("attainment", share=share, value=value, target=target)


def _forecast(story: Story, found: Finding | None) -> str | None:
    if found is None or not found.points:
        return None
    at, value = found.points[-1]
    moment = dt.datetime.fromisoformat(at)
    return story.say(
        "forecast",
        at=story.labels.moment(moment, str(found.fact("grain") or "")),
        value=story.value(value),
        low=story.value(found.fact("low")),
        high=story.value(found.fact("high")),
    )


def _anomalies(story: Story) -> str:
    found = [f for f in story.findings if f.kind == "anomaly"]
    if not found:
        return story.say("anomaly_none")
    largest = max(found, key=lambda f: abs(f.size or 0.0))
    start = largest.fact("start")
    at = story.labels.moment(dt.date.fromisoformat(str(start)[:10]), None) if start else "–"
    return story.say("anomaly", count=len(found), at=at)


def _profile_lines(story: Story, profile: Finding) -> list[str]:
    """Return what sets the members that meet the condition apart from all others."""
    count, of = profile.fact("count"), profile.fact("of")
    dimension = story.labels.dimension(str(profile.fact("dimension")))
    lines = [story.say("profile", count=count, of=of, dimension=dimension)]
    for name, delta in profile.facts:
        trait, _, kind = name.partition(":")
        metric = story.labels.catalog.metrics.get(trait)
        if metric is None or kind not in ("level", "growth"):
            continue
        shown = [profile.fact(f"{name}:{side}") for side in ("members", "rest")]
        numbers = [float(cell) if isinstance(cell, int | float) else None for cell in shown]
        if kind == "level":
            texts = [format_value(number, metric, story.labels.language) for number in numbers]
        else:
            texts = [format_relative(number) for number in numbers]
        way = "higher" if isinstance(delta, int | float) and delta > 0 else "lower"
        key = f"profile_{kind}_{way}"
        lines.append(story.say(key, trait=metric.name[story.labels.language],
                               members=texts[0], rest=texts[1]))  # fmt: skip
    return lines


def main_value(story: Story) -> Cell:
    """Return the first metric cell of the first row."""
    metric = story.investigation.query.metrics[0]
    return story.table.values(metric)[0] if story.table.rows else None


def _change_line(story: Story, change: Change) -> str:
    current, previous = story.value(change.current), story.value(change.previous)
    if change.absolute is None:
        return story.say("change_no_base", current=current)
    key = "change_flat" if abs(change.absolute) < FLAT else (
        "change_up" if change.absolute > 0 else "change_down"
    )  # fmt: skip
    return story.say(
        key,
        current=current,
        previous=previous,
        difference=story.difference(change.absolute),
        relative=format_relative(change.relative),
    )


def _points(story: Story) -> list[tuple[str, float]]:
    """Labelled values over time, empty cells left out."""
    query = story.investigation.query
    time = next((c.name for c in story.table.columns if c.role == "time"), None)
    if time is None:
        return []
    grain = query.grain or next((g.grain for g in query.group_by if g.grain), None)
    cells = zip(story.table.values(time), story.table.values(query.metrics[0]), strict=True)
    return [
        (story.labels.moment(at, grain), float(value))
        for at, value in cells
        if isinstance(value, int | float)
    ]


def _over_time(story: Story) -> str:
    points = _points(story)
    if not points:
        return story.say("no_rows")
    if story.investigation.intent == "extreme":
        ordered = story.investigation.query.order
        key = "extreme_top" if not ordered or ordered[0].descending else "extreme_bottom"
        return story.say(key, at=points[0][0], value=story.value(points[0][1]))
    trend = next((f for f in story.findings if f.kind == "trend"), None)
    direction = (trend.direction if trend else None) or "flat"
    first, last = story.value(points[0][1]), story.value(points[-1][1])
    return story.say(f"trend_{direction}", first=first, last=last)


def _groups(story: Story) -> str:
    query, intent = story.investigation.query, story.investigation.intent
    dimension = query.group_by[0].column
    label = story.labels.dimension(query.group_by[0].name)
    if intent == "threshold":
        return _meeting(story)
    row = _focused(story, dimension)
    member = story.labels.member(query.group_by[0].name, row[story.table.index(dimension)])
    amount = row[story.table.index(query.metrics[0])]
    if intent == "share":
        share = row[story.table.index(f"{query.metrics[0]}__share")]
        return story.say("share", member=member, share=_percent(share))
    key = "breakdown" if intent != "ranking" else (
        "ranking" if not query.order or query.order[0].descending else "ranking_bottom"
    )  # fmt: skip
    return story.say(key, member=member, dimension=label, value=story.value(amount))


def _percent(share: Cell) -> str:
    return f"{share * 100:.1f}%" if isinstance(share, int | float) else "–"


def _focused(story: Story, dimension: str) -> tuple[Cell, ...]:
    wanted = {value for leaf in story.focus for value in leaf.values}
    position = story.table.index(dimension)
    rows = story.table.rows
    return next((row for row in rows if row[position] in wanted), rows[0])


def _several_periods(story: Story) -> str:
    metric = story.investigation.query.metrics[0]
    cells = dict(zip(story.table.values("period__start"), story.table.values(metric), strict=True))
    parts = [
        f"{story.period(period)} {story.value(cells.get(period.start))}"
        for period in story.investigation.query.periods
    ]
    joiner = render(story.labels.language, "narrative", "list_joiner")
    return story.say("periods", list=joiner.join(parts))


def _several_metrics(story: Story) -> str:
    language, related = story.labels.language, story.labels.catalog.metrics
    parts = []
    for metric in story.investigation.query.metrics:
        cell = story.table.values(metric)[0]
        number = float(cell) if isinstance(cell, int | float) else None
        value = format_value(number, related[metric], language)
        parts.append(f"{story.labels.metric(metric)} {value}")
    return story.say("metrics", list=render(language, "narrative", "list_joiner").join(parts))


def narrate(story: Story) -> tuple[str, ...]:
    """Return the sentences below the headline: noise, drivers, conventions."""
    lines: list[str] = []
    change = story.change
    if change is not None and change.previous is not None:
        if story.investigation.intent in ("value", "cumulative"):
            lines.append(_change_line(story, change))
        lines += _certainty(story, change)
    profile = _finding(story, "cross_section")
    lines += _profile_lines(story, profile) if profile else _driver_lines(story)
    if story.investigation.intent == "trend":
        lines += _range_line(story)
    lines += [story.say(code) for code in story.assumptions]
    current = story.investigation.current
    if current and not is_complete(current, story.investigation.as_of):
        last = story.investigation.as_of - dt.timedelta(days=1)
        lines.append(story.say("incomplete", day=story.labels.moment(last, None)))
    if story.proof_asked:
        lines.append(story.say("no_proof"))
    if story.table.truncated:
        lines.append(story.say("truncated"))
    return tuple(lines)


def _certainty(story: Story, change: Change) -> list[str]:
    base = story.investigation.base
    lines = [story.say("compared_with", period=story.period(base))] if base else []
    if change.interval is None:
        return [*lines, story.say("no_interval")]
    low, high = (story.value(bound) for bound in change.interval)
    return [*lines, story.say("normal" if change.normal else "not_normal", low=low, high=high)]


def _driver_lines(story: Story) -> list[str]:
    found = [d for f in story.findings if f.kind == "drivers" for d in f.drivers]
    named = [d for d in found if d.member is not None and d.kind != "residual" and d.effect]
    return [driver_line(story, driver) for driver in top_drivers(named)]


def top_drivers(drivers: Sequence[Driver]) -> list[Driver]:
    """Return the largest driver of each of the first dimensions, then further ones of the first.

    Findings come in the order of how much a dimension tells, net of what is usual; inside one
    the largest effects come first. At most two are of one dimension and kind.
    """
    place = {d.dimension: i for i, d in reversed(list(enumerate(drivers)))}
    ranked = sorted(drivers, key=lambda d: (place[d.dimension], -abs(d.effect)))
    leading: dict[str | None, Driver] = {}
    for driver in ranked:
        leading.setdefault(driver.dimension, driver)
    kept = list(leading.values())[:MOST_DIMENSIONS]
    for driver in ranked:
        alike = [d for d in kept if (d.dimension, d.kind) == (driver.dimension, driver.kind)]
        if len(kept) < MOST_DRIVERS and driver not in kept and len(alike) < 2:
            kept.append(driver)
    return sorted(kept, key=ranked.index)


def driver_line(story: Story, driver: Driver) -> str:
    """Return the sentence of one driver."""
    if driver.dimension is None:
        member = story.labels.metric(str(driver.member))
        return story.say("driver_identity", member=member, effect=story.difference(driver.effect))
    say = partial(
        story.say,
        dimension=story.labels.dimension(driver.dimension),
        member=story.labels.member(driver.dimension, driver.member),
        effect=story.difference(driver.effect),
    )
    if driver.kind == "rate":
        return say(
            "driver_rate", base=story.value(driver.base), current=story.value(driver.current)
        )
    return say(f"driver_{driver.kind}")


def _range_line(story: Story) -> list[str]:
    points = _points(story)
    if len(points) < 3:
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

"""Owns the choice of the chart: which kind the intent and the rows ask for."""

import datetime as dt
from dataclasses import replace

from assistant.insights.cells import PERIOD_END, PERIOD_START
from assistant.insights.charts.alt import alt_text
from assistant.insights.charts.by_group import groups_chart
from assistant.insights.charts.explained import explained_chart
from assistant.insights.charts.over_time import cohorts_chart, has_time, time_chart
from assistant.insights.charts.rows import alike_metrics, frame_of, number
from assistant.insights.charts.spec import Bar, Bullet, ChartSpec, Funnel, Number
from assistant.insights.story import Story, main_value
from metric_catalog.query import CountGroups

LEAST_SPARK = 3
LEAST_STEPS = 2


def choose_chart(story: Story, title: str) -> ChartSpec | None:
    """Return the chart of an answer; None where there is nothing to draw."""
    query = story.investigation.query
    if not query.metrics or not story.table.rows or isinstance(query.post, CountGroups):
        return None
    spec = _choose(story, title)
    if spec is None:
        return None
    return replace(spec, frame=replace(spec.frame, alt=alt_text(spec)))


def _choose(story: Story, title: str) -> ChartSpec | None:
    investigation = story.investigation
    found = _of_findings(story, title)
    if found is not None:
        return found
    if has_time(story):
        return cohorts_chart(story, title) or time_chart(story, title)
    if investigation.query.group_by:
        return groups_chart(story, title)
    if investigation.intent == "forecast":
        return time_chart(story, title)
    if len(investigation.query.periods) > 1:
        return _periods(story, title)
    change = story.change
    compares = investigation.intent in ("growth", "comparison", "explain")
    if compares and change is not None and change.previous is not None:
        return _before_and_after(story, title)
    return _metrics(story, title) or _number(story, title)


def _of_findings(story: Story, title: str) -> ChartSpec | None:
    """The chart that a finding, not the table, decides: effects, a target, a funnel."""
    match story.investigation.intent:
        case "explain":
            return explained_chart(story, title)
        case "attainment":
            return _target(story, title)
        case _:
            return _funnel(story, title)


def _target(story: Story, title: str) -> ChartSpec | None:
    for finding in story.findings:
        value, target = finding.fact("value"), finding.fact("target")
        known = isinstance(value, int | float) and isinstance(target, int | float)
        if finding.kind == "attainment" and known:
            label = story.labels.metric(finding.subject)
            return Bullet(frame_of(story, title), label, float(value or 0), float(target or 0))
    return None


def _funnel(story: Story, title: str) -> ChartSpec | None:
    for finding in story.findings:
        if finding.kind == "funnel" and len(finding.points) >= LEAST_STEPS:
            labels = tuple(story.labels.metric(step) for step, _ in finding.points)
            return Funnel(frame_of(story, title), labels, tuple(v for _, v in finding.points))
    return None


def _before_and_after(story: Story, title: str) -> ChartSpec:
    change, investigation = story.change, story.investigation
    assert change is not None
    labels = (story.period(investigation.base), story.period(investigation.current))
    series = (story.labels.metric(investigation.metric.id), (change.previous, change.current))
    return Bar(frame_of(story, title), labels, (series,), compared=True)


def _periods(story: Story, title: str) -> ChartSpec:
    """One column per period asked, from past to present."""
    table, metric = story.table, story.investigation.query.metrics[0]
    names = [column.name for column in table.columns]
    edges = [table.values(name) if name in names else () for name in (PERIOD_START, PERIOD_END)]
    cells = dict(zip(zip(*edges, strict=True), map(number, table.values(metric)), strict=False))
    # an open start is the farthest past
    asked = story.investigation.query.periods
    periods = sorted(asked, key=lambda p: (p.start or dt.datetime.min, p.end or dt.datetime.max))
    labels = tuple(story.period(period) for period in periods)
    series = (story.labels.metric(metric), tuple(cells.get((p.start, p.end)) for p in periods))
    return Bar(frame_of(story, title), labels, (series,), compared=True)


def _metrics(story: Story, title: str) -> ChartSpec | None:
    """One bar per metric where several of one unit were asked; None for a single one."""
    metrics = alike_metrics(story)
    if len(metrics) < 2 or len(story.table.rows) != 1:
        return None
    labels = tuple(story.labels.metric(metric) for metric in metrics)
    values = tuple(number(story.table.values(metric)[0]) for metric in metrics)
    series = (story.period(story.investigation.current), values)
    return Bar(frame_of(story, title), labels, (series,), horizontal=True)


def _number(story: Story, title: str) -> ChartSpec:
    investigation, change = story.investigation, story.change
    label = story.labels.metric(investigation.metric.id)
    value = number(main_value(story))
    if change is None:
        return Number(frame_of(story, title), value, label=label)
    points = next((f.points for f in story.findings if f.kind == "change"), ())
    spark = tuple(value for _, value in points)
    return Number(
        frame_of(story, title),
        change.current,
        spark if len(spark) >= LEAST_SPARK else (),
        label,
        change.previous,
        story.period(investigation.base) if investigation.base else "",
    )

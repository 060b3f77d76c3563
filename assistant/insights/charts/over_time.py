"""Owns the charts over time: lines with forecast and unusual points, cohorts as a heat map."""

import datetime as dt

from assistant.insights.charts.completeness import (
    begins_inside,
    count_incomplete,
    young_cohorts,
)
from assistant.insights.charts.rows import alike_metrics, columns_of, frame_of, number
from assistant.insights.charts.spec import ChartSpec, Heatmap, Line, Number, Series
from assistant.insights.charts.text import say
from assistant.insights.finding import Finding
from assistant.insights.story import Story, main_value
from executors.result import Cell, json_cell
from metric_catalog.model.metrics import Retention

MOST_LINES = 6
MOST_COHORTS = 24
DAY_TEXT = 10
"""An ISO day is this many characters."""


def has_time(story: Story) -> bool:
    """Whether the table has a time column."""
    return bool(columns_of(story, "time"))


def cohorts_chart(story: Story, title: str) -> ChartSpec | None:
    """Return the heat map of several retention metrics by cohort; None for anything else."""
    metrics, known = story.investigation.query.metrics, story.labels.catalog.metrics
    if len(metrics) < 2 or columns_of(story, "dimension"):
        return None
    if not all(m in known and isinstance(known[m].of, Retention) for m in metrics):
        return None
    moments = _moments(story)[-MOST_COHORTS:]
    lines = {metric: _grown(story, metric) for metric in metrics}
    cells = tuple(tuple(lines[metric].get(at) for metric in metrics) for at in moments)
    blank = any(value is None for row in cells for value in row)
    frame = frame_of(story, title)
    frame = frame_of(story, title, note=say(frame, "blank") if blank else "")
    names = tuple(story.labels.metric(metric) for metric in metrics)
    return Heatmap(frame, _labels(story, moments), names, cells)


def time_chart(story: Story, title: str) -> ChartSpec:
    """Return the line over the table's time cells, followed by what is forecast."""
    if not has_time(story):
        return _forecast_alone(story, title)
    moments = _moments(story)
    dimensions = columns_of(story, "dimension")
    dimension = dimensions[0] if dimensions else None
    if dimension is None:
        names = [(story.labels.metric(m), _values(story, m, None, None)) for m in
                 alike_metrics(story)]  # fmt: skip
        left_out = 0
    else:
        metric, members = story.investigation.query.metrics[0], _members(story, dimension)
        names = [
            (story.labels.member(dimension, m), _values(story, metric, dimension, m))
            for m in members[:MOST_LINES]
        ]
        left_out = max(len(members) - MOST_LINES, 0)
    series = tuple((name, tuple(cells.get(at) for at in moments)) for name, cells in names)
    labels, ahead = _labels(story, moments), _forecast(story)
    if ahead is not None and len(series) == 1:
        return _with_forecast(story, title, labels, series[0], ahead)
    cut = begins_inside(story, moments, _grain(story))
    running = count_incomplete(story, moments, _grain(story))
    note = _note(story, title, (cut, running), len(series), left_out)
    return Line(
        frame_of(story, title, note=note),
        labels,
        series,
        running > 0,
        marks=_marks(story, moments) if len(series) == 1 else (),
        incomplete=running,
        incomplete_first=cut,
    )


def _note(story: Story, title: str, dashed: tuple[bool, int], shown: int, left_out: int) -> str:
    """What is dashed at the beginning and the end, and how many series are left out."""
    frame = frame_of(story, title)
    notes = [say(frame, "incomplete_first")] if dashed[0] else []
    if dashed[1]:
        notes.append(say(frame, "incomplete" if dashed[1] == 1 else "incomplete_several"))
    if left_out:
        notes.append(say(frame, "shown", shown=shown, count=shown + left_out))
    return say(frame, "note_joiner").join(notes)


def _moments(story: Story) -> list[Cell]:
    cells = story.table.values(columns_of(story, "time")[0])
    return sorted({cell for cell in cells if cell is not None}, key=str)


def _labels(story: Story, moments: list[Cell]) -> tuple[str, ...]:
    return tuple(story.labels.moment(cell, _grain(story)) for cell in moments)


def _grain(story: Story) -> str | None:
    query = story.investigation.query
    return query.grain or next((g.grain for g in query.group_by if g.grain), None)


def _values(
    story: Story, metric: str, dimension: str | None, member: Cell
) -> dict[Cell, float | None]:
    """The metric by time cell, of one member where there is a dimension."""
    table = story.table
    at, value = table.index(columns_of(story, "time")[0]), table.index(metric)
    kept = None if dimension is None else table.index(dimension)
    return {
        row[at]: number(row[value]) for row in table.rows if kept is None or row[kept] == member
    }


def _grown(story: Story, metric: str) -> dict[Cell, float | None]:
    """The metric by cohort; None while days of the cohort are not over."""
    young = young_cohorts(story, metric)
    values = _values(story, metric, None, None)
    return {at: None if at in young else value for at, value in values.items()}


def _members(story: Story, dimension: str) -> list[Cell]:
    """The members, largest first; equal ones in the table's order."""
    metric = story.investigation.query.metrics[0]
    sizes: dict[Cell, float] = {}
    pairs = zip(story.table.values(dimension), story.table.values(metric), strict=True)
    for member, cell in pairs:
        sizes[member] = sizes.get(member, 0.0) + abs(number(cell) or 0.0)
    return sorted(sizes, key=lambda member: -sizes[member])


def _marks(story: Story, moments: list[Cell]) -> tuple[int, ...]:
    """Where the anomalies found lie among the time cells."""
    days = {finding.fact("start") for finding in story.findings if finding.kind == "anomaly"}
    return tuple(i for i, at in enumerate(moments) if str(json_cell(at))[:DAY_TEXT] in days)


def _forecast(story: Story) -> Finding | None:
    return next((f for f in story.findings if f.kind == "forecast" and f.points), None)


def _band(ahead: Finding) -> tuple[tuple[float, float], ...]:
    low, high = ahead.fact("low"), ahead.fact("high")
    known = isinstance(low, int | float) and isinstance(high, int | float)
    if len(ahead.points) != 1 or not known:
        return ()
    return ((float(low or 0), float(high or 0)),)


def _ahead_labels(story: Story, ahead: Finding) -> tuple[str, ...]:
    grain = ahead.fact("grain") or _grain(story)
    return tuple(
        story.labels.moment(dt.date.fromisoformat(at[:DAY_TEXT]), str(grain) if grain else None)
        for at, _ in ahead.points
    )


def _with_forecast(
    story: Story, title: str, labels: tuple[str, ...], past: tuple[str, Series], ahead: Finding
) -> ChartSpec:
    frame = frame_of(story, title)
    values = (*past[1], *(value for _, value in ahead.points))
    return Line(
        frame_of(story, title, note=say(frame, "forecast")),
        (*labels, *_ahead_labels(story, ahead)),
        ((past[0], values),),
        band=_band(ahead),
        forecast=len(ahead.points),
    )


def _forecast_alone(story: Story, title: str) -> ChartSpec:
    """A forecast without its past in the table: the coming points, or the one number."""
    label, ahead = story.labels.metric(story.investigation.metric.id), _forecast(story)
    if ahead is None:
        return Number(frame_of(story, title), number(main_value(story)), label=label)
    if len(ahead.points) < 2:
        return Number(frame_of(story, title), ahead.size, label=label)
    return _with_forecast(story, title, (), (label, ()), ahead)

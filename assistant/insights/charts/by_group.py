"""Owns the charts by group: sorted bars, columns this and last, shares, two dimensions at once."""

import math

from assistant.insights.charts.rows import adds_up, alike_metrics, columns_of, frame_of, number
from assistant.insights.charts.spec import Bar, ChartSpec, Heatmap, Series, Share
from assistant.insights.charts.text import say
from assistant.insights.labels import OTHER
from assistant.insights.story import Story
from executors.result import Cell

MOST_BARS = 12
MOST_PARTS = 7
MOST_CELLS = 12
MOST_COMPARED = 4
SHARE = "__share"
"""The component that is a group's part of the total."""
WHOLE_TOLERANCE = 1e-6
LEAST_REST = 5e-4
"""A rest that would read 0.0 % is not drawn."""

Row = tuple[str, tuple[float | None, ...]]
"""A group's label and its values."""


def groups_chart(story: Story, title: str) -> ChartSpec:
    """Return the chart of a table by groups; at most 12 groups are drawn, the note says so."""
    query = story.investigation.query
    if len(query.group_by) == 2:
        crossed = _crossed(story, title)
        if crossed is not None:
            return crossed
    base = f"{query.metrics[0]}__base"
    if any(column.name == base for column in story.table.columns):
        return _this_and_last(story, title, base)
    if story.investigation.intent == "share":
        shares = _shares(story, title)
        if shares is not None:
            return shares
    return _bars(story, title)


def _rows(story: Story, columns: tuple[str, ...]) -> list[Row]:
    """The groups in the order to draw them, the row of all others last."""
    table, query = story.table, story.investigation.query
    places = [table.index(item.column) for item in query.group_by]
    rows = [
        (_label(story, tuple(row[i] for i in places)),
         tuple(number(row[table.index(column)]) for column in columns),
         any(row[i] == OTHER for i in places))
        for row in table.rows
    ]  # fmt: skip
    if not query.order and not _is_ordered(story):
        rows.sort(key=lambda row: -(row[1][0] if row[1][0] is not None else -math.inf))
    rows.sort(key=lambda row: row[2])
    return [(label, values) for label, values, _ in rows]


def _label(story: Story, cells: tuple[Cell, ...]) -> str:
    names = [item.name for item in story.investigation.query.group_by]
    texts = [story.labels.member(n, cell) for n, cell in zip(names, cells, strict=True)]
    return " · ".join(texts)


def _is_ordered(story: Story) -> bool:
    """Whether the groups have an order of their own: weekdays, months of the year."""
    return any(item.date_part for item in story.investigation.query.group_by)


def _has_other(story: Story) -> bool:
    places = [story.table.index(item.column) for item in story.investigation.query.group_by]
    return any(row[i] == OTHER for row in story.table.rows for i in places)


def _bars(story: Story, title: str) -> ChartSpec:
    metrics = alike_metrics(story)
    rows, rest = _rows(story, metrics), _has_other(story)
    left_out = len(rows) - MOST_BARS
    note = ""
    if left_out > 0:
        frame = frame_of(story, title)
        note = say(frame, "shown", shown=MOST_BARS, count=len(rows))
        rows, rest = _with_rest(story, rows, rest)
    names = [story.labels.metric(metric) for metric in metrics]
    few = story.investigation.intent == "comparison" and len(rows) <= MOST_COMPARED
    return Bar(
        frame_of(story, title, note=note),
        tuple(label for label, _ in rows),
        tuple((name, tuple(values[i] for _, values in rows)) for i, name in enumerate(names)),
        horizontal=not (few or _is_ordered(story)),
        rest=rest,
    )


def _with_rest(story: Story, rows: list[Row], rest: bool) -> tuple[list[Row], bool]:
    """The first 12 rows, then all others as one where the metric adds up and all are known."""
    kept, others = rows[:MOST_BARS], rows[MOST_BARS:]
    if rest:
        return [*kept, rows[-1]], True
    single = len(rows[0][1]) == 1
    if not (single and _is_complete(story) and adds_up(story)):
        return kept, False
    total = math.fsum(values[0] or 0.0 for _, values in others)
    return [*kept, (story.labels.member(None, OTHER), (total,))], True


def _this_and_last(story: Story, title: str, base: str) -> ChartSpec:
    metric, investigation = story.investigation.query.metrics[0], story.investigation
    rows = _rows(story, (base, metric))
    if not investigation.query.order and not _is_ordered(story):
        rows.sort(key=lambda row: -(row[1][1] or 0.0))
    note = ""
    if len(rows) > MOST_BARS:
        frame = frame_of(story, title)
        note = say(frame, "shown", shown=MOST_BARS, count=len(rows))
        rows = rows[:MOST_BARS]
    series = (
        (story.period(investigation.base), tuple(values[0] for _, values in rows)),
        (story.period(investigation.current), tuple(values[1] for _, values in rows)),
    )
    return Bar(frame_of(story, title, note=note), tuple(label for label, _ in rows), series)


def _shares(story: Story, title: str) -> ChartSpec | None:
    """The 100 % bar; None where the parts do not make up a whole (overlap, losses)."""
    metric = story.investigation.query.metrics[0]
    shared = metric + SHARE in {column.name for column in story.table.columns}
    rows = _rows(story, (metric + SHARE if shared else metric,))
    parts = [values[0] for _, values in rows]
    if not shared:
        whole = math.fsum(part or 0.0 for part in parts)
        if not (adds_up(story) and _is_complete(story)) or whole <= 0:
            return None
        rows = [(label, (_divided(values[0], whole),)) for label, values in rows]
        parts = [values[0] for _, values in rows]
    total = math.fsum(part or 0.0 for part in parts)
    if any(part is not None and part < 0 for part in parts) or total > 1 + WHOLE_TOLERANCE:
        return None
    partial = story.table.truncated or story.investigation.query.limit is not None
    if not partial and total < 1 - WHOLE_TOLERANCE:
        return None
    shown = _focused_first(story, rows)[:MOST_PARTS]
    rest = 1 - math.fsum(values[0] or 0.0 for _, values in shown)
    labels = [label for label, _ in shown]
    sizes: list[float | None] = [values[0] for _, values in shown]
    if rest > LEAST_REST:
        labels.append(story.labels.member(None, OTHER))
        sizes.append(rest)
    frame = frame_of(story, title, "ratio")
    return Share(frame, tuple(labels), tuple(sizes), rest=rest > LEAST_REST)


def _divided(part: float | None, whole: float) -> float | None:
    return None if part is None else part / whole


def _is_complete(story: Story) -> bool:
    """Whether the table holds every group."""
    query = story.investigation.query
    cut = query.limit is not None and not query.other
    return not (cut or story.table.truncated or query.having is not None)


def _focused_first(story: Story, rows: list[Row]) -> list[Row]:
    """Largest first, but the members asked about before all others; `other` left to the rest."""
    asked = {
        story.labels.member(leaf.dimension, value) for leaf in story.focus for value in leaf.values
    }
    other = story.labels.member(None, OTHER)
    kept = [row for row in rows if row[0] != other or not _has_other(story)]
    return sorted(kept, key=lambda row: (row[0] not in asked, -(row[1][0] or 0.0)))


def _crossed(story: Story, title: str) -> ChartSpec | None:
    """Two dimensions as rows and columns; None where they would not fit."""
    metrics, dimensions = story.investigation.query.metrics, columns_of(story, "dimension")
    if len(metrics) != 1 or len(dimensions) != 2:
        return None
    down, across = (list(dict.fromkeys(story.table.values(name))) for name in dimensions)
    if not (1 < len(down) <= MOST_CELLS and 1 < len(across) <= MOST_CELLS):
        return None
    table = story.table
    places = [table.index(name) for name in (*dimensions, metrics[0])]
    cells = {(row[places[0]], row[places[1]]): number(row[places[2]]) for row in table.rows}
    names = [item.name for item in story.investigation.query.group_by]
    values: tuple[Series, ...] = tuple(
        tuple(cells.get((one, two)) for two in across) for one in down
    )
    return Heatmap(
        frame_of(story, title),
        tuple(story.labels.member(names[0], cell) for cell in down),
        tuple(story.labels.member(names[1], cell) for cell in across),
        values,
    )

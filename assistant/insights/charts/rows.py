"""Owns what charts read from a story's rows: the frame, numbers, series of one unit."""

from assistant.insights.charts.spec import Frame
from assistant.insights.story import Story
from executors.result import Cell
from metric_catalog.model.metrics import Simple


def frame_of(story: Story, title: str, unit: str | None = None, note: str = "") -> Frame:
    """Return the frame in the metric's number format, or of another `unit`; alt comes later."""
    metric = story.investigation.metric
    own = unit is None or unit == metric.unit
    return Frame(
        title,
        "",
        story.labels.language,
        unit or metric.unit,
        metric.decimals if own else None,
        metric.currency if own else None,
        metric.direction,
        note,
    )


def number(cell: Cell) -> float | None:
    """Return a cell as a number; None where it is none."""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def columns_of(story: Story, role: str) -> tuple[str, ...]:
    """Return the names of the columns of a role; the bounds of periods are left out."""
    return tuple(
        column.name
        for column in story.table.columns
        if column.role == role and not column.name.startswith("period__")
    )


def alike_metrics(story: Story) -> tuple[str, ...]:
    """Return the metrics asked that share the first one's unit: they fit on one axis."""
    asked, known = story.investigation.query.metrics, story.labels.catalog.metrics
    first = story.investigation.metric
    return tuple(
        metric
        for metric in asked
        if metric == asked[0]
        or (metric in known and (known[metric].unit, known[metric].currency)
            == (first.unit, first.currency))
    )  # fmt: skip


def adds_up(story: Story) -> bool:
    """Whether the members' values sum to the total: a sum or count of the rows themselves."""
    of = story.investigation.metric.of
    if not isinstance(of, Simple) or story.investigation.query.post is not None:
        return False
    model = story.labels.catalog.models.get(of.model)
    measure = model.measure(of.measure) if model else None
    return measure is not None and measure.agg.additive and measure.non_additive is None

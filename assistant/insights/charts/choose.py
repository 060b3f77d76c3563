"""Owns the choice of the chart: which kind the intent and the rows ask for."""

from assistant.insights.charts.spec import (
    Bar,
    ChartSpec,
    Frame,
    Line,
    MixRate,
    Number,
    Share,
    Waterfall,
)
from assistant.insights.finding import Driver
from assistant.insights.narrative import Story
from executors.result import Cell
from metric_catalog.periods import is_complete
from metric_catalog.query import AveragePer, CountGroups

MOST_BARS = 12
MOST_LINES = 6
MOST_EFFECTS = 7


def choose_chart(story: Story, title: str) -> ChartSpec | None:
    """Return the chart of an answer; None where there is nothing to draw."""
    query = story.investigation.query
    if not story.table.rows or isinstance(query.post, CountGroups):
        return None
    drivers = best_drivers(story)
    if story.investigation.intent == "explain" and drivers:
        return _explain(story, title, drivers)
    if _time_column(story) is not None:
        return _line(story, title)
    if query.group_by:
        return _groups(story, title)
    if story.change is not None and story.change.previous is not None:
        return _two_columns(story, title)
    if isinstance(query.post, AveragePer) or len(story.table.rows) == 1:
        return Number(_frame(story, title), _number(story.table.values(query.metrics[0])[0]))
    return _line(story, title) if len(query.periods) > 1 else None


def _frame(story: Story, title: str, unit: str | None = None) -> Frame:
    metric = story.investigation.metric
    language = story.labels.language
    alt = f"{title} {_alt_rows(story)}".strip()
    return Frame(
        title, alt, language, unit or metric.unit, metric.decimals, metric.currency,
        metric.direction,
    )  # fmt: skip


def _alt_rows(story: Story) -> str:
    metric = story.investigation.query.metrics[0]
    names = [c.name for c in story.table.columns if c.role in ("dimension", "time")]
    parts = []
    for row in story.table.rows[:MOST_BARS]:
        label = " ".join(story.labels.member(n, row[story.table.index(n)]) for n in names)
        parts.append(f"{label}: {story.value(row[story.table.index(metric)])}")
    return "; ".join(parts)


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _time_column(story: Story) -> str | None:
    return next(
        (
            c.name
            for c in story.table.columns
            if c.role == "time" and not c.name.startswith("period")
        ),
        None,
    )


def best_drivers(story: Story) -> tuple[Driver, ...]:
    """Return the drivers of the dimension that explains most: the first finding of that kind."""
    found = [f for f in story.findings if f.kind == "drivers" and f.drivers]
    return found[0].drivers if found else ()


def _explain(story: Story, title: str, drivers: tuple[Driver, ...]) -> ChartSpec:
    if any(driver.kind in ("mix", "rate") for driver in drivers):
        return _mix_rate(story, title, drivers)
    change = story.change
    assert change is not None
    ordered = sorted(drivers, key=lambda d: -abs(d.effect))
    effects = [(_driver_label(story, d), d.effect) for d in ordered[:MOST_EFFECTS]]
    rest = sum(d.effect for d in ordered[MOST_EFFECTS:])
    if len(ordered) > MOST_EFFECTS:
        effects.append((story.labels.member(None, "__other__"), rest))
    base, current = story.investigation.base, story.investigation.current
    return Waterfall(
        _frame(story, title),
        (story.period(base), change.previous or 0.0),
        tuple(effects),
        (story.period(current), change.current or 0.0),
    )


def _driver_label(story: Story, driver: Driver) -> str:
    if driver.member is None:
        dimension = story.labels.dimension(driver.dimension or "")
        return story.say("rest", dimension=dimension)
    return story.labels.member(driver.dimension, driver.member)


def _mix_rate(story: Story, title: str, drivers: tuple[Driver, ...]) -> ChartSpec:
    members: dict[str, dict[str, float]] = {}
    for driver in drivers:
        kinds = members.setdefault(_driver_label(story, driver), {})
        kinds[driver.kind] = kinds.get(driver.kind, 0.0) + driver.effect
    size = {m: sum(abs(e) for e in kinds.values()) for m, kinds in members.items()}
    shown = sorted(members, key=lambda m: -size[m])[:MOST_EFFECTS]
    return MixRate(
        _frame(story, title),
        tuple(shown),
        tuple(members[m].get("mix", 0.0) for m in shown),
        tuple(members[m].get("rate", members[m].get("residual", 0.0)) for m in shown),
    )


def _line(story: Story, title: str) -> ChartSpec:
    query, table = story.investigation.query, story.table
    time = _time_column(story)
    if time is None:
        labels = tuple(story.period(p) for p in query.periods)
        values = tuple(_number(c) for c in table.values(query.metrics[0]))
        return Bar(_frame(story, title), labels, ((story.labels.metric(query.metrics[0]), values),))
    grain = query.grain or next((g.grain for g in query.group_by if g.grain), None)
    moments = sorted({cell for cell in table.values(time) if cell is not None}, key=str)
    labels = tuple(story.labels.moment(cell, grain) for cell in moments)
    dimension = next((c.name for c in table.columns if c.role == "dimension"), None)
    series = []
    for metric in query.metrics if dimension is None else query.metrics[:1]:
        for member in _members(story, dimension):
            cells = {
                row[table.index(time)]: _number(row[table.index(metric)])
                for row in table.rows
                if dimension is None or row[table.index(dimension)] == member
            }
            name = story.labels.metric(metric) if dimension is None else (
                story.labels.member(dimension, member)
            )  # fmt: skip
            series.append((name, tuple(cells.get(at) for at in moments)))
    period = query.periods[0] if query.periods else None
    running = period is not None and not is_complete(period, story.investigation.as_of)
    return Line(_frame(story, title), labels, tuple(series), running)


def _members(story: Story, dimension: str | None) -> tuple[Cell, ...]:
    if dimension is None:
        return (None,)
    return tuple(dict.fromkeys(story.table.values(dimension)))[:MOST_LINES]


def _groups(story: Story, title: str) -> ChartSpec:
    query, table = story.investigation.query, story.table
    names = [item.column for item in query.group_by]
    labels = tuple(
        " · ".join(story.labels.member(n, row[table.index(n)]) for n in names) for row in table.rows
    )
    values = tuple(_number(cell) for cell in table.values(query.metrics[0]))
    if story.investigation.intent == "share":
        return Share(_frame(story, title, "ratio"), labels[:MOST_BARS], values[:MOST_BARS])
    base = f"{query.metrics[0]}__base"
    known = {column.name for column in table.columns}
    series = [(story.labels.metric(query.metrics[0]), values[:MOST_BARS])]
    if base in known:
        before = tuple(_number(cell) for cell in table.values(base))
        series = [
            (story.period(story.investigation.current), values[:MOST_BARS]),
            (story.period(story.investigation.base), before[:MOST_BARS]),
        ]
    return Bar(
        _frame(story, title), labels[:MOST_BARS], tuple(series), horizontal=base not in known
    )


def _two_columns(story: Story, title: str) -> ChartSpec:
    change, investigation = story.change, story.investigation
    assert change is not None
    labels = (story.period(investigation.base), story.period(investigation.current))
    values = (change.previous, change.current)
    return Bar(
        _frame(story, title), labels, ((story.labels.metric(investigation.metric.id), values),)
    )

"""Owns the headline of values over time: the trend, since when a level lasts, how it ended."""

from dataclasses import dataclass

from assistant.insights.finding import Finding
from assistant.insights.naming import cell_name, dimensions_of, first_of
from assistant.insights.story import Story, points_of
from assistant.insights.timeline import Point, timeline_of

LEAST_WHOLE = 2
"""With fewer whole periods the ones that are cut are told as well."""


@dataclass(frozen=True, slots=True)
class LastStep:
    """The last whole period and the one directly before it: labels and values."""

    before_at: str
    before: float
    last_at: str
    last: float


def over_time(story: Story) -> str:
    """Return the finding of a table over time in one sentence."""
    points = points_of(story)
    if not points:
        return story.say("no_rows")
    if story.investigation.intent == "extreme":
        ordered = story.investigation.query.order
        key = "extreme_top" if not ordered or ordered[0].descending else "extreme_bottom"
        return story.say(key, at=points[0][0], value=story.value(points[0][1]))
    if any(not item.grain for item in story.investigation.query.group_by):
        return _groups_over_time(story)
    if story.investigation.intent == "threshold":
        named = first_of(story, [at for at, _ in points])
        return story.say("threshold_times", count=len(points), times=named)
    return _trend(story, points)


def _trend(story: Story, points: list[tuple[str, float]]) -> str:
    """The trend, of whole periods only; where there is none, what happened at the end instead."""
    trend = story.found("trend")
    direction = (trend.direction if trend else None) or "flat"
    whole = whole_points(story)
    shown = whole if len(whole) >= LEAST_WHOLE else points
    (first_at, first), (last_at, last) = shown[0], shown[-1]
    ends = {"first": story.value(first), "first_at": first_at,
            "last": story.value(last), "last_at": last_at}  # fmt: skip
    if direction != "flat":
        return story.say(f"trend_{direction}", **ends)
    if odd := last_is_odd(story):
        return _odd_end(story, odd, ends)
    if step := told_step(story):
        way = "up" if (step.size or 0.0) > 0 else "down"
        at = story.labels.moment(step.period.start, _grain(story)) if step.period else ""
        return story.tell(f"trend_step_{way}", at=at, size=story.difference(step.size), **ends)
    return story.say("trend_flat", **ends)


def _odd_end(story: Story, odd: str, ends: dict[str, str]) -> str:
    """The last period lies outside what was expected; a fall is one from the period before."""
    step = last_step(story)
    fell = step is not None and (step.last < step.before) == (odd == "low")
    if step is None or not fell or step.last == step.before:
        return story.tell(f"trend_flat_{'under' if odd == 'low' else 'over'}", **ends)
    return story.tell(
        f"trend_flat_{odd}",
        before=story.value(step.before),
        before_at=step.before_at,
        difference=story.difference(step.last - step.before),
        **ends,
    )


def told_step(story: Story) -> Finding | None:
    """Return the step to the level that lasts, where the headline of a trend tells it."""
    trend = story.found("trend")
    told = story.investigation.intent == "trend" and (trend is None or trend.direction == "flat")
    found = [f for f in story.findings if f.kind == "change_point" and f.period is not None]
    if not told or not found or last_is_odd(story):
        return None
    return max(found, key=lambda f: str(f.fact("start")))


def last_is_odd(story: Story) -> str | None:
    """Return whether the last whole period is outside what was expected: `high`, `low`, or None."""
    whole = _whole(story)
    odd = {f.fact("start"): f.size for f in story.findings if f.kind == "anomaly"}
    size = odd.get(whole[-1].label) if whole else None
    steps = [f for f in story.findings if f.kind == "change_point"]
    if size and any(whole[-1].label > str(f.fact("start")) for f in steps):
        return None  # it is on a level that has lasted for a while
    return ("high" if size > 0 else "low") if size else None


def last_step(story: Story) -> LastStep | None:
    """Return the last two whole periods; None where they do not follow each other."""
    whole = _whole(story)
    if len(whole) < LEAST_WHOLE or whole[-2].period.end != whole[-1].period.start:
        return None
    (before_at, before), (last_at, last) = (_labelled(story, point) for point in whole[-2:])
    return LastStep(before_at, before, last_at, last)


def whole_points(story: Story) -> list[tuple[str, float]]:
    """Return the labelled values of the periods that are not cut; all where none is whole."""
    if any(not item.grain for item in story.investigation.query.group_by):
        return points_of(story)
    return [_labelled(story, point) for point in _whole(story)] or points_of(story)


def _whole(story: Story) -> list[Point]:
    return [p for p in timeline_of(story.investigation, story.table) if p.complete]


def _labelled(story: Story, point: Point) -> tuple[str, float]:
    return story.labels.moment(point.period.start, _grain(story)), point.value


def _grain(story: Story) -> str | None:
    query = story.investigation.query
    return query.grain or next((g.grain for g in query.group_by if g.grain), None)


def _groups_over_time(story: Story) -> str:
    """The largest group of the last period: rows of different groups make no trend."""
    query, table = story.investigation.query, story.table
    time = next(c.name for c in table.columns if c.role == "time")
    place, metric = table.index(time), table.index(query.metrics[0])
    told = [row for row in table.rows if isinstance(row[metric], int | float)]
    if not told:
        return story.say("no_rows")
    last = max(row[place] for row in told)  # type: ignore[type-var]
    row = max((r for r in told if r[place] == last), key=lambda r: float(r[metric]))  # type: ignore[arg-type]
    return story.say(
        "groups_over_time",
        at=story.labels.moment(last, _grain(story)),
        member=cell_name(story, row),
        dimension=dimensions_of(story),
        value=story.value(row[metric]),
    )

"""Owns the headline: the finding of an answer in one sentence."""

import datetime as dt
import math
from dataclasses import replace

from assistant.insights.cells import PERIOD_END, PERIOD_START
from assistant.insights.figures import format_relative, format_value
from assistant.insights.finding import Change, Finding
from assistant.insights.maturity import YOUNG
from assistant.insights.naming import cell_name, dimensions_of, first_of, format_share, number_of
from assistant.insights.negative_rates import has_negative_rates, has_rates_of_nothing
from assistant.insights.openings import opened
from assistant.insights.over_time import over_time
from assistant.insights.parts import OTHER
from assistant.insights.story import Story, main_value
from executors.result import Cell
from metric_catalog.query import AveragePer, CountGroups
from prompts.render import render

FLAT = 1e-12
ONE_TOLD = ("ranking", "breakdown", "extreme")
"""The intents that compare members: of one member they have nothing to say but its value."""


def headline(story: Story) -> str:
    """Return the finding in one sentence."""
    return opened(_finding_line(replace(story, names_filter=True)), story.labels.language)


def _finding_line(story: Story) -> str:
    query, intent = story.investigation.query, story.investigation.intent
    change = story.change
    told = _special(story)
    if told is not None:
        return told
    if not story.table.rows:
        return story.say("no_rows")
    if _is_broken(main_value(story)):
        return story.tell("not_finite")
    if none := _no_rate(story):
        return story.tell(none)
    compared = change is not None and change.previous is not None
    if compared and intent == "growth" and query.group_by and query.order:
        moved = _most_moved(story)
        if moved is not None:
            return moved
    if change is not None and compared and intent in ("explain", "growth", "comparison"):
        if change.basis == YOUNG:
            return story.tell("young", current=story.value(change.current))
        line = change_line(story, change, judged=intent == "explain")
        return _with_first_member(story, change, line)
    if change is not None and intent in ("explain", "growth") and not query.group_by:
        return story.say("change_no_base", current=story.value(change.current))
    if isinstance(query.post, CountGroups):
        return story.say("count_groups", count=story.table.rows[0][-1])
    if isinstance(query.post, AveragePer):
        grain = story.labels.grain(query.post.grain)
        if query.post.grain in story.investigation.metric.grains:
            return story.tell("average_own", value=story.value(main_value(story)), grain=grain)
        return story.say("average", value=story.value(main_value(story)), grain=grain)
    if query.grain or any(item.grain for item in query.group_by):
        return over_time(story)
    if query.group_by:
        return _only_one(story) if _is_one(story) else _groups(story)
    if len(query.periods) > 1:
        return _several_periods(story)
    if len(query.metrics) > 1:
        return _several_metrics(story)
    key = "cumulative" if intent == "cumulative" else "value"
    return story.say(key, value=story.value(main_value(story)))


def _no_rate(story: Story) -> str | None:
    """Why no rate can be told at all: denominators are negative, or 0; None where one can."""
    query, table = story.investigation.query, story.table
    if isinstance(query.post, CountGroups):  # how many groups there are is no rate
        return None
    if any(cell is not None for cell in table.values(query.metrics[0])):
        return None
    if has_negative_rates(table):
        return "negative_rate"
    return "rate_of_nothing" if has_rates_of_nothing(table) else None


def _special(story: Story) -> str | None:
    """Return the headline of an intent whose finding says more than the table."""
    query = story.investigation.query
    profile = story.found("cross_section")
    if query.having is not None and profile is not None and profile.drivers:
        return _members_meeting(story, profile)
    match story.investigation.intent:
        case "attainment":
            return _attainment(story, story.found("attainment"))
        case "forecast":
            return _forecast(story, story.found("forecast"))
        case "anomaly" if story.investigation.judges:
            return _judged(story)
        case "anomaly" if story.table.rows:
            return _anomalies(story)
        case "explain" | "threshold" if _lists_groups(story):
            return _meeting(story)
        case _:
            return None


def _lists_groups(story: Story) -> bool:
    """Whether the rows are the groups that meet a condition, not their count."""
    query = story.investigation.query
    counted = isinstance(query.post, CountGroups)
    return query.having is not None and bool(query.group_by) and not counted


def _members_meeting(story: Story, profile: Finding) -> str:
    """Who meets the condition, the farthest from the others first."""
    dimension = str(profile.fact("dimension"))
    members = [story.labels.member(dimension, driver.member) for driver in profile.drivers]
    return story.tell(
        "meeting",
        count=profile.fact("count"),
        of=profile.fact("of"),
        dimension=story.labels.dimension(dimension),
        condition=story.labels.filter(story.investigation.query.having),
        members=first_of(story, members),
    )


def _meeting(story: Story) -> str:
    """The groups that meet the condition, as the table lists them."""
    words = {
        "dimension": dimensions_of(story),
        "condition": story.labels.filter(story.investigation.query.having),
    }
    if not story.table.rows:
        return story.say("threshold_none", **words)
    groups = [cell_name(story, row) for row in story.table.rows]
    return story.say("threshold", count=len(groups), members=first_of(story, groups), **words)


def _attainment(story: Story, found: Finding | None) -> str | None:
    if found is None:
        return None
    value, target = story.value(found.fact("value")), story.value(found.fact("target"))
    share = format_share(found.fact("attainment"))
    return story.say("attainment", share=share, value=value, target=target)


def _forecast(story: Story, found: Finding | None) -> str | None:
    if found is None or not found.points:
        return None
    at, value = found.points[-1]
    moment = dt.datetime.fromisoformat(at)
    whole = story.investigation.current
    if len(found.points) > 1 and found.size is not None and whole is not None:
        return story.say(
            "forecast_whole",
            value=story.value(found.size),
            low=story.value(found.fact("low")),
            high=story.value(found.fact("high")),
        )
    return story.say(
        "forecast",
        at=story.labels.moment(moment, str(found.fact("grain") or "")),
        value=story.value(value),
        low=story.value(found.fact("low")),
        high=story.value(found.fact("high")),
    )


def _judged(story: Story) -> str | None:
    """Whether the period was normal, with the range that was expected; None without a value."""
    change = story.change
    if change is None or change.current is None:
        return None
    current = story.value(change.current)
    if change.interval is None:
        key = "verdict_young" if change.basis == YOUNG else "verdict_unknown"
        return story.tell(key, current=current)
    low, high = (story.value(bound) for bound in change.interval)
    way = "normal" if change.normal else "low" if change.current < change.interval[0] else "high"
    return story.tell(f"verdict_{way}", current=current, low=low, high=high)


def _anomalies(story: Story) -> str:
    found = [f for f in story.findings if f.kind == "anomaly"]
    if not found:
        return story.say("anomaly_none")
    largest = max(found, key=lambda f: abs(f.size or 0.0))
    start = largest.fact("start")
    at = story.labels.moment(dt.date.fromisoformat(str(start)[:10]), None) if start else "–"
    return story.say("anomaly" if len(found) > 1 else "anomaly_one", count=len(found), at=at)


def change_line(story: Story, change: Change, judged: bool = False) -> str:
    """Return the sentence of a change; `judged` adds that it is normal where it is."""
    current, previous = story.value(change.current), story.value(change.previous)
    if change.current is None:
        return story.tell("change_no_current", previous=previous)
    if change.absolute is None:
        return story.say("change_no_base", current=current)
    way = "up" if change.absolute > 0 else "down"
    key = "change_flat" if abs(change.absolute) < FLAT else f"change_{way}"
    line = story.say(
        key,
        current=current,
        previous=previous,
        difference=story.difference(change.absolute),
        relative=format_relative(change.relative),
    )
    return story.tell("judged_normal", line=line) if judged and change.normal else line


def _is_broken(cell: Cell) -> bool:
    """Whether a value is infinite or not a number: the data holds such, and no sum is right."""
    return isinstance(cell, float) and not math.isfinite(cell)


def _with_first_member(story: Story, change: Change, line: str) -> str:
    """The change, and the member of the dimension asked by that contributes most to it."""
    asked = {item.name for item in story.investigation.query.group_by}
    best = story.found("opportunity")
    if change.normal and best is not None and best.fact("dimension") in asked:
        member = story.labels.member(str(best.fact("dimension")), best.fact("best_member"))
        return story.tell("best_and", member=member, line=line,
                          rate=story.value(best.fact("best_rate")))  # fmt: skip
    splits = [f for f in story.findings if f.kind == "drivers" and f.subject in asked]
    first = next((d for f in splits for d in f.drivers if d.member is not None), None)
    if first is None or change.normal or first.member == OTHER or not first.effect:
        return line
    member = story.labels.member(first.dimension, first.member)
    effect = story.difference(first.effect)
    return story.tell("most_through", line=line, member=member, effect=effect)


def _most_moved(story: Story) -> str | None:
    """The group that moved most, where the groups are ordered by how they moved."""
    query, table = story.investigation.query, story.table
    change, growth = (f"{query.metrics[0]}__{part}" for part in ("change", "growth"))
    if query.order[0].by not in (change, growth) or not table.rows:
        return None
    row = table.rows[0]
    by = row[table.index(change)]
    if not isinstance(by, int | float):
        return None
    return story.say(
        "most_up" if by >= 0 else "most_down",
        member=cell_name(story, row),
        dimension=dimensions_of(story),
        current=story.value(row[table.index(query.metrics[0])]),
        difference=story.difference(by),
        relative=format_relative(number_of(row[table.index(growth)])),
    )


def _is_one(story: Story) -> bool:
    """Whether the question names the one member that it groups by: nothing is ranked then."""
    investigation = story.investigation
    named = all(item.name in investigation.narrowed for item in investigation.query.group_by)
    return named and len(story.table.rows) == 1 and investigation.intent in ONE_TOLD


def _only_one(story: Story) -> str:
    """The value of the member asked for."""
    query = replace(story.investigation.query, group_by=(), order=())
    alone = replace(story, investigation=replace(story.investigation, query=query))
    return alone.say("value", value=story.value(main_value(story)))


def _groups(story: Story) -> str:
    query, intent = story.investigation.query, story.investigation.intent
    dimension = query.group_by[0].column
    label = dimensions_of(story)
    row = _focused(story, dimension)
    member = cell_name(story, row)
    amount = row[story.table.index(query.metrics[0])]
    if intent == "share":
        share = row[story.table.index(f"{query.metrics[0]}__share")]
        return story.say("share", member=member, share=format_share(share))
    if intent == "ranking" or _rising(story):
        key = "ranking_bottom" if _rising(story) else "ranking"
    else:
        rate = story.investigation.metric.unit == "ratio"
        key = "breakdown_rate" if rate else "breakdown"
    return story.say(key, member=member, dimension=label, value=story.value(amount))


def _rising(story: Story) -> bool:
    """Whether the groups come from the lowest up."""
    order = story.investigation.query.order
    return bool(order) and not order[0].descending


def _focused(story: Story, dimension: str) -> tuple[Cell, ...]:
    """The row asked about, else the first of an order, else the largest.

    What has no member wins nothing.
    """
    wanted = {value for leaf in story.focus for value in leaf.values}
    position = story.table.index(dimension)
    rows = story.table.rows
    asked = next((row for row in rows if row[position] in wanted), None)
    if asked is not None:
        return asked
    metric = story.table.index(story.investigation.query.metrics[0])
    told = [row for row in rows if row[metric] is not None] or list(rows)
    named = [row for row in told if row[position] is not None] or told
    if story.investigation.query.order:
        return named[0]
    return max(named, key=lambda row: number_of(row[metric]) or 0.0)


def _several_periods(story: Story) -> str:
    metric, table = story.investigation.query.metrics[0], story.table
    edges = zip(table.values(PERIOD_START), table.values(PERIOD_END), strict=True)
    cells = dict(zip(edges, table.values(metric), strict=True))
    parts = [
        f"{story.period(period)} {story.value(cells.get((period.start, period.end)))}"
        for period in story.investigation.query.periods
    ]
    joiner = render(story.labels.language, "narrative", "list_joiner")
    return story.say("periods", list=joiner.join(parts))


def _several_metrics(story: Story) -> str:
    language, known = story.labels.language, story.labels.catalog.metrics
    parts = []
    for metric in story.investigation.query.metrics:
        cell = story.table.values(metric)[0]
        number = float(cell) if isinstance(cell, int | float) else None
        value = format_value(number, known[metric], language)
        parts.append(f"{story.labels.metric(metric)} {value}")
    return story.say("metrics", list=render(language, "narrative", "list_joiner").join(parts))

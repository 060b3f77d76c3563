"""Owns follow-up questions: three that the findings make worth asking, each a ready re-ask."""

from dataclasses import replace

from assistant.insights.finding import Driver
from assistant.insights.narrative import telling_splits, top_drivers
from assistant.insights.story import Story
from metric_catalog.periods import Grain, as_day, complete_units_before, unit

COUNT = 3
UNITS = (Grain.DAY, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def suggest(story: Story) -> tuple[str, ...]:
    """Return three questions in the answer's language that can be asked as they stand.

    They keep the members that the answer is narrowed to.
    """
    story = replace(story, names_filter=True)
    investigation, intent = story.investigation, story.investigation.intent
    asked = {item.name for item in investigation.query.group_by}
    wanted = _whole_one(story)
    driver = _first_driver(story)
    if driver is not None:
        wanted.append(_by(story, str(driver.dimension)))
    if intent not in ("explain", "definition") and investigation.metric.direction != "none":
        wanted.append(story.say("follow_why"))
    if intent != "trend":
        wanted.append(story.say("follow_trend"))
    for dimension in investigation.worth_splitting:
        if dimension not in asked:
            wanted.append(_by(story, dimension))
            break
    when = story.when(investigation.current)
    wanted += [story.say("follow_year", when=when), story.say("follow_definition")]
    return tuple(dict.fromkeys(wanted))[:COUNT]


def _whole_one(story: Story) -> list[str]:
    """The last complete unit, where the one asked for is under way."""
    investigation = story.investigation
    current, base = investigation.current, None
    if not investigation.is_under_way or investigation.intent in ("forecast", "trend"):
        return []
    today = as_day(investigation.as_of)
    for grain in UNITS if current is not None and current.start is not None else ():
        running = unit(today, grain, investigation.calendar)
        if running.start == current.start:  # type: ignore[union-attr]
            base = complete_units_before(investigation.as_of, 1, grain, investigation.calendar)
            break
    return [] if base is None else [story.say("follow_whole", when=story.when(base))]


def _first_driver(story: Story) -> Driver | None:
    found = [d for f in telling_splits(story) for d in f.drivers]
    named = [d for d in top_drivers(found) if d.dimension and d.member is not None]
    return named[0] if named else None


def _by(story: Story, dimension: str) -> str:
    when = story.when(story.investigation.current)
    return story.say("follow_by", dimension=story.labels.dimension(dimension), when=when)

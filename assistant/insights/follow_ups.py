"""Owns follow-up questions: three that the findings make worth asking, each a ready re-ask."""

from assistant.insights.finding import Driver
from assistant.insights.narrative import top_drivers
from assistant.insights.story import Story

COUNT = 3


def suggest(story: Story) -> tuple[str, ...]:
    """Return three questions in the answer's language that can be asked as they stand."""
    investigation, intent = story.investigation, story.investigation.intent
    asked = {item.name for item in investigation.query.group_by}
    wanted: list[str] = []
    driver = _first_driver(story)
    if driver is not None:
        wanted.append(_by(story, str(driver.dimension)))
    if intent not in ("explain", "definition") and investigation.metric.direction != "none":
        wanted.append(story.say("follow_why"))
    if intent != "trend":
        wanted.append(story.say("follow_trend"))
    for dimension in investigation.split_by:
        if dimension not in asked:
            wanted.append(_by(story, dimension))
            break
    wanted += [story.say("follow_year"), story.say("follow_definition")]
    return tuple(dict.fromkeys(wanted))[:COUNT]


def _first_driver(story: Story) -> Driver | None:
    found = [d for f in story.findings if f.kind == "drivers" for d in f.drivers]
    named = [d for d in top_drivers(found) if d.dimension and d.member is not None]
    return named[0] if named else None


def _by(story: Story, dimension: str) -> str:
    return story.say("follow_by", dimension=story.labels.dimension(dimension))

"""Owns the sentences of findings other than the change and its drivers, kind by kind."""

import datetime as dt
from collections.abc import Callable, Mapping

from assistant.insights.cells import NULL_MEMBER, member_of
from assistant.insights.figures import format_relative, format_value
from assistant.insights.finding import Finding, FindingKind
from assistant.insights.naming import first_of, format_share
from assistant.insights.negative_rates import has_negative_rates
from assistant.insights.odd_periods import odd_lines
from assistant.insights.over_time import told_step
from assistant.insights.story import Story
from metric_catalog.periods import as_day
from prompts.render import has

MOST_TOLD = 3
"""So many findings of one kind are told."""
LEAST_SEGMENT_SHARE = 0.05
"""Combinations with less of the change stay in the table."""
SMALL_SHARE = 0.3
"""A best member with less of the base has room to grow."""
LAST_UNIT = "last_unit_incomplete"
LEAST_STRENGTH = 0.3
"""Weaker correlations are not worth a sentence."""


def told_findings(story: Story) -> list[str]:
    """Return the sentences of the findings, in their order, a few of each kind."""
    lines: list[str] = []
    told: dict[str, int] = {}
    for finding in story.findings:
        if finding.kind == "anomaly":
            lines += [] if "anomaly" in told else odd_lines(story)
            told["anomaly"] = 1
            continue
        tell = _TOLD.get(finding.kind)
        if tell is None or told.get(finding.kind, 0) >= _MOST.get(finding.kind, MOST_TOLD):
            continue
        found = tell(story, finding)
        told[finding.kind] = told.get(finding.kind, 0) + bool(found)
        lines += found
    return lines


def quality_lines(story: Story) -> list[str]:
    """Return what may be wrong with the numbers; a period under way is said elsewhere."""
    lines = []
    for finding in story.findings:
        key = f"quality_{finding.fact('code')}"
        if finding.kind == "quality" and has(story.labels.language, "findings", key):
            if finding.fact("code") == LAST_UNIT and story.investigation.is_under_way:
                continue  # that the period is not over says it
            grain = finding.fact("grain")
            unit = str(grain) if grain else None
            facts = {name: _fact(story, value, unit) for name, value in finding.facts}
            if grain:
                facts["grain"] = story.labels.grain(str(grain))
            lines.append(story.tell(key, **facts))
    if has_negative_rates(story.table):
        lines.append(story.tell("quality_negative_denominator"))
    return list(dict.fromkeys(lines))


def profile_lines(story: Story, profile: Finding) -> list[str]:
    """Return who is below zero where nobody asked, and what sets the members found apart."""
    traits = _trait_lines(story, profile)
    count, of = (int(profile.fact(name) or 0) for name in ("count", "of"))
    if story.investigation.query.having is not None:
        told = story.say("profile", count=count, others=of - count)
        return [told, *traits] if traits else []
    name = str(profile.fact("dimension"))
    members = [story.labels.member(name, driver.member) for driver in profile.drivers]
    key = "profile_losing" if traits else "profile_alone"
    named, label = first_of(story, members), story.labels.dimension(name)
    return [story.say(key, count=count, of=of, dimension=label, members=named), *traits]


def _trait_lines(story: Story, profile: Finding) -> list[str]:
    """One line per metric by which the members found differ from the others."""
    lines = []
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


def _fact(story: Story, value: object, grain: str | None) -> object:
    """A fact as people write it: days and units in words, whole numbers without a point."""
    if isinstance(value, str):
        return _day(story, value, grain)
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value  # type: ignore[call-overload]


def _day(story: Story, text: str, grain: str | None) -> str:
    """An ISO day in words, the unit it begins where that is told; any other text as it is."""
    try:
        return story.labels.moment(dt.date.fromisoformat(text[:10]), grain)
    except ValueError:
        return text


def _drivers(story: Story, finding: Finding) -> list[str]:
    """What the split of a dimension cannot say."""
    if story.change is None or story.change.normal:
        return []
    dimension = story.labels.dimension(finding.subject)
    lines = []
    if finding.fact("simpson"):
        lines.append(story.tell("simpson", dimension=dimension))
    return lines


def _segments(story: Story, finding: Finding) -> list[str]:
    """Combinations that moved; single members are told as drivers."""
    if story.change is None or story.change.normal:
        return []
    least = LEAST_SEGMENT_SHARE * abs(story.change.absolute or 0.0)
    found = [s for s in finding.segments if len(s.elements) > 1 and abs(s.effect) >= least]
    return [
        story.say("segment", elements=_elements(story, segment.elements),
                  effect=story.difference(segment.effect))
        for segment in found[:MOST_TOLD]
    ]  # fmt: skip


def _elements(story: Story, elements: tuple[str, ...]) -> str:
    pairs = (element.split("=", 1) for element in elements)
    named = (_element(story, dimension, member) for dimension, member in pairs)
    return story.tell("and").join(named)


def _element(story: Story, dimension: str, member: str) -> str:
    if member_of(member) == NULL_MEMBER:
        return story.labels.cell(dimension, member)
    label, said = story.labels.dimension(dimension), story.labels.cell(dimension, member)
    return story.tell("element", dimension=label, member=said)


def _change_point(story: Story, finding: Finding) -> list[str]:
    if story.investigation.judges and story.change is not None and story.change.normal:
        return []
    if finding is told_step(story):
        return []
    day = _day(story, str(finding.fact("start")), story.investigation.query.grain)
    way = "up" if (finding.size or 0.0) > 0 else "down"
    return [story.tell(f"change_point_{way}", at=day, size=story.difference(finding.size))]


def _concentration(story: Story, finding: Finding) -> list[str]:
    dimension = str(finding.fact("dimension"))
    return [
        story.tell(
            "concentration",
            dimension=story.labels.dimension(dimension),
            most=finding.fact("most"),
            members=finding.fact("members"),
            most_share=format_share(finding.fact("most_share")),
            top=story.labels.member(dimension, finding.fact("top_member")),
            top_share=format_share(finding.fact("top_share")),
        )
    ]


def _ranking(story: Story, finding: Finding) -> list[str]:
    """Who took the lead, and who moved farthest."""
    dimension, moved = str(finding.fact("dimension")), dict(finding.points)
    base_when = story.when(story.investigation.base)
    name = {key: finding.fact(key) for key in ("leader", "leader_before", "climbed", "fell")}
    label = {k: story.labels.member(dimension, v) for k, v in name.items() if v is not None}
    lines = []
    if name["leader"] != name["leader_before"]:
        lines.append(story.tell("ranking_leader", base_when=base_when, leader=label["leader"],
                                before=label["leader_before"]))  # fmt: skip
    for way in ("climbed", "fell"):
        places = moved.get(str(name[way]))
        if name[way] is not None and places is not None:
            lines.append(story.tell(f"ranking_{way}", base_when=base_when, member=label[way],
                                    places=abs(int(places))))  # fmt: skip
    return lines or [story.tell("ranking_same", base_when=base_when)]


def _forecast(story: Story, finding: Finding) -> list[str]:
    return [story.tell(f"forecast_{finding.fact('basis')}")]


def _attainment(story: Story, finding: Finding) -> list[str]:
    """Whether the target is met or kept pace with, and which one it is where that is not plain."""
    goal = finding.period
    elapsed, pace = finding.fact("elapsed"), finding.fact("pace")
    words = {"target": story.value(finding.fact("target")), "goal": story.period(goal)}
    if pace is not None and isinstance(elapsed, int | float) and elapsed < 1:
        if goal and goal.end is not None and goal.end <= as_day(story.investigation.as_of):
            return []  # a part of what is long over keeps no pace
        shown = {"elapsed": format_share(elapsed), "pace": format_share(pace)}
        return [story.tell("pace", **words, **shown)]
    plain = goal in (None, story.investigation.current) and not story.investigation.is_under_way
    said = story.investigation.intent == "attainment"  # the headline names the target
    key = "target_met" if finding.fact("met") else "target_missed"
    key += "_of" if not plain else "" if said else "_at"
    return [story.tell(key, size=story.difference(finding.size), **words)]


def _opportunity(story: Story, finding: Finding) -> list[str]:
    """What the total would be with weak members at the level of good ones: not a forecast.

    Beside a change that is explained it would read like one of its causes.
    """
    change = story.change
    moved = change is not None and change.interval is not None and not change.normal
    asked = {item.name for item in story.investigation.query.group_by}
    explained = story.investigation.intent == "explain"
    if explained and (
        moved or (change and change.interval and finding.fact("dimension") not in asked)
    ):
        return []
    dimension = str(finding.fact("dimension"))
    members = [story.labels.member(dimension, d.member) for d in finding.drivers]
    lines = [
        story.tell(
            "opportunity",
            members=first_of(story, members),
            dimension=story.labels.dimension(dimension),
            benchmark=story.value(finding.fact("benchmark")),
            effect=story.difference(-(finding.size or 0.0)),
        )
    ]
    best, share = finding.fact("best_member"), finding.fact("best_share")
    if isinstance(share, int | float) and share < SMALL_SHARE:
        lines.append(
            story.tell(
                "opportunity_best",
                member=story.labels.member(dimension, best),
                rate=story.value(finding.fact("best_rate")),
                share=format_share(share),
            )
        )
    return lines


def _fallen(story: Story, finding: Finding) -> list[str]:
    """Who got worse since the period before."""
    dimension, base_when = str(finding.fact("dimension")), story.when(finding.period)
    return [
        story.tell(
            "fallen",
            base_when=base_when,
            member=story.labels.member(dimension, driver.member),
            now=story.value(driver.current),
            before=story.value(driver.base),
        )
        for driver in finding.drivers[:MOST_TOLD]
    ]


def _apart(story: Story, finding: Finding) -> list[str]:
    """How the others moved, where the question names a member."""
    now, before = finding.fact("rest_current"), finding.fact("rest_base")
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return []
    relative = (now - before) / abs(before) if before else None
    return [
        story.tell(
            "apart",
            dimension=story.labels.dimension(finding.subject),
            current=story.value(now),
            previous=story.value(before),
            difference=story.difference(now - before),
            relative=format_relative(relative),
        )
    ]


def _moved_together(story: Story, finding: Finding) -> list[str]:
    strength, lag = finding.fact("strength"), finding.fact("lag")
    if not isinstance(strength, int | float) or abs(strength) < LEAST_STRENGTH:
        return []
    way = "same" if strength > 0 else "opposite"
    return [
        story.tell(
            f"moved_{way}_later" if lag else f"moved_{way}",
            influence=story.labels.metric(finding.subject),
            strength=f"{strength:.2f}",
            periods=finding.fact("periods"),
            lag=lag,
        )
    ]


_TOLD: Mapping[FindingKind, Callable[[Story, Finding], list[str]]] = {
    "drivers": _drivers,
    "segments": _segments,
    "change_point": _change_point,
    "concentration": _concentration,
    "ranking": _ranking,
    "forecast": _forecast,
    "attainment": _attainment,
    "opportunity": _opportunity,
    "fallen": _fallen,
    "apart": _apart,
    "moved_together": _moved_together,
}
_MOST: Mapping[FindingKind, int] = {"opportunity": 1, "drivers": 1}

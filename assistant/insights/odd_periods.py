"""Owns the sentences of odd periods: neighbours that are odd the same way are told as one."""

import datetime as dt
from collections.abc import Sequence

from assistant.insights.finding import Finding
from assistant.insights.story import Story
from metric_catalog.periods import Period

MOST_RUNS = 3
"""So many stretches of odd periods are told."""


def odd_lines(story: Story) -> list[str]:
    """Return a sentence per stretch of odd periods, the oddest first."""
    found = [f for f in story.findings if f.kind == "anomaly" and f.period is not None]
    found = [f for f in found if not _on_a_new_level(story, f)]
    runs = _runs(sorted(found, key=lambda f: str(f.fact("start"))))
    runs.sort(key=lambda run: -max(abs(_deviations(f)) for f in run))
    return [_line(story, run) for run in runs[:MOST_RUNS]]


def _on_a_new_level(story: Story, finding: Finding) -> bool:
    """Whether a lasting step says the same of it: only of a trend, where odd ones are no answer."""
    if story.investigation.intent != "trend":
        return False
    start = str(finding.fact("start"))
    return any(
        f.kind == "change_point"
        and f.direction == finding.direction
        and str(f.fact("start")) < start
        for f in story.findings
    )


def _deviations(finding: Finding) -> float:
    found = finding.fact("deviations")
    return float(found) if isinstance(found, int | float) else 0.0


def _runs(found: Sequence[Finding]) -> list[list[Finding]]:
    runs: list[list[Finding]] = []
    for finding in found:
        if runs and _goes_on(runs[-1][-1], finding):
            runs[-1].append(finding)
        else:
            runs.append([finding])
    return runs


def _goes_on(before: Finding, after: Finding) -> bool:
    """Whether the later one follows directly, odd the same way."""
    if before.period is None or after.period is None or before.direction != after.direction:
        return False
    return before.period.end == after.period.start


def _line(story: Story, run: Sequence[Finding]) -> str:
    way = "high" if (run[0].size or 0.0) > 0 else "low"
    values, expected = ([_number(f, name) for f in run] for name in ("value", "expected"))
    if len(run) == 1:
        at = story.labels.moment(_start(run[0]), story.investigation.query.grain)
        value, centre = story.value(values[0]), story.value(expected[0])
        return story.tell(f"anomaly_{way}", at=at, value=value, expected=centre)
    first, last = run[0].period, run[-1].period
    span = Period(first.start, last.end) if first and last else None
    return story.tell(
        f"anomalies_{way}",
        when=story.when(span),
        value=_between(story, values),
        expected=_between(story, expected),
    )


def _between(story: Story, values: Sequence[float]) -> str:
    low, high = story.value(min(values)), story.value(max(values))
    return low if low == high else story.tell("between", low=low, high=high)


def _number(finding: Finding, name: str) -> float:
    found = finding.fact(name)
    return float(found) if isinstance(found, int | float) else 0.0


def _start(finding: Finding) -> dt.date:
    return dt.date.fromisoformat(str(finding.fact("start"))[:10])

"""Owns the story: what there is to tell of one answer, and its figures in words."""

import math
from dataclasses import dataclass

from assistant.insights.figures import (
    format_difference,
    format_period,
    format_so_far,
    format_value,
    format_when,
)
from assistant.insights.finding import Change, Finding, FindingKind
from assistant.insights.investigation import Investigation
from assistant.insights.labels import Labels
from executors.result import Cell, ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Compare, CountGroups, filter_leaves
from prompts.render import render


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell of one answer."""

    investigation: Investigation
    table: ResultTable
    findings: tuple[Finding, ...]
    labels: Labels
    assumptions: tuple[str, ...] = ()
    focus: tuple[Compare, ...] = ()
    proof_asked: bool = False
    names_filter: bool = False

    @property
    def change(self) -> Change | None:
        """The change found, if the question was about one."""
        return next((f.change for f in self.findings if f.kind == "change"), None)

    def value(self, number: object) -> str:
        """Return a number in the metric's unit."""
        shown = float(number) if isinstance(number, int | float) else None
        return format_value(shown, self.investigation.metric, self.labels.language)

    def difference(self, number: float | None) -> str:
        """Return a signed difference in the metric's unit."""
        return format_difference(number, self.investigation.metric, self.labels.language)

    def period(self, period: Period | None) -> str:
        """Return a period in words."""
        language = self.labels.language
        return format_period(period, language, render(language, "narrative", "all_time"))

    def _when(self, period: Period | None) -> str:
        """Return when it was, as a sentence says it; what is not over is said to be so."""
        when, foretold = self.when(period), self.investigation.intent == "forecast"
        under_way = self.investigation.is_under_way and not foretold
        return format_so_far(when, self.labels.language) if under_way else when

    def when(self, period: Period | None) -> str:
        """Return a period as a sentence says it."""
        return format_when(period, self.labels.language)

    @property
    def metric(self) -> str:
        """The name of the metric asked about."""
        return self.labels.metric(self.investigation.metric.id)

    @property
    def subject(self) -> str:
        """What the figures are of: the metric, and the members that it is narrowed to.

        Members that the groups show themselves are not named.
        """
        query = self.investigation.query
        shown = {item.name for item in query.group_by}
        narrowed = [leaf for leaf in filter_leaves(query.filters) if isinstance(leaf, Compare)]
        if query.filters is None or (narrowed and all(x.dimension in shown for x in narrowed)):
            return self.metric
        filters = self.labels.filter(query.filters)
        return render(
            self.labels.language, "narrative", "subject", metric=self.metric, filters=filters
        )

    def say(self, key: str, **arguments: object) -> str:
        """Return a sentence; `metric`, `period` and `when` are given."""
        return self._render("narrative", key, arguments)

    def tell(self, key: str, **arguments: object) -> str:
        """Return a sentence about a finding; as in `say`."""
        return self._render("findings", key, arguments)

    def _render(self, room: str, key: str, arguments: dict[str, object]) -> str:
        query = self.investigation.query
        period = self.investigation.current or _spanned(query.periods)
        given = {"metric": self.subject if self.names_filter else self.metric,
                 "period": self.period(period), "when": self._when(period)}  # fmt: skip
        return render(self.labels.language, room, key, **{**given, **arguments})

    def found(self, kind: FindingKind) -> Finding | None:
        """Return the first finding of a kind."""
        return next((f for f in self.findings if f.kind == kind), None)

    def listed(self, items: list[str]) -> str:
        """Return names one after another, as the language lists them."""
        return render(self.labels.language, "findings", "joiner").join(items)


def _spanned(periods: tuple[Period, ...]) -> Period | None:
    return periods[0] if len(periods) == 1 else None


def main_value(story: Story) -> Cell:
    """Return the first metric cell of the first row."""
    query = story.investigation.query
    metric = "group_count" if isinstance(query.post, CountGroups) else query.metrics[0]
    return story.table.values(metric)[0] if story.table.rows else None


def points_of(story: Story) -> list[tuple[str, float]]:
    """Return labelled values over time, empty cells and infinities left out."""
    query = story.investigation.query
    time = next((c.name for c in story.table.columns if c.role == "time"), None)
    if time is None:
        return []
    grain = query.grain or next((g.grain for g in query.group_by if g.grain), None)
    cells = zip(story.table.values(time), story.table.values(query.metrics[0]), strict=True)
    return [
        (story.labels.moment(at, grain), float(value))
        for at, value in cells
        if isinstance(value, int | float) and math.isfinite(value)
    ]

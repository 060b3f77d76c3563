"""Owns the impact of a change of definitions: what the data says, and what rests on them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf

from assistant.actions.items import list_items
from assistant.pipeline import query
from assistant.revisions import revision_catalog
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from executors.result import json_cell
from metric_catalog.catalog import Catalog
from metric_catalog.diff import MetricChange
from metric_catalog.errors import CatalogError
from metric_catalog.model.definition import Language
from metric_catalog.periods import Grain, complete_units_before
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import GroupBy, MetricQuery
from prompts.render import render

MONTHS = 12
TOLERANCE = 1e-9
MOST_MONTHS, MOST_MEMBERS, MOST_NAMED = 3, 5, 8
MOST_LETTERS = 120
"""How much of a changed text is shown; JSON has it whole."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell in which old and new definition differ: a month, or a member in the last month."""

    cell: str
    old: float | None
    new: float | None
    is_month: bool

    @property
    def size(self) -> float:
        """How much the cell moved; endless where one side has no value."""
        return inf if self.old is None or self.new is None else abs(self.new - self.old)


@dataclass(frozen=True, slots=True)
class Impact:
    """What one changed metric changes. `actions` are open action items measured by it."""

    change: MetricChange
    compared: int
    differences: tuple[Difference, ...]
    actions: tuple[str, ...]
    questions: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return what changed, what rests on it, and [cell, old, new] of what differs."""
        change = self.change
        return {
            "metric": change.metric,
            "kind": change.change,
            "fields": list(change.fields),
            "values": [asdict(value) for value in change.values],
            "through": list(change.through),
            "version_kept": change.version_kept,
            "old_hash": change.old_hash,
            "new_hash": change.new_hash,
            "compared": self.compared,
            "differences": [[d.cell, json_cell(d.old), json_cell(d.new)] for d in self.differences],
            "actions": list(self.actions),
            "questions": list(self.questions),
        }

    def lines(self, language: Language) -> list[str]:
        """Return the impact in words."""

        def say(key: str, **arguments: object) -> str:
            return render(language, "impact", key, **arguments)

        change = self.change
        lines = [say(change.change, metric=change.metric)]
        lines += [
            say("value", name=v.name, old=_short(v.old), new=_short(v.new)) for v in change.values
        ]
        if change.through:
            lines.append(say("through", list=", ".join(change.through)))
        if change.version_kept and change.values:
            lines.append(say("version_kept"))
        if self.compared:
            counts = {"differing": len(self.differences), "compared": self.compared}
            lines.append(say("cells", **counts))
        elif change.change == "meaning":
            lines.append(say("not_compared"))
        lines += [say("cell", cell=d.cell, old=_shown(d.old), new=_shown(d.new))
                  for d in _told(self.differences)]  # fmt: skip
        for name, items in (("actions", self.actions), ("questions", self.questions)):
            if items:
                named, more = ", ".join(items[:MOST_NAMED]), len(items) - MOST_NAMED
                lines.append(say(f"more_{name}" if more > 0 else name, list=named, more=more))
        return lines


def _told(differences: Sequence[Difference]) -> list[Difference]:
    """Return the last months and the members that moved most."""
    months = [each for each in differences if each.is_month][-MOST_MONTHS:]
    members = [each for each in differences if not each.is_month]
    return months + sorted(members, key=lambda each: -each.size)[:MOST_MEMBERS]


def _short(text: str | None) -> str:
    plain = " ".join((text or "∅").split())
    return plain if len(plain) <= MOST_LETTERS else f"{plain[: MOST_LETTERS - 1]}…"


def _shown(value: float | None) -> str:
    return "∅" if value is None else f"{value:,.6g}"


def impacts(
    assistant: Assistant, revision: str, changes: Sequence[MetricChange]
) -> tuple[Impact, ...]:
    """Return the impact of each change, old run against new on the data."""
    old = revision_catalog(assistant.project, revision)
    open_items = [item for item in list_items(assistant.store) if item.state == "open"]
    found = []
    for change in changes:
        cells, differences = _run_both(assistant, old, change.metric)
        actions = tuple(item.id for item in open_items if item.metric == change.metric)
        questions = _questions(assistant.project.settings.name, change.metric)
        found.append(Impact(change, cells, differences, actions, questions))
    return tuple(found)


def _questions(project: str, metric: str) -> tuple[str, ...]:
    from eval.case import cases_of_metric

    return cases_of_metric(project, metric)


def _run_both(
    assistant: Assistant, old: Catalog, metric: str
) -> tuple[int, tuple[Difference, ...]]:
    """Return how many cells were compared and which differ; none where one side cannot run."""
    new = assistant.definitions
    if metric not in old.metrics or metric not in new.metrics:
        return 0, ()
    months = complete_units_before(assistant.as_of, MONTHS, Grain.MONTH, new.calendar)
    last = complete_units_before(assistant.as_of, 1, Grain.MONTH, new.calendar)
    asked = [MetricQuery((metric,), periods=(months,), grain="month")]
    shared = {new.canonical(path) for path in new.dimensions_of(metric)}
    shared &= {old.canonical(path) for path in old.dimensions_of(metric)}
    asked += [MetricQuery((metric,), (GroupBy(d),), periods=(last,)) for d in sorted(shared)]
    compared, differing = 0, []
    for item in asked:
        before, after = _cells(assistant, old, item), _cells(assistant, new, item)
        if before is None or after is None:
            continue
        for key in {**before, **after}:
            compared += 1
            if not _equal(before.get(key), after.get(key)):
                is_month = not item.group_by
                differing.append(Difference(key, before.get(key), after.get(key), is_month))
    return compared, tuple(differing)


def _cells(
    assistant: Assistant, catalog: Catalog, asked: MetricQuery
) -> dict[str, float | None] | None:
    try:
        _, table = query(asked, catalog, assistant.executor, EVERYTHING, assistant.as_of)
    except (CatalogError, ExecutorError):
        return None
    keys = [c.name for c in table.columns if c.role in ("dimension", "time")]
    cells: dict[str, float | None] = {}
    for row in table.rows:
        named = "; ".join(f"{k}={json_cell(row[table.index(k)])}" for k in keys)
        value = row[table.index(asked.metrics[0])]
        cells[named] = float(value) if isinstance(value, int | float) else None
    return cells


def _equal(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return before == after or abs(before - after) <= TOLERANCE * max(1.0, abs(before), abs(after))

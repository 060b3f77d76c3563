"""Owns action items: a recommendation that somebody took on, or turned down.

An item's id follows from what is to be done: the definition, the rows and periods it was found in,
the playbook and the member it is for. Every step is one insert or update. So accepting twice, the
same thing from another question or in another language, or being killed between two steps, leaves
one item or none.

Its states: offered → open (accept) or dismissed (dismiss); open → done (finish) or dismissed;
dismissed → open (accept, as if for the first time); done → verified (its effect was measured).
What is done stays done: it can be neither dismissed, accepted nor edited, and what is dismissed
can be neither edited nor finished. A step that leads where the item already is changes nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from assistant.state import tables
from assistant.state.store import Row, Store
from metric_catalog.catalog import Catalog
from metric_catalog.issues import nearest_names
from metric_catalog.normal_filters import clauses_of
from metric_catalog.query import Compare, Filter, MetricCondition
from metric_catalog.query_json import from_json
from metric_catalog.snapshot import take_snapshot

State = Literal["open", "done", "dismissed", "verified"]
Json = Mapping[str, Any]


Step = Literal["accept", "dismiss", "edit", "finish"]
STEPS: Mapping[Step, tuple[State, ...]] = {
    "accept": ("dismissed",),
    "dismiss": ("open",),
    "edit": ("open",),
    "finish": ("open",),
}
"""From which states each step leads on."""
THERE: Mapping[Step, tuple[State, ...]] = {
    "accept": ("open",),
    "dismiss": ("dismissed",),
    "edit": (),
    "finish": ("done", "verified"),
}
"""In which states a step has nothing to do."""


class ActionRefused(Exception):
    """An action item cannot be what was asked of it. `code` names the sentence.

    `missing`: what was named and cannot be had; `nearest`: what can; `language`: of the question
    that the item or the answer goes back to, None where neither is there.
    """

    def __init__(
        self,
        code: str,
        missing: str,
        nearest: tuple[str, ...] = (),
        language: str | None = None,
        **arguments: str,
    ) -> None:
        self.code = code
        self.missing = missing
        self.nearest = nearest
        self.language = language
        self.arguments = arguments
        super().__init__(code)


class UnknownAnswer(ActionRefused):
    """There is no such answer or item, or the answer recommends no such playbook."""


class WrongState(ActionRefused):
    """The item's state does not allow the step: see the module's first lines."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """What is to be done, by whom, until when, and what it is measured by.

    `baseline` and `expected_effect` are in the metric's own unit; `query` is the canonical query
    and `definition` the whole definition that the effect is measured with at the end.
    """

    id: str
    answer_id: str
    playbook: str
    title: str
    text: str
    action: str
    state: State
    owner: str
    due: str
    metric: str
    version: int
    hash: str
    baseline: float | None
    expected_effect: float | None
    segment: str | None
    guard_metric: str | None
    goal: str | None
    accepted_as_of: str
    query: Json
    definition: Json
    question: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the accepter decides: which playbook, who, until when, in which words."""

    playbook: str | None = None
    owner: str | None = None
    due: dt.date | None = None
    text: str | None = None

    def not_in(self, item: ActionItem) -> dict[str, str]:
        """Return what was chosen and the item does not have: `owner`, `due`, `text`."""
        named = {"owner": self.owner, "due": self.due and self.due.isoformat(), "text": self.text}
        return {name: said for name, said in named.items() if said and said != getattr(item, name)}


@dataclass(frozen=True, slots=True)
class Accepted:
    """An item that was taken on; `before` = it was open already, and nothing was changed."""

    item: ActionItem
    before: bool


def accept(store: Store, catalog: Catalog, answer_id: str, choices: Choices) -> ActionItem:
    """Return the action item of an answer's recommendation; raises UnknownAnswer, WrongState."""
    return take_on(store, catalog, answer_id, choices).item


def take_on(store: Store, catalog: Catalog, answer_id: str, choices: Choices) -> Accepted:
    """Return the item of an answer's recommendation, and whether somebody had accepted it before.

    Accepting again gives the open item as it stands: whoever took it on keeps it, and its owner
    and due date are changed by `edit` alone. A dismissed one is opened again. Raises
    UnknownAnswer, WrongState.
    """
    answer = _stored_answer(store, answer_id)
    chosen = _chosen(answer, choices.playbook)
    item = _make(answer, chosen, catalog, choices, "open")
    if store.put(tables.actions, _row(item)):
        return Accepted(item, False)
    item = replace(item, id=_key(store, answer, chosen))
    kept, moved = _step(store, "accept", item.id, **_row(item))
    return Accepted(kept, not moved)


def dismiss(store: Store, catalog: Catalog, answer_id: str, playbook: str | None) -> ActionItem:
    """Record that a recommendation was turned down; raises UnknownAnswer, WrongState.

    An accepted item is dismissed as it stands.
    """
    answer = _stored_answer(store, answer_id)
    chosen = _chosen(answer, playbook)
    item = _make(answer, chosen, catalog, Choices(), "dismissed")
    if store.put(tables.actions, _row(item)):
        return item
    return _step(store, "dismiss", _key(store, answer, chosen), state="dismissed")[0]


def edit(store: Store, action_id: str, choices: Choices) -> ActionItem:
    """Change owner, due date or text of an open item; raises UnknownAnswer, WrongState."""
    item = find_item(store, action_id)
    changed = replace(
        item,
        owner=choices.owner or item.owner,
        due=choices.due.isoformat() if choices.due else item.due,
        text=choices.text or item.text,
    )
    return _step(store, "edit", item.id, **_row(changed))[0]


def finish(store: Store, action_id: str) -> ActionItem:
    """Mark an open item as done; raises UnknownAnswer, WrongState. Again changes nothing."""
    return _step(store, "finish", find_item(store, action_id).id, state="done")[0]


def _key(store: Store, answer: Json, chosen: Json) -> str:
    row = _row_of(store, answer, chosen)
    return str(row["id"]) if row else action_id(answer, chosen)


def _step(store: Store, step: Step, key: str, **cells: Any) -> tuple[ActionItem, bool]:
    """Return the item after a step, in one update that its state must allow; whether it moved."""
    moved = store.move(tables.actions, key, STEPS[step], **cells)
    item = find_item(store, key)
    if not moved and item.state not in THERE[step]:
        state = "dismissed" if item.state == "dismissed" else "done"
        code = f"{step}_{state}"
        raise WrongState(code, item.id, (), item.language, action=item.id, title=item.title)
    return item, moved


def find_item(store: Store, key: str) -> ActionItem:
    """Return the item with this id, or the only one, else the only open one, that answer offers."""
    row = store.get(tables.actions, key)
    if row is not None:
        return read_item(row)
    answer = store.get(tables.answers, key)
    items = list(taken(store, answer["content"]).values()) if answer else []
    if len(items) > 1:
        items = [item for item in items if item.state == "open"]
    spoken = answer["language"] if answer else None
    if len(items) > 1:
        known = tuple(item.id for item in items)
        raise UnknownAnswer("several_actions", key, known, spoken, open=", ".join(known))
    if not items:
        near = nearest_names(key, (item.id for item in list_items(store)))
        raise UnknownAnswer("unknown_action", key, near, spoken, action=key)
    return items[0]


def taken(store: Store, answer: Json) -> dict[str, ActionItem]:
    """Return the items of what an answer offers, by playbook, whichever answer they came from."""
    found = {}
    for chosen in answer.get("recommendations") or ():
        row = _row_of(store, answer, chosen)
        if row is not None:
            found[str(chosen["playbook"])] = read_item(row)
    return found


def _row_of(store: Store, answer: Json, chosen: Json) -> Row | None:
    """Return the row of an offer; also one kept under another id before its playbook was edited."""
    row = store.get(tables.actions, action_id(answer, chosen))
    if row is not None:
        return row
    offer = {"answer_id": answer["answer_id"], "playbook": chosen["playbook"]}
    return next(iter(store.find(tables.actions, **offer)), None)


def list_items(store: Store) -> tuple[ActionItem, ...]:
    """Return every item, the oldest first."""
    return tuple(read_item(row) for row in store.find(tables.actions))


def _stored_answer(store: Store, answer_id: str) -> Json:
    row = store.get(tables.answers, answer_id)
    if row is None:
        raise UnknownAnswer("unknown_answer", answer_id, answer=answer_id)
    content: Json = row["content"]
    return content


def _chosen(answer: Json, playbook: str | None) -> Json:
    offered: list[Json] = answer.get("recommendations") or []
    key, spoken = answer["answer_id"], answer["language"]
    if not offered:
        raise UnknownAnswer("no_recommendation", key, (), spoken, answer=key)
    if playbook is None:
        return offered[0]
    for item in offered:
        if item["playbook"] == playbook:
            return item
    known = tuple(item["playbook"] for item in offered)
    names = ", ".join(known)
    raise UnknownAnswer(
        "unknown_playbook", playbook, known, spoken, playbook=playbook, offered=names
    )


def _make(
    answer: Json, chosen: Json, catalog: Catalog, choices: Choices, state: State
) -> ActionItem:
    metric = answer["metric"]
    change = answer.get("change") or {}
    goals = [g.id for g in catalog.goals.values() if metric["id"] in g.metrics]
    return ActionItem(
        id=action_id(answer, chosen),
        answer_id=answer["answer_id"],
        playbook=chosen["playbook"],
        title=chosen["title"],
        text=choices.text or chosen["text"],
        action=chosen["action"],
        state=state,
        owner=choices.owner or chosen["owner"],
        due=choices.due.isoformat() if choices.due else chosen["due"],
        metric=metric["id"],
        version=metric["version"],
        hash=metric["hash"],
        baseline=change.get("current", answer.get("value")),
        expected_effect=chosen["expected_effect"],
        segment=chosen["segment"],
        guard_metric=chosen["guard_metric"],
        goal=goals[0] if goals else None,
        accepted_as_of=answer["receipt"]["as_of"],
        query=answer["receipt"]["query"],
        definition=take_snapshot(catalog, metric["id"]),
        question=answer["question"],
        language=answer["language"],
    )


def action_id(answer: Json, chosen: Json) -> str:
    """Return the id of the item for one recommendation of an answer: not a word of it counts.

    How the rows were laid out does not count either: groups, order, grain, limit.
    """
    metric, receipt = answer["metric"], answer["receipt"]
    asked = from_json(receipt["query"])
    base = asked.comparison and (asked.comparison.period or asked.comparison.kind)
    whole = (
        (metric["id"], metric["version"], metric["hash"]),
        (receipt.get("policy"), _meaning(asked.filters)),
        (sorted(map(str, asked.periods)), str(base), str(asked.post)),
        (chosen["playbook"], chosen["segment"]),
    )
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:12]


def _meaning(condition: Filter | None) -> list[list[str]]:
    """Return the clauses of a filter, so that two that keep the same rows are equal."""
    if condition is None:
        return []
    return sorted(sorted(map(str, clause)) for clause in clauses_of(condition, _name))


def _name(leaf: Compare | MetricCondition) -> str:
    if isinstance(leaf, Compare):
        return leaf.dimension
    return " ".join((leaf.metric, *leaf.entity))


def _row(item: ActionItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "answer_id": item.answer_id,
        "playbook": item.playbook,
        "state": item.state,
        "owner": item.owner,
        "due": item.due,
        "content": asdict(item),
    }


def read_item(row: Mapping[str, Any]) -> ActionItem:
    """Return the item of a stored row; the row's own cells win over the content."""
    content = dict(row["content"])
    return ActionItem(
        **{**content, "state": row["state"], "owner": row["owner"], "due": row["due"]}
    )

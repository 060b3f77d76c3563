"""The states of an action item: every step from every state, alone and raced."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy

from assistant.actions.items import (
    ActionItem,
    Choices,
    WrongState,
    accept,
    dismiss,
    edit,
    finish,
    list_items,
)
from assistant.state import tables
from assistant.state.store import Store
from metric_catalog.catalog import Catalog
from metric_catalog.model.semantic_model import SemanticModel
from prompts.render import LANGUAGES, render
from tests.assistant.insights.tables import metric

MODEL = SemanticModel(id="orders", table="orders")
CATALOG = Catalog(models={"orders": MODEL}, metrics={"sales": metric()})
ANSWER = "answer"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(f"sqlite:///{tmp_path / 'state.db'}")
    offered = {
        "playbook": "fix", "title": "Fix it", "text": "It fell", "action": "Do it", "owner": "team",
        "due": "2026-12-01", "expected_effect": 1.0, "segment": None, "guard_metric": None,
    }  # fmt: skip
    content = {
        "answer_id": ANSWER, "question": "why", "language": "en", "value": 2.0, "change": None,
        "metric": {"id": "sales", "version": 1, "hash": "h"}, "recommendations": [offered],
        "receipt": {"as_of": "2026-11-01", "query": {}},
    }  # fmt: skip
    row = {"id": ANSWER, "question": "why", "language": "en", "as_of": "2026-11-01",
           "outcome": "answer", "asker": "everyone", "content": content}  # fmt: skip
    found.put(tables.answers, row)
    return found


def take(store: Store) -> ActionItem:
    return accept(store, CATALOG, ANSWER, Choices(owner="Li"))


def drop(store: Store) -> ActionItem:
    return dismiss(store, CATALOG, ANSWER, None)


def only(store: Store) -> ActionItem:
    (item,) = list_items(store)
    return item


def change(store: Store) -> ActionItem:
    return edit(store, ANSWER, Choices(owner="Wang", text="Other words"))


def end(store: Store) -> ActionItem:
    return finish(store, ANSWER)


def verify(store: Store) -> ActionItem:
    store.change(tables.actions, only(store).id, state="verified")
    return only(store)


Step = Callable[[Store], ActionItem]
WAYS: dict[str, tuple[Step, ...]] = {
    "offered": (),
    "open": (take,),
    "dismissed": (take, drop),
    "done": (take, end),
    "verified": (take, end, verify),
}
ENDS: dict[tuple[str, Step], str] = {
    ("offered", take): "open",
    ("offered", drop): "dismissed",
    ("open", take): "open",
    ("open", drop): "dismissed",
    ("open", change): "open",
    ("open", end): "done",
    ("dismissed", take): "open",
    ("dismissed", drop): "dismissed",
    ("done", end): "done",
    ("verified", end): "verified",
}
STEPS: tuple[Step, ...] = (take, drop, change, end)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", [state for state in WAYS if state != "offered"])
def test_every_step_from_every_state(store: Store, state: str, step: Step) -> None:
    for before in WAYS[state]:
        before(store)
    stood = only(store)
    if (state, step) in ENDS:
        reached = step(store)
        assert reached.state == ENDS[state, step]
        assert reached == only(store)
        return
    with pytest.raises(WrongState) as caught:
        step(store)
    assert only(store) == stood
    said = {render(lang, "card", caught.value.code, **caught.value.arguments) for lang in LANGUAGES}
    assert len(said) == 2 and all(stood.id in text and "{" not in text for text in said)


@pytest.mark.parametrize("step", [take, drop])
def test_an_offer_is_taken_or_turned_down(store: Store, step: Step) -> None:
    assert step(store).state == ENDS["offered", step]
    assert only(store) == step(store)


def test_done_twice_and_accepted_twice_change_nothing(store: Store) -> None:
    first = take(store)
    assert accept(store, CATALOG, ANSWER, Choices(owner="other")) == first
    assert end(store) == end(store) == only(store)


def test_what_was_dismissed_is_accepted_as_if_for_the_first_time(store: Store) -> None:
    take(store)
    change(store)
    drop(store)
    again = accept(store, CATALOG, ANSWER, Choices())
    assert (again.state, again.owner, again.text) == ("open", "team", "It fell")


def test_editing_changes_what_is_named_alone(store: Store) -> None:
    first = take(store)
    changed = change(store)
    assert (changed.owner, changed.text, changed.due) == ("Wang", "Other words", first.due)
    assert edit(store, ANSWER, Choices()) == changed


class Overtaken(Store):
    """Somebody else finishes the item between a look at it and the step."""

    def move(self, table: sqlalchemy.Table, key: str, states: object, **cells: object) -> bool:
        super().change(table, key, state="done")
        return super().move(table, key, states, **cells)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [drop, change])
def test_a_step_that_was_overtaken_is_refused(store: Store, step: Step, tmp_path: Path) -> None:
    take(store)
    with pytest.raises(WrongState):
        step(Overtaken(f"sqlite:///{tmp_path / 'state.db'}"))
    assert (only(store).state, only(store).text) == ("done", "It fell")

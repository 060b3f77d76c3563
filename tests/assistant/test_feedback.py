"""Feedback is kept once per person and answer; a later judgement replaces the first."""

from pathlib import Path

import pytest

from assistant.feedback import REASONS, give_feedback, list_feedback
from assistant.state.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'state.db'}")


def test_what_was_said_is_found_again(store: Store) -> None:
    given = give_feedback(store, "a1", "ann", False, REASONS[0], "42 expected")
    assert list_feedback(Store(store.url)) == (given,)
    assert list_feedback(store, "a2") == ()


def test_a_person_has_one_judgement_of_an_answer(store: Store) -> None:
    give_feedback(store, "a1", "ann", False, "unclear")
    last = give_feedback(store, "a1", "ann", True)
    other = give_feedback(store, "a1", "bob", False, "slow")
    assert set(list_feedback(store, "a1")) == {last, other}


def test_an_unknown_reason_is_another_one(store: Store) -> None:
    assert give_feedback(store, "a1", "ann", False, "<b>").reason == "other"
    assert give_feedback(store, "a2", "ann", True).reason == ""

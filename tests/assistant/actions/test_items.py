import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from assistant.actions.items import Choices, UnknownAnswer, accept, dismiss, finish, list_items
from assistant.asking import Conversation
from assistant.state import tables

QUESTION = "上个月复购率为什么下降"


@pytest.fixture
def answer_id(conversation: Conversation) -> str:
    reply = conversation.ask(conversation.question(QUESTION, None, None))
    assert reply.content["recommendations"], "the question must get a recommendation"
    return str(reply.content["answer_id"])


def test_accepting_twice_gives_one_action(conversation: Conversation, answer_id: str) -> None:
    assistant = conversation.assistant
    first = accept(assistant.store, assistant.catalog, answer_id, Choices(owner="growth"))
    second = accept(assistant.store, assistant.catalog, answer_id, Choices(owner="other"))
    assert first == second
    assert [item.id for item in list_items(assistant.store)] == [first.id]


def test_an_action_keeps_what_it_will_be_measured_by(
    conversation: Conversation, answer_id: str
) -> None:
    assistant = conversation.assistant
    item = accept(assistant.store, assistant.catalog, answer_id, Choices())
    assert item.metric == "repurchase_rate"
    assert item.hash == assistant.catalog.hash_of("repurchase_rate")
    assert item.definition["hash"] == item.hash
    assert item.baseline is not None
    assert item.expected_effect is not None
    assert item.due > "2026-11-01"
    assert item.owner


def test_dismissing_tells_the_item_as_it_is_kept(
    conversation: Conversation, answer_id: str
) -> None:
    store, catalog = conversation.assistant.store, conversation.assistant.catalog
    item = accept(store, catalog, answer_id, Choices(owner="Li", due=dt.date(2026, 12, 24)))
    dismissed = dismiss(store, catalog, answer_id, item.playbook)
    assert (dismissed.state, dismissed.owner, dismissed.due) == ("dismissed", "Li", "2026-12-24")
    assert dismissed == list_items(store)[0]


def test_an_unknown_answer_is_named(conversation: Conversation) -> None:
    assistant = conversation.assistant
    with pytest.raises(UnknownAnswer) as caught:
        accept(assistant.store, assistant.catalog, "nothing", Choices())
    assert caught.value.code == "unknown_answer"


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from assistant.actions.items import Choices, accept
    from assistant.config import find_project
    from assistant.state.store import Store
    from assistant.wiring import Assistant

    step, answer = int(sys.argv[2]), sys.argv[3]
    count = 0

    class Counting(Store):
        def _die(self):
            global count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

        def put(self, *args):
            self._die()
            done = super().put(*args)
            self._die()
            return done

        def get(self, *args):
            self._die()
            return super().get(*args)

    assistant = Assistant(find_project(None, Path(sys.argv[1])))
    store = Counting(assistant.project.state_url)
    accept(store, assistant.catalog, answer, Choices())
    print("accepted")
"""


@pytest.mark.parametrize("step", range(1, 5))
def test_accepting_survives_a_kill_at_every_step(
    step: int, conversation: Conversation, answer_id: str, shop_folder: Path
) -> None:
    script = [sys.executable, "-c", textwrap.dedent(KILLED), str(shop_folder), str(step), answer_id]
    died = subprocess.run(script, env={**os.environ}, capture_output=True, text=True, check=False)
    assert died.returncode in (0, -signal.SIGKILL), died.stderr
    store = conversation.assistant.store
    before = list_items(store)
    assert len(before) <= 1
    accept(store, conversation.assistant.catalog, answer_id, Choices())
    items = list_items(store)
    assert len(items) == 1
    assert items[0].state == "open"
    assert store.get(tables.answers, answer_id) is not None


def test_an_answer_with_one_open_item_names_it(conversation: Conversation, answer_id: str) -> None:
    store, catalog = conversation.assistant.store, conversation.assistant.catalog
    content = store.get(tables.answers, answer_id)["content"]  # type: ignore[index]
    offered = [item["playbook"] for item in content["recommendations"]]
    assert len(offered) > 1
    items = [accept(store, catalog, answer_id, Choices(playbook=name)) for name in offered]
    with pytest.raises(UnknownAnswer):
        finish(store, answer_id)
    for name in offered[1:]:
        dismiss(store, catalog, answer_id, name)
    assert finish(store, answer_id).id == items[0].id

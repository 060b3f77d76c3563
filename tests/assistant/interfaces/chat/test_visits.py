"""A visit belongs to the browser that opened it, and knows nothing of others."""

import pytest

from assistant.asking import Conversation
from assistant.interfaces.chat.visits import MOST_MESSAGES, MOST_VISITS, Asked, Visit, Visits
from assistant.wiring import Assistant


@pytest.fixture
def conversation(shop_session: Assistant) -> Conversation:
    return Conversation(shop_session)


def test_only_the_browser_that_opened_a_visit_owns_it(conversation: Conversation) -> None:
    visits = Visits()
    visit = visits.open(conversation, "en", "mine")
    assert visits.owned(visit.id, "mine") is visit
    for browser in ("", "yours", "mine ", "我的"):
        assert visits.owned(visit.id, browser) is None
    assert visits.owned("unknown", "mine") is None


def test_ids_differ_and_visits_share_nothing(conversation: Conversation) -> None:
    visits = Visits()
    first, second = (visits.open(conversation, "en", "b") for _ in range(2))
    first.say(Asked("GMV"))
    assert first.id != second.id
    assert second.messages == [] and second.last is None


def test_the_oldest_visit_and_message_are_forgotten(conversation: Conversation) -> None:
    visits = Visits()
    first = visits.open(conversation, "en", "b")
    for _ in range(MOST_VISITS):
        visits.open(conversation, "en", "b")
    assert visits.find(first.id) is None
    visit = Visit("v", "b", conversation, "en")
    for number in range(MOST_MESSAGES + 5):
        visit.say(Asked(str(number)))
    assert len(visit.messages) == MOST_MESSAGES
    assert visit.messages[0] == Asked("5")

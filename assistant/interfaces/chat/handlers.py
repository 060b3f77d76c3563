"""Owns what happens on a click: one command in, the visit changed, nothing raised."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from assistant.actions.items import (
    ActionItem,
    ActionRefused,
    Choices,
    UnknownAnswer,
    WrongState,
    dismiss,
    edit,
    finish,
    list_items,
    take_on,
    taken,
)
from assistant.asking import Conversation, Reply
from assistant.feedback import give_feedback
from assistant.insights.labels import Labels
from assistant.interfaces.chat.bubbles import told
from assistant.interfaces.chat.card import card
from assistant.interfaces.chat.commands import (
    Accept,
    Ask,
    Command,
    Dismiss,
    Edit,
    Finish,
    Rate,
    Show,
)
from assistant.interfaces.chat.served import Served, explain
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.visits import Asked, Failed, Visit, Visits
from assistant.interfaces.chat.words import language_for, say
from assistant.question import language_of
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from metric_catalog.errors import CatalogError
from metric_catalog.model.definition import Language
from prompts.render import render

LOG = logging.getLogger("askmetric")


@dataclass(frozen=True)
class Desk:
    """What the page works with. `endings` are the files an answer can be had as."""

    served: Served
    visits: Visits
    endings: tuple[str, ...] = ()

    def open(self, language: Language, browser: str) -> Visit:
        """Return a new visit."""
        return self.visits.open(Conversation(self.served.assistant), language, browser)

    def view(self, visit: Visit, key: str) -> View | None:
        """Return what the card of a reply is written from, None for an unknown one."""
        kept = visit.replies.get(key)
        if kept is None:
            return None
        language = language_for(kept.reply.outcome.language)
        problem = self.served.problem
        return View(
            reply=kept.reply,
            labels=Labels(kept.catalog, language),
            items=taken(self.served.assistant.store, kept.reply.content),
            files=tuple((e, f"export/{visit.id}/{key}.{e}") for e in self._endings(kept.reply)),
            problem=explain(problem, language) if problem else "",
            picked=kept.picked,
            rated=visit.rated.get(key),
            before=kept.after,
        )

    def items(self) -> tuple[ActionItem, ...]:
        """Return every action item; raises ExecutorError."""
        return list_items(self.served.assistant.store)

    def _endings(self, reply: Reply) -> tuple[str, ...]:
        return self.endings if reply.content["outcome"] == "answer" else ()


def carry_out(desk: Desk, visit: Visit, command: Command) -> Iterator[None]:
    """Carry out a command; pauses once after the question is shown and before it is answered.

    Whatever fails becomes one sentence in the chat.
    """
    language = language_of(command.text, visit.language) if isinstance(command, Ask) else (
        visit.language
    )  # fmt: skip
    if isinstance(command, Ask):
        visit.say(Asked(command.text))
        yield
    with visit.lock:
        failure = _attempt(desk, visit, command, language)
    if failure:
        visit.say(Failed(failure))
    yield


def _attempt(desk: Desk, visit: Visit, command: Command, language: Language) -> str:
    """Do it; return the sentence of what failed, empty where nothing did."""
    try:
        _do(desk, visit, command)
    except (CatalogError, ExecutorError) as error:
        return explain(error, language)
    except ActionRefused as error:
        return render(language, "card", error.code, **error.arguments)
    except Exception:  # a bug: caught here once, told in one sentence
        LOG.exception("command failed")
        return say(language, "bug")
    return ""


def _do(desk: Desk, visit: Visit, command: Command) -> None:
    assistant = desk.served.assistant
    store, catalog = assistant.store, assistant.catalog
    match command:
        case Ask():
            _ask(desk, visit, command)
        case Show(answer):
            if answer in visit.replies:
                visit.shown = answer
        case Accept(answer, playbook, owner, due, text):
            choices = Choices(playbook, owner, due, text)
            taken_on = take_on(store, catalog, _own(visit, answer), choices)
            if taken_on.before and choices.not_in(taken_on.item):
                raise _kept_as_it_was(taken_on.item)
        case Dismiss(answer, playbook):
            dismiss(store, catalog, _own(visit, answer), playbook)
        case Edit(action, owner, due, text):
            edit(store, action, Choices(None, owner, due, text))
        case Finish(action):
            finish(store, action)
        case Rate(answer, liked, reason, comment):
            give_feedback(store, _own(visit, answer), visit.id, liked, reason, comment)
            visit.rated[answer] = liked
        case _:
            assert_never(command)


def _kept_as_it_was(item: ActionItem) -> WrongState:
    """Return what is said where somebody else had accepted it in other words."""
    return WrongState(
        "accepted_before", item.id, (), item.language,
        title=item.title, id=item.id, owner=item.owner, due=item.due,
    )  # fmt: skip


def _ask(desk: Desk, visit: Visit, command: Ask) -> None:
    desk.served.refresh()
    after = command.after or visit.last

    def answer(assistant: Assistant) -> Reply:
        visit.conversation.assistant = assistant
        return visit.conversation.ask(visit.conversation.question(command.text, None, None, after))

    reply = desk.served.run(answer)
    visit.keep(reply, visit.conversation.assistant.catalog, after, command.picked)
    try:
        _write(desk, visit, reply.outcome.id)
    except Exception:
        visit.forget(reply.outcome.id)
        raise


def _write(desk: Desk, visit: Visit, key: str) -> None:
    """Write the card once, so that what cannot be shown fails here and not on the page."""
    view = desk.view(visit, key)
    if view is not None:
        card(view)
        told(view)


def _own(visit: Visit, answer: str) -> str:
    """Return the id where this visit got that answer; raises UnknownAnswer."""
    if answer not in visit.replies:
        raise UnknownAnswer("unknown_answer", answer, answer=answer)
    return answer

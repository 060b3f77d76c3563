"""Owns visits: one open page each, with its own conversation, answers and messages."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from assistant.asking import Conversation, Reply
from assistant.insights.answer import Answer
from assistant.resolve.outcomes import Refusal
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language

MOST_VISITS = 1_000
MOST_REPLIES = 50
MOST_MESSAGES = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visitor wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: the reply with this id."""

    answer: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing came of it, in one sentence."""

    text: str


Message = Asked | Told | Failed


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply with the definitions that it was made with, and the turn that it followed.

    `picked`: its question was chosen from options.
    """

    reply: Reply
    catalog: Catalog
    after: str | None = None
    picked: bool = False


@dataclass
class Visit:
    """One open page. `browser` is the cookie of who opened it; files go to nobody else."""

    id: str
    browser: str
    conversation: Conversation
    language: Language
    replies: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    messages: list[Message] = field(default_factory=list)
    shown: str | None = None
    rated: dict[str, bool] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, message: Message) -> None:
        """Add a message; the oldest are forgotten."""
        self.messages.append(message)
        del self.messages[:-MOST_MESSAGES]

    @property
    def last(self) -> str | None:
        """The id of the latest reply that was no refusal: what a typed question follows."""
        ids = [k for k, kept in self.replies.items() if not _refused(kept)]
        return ids[-1] if ids else None

    def keep(self, reply: Reply, catalog: Catalog, after: str | None, picked: bool) -> None:
        """Remember a reply, show it, and say it."""
        key = reply.outcome.id
        known = self.replies.get(key)
        followed = known.after if known and after == key else after
        self.replies[key] = Kept(reply, catalog, followed, picked)
        self.replies.move_to_end(key)
        while len(self.replies) > MOST_REPLIES:
            self.replies.popitem(last=False)
        self.shown = key
        self.say(Told(key))

    def forget(self, key: str) -> None:
        """Forget a reply that cannot be shown."""
        self.replies.pop(key, None)
        self.messages[:] = [m for m in self.messages if m != Told(key)]
        self.shown = None if self.shown == key else self.shown

    def answer(self, key: str) -> Answer | None:
        """Return the answer `key`, None where this visit never got it."""
        kept = self.replies.get(key)
        outcome = kept.reply.outcome if kept else None
        return outcome if isinstance(outcome, Answer) else None


def _refused(kept: Kept) -> bool:
    return isinstance(kept.reply.outcome, Refusal)


@dataclass
class Visits:
    """The open pages by id; forgets the oldest beyond a limit."""

    _known: OrderedDict[str, Visit] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, conversation: Conversation, language: Language, browser: str) -> Visit:
        """Return a new visit under an id that nobody can guess."""
        visit = Visit(secrets.token_urlsafe(18), browser, conversation, language)
        with self._lock:
            self._known[visit.id] = visit
            while len(self._known) > MOST_VISITS:
                self._known.popitem(last=False)
        return visit

    def find(self, key: str | None) -> Visit | None:
        """Return the visit `key`, None where it is unknown or forgotten."""
        with self._lock:
            visit = self._known.get(key or "")
            if visit is not None:
                self._known.move_to_end(visit.id)
            return visit

    def owned(self, key: str, browser: str) -> Visit | None:
        """Return the visit `key` where it belongs to this browser."""
        visit = self.find(key)
        mine = visit is not None and secrets.compare_digest(
            visit.browser.encode(), browser.encode()
        )
        return visit if mine else None

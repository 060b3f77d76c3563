"""Owns `View`: what a card is written from, one reply with the words and labels around it."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.actions.items import ActionItem
from assistant.asking import Reply
from assistant.insights.answer import Answer
from assistant.insights.labels import Labels
from assistant.interfaces.chat.words import say
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language


@dataclass(frozen=True)
class View:
    """One reply as it is shown. Texts are in the language of the question.

    `items`: the action items of the answer by playbook. `files`: endings and addresses under
    which the answer can be had as a file. `problem`: why definitions or data were not renewed.
    `before`: the turn that the question followed.
    """

    reply: Reply
    labels: Labels
    items: Mapping[str, ActionItem]
    files: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    picked: bool = False
    rated: bool | None = None
    before: str | None = None

    @property
    def language(self) -> Language:
        """The language of the card."""
        return self.labels.language

    @property
    def catalog(self) -> Catalog:
        """The definitions."""
        return self.labels.catalog

    @property
    def answer(self) -> Answer | None:
        """The answer, None for a question back or a refusal."""
        outcome = self.reply.outcome
        return outcome if isinstance(outcome, Answer) else None

    def say(self, key: str, /, **arguments: object) -> str:
        """Return one of the page's texts in the card's language."""
        return say(self.language, key, **arguments)

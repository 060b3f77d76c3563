"""Owns the question to the model: a versioned prompt out, choices that were on offer back."""

import datetime as dt
from dataclasses import dataclass

from assistant.llm.choice import Choice, parse_reply
from assistant.llm.model import LanguageModel, Prompt
from assistant.llm.offer import Offer
from prompts.render import render

PROMPT, VERSION = "read_question", 1
ROOM = f"{PROMPT}_v{VERSION}"
LONGEST_QUESTION = 500


@dataclass(frozen=True, slots=True)
class Chooser:
    """A model by its name, asked with one versioned prompt."""

    model: LanguageModel
    name: str

    @property
    def label(self) -> str:
        """The model and the prompt's version, as receipts name them."""
        return f"{self.name} {PROMPT}@{VERSION}"

    def choose(self, question: str, as_of: dt.date, offer: Offer) -> tuple[Choice, ...]:
        """Return what the model reads the unexplained words as; raises ModelFailed."""
        asked = question[:LONGEST_QUESTION]
        return parse_reply(self.model.complete(write_prompt(asked, as_of, offer)), offer, asked)


def write_prompt(question: str, as_of: dt.date, offer: Offer) -> Prompt:
    """Return the prompt: rules for the model, then the question as data with what is on offer."""
    user = render(
        "llm",
        ROOM,
        "user",
        question=question,
        as_of=as_of,
        words="\n".join(f"- {words}" for words in offer.words),
        offered=offer.listing(),
        period=render("llm", ROOM, "period") if offer.period else "",
    )
    return Prompt(render("llm", ROOM, "system"), user, offer.schema())

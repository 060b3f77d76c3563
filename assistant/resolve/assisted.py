"""Owns the help of a language model: asked only where the gate stops, heard only where it fits.

A model's pick is a rewording: the unexplained words are put into the catalog's, and the question
is read again as any other. What comes of it counts only if it loses nothing that was read before,
adds nothing but the picks, and passes the gate. It answers only where another source backs it:
the pick is an option that the asker would be offered anyway, and the words are no common part of
several names. Everything else the model says is proposed to the asker, as the first option.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.insights.answer import Answer
from assistant.llm.choice import Choice, ModelPart
from assistant.llm.chooser import Chooser
from assistant.llm.model import ModelFailed
from assistant.question import Question
from assistant.reading.reading import Reading
from assistant.resolve.backing import is_backed
from assistant.resolve.gate import MOST_OPTIONS, NAMED, Gate, check, metric_option
from assistant.resolve.offering import Doubt, find_doubt, make_offer
from assistant.resolve.outcomes import Clarification, Option, Outcome, Refusal
from assistant.resolve.rewording import loses_nothing, reword, usable, wording
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from prompts.render import render
from retrieval.match import MetricMatch

ReadAs = Callable[[str], Reading]
Assist = Callable[[Question, Reading, ReadAs, Policy], Reading]
SURE = 1.0


@dataclass(frozen=True, slots=True)
class Assistance:
    """A model beside the reader. Calling it gives the reading, completed where that is safe."""

    chooser: Chooser
    catalog: Catalog
    gate: Gate

    def __call__(
        self, question: Question, reading: Reading, read_as: ReadAs, policy: Policy
    ) -> Reading:
        """Return `reading`, or what a model made clear of it; `read_as` reads another wording."""
        doubt = find_doubt(reading, check(reading, self.catalog, policy, self.gate))
        if doubt is None:
            return reading
        offer = make_offer(reading, doubt, self.catalog, policy, self.gate)
        if not offer.items:
            return reading
        try:
            choices = self.chooser.choose(reading.text, question.as_of, offer)
        except ModelFailed as failed:
            return replace(reading, markers=reading.markers | {f"model.{failed.reason}"})
        taken = usable(choices, reading, doubt in ("metric", "unknown"))
        if doubt == "contested":
            return self._confirmed(reading, choices)
        return self._taken(reading, doubt, taken, read_as, policy) if taken else reading

    def _confirmed(self, reading: Reading, choices: tuple[Choice, ...]) -> Reading:
        """A model may confirm the one metric that is named; it never replaces it."""
        first, *rest = reading.matches
        if first.evidence not in NAMED or any(match.evidence in NAMED for match in rest):
            return reading
        named = first.metric
        if [choice.target for choice in choices] != [(named,)]:
            return reading
        part = ModelPart(self.chooser.label, ((choices[0].words, self._name(named, reading)),))
        return replace(reading, markers=reading.markers - {"contested"}, model=part)

    def _taken(
        self,
        reading: Reading,
        doubt: Doubt,
        taken: tuple[Choice, ...],
        read_as: ReadAs,
        policy: Policy,
    ) -> Reading:
        picked = next((choice for choice in taken if choice.kind == "metric"), None)
        if doubt != "words" and picked is None:
            return reading
        text = reword(reading, taken, self.catalog)
        again = read_as(text)
        stopped = check(again, self.catalog, policy, self.gate)
        said = tuple((c.words, wording(c, reading, self.catalog)) for c in taken)
        part = ModelPart(self.chooser.label, said)
        if stopped is not None or not loses_nothing(reading, again, taken, self.catalog):
            if picked is None:
                return reading
            text = metric_option(reading, picked.target[0], self.catalog).reask
        elif is_backed(reading, doubt, taken, self.catalog, policy, self.gate):
            matches = again.matches if picked is None else _with_pick(reading, picked)
            return replace(again, text=reading.text, matches=matches, model=part)
        metrics = picked.target if picked else reading.metrics
        return replace(reading, model=replace(part, reask=text, metrics=metrics))

    def _name(self, metric_id: str, reading: Reading) -> str:
        return self.catalog.metric(metric_id).name[reading.language]


def _with_pick(reading: Reading, picked: Choice) -> tuple[MetricMatch, ...]:
    chosen = picked.target[0]
    others = tuple(match for match in reading.matches if match.metric != chosen)
    return (MetricMatch(chosen, SURE, "model", picked.words), *others)


def tell(outcome: Outcome, reading: Reading) -> Outcome:
    """Return the outcome with what a model took part in: said in an answer, or proposed first."""
    part = reading.model
    if part is None:
        return outcome
    language = reading.language
    said = render(language, "assisted", "joiner").join(
        render(language, "assisted", "taken_as", words=words, meaning=meaning)
        for words, meaning in part.taken
    )
    match outcome:
        case Answer():
            note = render(language, "assisted", "read_with_model", model=part.model, readings=said)
            receipt = replace(outcome.receipt, model=part.model) if outcome.receipt else None
            return replace(outcome, notes=(*outcome.notes, note), receipt=receipt)
        case Clarification() if part.reask is not None:
            options = (Option(said, part.reask), *outcome.options)
            return replace(outcome, options=options[:MOST_OPTIONS])
        case Refusal(reason="no_metric") if part.reask is not None:
            return replace(outcome, nearest=tuple(dict.fromkeys((*part.metrics, *outcome.nearest))))
        case _:
            return outcome

"""Owns the help of a language model: asked only where the gate stops, heard only where it fits.

A model's pick is a rewording: the unexplained words are put into the catalog's, and the question
is read again as any other. What comes of it counts only if it loses nothing that was read before,
adds nothing but the picks, and passes the gate. Everything else leaves things as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.insights.answer import Answer
from assistant.llm.choice import Choice, ModelPart
from assistant.llm.chooser import Chooser
from assistant.llm.model import ModelFailed
from assistant.question import Question
from assistant.reading.reading import Reading
from assistant.resolve.gate import MOST_OPTIONS, Gate, check
from assistant.resolve.offering import Doubt, find_doubt, make_offer
from assistant.resolve.outcomes import Outcome
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
        """A model may confirm the metric that is named; it never replaces it."""
        named = reading.matches[0].metric
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
        if doubt != "words" and (picked is None or not self._is_candidate(picked, doubt, reading)):
            return reading if picked is None else self._suggested(reading, picked)
        again = read_as(reword(reading, taken, self.catalog))
        stopped = check(again, self.catalog, policy, self.gate)
        if stopped is not None or not loses_nothing(reading, again, taken, self.catalog):
            return reading if picked is None else self._suggested(reading, picked)
        matches = again.matches if picked is None else _with_pick(reading, picked, SURE)
        said = tuple((c.words, wording(c, reading, self.catalog)) for c in taken)
        part = ModelPart(self.chooser.label, said)
        return replace(again, text=reading.text, matches=matches, model=part)

    def _is_candidate(self, picked: Choice, doubt: Doubt, reading: Reading) -> bool:
        """Whether the asker would be offered the metric anyway: two sources agree on it."""
        shown = tuple(match.metric for match in reading.matches[:MOST_OPTIONS])
        return doubt == "metric" and picked.target[0] in shown

    def _suggested(self, reading: Reading, picked: Choice) -> Reading:
        """A model's word alone is no answer: the asker is asked, with the pick as first option."""
        limits = self.gate.thresholds
        score = (limits.ask + limits.answer) / 2
        return replace(reading, matches=_with_pick(reading, picked, score))

    def _name(self, metric_id: str, reading: Reading) -> str:
        return self.catalog.metric(metric_id).name[reading.language]


def _with_pick(reading: Reading, picked: Choice, score: float) -> tuple[MetricMatch, ...]:
    chosen = picked.target[0]
    others = tuple(match for match in reading.matches if match.metric != chosen)
    return (MetricMatch(chosen, score, "model", picked.words), *others)


def tell(outcome: Outcome, reading: Reading) -> Outcome:
    """Return an answer that says, in its notes and its receipt, that a model took part."""
    part = reading.model
    if part is None or not isinstance(outcome, Answer):
        return outcome
    language = reading.language
    said = render(language, "assisted", "joiner").join(
        render(language, "assisted", "taken_as", words=words, meaning=meaning)
        for words, meaning in part.taken
    )
    note = render(language, "assisted", "read_with_model", model=part.model, readings=said)
    receipt = replace(outcome.receipt, model=part.model) if outcome.receipt else None
    return replace(outcome, notes=(*outcome.notes, note), receipt=receipt)

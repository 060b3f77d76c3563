"""Owns the candidates: every span that any lexicon sees in a question, before they compete."""

import datetime as dt
from dataclasses import dataclass

from assistant.reading.folding import fold
from assistant.reading.lexicon import find_words
from assistant.reading.numbers import find_numbers
from assistant.reading.spans import Span, SpanKind
from assistant.reading.times import read_times
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.policy import Policy
from retrieval.names import NameIndex
from retrieval.occurrence import Occurrence
from retrieval.values import ValueIndex

KINDS: dict[str, SpanKind] = {
    "metric": "metric", "goal": "goal", "dimension": "dimension", "entity": "dimension",
    "value": "value",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicons:
    """What a question is read with: the catalog, its names and the values of its dimensions."""

    catalog: Catalog
    names: NameIndex
    values: ValueIndex


def find_candidates(
    text: str, language: Language, as_of: dt.date, lexicons: Lexicons, policy: Policy
) -> tuple[Span, ...]:
    """Return all spans of `text`, overlapping ones too."""
    folded = fold(text)
    spans = list(find_words(folded))
    spans += find_numbers(folded)
    for mention in read_times(text, as_of, lexicons.catalog.calendar, language):
        spans.append(
            Span(
                mention.start, mention.end, mention.words, "time",
                mention.kind, evidence="grammar", score=mention.score, time=mention,
            )
        )  # fmt: skip
    names = lexicons.names.occurrences(text, policy)
    labelled = {(o.start, o.end) for o in names if o.kind == "dimension"}
    # "store" is both a key and the name of its dimension; people mean the dimension.
    spans += [_named(o) for o in names if o.kind != "entity" or (o.start, o.end) not in labelled]
    spans += [_named(occurrence) for occurrence in lexicons.values.occurrences(text, policy)]
    return tuple(spans)


def _named(found: Occurrence) -> Span:
    return Span(
        found.start,
        found.end,
        found.words,
        KINDS[found.kind],
        found.id,
        found.value,
        found.evidence,
        found.score,
    )

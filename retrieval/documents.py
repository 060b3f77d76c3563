"""Owns `Document`: the sentences of a metric's definition that are made into vectors, one each.

Each name, synonym, description, caliber and example question is a document of its own, so that
the sentence that says it best speaks for the metric.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric

Part = Literal["name", "synonym", "description", "caliber", "example"]

_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SENTENCE_END = re.compile(r"(?<=[。；！？;!?])\s*|(?<=\.)\s+")
_SHORTEST_SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Document:
    """One sentence of the definition of `metric`."""

    metric: str
    part: Part
    language: Language
    text: str

    @property
    def id(self) -> str:
        """The hash of the content: equal documents, and only they, have equal ids."""
        content = "\n".join((self.metric, self.part, self.language, self.text))
        return sha256(content.encode()).hexdigest()[:32]


def documents_of(catalog: Catalog) -> tuple[Document, ...]:
    """Return the documents of every metric that can be asked for, each once."""
    shown = (metric for metric in catalog.metrics.values() if not metric.private)
    return tuple(dict.fromkeys(document for metric in shown for document in of_metric(metric)))


def of_metric(metric: Metric) -> Iterator[Document]:
    """Yield the documents of `metric`; one text for both languages is one document."""
    said: set[str] = set()
    for language in _LANGUAGES:
        for part, text in _parts(metric, language):
            text = " ".join(text.split())
            if text and text.casefold() not in said:
                said.add(text.casefold())
                yield Document(metric.id, part, language, text)


def _parts(metric: Metric, language: Language) -> Iterable[tuple[Part, str]]:
    yield "name", metric.name[language]
    for word in metric.synonyms[language]:
        yield "synonym", word
    for sentence in _sentences(metric.description[language]):
        yield "description", sentence
    for sentence in _sentences(metric.caliber[language]):
        yield "caliber", sentence
    for question in metric.examples[language]:
        yield "example", question


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if len(sentence) >= _SHORTEST_SENTENCE:
            yield sentence

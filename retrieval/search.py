"""Owns `MetricIndex`: from a question's words to the metrics they may mean.

Names and synonyms that make up a text come first, as a stage of their own. What is said in other
words is found by the nearest documents, and by the ideas and words shared with the definitions.
Nothing but names is loaded until a text has none.
"""

import tempfile
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from retrieval.concepts import common_concepts
from retrieval.documents import Document, documents_of
from retrieval.embedders.embedder import Embedder
from retrieval.lexical import LexicalIndex, Strangeness, fingerprint_of
from retrieval.match import MetricMatch, Voices
from retrieval.names import NameIndex
from retrieval.naming import Naming
from retrieval.occurrence import Occurrence
from retrieval.ranking import Evidence, combine, score_of, sureness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.chroma import ChromaIndex

    Scores = NDArray[float]  # type: ignore[type-var]

DOCUMENTS_ASKED = 200
NEAREST_TAKEN = 3
# The part of a text's letters that names must make up to settle what it asks for.
NAMED_PART = 0.6
# Names are cut up only for the metrics that may still come first.
SHORT_LIST = 60
_SHAPES = {
    "ratio": "share", "currency": "amount", "days": "duration", "hours": "duration",
    "count": "count",
}  # fmt: skip


class MetricIndex:
    """Finds the metrics of one catalog; index files are kept in `folder`."""

    def __init__(self, catalog: Catalog, folder: Path, embedder: Embedder) -> None:
        self._catalog, self._folder, self._embedder = catalog, folder, embedder
        self._names = NameIndex.of(catalog)
        self._known = common_concepts()
        self._naming = Naming(catalog.metrics, self._known)

    @classmethod
    def open(
        cls, catalog: Catalog, folder: Path | None = None, embedder: Embedder | None = None
    ) -> "MetricIndex":
        """Return the index of `catalog`; without `folder` its files go with the process."""
        from retrieval.embedders.usem3 import Usem3

        home = folder or Path(tempfile.mkdtemp(prefix="askmetric-index-"))
        return cls(catalog, home, embedder or Usem3())

    def search(self, text: str, count: int, policy: Policy) -> tuple[MetricMatch, ...]:
        """Return up to `count` metrics that `text` may mean, the likeliest first.

        `text` is best without its times, values and fillers. Named ones come first; where there
        are enough of them, nothing else is asked. Hidden metrics are never returned.
        """
        named = self._named(text, policy)
        if len(named) >= count or not text.strip():
            return named[:count]
        known = {match.metric for match in named}
        similar = [
            m for m in self._similar(text, count + len(known), policy) if m.metric not in known
        ]
        return (*named, *similar)[:count]

    def _named(self, text: str, policy: Policy) -> tuple[MetricMatch, ...]:
        """Metrics whose names make up most of the text, each once, the surest first.

        A name inside a longer one does not count, and a name among many other words is no more
        than a hint: "orders" in "how many orders does a customer place".
        """
        found = [o for o in self._names.occurrences(text, policy) if o.kind == "metric"]
        whole = [o for o in found if not any(_inside(o, other) for other in found)]
        said = {place for o in whole for place in range(o.start, o.end)}
        if _letters(text, said) < NAMED_PART * _letters(text, range(len(text))):
            return ()
        whole.sort(key=lambda o: (-o.score, o.start - o.end))
        best: dict[str, Occurrence] = {}
        for occurrence in whole:
            best.setdefault(occurrence.id, occurrence)
        return tuple(MetricMatch(o.id, o.score, o.evidence, o.words) for o in best.values())

    def _similar(self, text: str, count: int, policy: Policy) -> tuple[MetricMatch, ...]:
        metrics = self._lexical.metrics
        if not metrics:
            return ()
        near = self._vectors.search(text, min(DOCUMENTS_ASKED, len(self._documents)))
        heard = self.evidence(text, near)
        odds = combine(heard)
        order = [int(i) for i in (-odds).argsort() if metrics[i] not in policy.hidden_metrics]
        speaker = self._speakers(near)
        matches = []
        for place in order[:count]:
            document = speaker.get(metrics[place]) or self._first_document(metrics[place])
            kind = "example" if document.part == "example" else "vector"
            score = score_of(float(odds[place]))
            voices = Voices(*(float(v[place]) for v in (heard.meaning, heard.idea, heard.unsaid)))
            matches.append(MetricMatch(metrics[place], score, kind, document.text, voices))  # type: ignore[arg-type]
        return tuple(matches)

    def evidence(self, text: str, near: Sequence[tuple[str, float]] | None = None) -> Evidence:
        """Return what speaks for each metric of `metrics`; `near` = its nearest documents."""
        import numpy as np

        if near is None:
            near = self._vectors.search(text, min(DOCUMENTS_ASKED, len(self._documents)))
        like = self._lexical.likeness(text)
        asked = self._known.of(text)
        shape = np.array([kind in asked for kind in self._shapes], dtype=float)
        first = Evidence(
            meaning=self._meaning(near), idea=like.idea, ideas=like.ideas, words=like.words,
            shape=shape, unsaid=np.zeros(len(shape)),
        )  # fmt: skip
        short = (-combine(first)).argsort()[:SHORT_LIST]
        names = tuple(self.metrics[i] for i in short)
        first.unsaid[:] = 1.0
        first.unsaid[short] = self._naming.unsaid(text, names)
        return first

    def strangeness(self, words: str) -> Strangeness:
        """Return whether `words` are about anything that the metrics are about."""
        return self._lexical.strangeness(words)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that can be found, in the order of the evidence."""
        return self._lexical.metrics

    def _meaning(self, near: Sequence[tuple[str, float]]) -> "Scores":
        """Mean cosine of the three nearest documents; one not returned is as far as the last."""
        import numpy as np

        floor = near[-1][1] if near else 0.0
        top: dict[str, list[float]] = {}
        for id, cosine in near:
            document = self._by_id.get(id)
            if document and len(top.setdefault(document.metric, [])) < NEAREST_TAKEN:
                top[document.metric].append(cosine)
        means = []
        for metric, size in zip(self.metrics, self._lexical.sizes, strict=True):
            wanted = min(NEAREST_TAKEN, int(size))
            found = top.get(metric, [])[:wanted]
            means.append((sum(found) + floor * (wanted - len(found))) / wanted)
        return np.array(means)

    def _speakers(self, near: Sequence[tuple[str, float]]) -> dict[str, Document]:
        speakers: dict[str, Document] = {}
        for id, _ in near:
            if id in self._by_id:
                speakers.setdefault(self._by_id[id].metric, self._by_id[id])
        return speakers

    def _first_document(self, metric: str) -> Document:
        return next(document for document in self._documents if document.metric == metric)

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return documents_of(self._catalog)

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self._documents}

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint_of(self._documents, self._known)

    @cached_property
    def _lexical(self) -> LexicalIndex:
        path = self._folder / "lexical.npz"
        kept = LexicalIndex.load(path, self._fingerprint, self._known)
        if kept is None:
            kept = LexicalIndex.of(self._documents, self._known)
            kept.save(path, self._fingerprint)
        return kept

    @cached_property
    def _vectors(self) -> "ChromaIndex":
        from retrieval.chroma import ChromaIndex

        home = self._folder / "vectors"
        return ChromaIndex.open(home, self._documents, self._embedder, self._fingerprint)

    @cached_property
    def _shapes(self) -> tuple[str, ...]:
        return tuple(_SHAPES.get(self._catalog.metrics[m].unit, "") for m in self.metrics)


def confidence(matches: tuple[MetricMatch, ...]) -> float:
    """Return the probability that the first of `matches` is the metric meant, 0 where none is."""
    if not matches:
        return 0.0
    if matches[0].evidence not in ("vector", "example"):
        return matches[0].score
    # Alone among the matches it may be, and yet far from what is asked.
    return min(sureness(matches), matches[0].score)


def _letters(text: str, places: Iterable[int]) -> int:
    return sum(text[place].isalnum() for place in places)


def _inside(one: Occurrence, other: Occurrence) -> bool:
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end

"""Owns `LexicalIndex`: how far the ideas and words of a text are those of each metric.

Needs no vectors. Ideas and words weigh by their inverse document frequency over metrics:
see `retrieval.postings`.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from retrieval.concepts import COMMON, COMMON_WEIGHT, Concepts
from retrieval.documents import Document, Part
from retrieval.folding import is_cjk
from retrieval.grams import grams_of
from retrieval.postings import Postings, by_owner, by_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[Any]

PART_WEIGHT: Mapping[Part, float] = {
    "name": 1.0, "synonym": 1.0, "description": 0.6, "caliber": 0.5, "example": 0.4,
}  # fmt: skip
# An example question carries times and dimensions too: its likeness counts a little less.
EXAMPLE_LIKENESS = 0.8
_QUERY_SMOOTHING = 0.5
# The part of some words that must stand in a definition for them to be known.
KNOWN_PART = 0.5
Strangeness = Literal["", "novel", "foreign"]
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """Per metric, in the order of `LexicalIndex.metrics`, each 0–1.

    `idea`: the Dice likeness of the text's concepts with those of the metric's best sentence;
    `ideas`: the mean over its three best; `words`: the part of the text's words found in it.
    """

    idea: "Scores"
    ideas: "Scores"
    words: "Scores"


class LexicalIndex:
    """Concepts by document and words by metric, as arrays."""

    def __init__(
        self, metrics: tuple[str, ...], sizes: "Scores", norms: "Scores", likeness: "Scores",
        concepts: Postings, grams: Postings, known: Concepts,
    ) -> None:  # fmt: skip
        self.metrics = metrics
        self.sizes, self._norms, self._likeness = sizes, norms, likeness
        self._concepts, self._grams, self._known = concepts, grams, known

    @classmethod
    def of(cls, documents: Sequence[Document], known: Concepts) -> "LexicalIndex":
        """Return the index of `documents`, which come metric by metric."""
        import numpy as np

        metrics = tuple(dict.fromkeys(document.metric for document in documents))
        place = {metric: number for number, metric in enumerate(metrics)}
        owner = np.array([place[document.metric] for document in documents], dtype=np.int32)
        weights = [PART_WEIGHT[document.part] for document in documents]
        ideas = [known.of(document.text) for document in documents]
        words = [grams_of(document.text) for document in documents]
        concepts = by_row(ideas, owner.tolist(), weights, len(metrics))
        for common in COMMON & concepts.terms.keys():
            concepts.idf[concepts.terms[common]] *= COMMON_WEIGHT
        grams = by_owner(words, owner.tolist(), weights, len(metrics))
        norms = np.array([sum(concepts.idf[concepts.terms[c]] for c in has) for has in ideas])
        likeness = np.array([EXAMPLE_LIKENESS if d.part == "example" else 1.0 for d in documents])
        sizes = np.bincount(owner, minlength=len(metrics))
        return cls(metrics, sizes, norms, likeness, concepts, grams, known)

    def likeness(self, text: str) -> Likeness:
        """Return how like `text` every metric is."""
        import numpy as np

        sums, norm = np.zeros(len(self._norms)), 0.0
        for concept in self._known.of(text):
            term = self._concepts.terms.get(concept)
            if term is not None:
                idf = self._concepts.idf[term]
                norm += idf
                sums[self._concepts.rows_of(term)] += idf
        smooth = 2 * _QUERY_SMOOTHING
        dice = 2 * sums / (norm + self._norms + smooth) * self._likeness
        best, three = top_three(dice, self.sizes)
        return Likeness(best, three, self._shared_words(text))

    def strangeness(self, words: str) -> Strangeness:
        """Return whether `words` speak of anything that the metrics speak of too.

        "foreign": an idea that no metric has; "novel": words of no known idea, of whose parts
        less than half stand in any definition, or Chinese words with a part beside its ideas of
        which nothing stands there (优惠券|核销|率).
        """
        ideas = self._known.of(words)
        if any(idea not in self._concepts.terms and idea not in COMMON for idea in ideas):
            return "foreign"
        grams = grams_of(words)
        known = sum(gram in self._grams.terms for gram in grams)
        if not ideas:
            return "novel" if known < len(grams) * KNOWN_PART else ""
        return "novel" if self._has_unknown_part(words) else ""

    def _has_unknown_part(self, words: str) -> bool:
        rest = list(words)
        for start, end, _ in self._known.places(words):
            rest[start:end] = " " * (end - start)
        parts = "".join(rest).split()
        unknown = (grams_of(part) for part in parts if is_cjk(part[0]))
        return any(grams and not grams & self._grams.terms.keys() for grams in unknown)

    def _shared_words(self, text: str) -> "Scores":
        import numpy as np

        found, total = np.zeros(len(self.metrics)), 1e-9
        for gram in grams_of(text):
            term = self._grams.terms.get(gram)
            if term is None:
                total += float(np.log(len(self.metrics) + 1))
                continue
            idf = self._grams.idf[term]
            total += idf
            found[self._grams.rows_of(term)] += idf * self._grams.weights_of(term)
        return found / total

    def save(self, path: Path, fingerprint: str) -> None:
        """Write the index to `path`, whole or not at all."""
        import numpy as np

        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        terms = {"concepts": list(self._concepts.terms), "grams": list(self._grams.terms)}
        head = {"format": _FORMAT, "fingerprint": fingerprint, "metrics": self.metrics, **terms}
        arrays = {
            f"{name}_{part}": getattr(postings, part)
            for name, postings in (("concepts", self._concepts), ("grams", self._grams))
            for part in ("starts", "rows", "weights", "idf")
        }
        with fresh.open("wb") as file:
            np.savez(
                file, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
                sizes=self.sizes, norms=self._norms, likeness=self._likeness, **arrays,
            )  # fmt: skip
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path, fingerprint: str, known: Concepts) -> "LexicalIndex | None":
        """Return the index kept at `path`, None where it is missing, broken or outdated."""
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as kept:
                head = json.loads(bytes(kept["head"]))
                if (head["format"], head["fingerprint"]) != (_FORMAT, fingerprint):
                    return None
                both = [
                    Postings(
                        {term: number for number, term in enumerate(head[name])},
                        *(kept[f"{name}_{part}"] for part in ("starts", "rows", "weights", "idf")),
                    )
                    for name in ("concepts", "grams")
                ]
                arrays = (kept["sizes"], kept["norms"], kept["likeness"])
                return cls(tuple(head["metrics"]), *arrays, both[0], both[1], known)
        except (OSError, ValueError, KeyError, EOFError):
            return None


def fingerprint_of(documents: Iterable[Document], known: Concepts) -> str:
    """Return a hash that changes with any document or concept word."""
    digest = sha256(known.fingerprint.encode())
    for document in documents:
        digest.update(document.id.encode())
    return digest.hexdigest()


def top_three(values: "Scores", sizes: "Scores") -> tuple["Scores", "Scores"]:
    """Return, per group of `sizes` neighbouring values, the greatest and the mean of the top 3.

    Smaller groups give the mean of what they have; every group has at least one value.
    """
    import numpy as np

    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-values, owner))
    ranked = values[order]
    best = ranked[starts]
    total = best.copy()
    for rank in (1, 2):
        has = sizes > rank
        total[has] += ranked[starts[has] + rank]
    return best, total / np.minimum(sizes, 3)

"""Owns `Naming`: how much of a metric's own name a question leaves unsaid.

Of two metrics that fit alike, the one whose name adds nothing is meant: "how many people bought"
is buyers, not buyers of a category.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metric_catalog.model.metrics import Metric
from retrieval.concepts import Concepts
from retrieval.folding import fold
from retrieval.grams import grams_of


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word or character of a name: its length and the concepts it is part of."""

    word: str
    length: int
    concepts: frozenset[str]


class Naming:
    """The names of metrics in pieces, cut up when first asked for."""

    def __init__(self, metrics: Mapping[str, Metric], known: Concepts) -> None:
        self._metrics, self._known = metrics, known
        self._pieces: dict[str, tuple[tuple[_Piece, ...], ...]] = {}

    def unsaid(self, text: str, metrics: tuple[str, ...]) -> tuple[float, ...]:
        """Return, per metric, the part of its names (0–1) that `text` has no word or idea of."""
        concepts, grams, letters = self._known.of(text), grams_of(text), fold(text).text

        def silent(piece: _Piece) -> bool:
            if piece.concepts & concepts or piece.word in grams:
                return False
            return len(piece.word) > 1 or piece.word not in letters

        def part(name: tuple[_Piece, ...]) -> float:
            whole = sum(piece.length for piece in name)
            return sum(piece.length for piece in name if silent(piece)) / whole if whole else 0.0

        unsaid = []
        for metric in metrics:
            names = self._names(metric)
            unsaid.append(sum(part(name) for name in names) / len(names))
        return tuple(unsaid)

    def _names(self, metric: str) -> tuple[tuple[_Piece, ...], ...]:
        if metric not in self._pieces:
            name = self._metrics[metric].name
            self._pieces[metric] = (self._cut(name.en), self._cut(name.zh))
        return self._pieces[metric]

    def _cut(self, name: str) -> tuple[_Piece, ...]:
        places = self._known.places(name)
        folded, pieces = fold(name), []
        for token in folded.tokens:
            start, end = folded.place(token.start, token.end)
            around = frozenset(c for first, last, c in places if first <= start and end <= last)
            pieces.append(_Piece(folded.text[token.start : token.end], end - start, around))
        return tuple(pieces)

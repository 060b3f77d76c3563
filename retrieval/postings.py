"""Owns `Postings`: which rows have each term, how much it counts there, and how rare it is.

idf = ln((owners + 1) / (df + 0.5)) (Robertson and Spärck Jones 1976, without their relevance
term), never below 0, where df adds up each owner's greatest weight of the term: a metric that has
a word in its name counts fully, one that has it in an example question less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows of term t are rows[starts[t]:starts[t + 1]], with their weights beside them."""

    terms: dict[str, int]
    starts: "Scores"
    rows: "Scores"
    weights: "Scores"
    idf: "Scores"

    def rows_of(self, term: int) -> "Scores":
        """Return the rows that have the term."""
        found: Scores = self.rows[self.starts[term] : self.starts[term + 1]]
        return found

    def weights_of(self, term: int) -> "Scores":
        """Return how much the term counts in each of its rows."""
        found: Scores = self.weights[self.starts[term] : self.starts[term + 1]]
        return found


def by_owner(
    has: Sequence[frozenset[str]], owners: Sequence[int], weights: Sequence[float], count: int
) -> Postings:
    """Return the postings whose rows are the `count` owners, each with its greatest weight."""
    best = _greatest(has, owners, weights)
    return _flat(best, best, count)


def by_row(
    has: Sequence[frozenset[str]], owners: Sequence[int], weights: Sequence[float], count: int
) -> Postings:
    """Return the postings whose rows are those of `has`; how rare is still counted by owner."""
    rows = _greatest(has, range(len(has)), weights)
    return _flat(rows, _greatest(has, owners, weights), count)


def _greatest(
    has: Sequence[frozenset[str]], keys: Sequence[int], weights: Sequence[float]
) -> dict[str, dict[int, float]]:
    best: dict[str, dict[int, float]] = {}
    for terms, key, weight in zip(has, keys, weights, strict=True):
        for term in sorted(terms):
            found = best.setdefault(term, {})
            found[key] = max(weight, found.get(key, 0.0))
    return best


def _flat(
    rows: Mapping[str, Mapping[int, float]], owners: Mapping[str, Mapping[int, float]], count: int
) -> Postings:
    import numpy as np

    terms = {term: number for number, term in enumerate(rows)}
    starts = np.concatenate(([0], np.cumsum([len(of) for of in rows.values()]))).astype(np.int64)
    flat = [(row, weight) for of in rows.values() for row, weight in of.items()]
    frequency = np.array([sum(owners[term].values()) for term in rows])
    idf = np.maximum(0.0, np.log((count + 1) / (frequency + 0.5)))
    places = np.array([row for row, _ in flat], dtype=np.int64)
    return Postings(terms, starts, places, np.array([weight for _, weight in flat]), idf)

"""Owns `MetricMatch`: a metric that a text may mean, and what speaks for it."""

from dataclasses import dataclass
from typing import Literal

Evidence = Literal["exact", "synonym", "fuzzy", "vector", "example", "picked", "model"]


@dataclass(frozen=True, slots=True)
class Voices:
    """What speaks for a metric found by meaning, see `retrieval.ranking.Evidence`."""

    meaning: float
    idea: float
    unsaid: float


@dataclass(frozen=True, slots=True)
class MetricMatch:
    """`metric` is the id; `score` 0–1, comparable within one search.

    `evidence`: its name, a synonym, a misspelt name, a description or an example question that
    means the same, the asker's own choice, or a language model's. `words`: the words of the
    text that name it, or the sentence of the definition that is nearest to the text. `voices`:
    none where it is named.
    """

    metric: str
    score: float
    evidence: Evidence
    words: str
    voices: Voices | None = None

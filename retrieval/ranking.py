"""Owns the ranking: what speaks for a metric, what each voice weighs, how sure the first one is.

The weights are those of a conditional logistic regression (softmax over the metrics of a catalog,
L2 penalty) of the metric meant on the evidence below. Fitted by `python -m eval.retrieval fit` on
the tuning halves of eval/cases/retrieval_shop.yml and retrieval_rest.yml and on
retrieval_mixed.yml, every metric counting alike; the other halves are held out. `SURENESS` is a
logistic regression of "the first match is right" on the same questions and on questions about
things the catalog does not have.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from retrieval.match import MetricMatch, Voices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each metric; arrays over metrics.

    `meaning`: mean cosine of its three nearest documents; `idea`, `ideas`, `words`: see
    `retrieval.lexical`; `shape`: 1 where its unit is the kind of figure asked for; `unsaid`: see
    `retrieval.naming`.
    """

    meaning: "Scores"
    idea: "Scores"
    ideas: "Scores"
    words: "Scores"
    shape: "Scores"
    unsaid: "Scores"


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each evidence adds to the log-odds."""

    meaning: float
    idea: float
    ideas: float
    words: float
    shape: float
    unsaid: float


WEIGHTS = Weights(meaning=4.8, idea=5.6, ideas=4.5, words=2.1, shape=2.3, unsaid=-1.6)
# The log-odds at which a match is as likely right as wrong: turns them into scores of 0–1.
LEVEL = 5.0
SILENT = Voices(0.0, 0.0, 1.0)
# What a match must come before where no other does: no metric at all, as near as any text is.
NOBODY = Voices(0.3, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Sureness:
    """Log-odds that the first match is right: `base` + `lead` · ln of its share among the matches
    + `meaning` and `idea` · how far these voices put it before every other (negative: behind)
    + `unsaid` · the part of its name that the text does not say."""

    base: float
    lead: float
    meaning: float
    idea: float
    unsaid: float


SURENESS = Sureness(base=1.75, lead=0.8, meaning=8.7, idea=4.73, unsaid=-2.1)


def combine(evidence: Evidence, weights: Weights = WEIGHTS) -> "Scores":
    """Return the log-odds of every metric, on a scale that is comparable between texts."""
    parts = [getattr(evidence, f.name) * getattr(weights, f.name) for f in fields(Weights)]
    total: Scores = sum(parts[1:], start=parts[0])
    return total


def score_of(log_odds: float) -> float:
    """Return log-odds as a score of 0–1."""
    return 1.0 / (1.0 + math.exp(LEVEL - log_odds))


def leads(matches: Sequence[MetricMatch]) -> tuple[float, float, float, float]:
    """Return what `Sureness` weighs of the first of `matches`: lead, meaning, idea, unsaid.

    "None of them" is always one of the others, with log-odds of 0.
    """
    levels = [_log_odds(match.score) for match in matches]
    share = 1.0 / sum(math.exp(level - levels[0]) for level in (*levels, 0.0))
    first, *others = (match.voices or SILENT for match in matches)
    meaning = first.meaning - max(voices.meaning for voices in (*others, NOBODY))
    idea = first.idea - max(voices.idea for voices in (*others, NOBODY))
    return math.log(share), meaning, idea, first.unsaid


def sureness(matches: Sequence[MetricMatch]) -> float:
    """Return the probability that the first of `matches` (best first) is the metric meant."""
    lead, meaning, idea, unsaid = leads(matches)
    odds = SURENESS.base + SURENESS.lead * lead + SURENESS.meaning * meaning
    odds += SURENESS.idea * idea + SURENESS.unsaid * unsaid
    return 1.0 / (1.0 + math.exp(-odds))


def _log_odds(score: float) -> float:
    edge = 1e-9
    kept = min(max(score, edge), 1.0 - edge)
    return math.log(kept / (1.0 - kept))

"""Owns `Reading`: what a question says, slot by slot, before the catalog's rules are applied."""

from dataclasses import dataclass
from typing import Any

from assistant.insights.investigation import Intent
from assistant.llm.choice import ModelPart
from assistant.reading.cover import FILLERS
from assistant.reading.spans import Span
from metric_catalog.model.definition import Language
from metric_catalog.periods import Period
from metric_catalog.query import (
    Comparison,
    Filter,
    GroupBy,
    Order,
    PostAggregation,
)
from metric_catalog.query_json import comparison_to_json, filter_to_json, having_to_json
from retrieval.match import MetricMatch


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Words that fit several things; `options` are (label, replacement words)."""

    slot: str
    words: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The chosen cover as slots. `matches` are the metric candidates, best first.

    `markers` are the word meanings seen (`follow.swap`, `refuse.chat`, `proof`, …), `leftovers`
    the content words that nothing explains, `impossible` dimensions that
    the metric does not have, `assumptions` codes of conventions to be stated. `model` is set where
    a language model took part.
    """

    text: str
    language: Language
    intent: Intent
    metrics: tuple[str, ...] = ()
    matches: tuple[MetricMatch, ...] = ()
    group_by: tuple[GroupBy, ...] = ()
    filters: Filter | None = None
    having: Filter | None = None
    periods: tuple[Period, ...] = ()
    comparison: Comparison | None = None
    grain: str | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    post: PostAggregation | None = None
    spans: tuple[Span, ...] = ()
    markers: frozenset[str] = frozenset()
    leftovers: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    impossible: tuple[str, ...] = ()
    condition: tuple[str, tuple[float, ...]] | None = None
    rank: str | None = None
    explicit_intent: bool = False
    move: str | None = None
    model: ModelPart | None = None

    @property
    def period(self) -> Period | None:
        """The only period, None if none or several."""
        return self.periods[0] if len(self.periods) == 1 else None

    def to_json(self) -> dict[str, Any]:
        """Return the object of `read --json`."""
        return {
            "intent": self.intent,
            "metrics": list(self.metrics),
            "group_by": [item.column for item in self.group_by],
            "filters": filter_to_json(self.filters),
            "having": having_to_json(self.having),
            "period": self.period.to_json() if self.period else None,
            "periods": [period.to_json() for period in self.periods],
            "comparison": comparison_to_json(self.comparison),
            "grain": self.grain,
            "order": [{"by": item.by, "desc": item.descending} for item in self.order],
            "limit": self.limit,
            "spans": [
                {
                    "words": span.words,
                    "means": span.means,
                    "evidence": span.evidence,
                    "score": round(span.score, 4),
                }
                for span in self.spans
                if span.name not in FILLERS
            ],
        }

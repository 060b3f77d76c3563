"""Owns variants: the governed metric that is a mean per day, or a percentile, of one named.

"How many users a day on average" means the metric called daily active users, where there is one.
"""

import re
from collections.abc import Mapping, Sequence

from assistant.reading.spans import Span
from assistant.reading.times_lexicon import load_lexicon, longest
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Aggregation, Measure
from metric_catalog.policy import Policy

PERCENTILE = "figure.percentile"
MEDIAN = 0.5
_NUMBER = re.compile(r"\d\d")


def mean_meant(
    metric: str, unit: str, said: Mapping[str, tuple[str, ...]], policy: Policy
) -> str | None:
    """Return the one metric whose name is that of `metric` with a word for "per `unit`" beside it.

    `said`: published metric → its names as they are compared.
    """
    names = said.get(metric, ())
    meant = [
        other
        for other, others in said.items()
        if other != metric and other not in policy.hidden_metrics
        and any(_is_per(name, one, unit) for name in others for one in names)
    ]  # fmt: skip
    return meant[0] if len(meant) == 1 else None


def _is_per(name: str, of: str, unit: str) -> bool:
    if len(name) <= len(of) or not (name.startswith(of) or name.endswith(of)):
        return False
    word = name.removeprefix(of) if name.startswith(of) else name.removesuffix(of)
    entry = longest(load_lexicon().phrases, word, 0)
    return (
        entry is not None
        and entry.end == len(word)
        and unit in (entry.senses.get("average"), entry.senses.get("grain"))
    )


def percentile_asked(cover: Sequence[Span]) -> tuple[str, float] | None:
    """Return the words for a percentile and which one, 0–1: p90, "median"."""
    found = next((span for span in cover if span.name == PERCENTILE), None)
    if found is None:
        return None
    number = _NUMBER.search(found.words)
    return found.words, int(number.group()) / 100 if number else MEDIAN


def percentile_meant(metric: str, share: float, catalog: Catalog, policy: Policy) -> str | None:
    """Return the one published metric that is that percentile of what `metric` measures."""
    own = _measured(catalog.metrics[metric], catalog)
    if own is None or _part(own[1]) == share:
        return metric if own else None
    meant = []
    for other in catalog.metrics.values():
        found = _measured(other, catalog)
        same = found is not None and (found[0], found[1].expr) == (own[0], own[1].expr)
        if (
            same and found is not None and _part(found[1]) == share
            and other.filter == catalog.metrics[metric].filter
            and catalog.status_of(other.id) == "published" and not other.private
            and other.id not in policy.hidden_metrics
        ):  # fmt: skip
            meant.append(other.id)
    return meant[0] if len(meant) == 1 else None


def _measured(metric: Metric, catalog: Catalog) -> tuple[str, Measure] | None:
    of = metric.of
    if not isinstance(of, Simple):
        return None
    measures = {measure.name: measure for measure in catalog.models[of.model].measures}
    return (of.model, measures[of.measure]) if of.measure in measures else None


def _part(measure: Measure) -> float | None:
    return MEDIAN if measure.agg == Aggregation.MEDIAN else measure.percentile

"""Owns the scores of a run: rates with Wilson intervals, by tag and language."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eval.scorers.outcomes import Verdict

Z = 1.959963984540054
"""The two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `total` with the Wilson score interval (Wilson 1927) at 95 %."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """The fraction; 0 of nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the fraction."""
        if not self.total:
            return (0.0, 1.0)
        n, p = self.total, self.share
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return (max(0.0, middle - half), min(1.0, middle + half))

    def to_json(self) -> dict[str, Any]:
        """Return {hits, total, share, interval}."""
        return {"hits": self.hits, "total": self.total, "share": round(self.share, 4),
                "interval": [round(bound, 4) for bound in self.interval]}  # fmt: skip


def rate(verdicts: Iterable[Verdict], hit: Callable[[Verdict], bool]) -> Rate:
    """Return how many of `verdicts` are a hit."""
    marks = [hit(verdict) for verdict in verdicts]
    return Rate(sum(marks), len(marks))


def scores(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return every score of a run as JSON."""
    wanted = [v for v in verdicts if v.case.expect.outcome == "answer"]
    languages = sorted({v.case.lang for v in verdicts})
    tags = sorted({tag for v in verdicts for tag in v.case.tags})
    return {
        "cases": len(verdicts),
        "right": rate(verdicts, lambda v: v.right).to_json(),
        "over_refused": rate(wanted, lambda v: v.over_refused).to_json(),
        "confidently_wrong": rate(verdicts, lambda v: v.confidently_wrong).to_json(),
        "coverage": rate(wanted, lambda v: v.outcome == "answer").to_json(),
        **{f"{kind}_{name}": value.to_json()
           for kind in ("clarification", "refusal")
           for name, value in precision_recall(verdicts, kind).items()},
        "parity_gap": parity_gap(verdicts),
        "languages": {lang: rate(_of(verdicts, lang), lambda v: v.right).to_json()
                      for lang in languages},
        "tags": {tag: rate((v for v in verdicts if tag in v.case.tags),
                           lambda v: v.right).to_json() for tag in tags},
        "milliseconds": percentiles([v.milliseconds for v in verdicts]),
    }  # fmt: skip


def _of(verdicts: Sequence[Verdict], lang: str) -> list[Verdict]:
    return [v for v in verdicts if v.case.lang == lang]


def precision_recall(verdicts: Sequence[Verdict], kind: str) -> dict[str, Rate]:
    """Return how often `kind` was right when it was given, and given when it was right."""
    given = [v for v in verdicts if v.outcome == kind]
    due = [v for v in verdicts if v.case.expect.outcome == kind]
    return {
        "precision": rate(given, lambda v: v.case.expect.outcome == kind),
        "recall": rate(due, lambda v: v.outcome == kind),
    }


def parity_gap(verdicts: Sequence[Verdict]) -> float:
    """Return |right in Chinese − right in English| over the paired questions, in points."""
    pairs: dict[str, dict[str, bool]] = {}
    for verdict in verdicts:
        if verdict.case.pair:
            pairs.setdefault(verdict.case.pair, {})[verdict.case.lang] = verdict.right
    whole = [pair for pair in pairs.values() if len(pair) == 2]
    if not whole:
        return 0.0
    chinese, english = (sum(pair[lang] for pair in whole) for lang in ("zh", "en"))
    return round(abs(chinese - english) / len(whole) * 100, 3)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile (nearest rank)."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    ordered = sorted(values)
    ranks = {"p50": 0.5, "p95": 0.95}
    return {n: round(ordered[math.ceil(q * len(ordered)) - 1], 2) for n, q in ranks.items()}

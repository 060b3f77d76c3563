"""Owns the detector of influences: believed drivers that do move together with the metric.

What is compared are surprises: how far each period lies from what all the others say, so that a
common season or trend counts for nothing. It says "coincides", never "caused", and no sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.insights.chance import discoveries, t_two_sided
from assistant.insights.compared import direction
from assistant.insights.expected_history import expect_history
from assistant.insights.finding import Finding
from assistant.insights.history import History, history_of
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from executors.result import ResultTable
from metric_catalog.query import MetricQuery, Query

MAX_LAG = 2
MIN_PAIRS = 10
"""Fewer periods than this do not show whether two metrics move together."""


@dataclass(frozen=True, slots=True)
class InfluenceDetector:
    """Tests the influence edges: rank correlation of surprises at lags 0 to 2, FDR 5 %.

    Facts: metric, influence, lag (periods the influence leads), strength (−1 to 1), periods.
    """

    name: str = "influence"
    intents: tuple[Intent, ...] = ("explain", "growth")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the histories of the metric and its influences; then test all pairs."""
        edges = [edge for edge in investigation.metric.drivers if edge.kind == "influence"]
        if investigation.current is None or not edges:
            return Done()
        ids = [investigation.metric.id, *(m for edge in edges for m in edge.metrics)]
        found = {m: history_of(investigation, investigation.current, m) for m in ids}
        histories = {m: history for m, history in found.items() if history is not None}
        missing = tuple(query for h in histories.values() for query in h.missing(tables))
        if missing:
            return Ask(missing)
        surprises = {m: _surprises(investigation, h, tables) for m, h in histories.items()}
        read = {m: history.read(tables) for m, history in histories.items()}
        return Done(_tested(investigation, read, surprises))


def _surprises(
    investigation: Investigation, history: History, tables: Mapping[Query, ResultTable]
) -> dict[int, float]:
    """Surprise by place among the history's periods; the target's is its distance in sd."""
    judged = expect_history(investigation, history, tables)
    expectation, earlier = judged.expectation, judged.earlier
    if expectation is None:
        return {}
    places = {period: place for place, period in enumerate(history.periods)}
    found = {
        places[earlier[kept]]: surprise
        for kept, surprise in zip(expectation.places, expectation.surprises, strict=True)
    }
    last = judged.values[-1]
    if last is not None:
        found[len(history.earlier)] = expectation.surprise(last)
    return found


def _tested(
    investigation: Investigation,
    read: Mapping[str, tuple[MetricQuery, ...]],
    surprises: Mapping[str, Mapping[int, float]],
) -> tuple[Finding, ...]:
    own = surprises.get(investigation.metric.id, {})
    tests = []
    for metric, theirs in surprises.items():
        if metric == investigation.metric.id:
            continue
        for lag in range(MAX_LAG + 1):
            pairs = [(value, theirs[at - lag]) for at, value in own.items() if at - lag in theirs]
            if len(pairs) >= MIN_PAIRS:
                strength = rank_correlation([a for a, _ in pairs], [b for _, b in pairs])
                tests.append((metric, lag, strength, len(pairs), _chance(strength, len(pairs))))
    kept = discoveries([test[-1] for test in tests])
    best: dict[str, tuple[str, int, float, int, float]] = {}
    for test, stands in zip(tests, kept, strict=True):
        if stands and (test[0] not in best or test[-1] < best[test[0]][-1]):
            best[test[0]] = test
    return tuple(
        Finding(
            "moved_together",
            metric,
            strength,
            direction(strength),
            1 - chance,
            (("metric", investigation.metric.id), ("influence", metric), ("lag", lag),
             ("strength", strength), ("periods", count)),
            period=investigation.current,
            queries=read[metric],
        )
        for metric, lag, strength, count, chance in best.values()
    )  # fmt: skip


def rank_correlation(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Spearman's correlation; 0 where a side does not vary."""
    a, b = _ranks(left), _ranks(right)
    mean = (len(a) - 1) / 2
    across = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return across / spread**0.5 if spread else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0, ties shared."""
    ordered = sorted(values)
    return [
        (ordered.index(value) + len(ordered) - 1 - ordered[::-1].index(value)) / 2
        for value in values
    ]


def _chance(strength: float, count: int) -> float:
    left = max(1 - strength * strength, 1e-12)
    return t_two_sided(strength * ((count - 2) / left) ** 0.5, count - 2)


DETECTOR = InfluenceDetector()

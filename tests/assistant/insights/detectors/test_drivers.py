"""Drivers: every rule keeps the identity, and the planted dimension comes first."""

import math
from collections.abc import Callable, Mapping

import pytest

from assistant.insights.detectors.drivers import DETECTOR
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Investigation
from assistant.insights.rounds import investigate
from executors.result import ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Compare, MetricQuery, Or, Query
from tests.assistant.insights.engine import Engine, count_of
from tests.assistant.insights.tables import (
    OCTOBER,
    SEPTEMBER,
    Sides,
    investigation,
    months_back,
    split_table,
)

Answer = Callable[[MetricQuery], Sides]
EARLIER = months_back(OCTOBER, 3)


def findings_of(asked: Investigation, answer: Answer) -> tuple[Finding, ...]:
    """Step the detector, answering every query by `answer`."""
    tables: dict[Query, ResultTable] = {}
    for _ in range(4):
        step = DETECTOR.step(asked, tables)
        if isinstance(step, Done):
            return step.findings
        assert isinstance(step, Ask)
        for query in step.queries:
            assert isinstance(query, MetricQuery)
            dimension = query.group_by[0].name if query.group_by else None
            tables[query] = split_table(query, dimension, answer(query))
    raise AssertionError("too many rounds")


def by_dimension(
    tables: Mapping[str | None, Mapping[Period, Mapping[str, tuple[float, ...]]]],
) -> Answer:
    """Answers by the query's dimension."""
    return lambda query: tables[query.group_by[0].name if query.group_by else None]


def test_the_planted_dimension_and_member_come_first() -> None:
    usual = {"a": (500.0,), "b": (300.0,), "c": (200.0,)}
    usual2 = {"a": (505.0,), "b": (297.0,), "c": (198.0,)}
    wide = {str(i): (100.0 + (-1) ** i,) for i in range(10)}
    wide2 = {str(i): (100.0 - (-1) ** i,) for i in range(10)}
    answer = by_dimension(
        {
            None: {OCTOBER: {"": (900.0,)}, SEPTEMBER: {"": (1000.0,)}},
            "channel": {OCTOBER: {"a": (503.0,), "b": (299.0,), "c": (98.0,)}, SEPTEMBER: usual2,
                        EARLIER[1]: usual, EARLIER[0]: usual2},
            "city": {OCTOBER: {m: (0.9 * v[0] + (-1) ** int(m),) for m, v in wide2.items()},
                     SEPTEMBER: wide, EARLIER[1]: wide2, EARLIER[0]: wide},
        }
    )  # fmt: skip
    found = findings_of(investigation(split_by=("city", "channel")), answer)
    assert [finding.subject for finding in found] == ["channel", "city"]
    assert found[0].drivers[0].member == "c"
    for finding in found:
        assert math.fsum(d.effect for d in finding.drivers) == pytest.approx(-100, rel=1e-9)


def test_a_ratio_splits_into_mix_and_rate_with_overlap_as_residual() -> None:
    answer = by_dimension(
        {
            None: {OCTOBER: {"": (0.3, 30.0, 100.0)}, SEPTEMBER: {"": (0.4, 40.0, 100.0)}},
            "channel": {
                OCTOBER: {"a": (0.25, 20.0, 80.0), "b": (0.4, 12.0, 30.0)},
                SEPTEMBER: {"a": (0.42, 30.0, 70.0), "b": (0.3, 12.0, 40.0)},
            },
        }
    )
    (finding,) = findings_of(investigation(split_by=("channel",)), answer)
    assert {d.kind for d in finding.drivers} == {"mix", "rate", "residual"}
    assert math.fsum(d.effect for d in finding.drivers) == pytest.approx(-0.1, rel=1e-9)
    assert finding.fact("rule") == "mix_rate"


BUYS: dict[Period, set[tuple[str | None, int]]] = {
    OCTOBER: {("x", 1), ("y", 1), ("x", 2), ("y", 3), (None, 4), (None, 1)},
    SEPTEMBER: {("x", 1), ("x", 2), ("y", 2), ("y", 3), ("x", 5), ("x", 6), ("y", 6)},
}


def test_distinct_counts_leave_the_overlap_to_the_residual() -> None:
    rows = [
        {"at": p.start, "channel": c, "who": who} for p, buys in BUYS.items() for c, who in buys
    ]
    engine = Engine(rows, {"sales": count_of("who")})
    (finding,) = engine.findings(DETECTOR, investigation(split_by=("channel",)))
    effects = {d.member: d.effect for d in finding.drivers}
    # 4 buyers now, 5 before. Only in x: {2} now, {1, 5} before; only in y: {3} and {3}; only
    # without a channel: {4} now; in several: {1} now, {2, 6} before
    assert effects == {"x": -1, "∅": 1, "y": 0, None: -1}
    assert finding.fact("rule") == "leave_one_out"


def test_many_members_are_removed_together() -> None:
    channels = [f"c{place}" for place in range(20)]
    rows = [
        {"at": period.start, "channel": channel, "who": who}
        for period, most in ((SEPTEMBER, 40), (OCTOBER, 31))
        for place, channel in enumerate(channels)
        for who in range(place, most, place + 1)
    ]
    engine = Engine(rows, {"sales": count_of("who")})
    (finding,) = engine.findings(DETECTOR, investigation(split_by=("channel",)))
    assert len([d for d in finding.drivers if d.member]) == 6
    assert "other" in {d.member for d in finding.drivers}
    assert math.fsum(d.effect for d in finding.drivers) == pytest.approx(-9)
    assert finding.fact("top_member") != "other"


def test_a_member_that_is_called_other_is_one_of_the_others() -> None:
    """Its removal and that of the small ones are asked for as one."""
    channels = ["other", *(f"c{place}" for place in range(9))]
    rows = [
        {"at": period.start, "channel": channel, "who": who}
        for period, most in ((SEPTEMBER, 40), (OCTOBER, 31))
        for place, channel in enumerate(channels)
        for who in range(most // (place + 1))
    ]
    engine = Engine(rows, {"sales": count_of("who")})
    asked = investigation(split_by=("channel",))
    queries: list[Query] = []

    def run(found: tuple[Query, ...]) -> dict[Query, ResultTable]:
        queries.extend(found)
        return engine.run(found)

    investigate(asked, [DETECTOR], run)
    removed = [q for q in queries if isinstance(q, MetricQuery) and isinstance(q.filters, Or)]
    kept = {str(item.values[0]) for q in removed for item in q.filters.items
            if isinstance(item, Compare) and item.values}  # fmt: skip
    assert len(kept) == 5 and "other" not in kept


def test_without_an_answer_nothing_is_claimed() -> None:
    asked = investigation(split_by=("channel",))
    step = DETECTOR.step(asked, {})
    assert isinstance(step, Ask)
    tables: dict[Query, ResultTable] = {q: ResultTable(q, (), ()) for q in step.queries}
    assert DETECTOR.step(asked, tables) == Done()

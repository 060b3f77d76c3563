"""Rounds: merged, de-duplicated, bounded."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.finding import Finding
from assistant.insights.investigation import MAX_ROUNDS, Ask, Done, Intent, Investigation
from assistant.insights.rounds import choose_detectors, investigate
from executors.result import ResultTable
from metric_catalog.query import MetricQuery, Query
from tests.assistant.insights.tables import investigation

EMPTY: tuple[()] = ()


@dataclass
class Chain:
    """Asks for one query after the other."""

    name: str
    queries: tuple[MetricQuery, ...]
    intents: tuple[Intent, ...] = ("explain",)

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        missing = [query for query in self.queries if query not in tables]
        return Ask((missing[0],)) if missing else Done((Finding("trend", self.name),))


class Runner:
    """Answers what it knows, and keeps what was asked."""

    def __init__(self, *unknown: Query) -> None:
        self.asked: list[tuple[Query, ...]] = []
        self.unknown = unknown

    def __call__(self, queries: tuple[Query, ...]) -> Mapping[Query, ResultTable]:
        self.asked.append(queries)
        return {q: ResultTable(q, (), ()) for q in queries if q not in self.unknown}


def queries(count: int) -> tuple[MetricQuery, ...]:
    return tuple(MetricQuery((f"m{place}",)) for place in range(count))


def test_queries_of_a_round_run_together_and_once() -> None:
    run = Runner()
    a, b, c = queries(3)
    found = investigate(investigation(), [Chain("x", (a, b)), Chain("y", (a, c))], run)
    assert run.asked == [(a,), (b, c)]
    assert [finding.subject for finding in found] == ["x", "y"]


def test_a_detector_that_asks_beyond_the_rounds_is_cut_and_named() -> None:
    run = Runner()
    found = investigate(investigation(), [Chain("ok", queries(4)), Chain("long", queries(5))], run)
    assert len(run.asked) == MAX_ROUNDS
    assert [(f.kind, f.fact("code"), f.fact("detector")) for f in found] == [
        ("quality", "cut", "long"), ("trend", None, None)
    ]  # fmt: skip


def test_a_detector_that_repeats_itself_is_cut_at_once() -> None:
    class Stuck(Chain):
        def step(
            self, investigation: Investigation, tables: Mapping[Query, ResultTable]
        ) -> Ask | Done:
            return Ask(self.queries)

    run = Runner()
    found = investigate(investigation(), [Stuck("stuck", queries(1))], run)
    assert len(run.asked) == 1
    assert found[0].fact("code") == "cut"


def test_an_unanswered_query_becomes_an_empty_table_and_a_finding() -> None:
    a, own = queries(1)[0], MetricQuery(("sales",))
    found = investigate(investigation(), [Chain("x", (a, own))], Runner(a, own))
    assert found[0].kind == "quality" and found[0].fact("code") == "unanswered"
    assert found[0].queries == (own,)
    assert found[1].subject == "x"


def test_detectors_are_chosen_by_intent_in_speaking_order() -> None:
    registered = [
        Chain("own", EMPTY),
        Chain("drivers", EMPTY),
        Chain("change", EMPTY),
        Chain("forecast", EMPTY, ("forecast",)),
    ]
    assert [d.name for d in choose_detectors("explain", registered)] == ["change", "drivers", "own"]
    assert [d.name for d in choose_detectors("forecast", registered)] == ["forecast"]

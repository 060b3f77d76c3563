"""Cross section, concentration, ranking change and opportunity."""

import datetime as dt

import pytest

from assistant.insights.detectors import concentration, cross_section, opportunity, ranking_change
from assistant.insights.finding import Finding
from assistant.insights.investigation import Intent, Investigation
from metric_catalog.query import (
    And,
    Compare,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Not,
    Or,
    Order,
)
from tests.assistant.insights.engine import Engine, Row, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, metric

STORES = [f"s{place:02}" for place in range(30)]
LOSERS = {"s03", "s07", "s11", "s20"}


def store_rows() -> list[Row]:
    """Stores with profit, stock and staff; the losers' stock tripled in October."""
    found: list[Row] = []
    for period in (SEPTEMBER, OCTOBER):
        for place, store in enumerate(STORES):
            bad = store in LOSERS and period == OCTOBER
            profit = -50.0 - place if bad else 100.0 + place
            stock = (300.0 if bad else 100.0) + place
            found.append({"at": period.start, "store": store, "profit": profit, "stock": stock,
                          "staff": 10.0 + place % 5})  # fmt: skip
    return found


STORE_ENGINE = Engine(
    store_rows(),
    {"profit": total_of("profit"), "stock": total_of("stock"), "staff": total_of("staff")},
)
RELATED = {name: metric(name) for name in ("profit", "stock", "staff")}


def by_store(
    intent: Intent, having: Filter | None = None, order: tuple[Order, ...] = ()
) -> Investigation:
    query = MetricQuery(("profit",), (GroupBy("store"),), having=having, order=order)
    of = metric("profit", direction="up_good")
    return investigation(intent, query=query, of=of, related=RELATED)


@pytest.mark.parametrize("having", [None, MetricCondition("profit", "<", (0,))])
def test_the_losers_are_profiled(having: MetricCondition | None) -> None:
    (finding,) = STORE_ENGINE.findings(cross_section.DETECTOR, by_store("threshold", having))
    assert {driver.member for driver in finding.drivers} == LOSERS
    assert finding.drivers[0].member == "s20"
    assert (finding.fact("count"), finding.fact("of")) == (4, 30)
    assert finding.fact("stock:growth") == 1.0 and finding.fact("stock:level") == 1.0
    assert finding.fact("staff:level") is None
    assert finding.size is not None and finding.size < 0


def test_nobody_meets_the_condition() -> None:
    nobody = MetricCondition("profit", ">", (1e9,))
    assert STORE_ENGINE.findings(cross_section.DETECTOR, by_store("threshold", nobody)) == ()


CONDITIONS: list[tuple[Filter, set[str]]] = [
    (Compare("profit", "<", (103,)), LOSERS | {"s00", "s01", "s02"}),
    (MetricCondition("profit", "<", (103,)), LOSERS | {"s00", "s01", "s02"}),
    (Compare("profit", ">=", (128,)), {"s28", "s29"}),
    (Compare("profit", "in", (100, 101)), {"s00", "s01"}),
    (Not(Compare("profit", ">=", (0,))), LOSERS),
    (Or((Compare("profit", "<", (0,)), Compare("profit", ">", (128,)))), LOSERS | {"s29"}),
    (And((Compare("profit", ">", (0,)), Compare("profit", "<", (102,)))), {"s00", "s01"}),
]


@pytest.mark.parametrize(("having", "chosen"), CONDITIONS)
def test_the_condition_asked_decides_who_is_profiled(having: Filter, chosen: set[str]) -> None:
    """However it is written: members below zero are chosen only where nothing else is asked."""
    (finding,) = STORE_ENGINE.findings(cross_section.DETECTOR, by_store("threshold", having))
    assert {driver.member for driver in finding.drivers} == chosen
    assert finding.fact("count") == len(chosen)


def test_a_condition_on_another_metric_profiles_nobody() -> None:
    other = Compare("stock", "<", (100,))
    assert STORE_ENGINE.findings(cross_section.DETECTOR, by_store("threshold", other)) == ()


@pytest.mark.parametrize("descending", [True, False])
def test_a_ranking_of_the_best_tells_nothing_of_the_losers(descending: bool) -> None:
    order = (Order("profit", descending),)
    found = STORE_ENGINE.findings(cross_section.DETECTOR, by_store("ranking", order=order))
    assert bool(found) is not descending


def test_concentration_by_hand() -> None:
    rows = [
        {"at": OCTOBER.start, "city": c, "v": v}
        for c, v in zip("abcd", (70.0, 15.0, 10.0, 5.0), strict=True)
    ]
    query = MetricQuery(("sales",), (GroupBy("city"),))
    made = Engine(rows, {"sales": total_of("v")})
    (finding,) = made.findings(concentration.DETECTOR, investigation("share", query=query))
    assert (finding.fact("top_member"), finding.fact("top_share")) == ("a", 0.7)
    assert finding.fact("most") == 2
    assert finding.fact("most_share") == pytest.approx(0.85)
    assert finding.fact("even") == pytest.approx(1 / (0.49 + 0.0225 + 0.01 + 0.0025))


def test_ranks_are_compared() -> None:
    now, before = {"a": 5.0, "b": 4.0, "c": 9.0}, {"a": 9.0, "b": 4.0, "c": 1.0}
    rows = [
        {"at": p.start, "city": c, "v": v}
        for p, side in ((OCTOBER, now), (SEPTEMBER, before))
        for c, v in side.items()
    ]
    query = MetricQuery(("sales",), (GroupBy("city"),))
    made = Engine(rows, {"sales": total_of("v")})
    (finding,) = made.findings(ranking_change.DETECTOR, investigation("ranking", query=query))
    assert (finding.fact("leader"), finding.fact("leader_before")) == ("c", "a")
    assert (finding.fact("climbed"), finding.fact("fell")) == ("c", "a")
    assert dict(finding.points) == {"c": 2.0, "a": -1.0, "b": -1.0}


def test_the_gap_to_the_best_quarter_is_the_opportunity() -> None:
    sides = {
        "ads": (420.0, 1000.0),
        "kol": (46.0, 1000.0),
        "mail": (200.0, 1000.0),
        "tiny": (9.0, 10.0),
    }
    rows = [
        {"at": OCTOBER.start, "channel": m, "won": n, "tried": d} for m, (n, d) in sides.items()
    ]
    of = metric("conversion", unit="ratio", direction="up_good")
    query = MetricQuery(("conversion",), (GroupBy("channel"),))
    made = Engine(rows, {"conversion": rate_of("won", "tried")})
    (finding,) = made.findings(opportunity.DETECTOR, investigation("ranking", of=of, query=query))
    assert finding.fact("best_member") == "ads" and finding.fact("benchmark") == 0.42
    assert [d.member for d in finding.drivers] == ["kol", "mail"]
    assert finding.drivers[0].effect == pytest.approx(1000 / 3010 * (0.046 - 0.42))


def test_cohorts_that_are_still_young_show_no_opportunity() -> None:
    """What most members will do is not known yet: neither levels nor gaps are the cohort's."""
    returns = {"type": "retention", "entity": "user", "cohort_model": "users",
               "return_model": "visits", "from_day": 1, "to_day": 30}  # fmt: skip
    of = metric("back", unit="ratio", direction="up_good", of=returns)
    query = MetricQuery(("back",), (GroupBy("city"),))
    rows = [{"at": OCTOBER.start, "city": c, "n": n, "d": 1000.0}
            for c, n in zip("abcd", (400.0, 100.0, 90.0, 80.0), strict=True)]  # fmt: skip
    made = Engine(rows, {"back": rate_of("n", "d")})

    def found(as_of: dt.date) -> tuple[Finding, ...]:
        asked = investigation("ranking", of=of, query=query, as_of=as_of)
        return made.findings(opportunity.DETECTOR, asked)

    assert found(dt.date(2026, 11, 1)) == ()
    assert len(found(dt.date(2026, 12, 1))) == 1


def test_gaps_within_chance_are_no_opportunity() -> None:
    rows = [
        {"at": OCTOBER.start, "channel": m, "won": n, "tried": 50.0}
        for m, n in (("a", 20.0), ("b", 21.0), ("c", 22.0), ("d", 20.0))
    ]
    of = metric("conversion", unit="ratio", direction="up_good")
    query = MetricQuery(("conversion",), (GroupBy("channel"),))
    made = Engine(rows, {"conversion": rate_of("won", "tried")})
    assert made.findings(opportunity.DETECTOR, investigation("ranking", of=of, query=query)) == ()

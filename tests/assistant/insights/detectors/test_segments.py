"""Segments: the planted combination is named, and nothing else."""

import itertools
import random

import pytest

from assistant.insights.cells import Cells
from assistant.insights.change_leaves import Side, common_growth
from assistant.insights.detectors.segments import DETECTOR, parents_first
from assistant.insights.finding import Finding
from assistant.insights.localise.causes import Cause
from tests.assistant.insights.engine import Engine, Row, count_of, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, months_back

DIMENSIONS = ("city", "channel", "level")
MEMBERS = {
    "city": [f"c{place}" for place in range(6)],
    "channel": ["app", "web", "shop", "mini"],
    "level": ["gold", "silver", "none"],
}


def rows(planted: float, growth: float = 1.0) -> list[Row]:
    """Side of every month; in October the app of city c2 times `planted`, all times growth."""
    draw = random.Random(6)
    base = {key: draw.uniform(50, 200) for key in itertools.product(*MEMBERS.values())}
    found: list[Row] = []
    for period in [*months_back(SEPTEMBER, 3), SEPTEMBER, OCTOBER]:
        for key, size in base.items():
            factor = growth if period == OCTOBER else 1.0
            if period == OCTOBER and key[:2] == ("c2", "app"):
                factor *= planted
            amount = size * factor * (1 + draw.gauss(0, 0.02))
            cells = dict(zip(DIMENSIONS, key, strict=True))
            found.append({"at": period.start, "amount": amount, "tried": 1000.0, **cells})
    return found


def test_the_planted_pair_is_found_net_of_common_growth() -> None:
    engine = Engine(rows(0.4, 1.3), {"sales": total_of("amount")})
    (finding,) = engine.findings(DETECTOR, investigation(split_by=DIMENSIONS))
    assert [set(segment.elements) for segment in finding.segments] == [{"city=c2", "channel=app"}]
    assert finding.segments[0].effect < 0
    growth = finding.fact("growth")
    assert isinstance(growth, float) and abs(growth - 1.3) < 0.02


def test_a_ratio_is_localised_by_its_components() -> None:
    engine = Engine(rows(0.4), {"sales": rate_of("amount", "tried")})
    (finding,) = engine.findings(DETECTOR, investigation(split_by=DIMENSIONS))
    assert set(finding.segments[0].elements) == {"city=c2", "channel=app"}


def test_noise_alone_has_no_segments() -> None:
    engine = Engine(rows(1.0, 1.3), {"sales": total_of("amount")})
    assert engine.findings(DETECTOR, investigation(split_by=DIMENSIONS)) == ()


def test_values_that_do_not_add_up_are_not_localised() -> None:
    engine = Engine(rows(0.4), {"sales": count_of("level")})
    assert engine.findings(DETECTOR, investigation(split_by=DIMENSIONS)) == ()


def test_common_growth_is_that_of_the_middle() -> None:
    before: Side = {("a",): Cells(10.0), ("b",): Cells(80.0), ("c",): Cells(10.0)}
    now: Side = {("a",): Cells(0.0), ("b",): Cells(120.0), ("c",): Cells(99.0)}
    assert common_growth(now, before) == 1.5
    assert common_growth({}, {}) == 1.0


SIX = {name: [f"{name}{place}" for place in range(3 if name in "abc" else 4)] for name in "abcdef"}
LOUD = ("a", "b", "c")


def loud_rows(planted: float, seed: int) -> list[Row]:
    """Rows over six dimensions. In October a0, b0, c0 grow and a1, b1, c1 shrink by as much.

    The total hardly moves for that; the pair e1, f2 times `planted` is what it moves for.
    """
    draw = random.Random(seed)
    found: list[Row] = []
    keys = [tuple(draw.choice(members) for members in SIX.values()) for _ in range(1500)]
    sizes = [draw.uniform(50, 200) for _ in keys]
    for period in [*months_back(SEPTEMBER, 3), SEPTEMBER, OCTOBER]:
        for key, size in zip(keys, sizes, strict=True):
            cells = dict(zip(SIX, key, strict=True))
            factor = 1 + draw.gauss(0, 0.02)
            if period == OCTOBER:
                factor *= planted if (cells["e"], cells["f"]) == ("e1", "f2") else 1.0
                for name in LOUD:
                    factor *= {f"{name}0": 1.3, f"{name}1": 0.7}.get(cells[name], 1.0)
            found.append({"at": period.start, "amount": size * factor, "tried": 400.0, **cells})
    return found


def wide_segments(planted: float, seed: int, rate: bool) -> tuple[Finding, ...]:
    measure = rate_of("amount", "tried") if rate else total_of("amount")
    engine = Engine(loud_rows(planted, seed), {"sales": measure})
    return engine.findings(DETECTOR, investigation(split_by=tuple(SIX)))


@pytest.mark.parametrize("rate", [False, True])
def test_a_pair_outside_the_most_telling_dimensions_is_found(rate: bool) -> None:
    (finding,) = wide_segments(0.3, 4, rate)
    assert {"e=e1", "f=f2"} in [set(segment.elements) for segment in finding.segments]
    outside = [s for s in finding.segments if {e[0] for e in s.elements} - set(LOUD)]
    assert all({"e=e1", "f=f2"} <= set(segment.elements) for segment in outside)


@pytest.mark.parametrize("rate", [False, True])
def test_pairs_without_a_cause_are_not_named(rate: bool) -> None:
    for seed in range(5):
        for finding in wide_segments(1.0, seed, rate):
            named = {element[0] for s in finding.segments for element in s.elements}
            assert named <= set(LOUD)


def test_a_parent_with_more_of_the_change_comes_before_its_child() -> None:
    child, parent = Cause(("a=1", "b=2"), 20.0, -1.0), Cause(("a=1",), 7.0, -3.0)
    small, other = Cause(("c=1",), 9.0, -0.5), Cause(("c=1", "d=1"), 8.0, -2.0)
    assert parents_first((child, small, other, parent)) == [parent, child, small, other]

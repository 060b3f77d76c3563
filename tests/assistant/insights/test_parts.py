"""The identities: whatever the members do, parts and residual sum to the change."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.cells import Cells
from assistant.insights.parts import (
    OTHER,
    Parts,
    additive_parts,
    adds_up,
    ratio_parts,
    removal_parts,
)
from assistant.insights.telling import arranged, most_telling, special

MEMBERS = st.sampled_from(["a", "b", "c", "d", "e", OTHER, "∅"])
AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False)
COUNTS = st.floats(0, 1e7, allow_nan=False)


def sums(side: Mapping[str, float]) -> dict[str, Cells]:
    """Cells of an additive metric."""
    return {member: Cells(value) for member, value in side.items()}


def rates(side: Mapping[str, tuple[float, float]]) -> dict[str, Cells]:
    """Cells of a ratio from numerator and denominator."""
    return {m: Cells(n / d if d else None, n, d) for m, (n, d) in side.items()}


def pooled(side: Mapping[str, Cells]) -> float:
    """The ratio over all members."""
    top = math.fsum(c.numerator or 0.0 for c in side.values())
    return top / math.fsum(c.denominator or 0.0 for c in side.values())


def exact(parts: Parts, change: float, scale: float) -> bool:
    """Whether the drivers sum to the change."""
    total = math.fsum(driver.effect for driver in parts.drivers)
    return abs(total - change) <= 1e-9 * max(scale, abs(change))


@settings(max_examples=1000)
@given(st.dictionaries(MEMBERS, AMOUNTS), st.dictionaries(MEMBERS, AMOUNTS), AMOUNTS)
def test_additive_parts_sum_to_any_change(
    now: dict[str, float], before: dict[str, float], overlap: float
) -> None:
    change = math.fsum(now.values()) - math.fsum(before.values()) - overlap
    parts = additive_parts("d", sums(now), sums(before), change)
    scale = max(map(abs, [*now.values(), *before.values(), overlap, 1e-300]))
    assert exact(parts, change, scale)
    assert abs(math.fsum(size for _, size in parts.net)) <= 1e-8 * scale


PAIRS = st.tuples(COUNTS, st.floats(0.001, 1e7))


@settings(max_examples=1000)
@given(
    st.dictionaries(MEMBERS, PAIRS, min_size=1),
    st.dictionaries(MEMBERS, PAIRS, min_size=1),
    st.floats(-10, 10),
)
def test_ratio_parts_sum_to_any_change(
    now: dict[str, tuple[float, float]], before: dict[str, tuple[float, float]], overlap: float
) -> None:
    sides = rates(now), rates(before)
    change = pooled(sides[0]) - pooled(sides[1]) + overlap
    parts = ratio_parts("d", *sides, change)
    assert parts is not None
    scale = max(abs(d.effect) for d in parts.drivers)
    assert exact(parts, change, scale)


def test_mix_and_rate_follow_the_formula() -> None:
    now = rates({"a": (30, 100), "b": (10, 50), "new": (5, 50)})
    before = rates({"a": (20, 50), "b": (10, 100), "gone": (9, 50)})
    r1, r0 = pooled(now), pooled(before)
    parts = ratio_parts("d", now, before, r1 - r0)
    assert parts is not None
    found = {(d.member, d.kind): d.effect for d in parts.drivers}
    middle = (r1 + r0) / 2
    assert found["a", "rate"] == pytest.approx((0.3 - 0.4) * (0.5 + 0.25) / 2)
    assert found["a", "mix"] == pytest.approx((0.5 - 0.25) * (0.35 - middle))
    assert found["new", "rate"] == found["gone", "rate"] == 0
    assert found["new", "mix"] == pytest.approx(0.25 * (0.1 - middle))
    assert found["gone", "mix"] == pytest.approx(-0.25 * (0.18 - middle))
    assert all(d.kind != "residual" for d in parts.drivers)


def test_simpson_is_flagged_only_when_all_members_move_against_the_total() -> None:
    before = rates({"a": (80, 100), "b": (20, 100)})
    now = rates({"a": (9, 10), "b": (54, 180)})
    parts = ratio_parts("d", now, before, pooled(now) - pooled(before))
    assert parts is not None and parts.simpson
    steady = rates({"a": (70, 100), "b": (10, 100)})
    parts = ratio_parts("d", steady, before, pooled(steady) - pooled(before))
    assert parts is not None and not parts.simpson


def test_a_ratio_without_denominator_is_refused() -> None:
    assert ratio_parts("d", rates({"a": (0, 0)}), rates({"a": (1, 2)}), 0.5) is None


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 30), MEMBERS, st.booleans()), min_size=1))
def test_removal_leaves_the_overlap_as_residual(rows: list[tuple[int, str, bool]]) -> None:
    def count(current: bool, skip: str | None = None) -> float:
        return float(len({who for who, m, now in rows if now == current and m != skip}))

    names = {m for _, m, _ in rows}
    whole = count(True), count(False)
    without = {m: (count(True, m), count(False, m)) for m in names}
    parts = removal_parts("d", whole, without, {}, {})
    assert exact(parts, whole[0] - whole[1], max(whole))
    shared = sum(
        sign * sum(len({m for w, m, n in rows if w == who and n == now}) > 1 for who in range(31))
        for now, sign in ((True, 1), (False, -1))
    )
    assert parts.residual == shared


@given(st.dictionaries(st.text(max_size=3), st.tuples(PAIRS, PAIRS), min_size=1, max_size=40))
def test_other_keeps_the_sum(
    sides: dict[str, tuple[tuple[float, float], tuple[float, float]]],
) -> None:
    now = rates({m: pair[0] for m, pair in sides.items()})
    before = rates({m: pair[1] for m, pair in sides.items()})
    change = pooled(now) - pooled(before)
    parts = ratio_parts("d", now, before, change)
    assert parts is not None
    shown = arranged(parts, change, most=5)
    scale = max(abs(d.effect) for d in parts.drivers)
    assert abs(math.fsum(d.effect for d in shown) - change) <= 1e-9 * max(scale, abs(change))
    assert len({d.member for d in shown}) <= 6


def test_the_planted_member_comes_first_and_common_drift_counts_as_nothing() -> None:
    before = {"big": 1000.0, "small": 100.0, "mid": 400.0}
    drift = additive_parts("d", sums({m: 1.1 * v for m, v in before.items()}), sums(before), 150)
    assert most_telling(drift) == pytest.approx(0, abs=1e-9)
    now = {m: 1.1 * v for m, v in before.items()} | {"small": 40.0}
    change = sum(now.values()) - sum(before.values())
    planted = additive_parts("d", sums(now), sums(before), change)
    assert max(planted.net, key=lambda item: abs(item[1]))[0] == "small"
    assert special(planted, [planted]) == 0
    assert special(planted, [drift]) == pytest.approx(most_telling(planted))


def test_values_add_up_only_where_they_do() -> None:
    assert adds_up(sums({"a": 0.1, "b": 0.2}), 0.3)
    assert not adds_up(sums({"a": 3, "b": 4}), 6)


def test_what_grew_is_named_before_what_made_room_for_it() -> None:
    now = {"new": Cells(numerator=30.0, denominator=100.0)}
    before = {
        "new": Cells(numerator=12.0, denominator=40.0),
        "old": Cells(numerator=30.0, denominator=60.0),
    }
    parts = ratio_parts("version", now, before, 0.3 - 0.42)
    assert parts is not None
    first, *rest = arranged(parts, 0.3 - 0.42)
    assert (first.member, first.kind, first.shares, first.shrank) == (
        "new",
        "mix",
        (1.0, 0.4),
        False,
    )
    assert [driver.kind for driver in rest if driver.shrank] == ["mix"]
    assert math.fsum(d.effect for d in (first, *rest)) == pytest.approx(-0.12)

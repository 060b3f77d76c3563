"""What tells most comes first: a planted dimension before those that only follow from it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insights.cells import Cells
from assistant.insights.parts import OTHER, Parts, additive_parts, ratio_parts, removal_parts
from assistant.insights.telling import arranged, has_turned_over, most_telling, special, tell
from eval.bench_order import MEASURES, first_dimension
from eval.correlated import generate_world

WORLDS = 150
FIRST = 31_000


def parts_of(now: dict[str, float], before: dict[str, float]) -> Parts:
    """The parts of a sum."""
    change = sum(now.values()) - sum(before.values())
    cells = [{m: Cells(v) for m, v in side.items()} for side in (now, before)]
    return additive_parts("d", cells[0], cells[1], change)


@given(st.floats(-1e12, 1e12), st.floats(0, 1))
def test_a_member_tells_at_least_its_own_effect(net: float, weight: float) -> None:
    assert tell(net, weight) >= abs(net) * (1 - 1e-9)
    assert tell(-net, weight) == tell(net, weight)


@given(st.floats(1.0, 1e9), st.floats(0.01, 0.99), st.floats(0.001, 1000))
def test_it_is_in_the_unit_of_the_metric(net: float, weight: float, unit: float) -> None:
    assert tell(net * unit, weight) == pytest.approx(tell(net, weight) * unit)


def test_one_of_five_tells_as_much_as_the_same_one_of_two() -> None:
    before = {"a": 200.0, "b": 200.0, "c": 200.0, "d": 200.0, "e": 200.0}
    five = parts_of(before | {"a": 100.0}, before)
    two = parts_of({"a": 100.0, "rest": 800.0}, {"a": 200.0, "rest": 800.0})
    assert most_telling(five) == pytest.approx(most_telling(two))


def test_a_member_tells_more_than_the_group_that_holds_it() -> None:
    before = {"a": 200.0, "b": 200.0, "c": 200.0, "d": 200.0, "e": 200.0}
    alone = parts_of(before | {"a": 100.0}, before)
    group = parts_of({"ab": 300.0, "cde": 600.0}, {"ab": 400.0, "cde": 600.0})
    assert most_telling(alone) > most_telling(group)


def test_usual_is_the_quieter_of_the_earlier_changes() -> None:
    before = {"a": 200.0, "b": 800.0}
    now, quiet = parts_of({"a": 100.0, "b": 800.0}, before), parts_of(before, before)
    assert special(now, [quiet, now]) == special(now, [quiet]) == most_telling(now)
    assert special(now, [now]) == 0.0


def test_versions_that_replace_each_other_have_turned_over() -> None:
    def side(old: float, new: float) -> dict[str, Cells]:
        rates = {"old": (0.5 * old, old), "new": (0.4 * new, new)}
        return {m: Cells(n / d, n, d) for m, (n, d) in rates.items() if d}

    turned = ratio_parts("version", side(10, 90), side(100, 0), -0.09)
    stayed = ratio_parts("version", side(60, 40), side(80, 20), -0.02)
    assert turned is not None and stayed is not None
    assert has_turned_over(turned) and not has_turned_over(stayed)
    assert turned.kept == pytest.approx(0.1)


def test_among_correlated_dimensions_the_planted_one_comes_first_more_often() -> None:
    worlds = [generate_world(seed) for seed in range(FIRST, FIRST + WORLDS)]

    def share(measure: str) -> float:
        right = [first_dimension(w, MEASURES[measure]) == w.planted for w in worlds]
        return sum(right) / len(right)

    told, length = share("told"), share("length")
    assert told > length + 0.03
    assert told > 0.6


def test_shares_of_the_weights_sum_to_one() -> None:
    parts = parts_of({"a": 100.0, "b": 800.0}, {"a": 200.0, "c": 3.0})
    assert math.fsum(weight for _, weight in parts.weights) == pytest.approx(1.0)


def test_who_stayed_while_all_others_moved_is_not_named_first() -> None:
    before = dict.fromkeys("abcde", 100.0)
    parts = parts_of(dict.fromkeys("abcde", 84.0) | {"a": 101.0}, before)
    first, *_, last = arranged(parts, -63.0)
    assert first.effect == -16.0 and last.member == "a"


def test_who_moved_far_against_the_change_is_named_first() -> None:
    before = dict.fromkeys("abcde", 100.0)
    parts = parts_of(dict.fromkeys("abcde", 72.0) | {"a": 150.0}, before)
    assert arranged(parts, -62.0)[0].member == "a"


def test_members_left_out_together_are_as_large_as_they_are_and_told_last() -> None:
    now = {m: Cells(v) for m, v in {"a": 90.0, "b": 50.0, "c": 30.0, "d": 30.0}.items()}
    before = {m: Cells(v) for m, v in {"a": 100.0, "b": 50.0, "c": 40.0, "d": 40.0}.items()}
    without = {"a": (60.0, 70.0), "b": (100.0, 110.0), OTHER: (100.0, 120.0)}
    parts = removal_parts("d", (120.0, 140.0), without, now, before)
    assert dict(parts.weights)[OTHER] == pytest.approx(140 / 430)
    assert [d.member for d in arranged(parts, -20.0)] == ["b", "a", OTHER]
    told = max(tell(net, w) for (_, net), (_, w) in zip(parts.net, parts.weights, strict=True))
    assert most_telling(parts) <= told
    alone = removal_parts("d", (120.0, 140.0), {OTHER: (1.0, 90.0)}, now, before)
    assert most_telling(alone) == 0.0

"""Effects of a formula's parts sum to its change, for every kind and sign."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.edges import EdgeKind, edge_effects, evaluate, log_mean

KINDS: st.SearchStrategy[EdgeKind] = st.sampled_from(["sum", "difference", "product", "ratio"])
POSITIVE = st.floats(1e-3, 1e6)
ANY = st.one_of(st.just(0.0), st.floats(-1e4, 1e4).filter(lambda x: abs(x) > 1e-3), POSITIVE)


@settings(max_examples=1000)
@given(KINDS, st.lists(st.tuples(ANY, ANY), min_size=2, max_size=4))
def test_effects_sum_to_the_change(kind: EdgeKind, pairs: list[tuple[float, float]]) -> None:
    pairs = pairs[:2] if kind == "ratio" else pairs
    current, base = [a for a, _ in pairs], [b for _, b in pairs]
    now, before = evaluate(kind, current), evaluate(kind, base)
    effects = edge_effects(kind, current, base)
    if now is None or before is None:
        assert effects is None
        return
    assert effects is not None
    scale = max(abs(now), abs(before), *map(abs, effects), 1e-300)
    assert abs(math.fsum(effects) - (now - before)) <= 1e-9 * scale


def test_a_product_of_equal_growth_is_shared_equally() -> None:
    assert edge_effects("product", [2, 4], [1, 2]) == pytest.approx((3.0, 3.0))


def test_what_becomes_zero_takes_the_change() -> None:
    assert edge_effects("product", [0.0, 5.0, 3.0], [4.0, 5.0, 2.0]) == (-40.0, 0.0, 0.0)
    assert edge_effects("product", [0.0, 0.0], [4.0, 5.0]) == (-10.0, -10.0)
    assert edge_effects("product", [0.0, 7.0], [3.0, 0.0]) == (0.0, 0.0)


def test_the_zero_limit_is_the_limit() -> None:
    exact = edge_effects("product", [0.0, 7.0], [3.0, 5.0])
    assert exact is not None
    far = edge_effects("product", [1e-300, 7.0], [3.0, 5.0])
    near = edge_effects("product", [1e-30, 7.0], [3.0, 5.0])
    assert far is not None and near is not None
    assert abs(far[0] - exact[0]) < abs(near[0] - exact[0]) < 0.1 * abs(exact[0])


@given(POSITIVE, st.floats(-1e-3, 1e-3))
def test_the_log_mean_is_smooth_where_values_meet(value: float, gap: float) -> None:
    other = value * (1 + gap)
    low, high = sorted((value, other))
    assert low * (1 - 1e-9) <= log_mean(value, other) <= high * (1 + 1e-9)

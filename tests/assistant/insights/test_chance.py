"""The small statistics agree with scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assistant.insights.chance import (
    cliffs_delta,
    discoveries,
    median,
    rank_sum_p,
    robust_sd,
    t_quantile,
    t_two_sided,
)

SIDES = st.lists(st.integers(0, 8).map(float), min_size=4, max_size=20)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 20, 100, 1000])
@pytest.mark.parametrize("probability", [0.005, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9995])
def test_t_quantiles(probability: float, freedom: int) -> None:
    truth = stats.t.ppf(probability, freedom)
    assert t_quantile(probability, freedom) == pytest.approx(truth, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("freedom", [3, 8, 30, 300])
@pytest.mark.parametrize("t", [0.0, 0.7, -2.2, 5.0])
def test_t_chances(t: float, freedom: int) -> None:
    assert t_two_sided(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), abs=2e-3)


def test_no_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="freedom"):
        t_quantile(0.9, 0.5)


@given(SIDES, SIDES)
def test_rank_sums(left: list[float], right: list[float]) -> None:
    if len({*left, *right}) == 1:
        assert rank_sum_p(left, right) == 1.0
        return
    truth = stats.mannwhitneyu(left, right, method="asymptotic").pvalue
    assert rank_sum_p(left, right) == pytest.approx(truth, rel=1e-6)
    wins = stats.mannwhitneyu(left, right).statistic
    assert cliffs_delta(left, right) == pytest.approx(2 * wins / len(left) / len(right) - 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_discoveries_are_those_of_benjamini_and_hochberg(chances: list[float]) -> None:
    adjusted = stats.false_discovery_control(chances)
    kept = discoveries(chances)
    for chance, stands in zip(adjusted, kept, strict=True):
        assert stands == (chance <= 0.05) or chance == pytest.approx(0.05)


def test_no_tests_no_discoveries() -> None:
    assert discoveries([]) == ()


def test_the_middle_resists_outliers() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert robust_sd([1, 2, 3, 4, 1000]) == pytest.approx(1.4826)
    with pytest.raises(ValueError, match="values"):
        median([])

"""Runs of odd values are muted as a whole; what lasts is no outlier."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.outliers import LONGEST, Vector, _Tests, mute, project


def line_of(count: int) -> Vector:
    return np.column_stack([np.ones(count), np.arange(count) / count])


def wandering(count: int, size: float = 0.5) -> Vector:
    steps = np.arange(count)
    return size * np.minimum(steps[:, None], steps[None, :]).astype(np.float64)


def drawn(count: int, seed: int = 3) -> Vector:
    return np.random.default_rng(seed).standard_normal(count)


@settings(max_examples=40, deadline=None)
@given(st.integers(12, 30), st.integers(0, 2**31), st.data())
def test_a_run_is_tested_as_one_more_regressor(count: int, seed: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, count - 2))
    last = data.draw(st.integers(first + 1, count - 1))
    y, line = drawn(count, seed), line_of(count)
    covariance = wandering(count) + np.eye(count)
    tests = _Tests.of(project(line, covariance), y, np.zeros(count, bool), 2)
    shape = ((np.arange(count) >= first) & (np.arange(count) < last)).astype(np.float64)
    white = np.linalg.inv(np.linalg.cholesky(covariance))
    design = white @ np.column_stack([line, shape])
    beta, rss, *_ = np.linalg.lstsq(design, white @ y, rcond=None)
    spread = np.linalg.inv(design.T @ design)[2, 2] * rss[0] / (count - 3)
    wanted = abs(beta[2]) / np.sqrt(spread)
    assert tests.sizes(np.array([first]), np.array([last]))[0] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("length", [1, 2, 4, LONGEST])
def test_a_run_is_muted_and_nothing_beside_it(length: int) -> None:
    y = drawn(80)
    y[50 : 50 + length] -= 12
    noise = mute(line_of(80), wandering(80, 0.1), y)
    assert np.flatnonzero(noise > 1).tolist() == list(range(50, 50 + length))


def test_noise_is_heard() -> None:
    muted = [mute(line_of(60), wandering(60, 0.01), drawn(60, seed)) > 1 for seed in range(200)]
    assert sum(map(np.any, muted)) <= 10


def test_a_new_level_is_no_outlier() -> None:
    y = drawn(60)
    y[40:] -= 12
    assert not (mute(line_of(60), wandering(60, 0.1), y, lasting=True) > 1).any()


def test_what_lasts_until_now_is_one_only_where_that_is_asked() -> None:
    y = drawn(60)
    y[-3:] -= 12
    heard = mute(line_of(60), wandering(60, 0.1), y)
    assert not (heard > 1).any()
    noise = mute(line_of(60), wandering(60, 0.1), y, lasting=True)
    assert np.flatnonzero(noise > 1).tolist() == [57, 58, 59]


@pytest.mark.parametrize("length", [1, 2, LONGEST])
@pytest.mark.parametrize("seed", range(5))
def test_what_the_history_began_with_is_one_where_it_was_short(length: int, seed: int) -> None:
    y = drawn(60, seed)
    y[:length] -= 14
    noise = mute(line_of(60), wandering(60, 0.01), y)
    assert (noise > 1)[:length].all() and not (noise > 1)[length + 1 :].any()


def test_the_beginning_of_an_old_level_is_none() -> None:
    y = drawn(60)
    y[:20] -= 12
    assert not (mute(line_of(60), wandering(60, 0.1), y) > 1).any()

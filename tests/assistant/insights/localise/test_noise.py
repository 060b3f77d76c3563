"""Noise: its scale by size, its centre and its tail are read off the leaves."""

import numpy as np

from assistant.insights.localise.deviation import Deviation
from assistant.insights.localise.noise import Noise, fit_noise, guess_noise

LEAVES = 20_000


def look(relative: np.ndarray, size: np.ndarray) -> Deviation:
    """A view in which every leaf is known."""
    return Deviation(relative, size, np.zeros(len(size), dtype=bool))


def fit(view: Deviation) -> Noise:
    """The noise with all leaves quiet."""
    return fit_noise(view, np.argsort(view.size), np.ones(len(view.size), dtype=bool))


def test_scale_falls_with_the_root_of_the_size() -> None:
    rng = np.random.default_rng(1)
    size = np.sort(rng.lognormal(4, 1, LEAVES))
    noise = fit(look(rng.normal(size=LEAVES) / np.sqrt(size), size))
    found = noise.scale * np.sqrt(size)
    middle = found[LEAVES // 50 : -LEAVES // 50]
    # Beyond the largest group the scale stays: big leaves look a little noisier than they are.
    assert middle.min() > 0.85
    assert middle.max() < 1.3
    # Below the smallest group the fall goes on: such leaves must not look precise.
    assert 0.6 < found[0] < 1.5


def test_common_drift_is_nobodys_deviation() -> None:
    rng = np.random.default_rng(2)
    view = look(0.2 + rng.normal(0, 0.05, LEAVES), np.ones(LEAVES))
    assert abs(guess_noise(view).deviation.mean()) < 0.005
    assert abs(fit(view).deviation.mean()) < 0.001


def test_leaves_that_stayed_at_zero_keep_the_centre_there() -> None:
    rng = np.random.default_rng(3)
    moved = np.arange(LEAVES) < LEAVES * 0.55
    view = look(rng.normal(0, 0.05, LEAVES) - 0.6 * moved, np.ones(LEAVES))
    assert abs(guess_noise(view).deviation[~moved].mean()) < 0.02


def test_normal_noise_is_left_alone_and_heavy_tails_become_normal() -> None:
    rng = np.random.default_rng(4)
    normal = fit(look(rng.normal(0, 0.1, LEAVES), np.ones(LEAVES)))
    raw = rng.standard_t(3, LEAVES) * 0.1
    heavy = fit(look(raw, np.ones(LEAVES)))
    assert np.abs(normal.deviation / normal.scale).max() > 3.5
    assert np.abs(raw / heavy.scale).max() > 10
    assert np.abs(heavy.deviation / heavy.scale).max() < 5.2

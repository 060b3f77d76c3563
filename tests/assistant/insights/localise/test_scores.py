"""Scores: the board agrees with a plain count, also after leaves are taken out."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.localise.cuboids import build_cuboids, list_dimension_sets
from assistant.insights.localise.noise import Noise
from assistant.insights.localise.scores import ScoreBoard
from assistant.insights.localise.search import Search


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 40))
def test_board_equals_brute_force(seed: int, dimensions: int, leaves: int) -> None:
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, 4, leaves) for _ in range(dimensions)]
    sets = list_dimension_sets(dimensions)
    cuboids = build_cuboids(codes, [4] * dimensions, sets)
    if not cuboids:
        return
    search = Search.prepare(cuboids)
    noise = Noise(rng.normal(size=leaves), rng.uniform(0.5, 2.0, leaves))
    board = ScoreBoard(search.cells, search.starts, search.penalty, noise)
    gone = rng.random(leaves) < 0.5
    board.remove(np.flatnonzero(gone))
    for place, cuboid in enumerate(search.cuboids):
        for leaf in range(leaves):
            same = np.ones(leaves, dtype=bool)
            for dimension in cuboid.dimensions:
                same &= codes[dimension] == codes[dimension][leaf]
            same &= ~gone
            weight = noise.scale[same] ** -2
            square = (weight * noise.deviation[same]).sum() ** 2
            ratio = square / (2 * weight.sum()) if same.any() else 0.0
            cell = search.cells[place, leaf]
            np.testing.assert_allclose(board.scores[cell] + board.penalty[cell], ratio, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 30))
def test_cuboids_cut_the_leaves_by_their_members(seed: int, dimensions: int, leaves: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [int(size) for size in rng.integers(1, 40, dimensions)]
    codes = [rng.integers(0, size, leaves) for size in sizes]
    cuboids = build_cuboids(codes, sizes, list_dimension_sets(dimensions))
    for cuboid in cuboids:
        names = list(zip(*(codes[d].tolist() for d in cuboid.dimensions), strict=True))
        assert cuboid.occupied == len(set(names)) == len(set(cuboid.keys.tolist()))
        assert len(set(zip(names, cuboid.keys.tolist(), strict=True))) == cuboid.occupied
        assert cuboid.count_leaves().sum() == leaves


def test_dimensions_that_follow_from_others_are_left_out() -> None:
    city = np.arange(40) % 8
    province = city // 2
    day = np.arange(40) // 8
    found = {
        c.dimensions
        for c in build_cuboids(
            [city, province, day],
            [8, 4, 5],
            [item for depth in (1, 2, 3) for item in combinations(range(3), depth)],
        )
    }
    assert found == {(0,), (1,), (2,), (0, 2), (1, 2)}

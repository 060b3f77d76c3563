"""Of few leaves, tails are no causes and causes are no tails."""

import numpy as np
import pandas as pd
import pytest

from assistant.insights.explain_table import TableExplanation, explain_table
from assistant.insights.localise.deviation import measure_sum
from assistant.insights.localise.few import FewLeaves
from assistant.insights.localise.leaves import Leaves
from eval.bench_why import explain_leaf_table
from eval.leaf_tables import KINDS, generate_table

TABLES = 40


def explain(frame: pd.DataFrame) -> dict[tuple[str, ...], float]:
    found = explain_table(frame, [c for c in frame.columns if c not in "vf"], "v", "f")
    assert isinstance(found, TableExplanation)
    return {cause.elements: cause.score for cause in found.causes}


def test_heavy_tails_of_few_leaves_are_no_causes() -> None:
    kind = KINDS["few sum heavy tails"]
    tables = (generate_table(kind, seed, planted=False) for seed in range(TABLES))
    alarms = sum(not explain_leaf_table(table).normal for table in tables)
    assert alarms <= 0.05 * TABLES


@pytest.mark.parametrize("name", ["few sum counts", "few ratio both", "few sum heavy tails"])
def test_causes_of_few_leaves_are_found(name: str) -> None:
    right = wrong = missed = 0
    for seed in range(10_000, 10_000 + TABLES):
        made = generate_table(KINDS[name], seed)
        named = {cause.elements for cause in explain_leaf_table(made).causes}
        right += len(named & set(made.causes))
        wrong += len(named - set(made.causes))
        missed += len(set(made.causes) - named)
    assert right / (right + (wrong + missed) / 2) >= 0.95


def few_leaves() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    places = np.indices((4, 8)).reshape(2, -1)
    frame = pd.DataFrame({"a": places[0], "b": places[1], "f": rng.lognormal(5.0, 0.5, 32)})
    return frame.assign(v=frame["f"] * rng.normal(1.0, 0.03, 32))


def test_one_leaf_among_few_is_a_cause() -> None:
    frame = few_leaves()
    frame.loc[11, "v"] *= 0.5
    assert list(explain(frame)) == [("a=1", "b=3")]


def test_where_most_moved_each_by_its_own_the_others_are_no_cause() -> None:
    frame = few_leaves()
    for member, factor in ((0, 0.5), (1, 0.7), (2, 1.6)):
        frame.loc[frame["a"] == member, "v"] *= factor
    assert set(explain(frame)) == {("a=0",), ("a=1",), ("a=2",)}


def test_the_likelihood_is_that_of_normal_noise() -> None:
    """Leaves of equal size, no drift: n (log(s) + log(2 pi) / 2 + 1 / 2) by hand."""
    rng = np.random.default_rng(2)
    relative = rng.normal(0.0, 0.1, 60)
    relative -= relative.mean()
    leaves = FewLeaves(relative, np.zeros(60), np.ones(60, dtype=bool))
    spread = float(np.sqrt((relative**2).mean()))
    by_hand = -60 * (np.log(spread) + np.log(2 * np.pi) / 2 + 0.5)
    found, _ = leaves.judge(())
    assert found >= by_hand - 1e-9
    assert found == pytest.approx(by_hand, abs=1.0)


def test_unknown_leaves_are_left_out() -> None:
    codes = (np.arange(14, dtype=np.intp),)
    members = (tuple(str(i) for i in range(14)),)
    expected = np.array([0.0, 0.0, *np.linspace(5.0, 9.0, 12)])
    view = measure_sum(Leaves(("a",), members, codes, expected * 1.01, expected))
    leaves = FewLeaves.read(view, np.full(14, 0.1))
    assert len(leaves.relative) == len(leaves.sizes) == 12
    assert np.isfinite(leaves.judge(())[0])


def whole_numbers(shape: tuple[int, ...], seed: int) -> pd.DataFrame:
    """Ten of everything; of a few leaves one more or one less came."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(dict(zip("abc", np.indices(shape).reshape(3, -1), strict=True)))
    moves = rng.choice([0.0, 1.0, -1.0], len(frame), p=[0.78, 0.11, 0.11])
    return frame.assign(f=10.0, v=10.0 + moves)


@pytest.mark.parametrize("shape", [(5, 6, 8), (10, 10, 10)])
def test_among_whole_numbers_that_mostly_stay_a_cause_is_found(shape: tuple[int, ...]) -> None:
    """The farthest leaves all lie equally far: that is no tail to be measured."""
    for seed in range(5):
        frame = whole_numbers(shape, seed)
        frame.loc[frame["a"] == 1, "v"] = 5.0
        assert list(explain(frame)) == [("a=1",)]


def test_where_most_stay_those_that_move_at_random_are_no_causes() -> None:
    found = [explain(whole_numbers((5, 6, 8), seed)) for seed in range(TABLES)]
    assert sum(map(bool, found)) <= 0.05 * TABLES
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(TABLES):
        frame = whole_numbers((5, 6, 8), 0).assign(f=rng.lognormal(4.0, 1.0, 240))
        moves = np.where(rng.random(240) < 0.5, 1.0, rng.normal(1.0, 0.1, 240))
        alarms += bool(explain(frame.assign(v=frame["f"] * moves)))
    assert alarms <= 0.05 * TABLES


@pytest.mark.parametrize("cell", [{"a": 1}, {"b": 2, "c": 3}, {"a": 0, "b": 0, "c": 0}])
def test_the_only_leaves_that_moved_are_the_cause(cell: dict[str, int]) -> None:
    frame = whole_numbers((4, 5, 6), 1).assign(v=10.0)
    inside = np.logical_and.reduce([frame[name] == member for name, member in cell.items()])
    frame.loc[inside, "v"] = 7.0
    assert list(explain(frame)) == [tuple(f"{name}={member}" for name, member in cell.items())]

"""Generated tables: what is planted is there, seeds repeat, placebos are clean."""

import numpy as np
import pandas as pd
import pytest

from eval.leaf_causes import Grid, plant_causes
from eval.leaf_tables import KINDS, LeafTable, generate_table


def pick(table: LeafTable, cause: tuple[str, ...]) -> pd.DataFrame:
    """The rows of a cause."""
    rows = table.frame
    for element in cause:
        name, member = element.split("=", 1)
        rows = rows[rows[name] == member]
    return rows


@pytest.mark.parametrize("name", KINDS)
def test_causes_name_rows_and_seeds_repeat(name: str) -> None:
    table = generate_table(KINDS[name], 11)
    again = generate_table(KINDS[name], 11)
    pd.testing.assert_frame_equal(table.frame, again.frame)
    assert table.causes == again.causes
    assert len(set(table.causes)) == len(table.causes)
    assert all(len(pick(table, cause)) for cause in table.causes)
    assert not table.frame.duplicated(list(table.dimensions)).any()
    assert generate_table(KINDS[name], 11, planted=False).causes == ()


@pytest.mark.parametrize("name", ["grid small", "grid large"])
def test_grids_move_one_way_by_one_severity(name: str) -> None:
    for seed in range(4):
        table = generate_table(KINDS[name], seed)
        signs = {
            float(np.sign((rows["actual"] - rows["expected"]).sum()))
            for rows in (pick(table, cause) for cause in table.causes)
        }
        assert len(signs - {0.0}) == 1


def test_planted_change_stands_out_of_its_noise() -> None:
    rng = np.random.default_rng(3)
    grid = Grid.full((6, 7, 8))
    planted = plant_causes(grid, np.full(grid.rows, 1 / 0.05**2), rng)
    assert planted.causes
    for cell in planted.cells:
        inside = grid.inside(cell)
        moved = np.abs(np.median(planted.factor[inside]) - 1)
        assert 0.1 <= moved <= 1.0
        assert moved * np.sqrt(inside.sum()) / 0.05 > 5
    untouched = ~np.logical_or.reduce([grid.inside(cell) for cell in planted.cells])
    assert (planted.factor[untouched] == 1).all()


def test_drift_moves_everything_alike() -> None:
    table = generate_table(KINDS["sum drift"], 21, planted=False)
    ratio = np.log(table.frame["actual"] / table.frame["expected"])
    means = ratio.groupby(table.frame["a"]).mean()
    assert means.max() - means.min() < 0.1

"""Leaves: duplicates add up, nulls are members, and what is unusable is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.localise.leaves import Leaves, TableProblem, read_leaves

members = st.sampled_from(["x", "y=1", None])
rows = st.lists(st.tuples(members, members, st.integers(-9, 9), st.integers(-9, 9)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_rows_of_equal_members_are_added_up(table: list[tuple[object, ...]]) -> None:
    frame = pd.DataFrame(table, columns=["a", "b", "v", "f"])
    leaves = read_leaves(frame, ["a", "b"], "v", "f", None)
    assert isinstance(leaves, Leaves)
    found = {
        (leaves.members[0][a], leaves.members[1][b]): (v, f)
        for a, b, v, f in zip(*leaves.codes, leaves.actual, leaves.expected, strict=True)
    }
    wanted: dict[tuple[str, str], tuple[float, float]] = {}
    for a, b, v, f in table:
        key = (str(a or "∅"), str(b or "∅"))
        old = wanted.get(key, (0.0, 0.0))
        wanted[key] = (old[0] + float(str(v)), old[1] + float(str(f)))
    assert found == wanted
    assert leaves.size == len(wanted)


def test_whole_numbers_stay_whole_beside_nulls() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan], "v": [1.0, 2.0, np.nan], "f": 1.0})
    leaves = read_leaves(frame, ["a"], "v", "f", None)
    assert isinstance(leaves, Leaves)
    (members,) = leaves.members
    assert list(members) == ["1", "2", "∅"]
    assert members[-1] == "∅" and members[:2] == ["1", "2"]
    assert leaves.actual.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("column", "values", "code"),
    [
        ("v", ["x", "y"], "not_a_number"),
        ("v", pd.to_datetime(["2026-01-01", "2026-01-02"]), "not_a_number"),
        ("v", [1.0, np.inf], "not_finite"),
        ("v", [1e308, -1e308], "not_finite"),
        ("a", [[1], [2]], "not_a_member"),
    ],
)
def test_unusable_columns_are_named(column: str, values: object, code: str) -> None:
    frame = pd.DataFrame({"a": ["p", "q"], "v": 1.0, "f": 1.0}).assign(**{column: values})
    assert read_leaves(frame, ["a"], "v", "f", None) == TableProblem(code, column)  # type: ignore[arg-type]


def test_missing_and_repeated_columns_are_named() -> None:
    frame = pd.DataFrame({"a": ["p"], "v": [1.0], "f": [1.0]})
    assert read_leaves(frame, ["b"], "v", "f", None) == TableProblem("missing_column", "b")
    assert read_leaves(frame, ["a"], "v", "v", None) == TableProblem("repeated_column", "v")
    twice = pd.concat([frame, frame[["a"]]], axis=1)
    assert read_leaves(twice, ["a"], "v", "f", None) == TableProblem("repeated_column", "a")

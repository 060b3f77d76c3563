"""Effects: they add up to the change of the total, and follow the mix and rate formula."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.localise.effects import measure_effects
from assistant.insights.localise.leaves import Leaves, read_leaves
from assistant.insights.localise.ratio import keep_present

counts = st.integers(0, 50).map(float)
rows = st.lists(st.tuples(counts, counts, counts, counts), min_size=1, max_size=12)
RATIO = ("now", "before")


def read(table: list[tuple[float, ...]]) -> Leaves:
    """Leaves with a member per row."""
    frame = pd.DataFrame(table, columns=["actual", "expected", *RATIO])
    leaves = read_leaves(frame.assign(a=range(len(frame))), ["a"], "actual", "expected", RATIO)
    assert isinstance(leaves, Leaves)
    return keep_present(leaves)


def split_by_hand(leaves: Leaves) -> list[float]:
    """The formula, leaf by leaf in plain Python."""
    now, before = leaves.actual_denominator, leaves.expected_denominator
    assert now is not None and before is not None
    total1 = leaves.actual.sum() / now.sum()
    total0 = leaves.expected.sum() / before.sum()
    effects = []
    for n1, n0, d1, d0 in zip(leaves.actual, leaves.expected, now, before, strict=True):
        if d1 == 0 and d0 == 0:
            effects.append(0.0)
            continue
        r1 = n1 / d1 if d1 else n0 / d0
        r0 = n0 / d0 if d0 else n1 / d1
        w1, w0 = d1 / now.sum(), d0 / before.sum()
        mix = (w1 - w0) * ((r1 + r0) / 2 - (total1 + total0) / 2)
        effects.append(mix + (r1 - r0) * (w1 + w0) / 2)
    return effects


@settings(max_examples=40, deadline=None)
@given(rows)
def test_ratio_effects_follow_the_formula_and_add_up(table: list[tuple[float, ...]]) -> None:
    leaves = read(table)
    now, before = leaves.actual_denominator, leaves.expected_denominator
    assert now is not None and before is not None
    if now.sum() == 0 or before.sum() == 0:
        return
    effects = measure_effects(leaves)
    np.testing.assert_allclose(effects, split_by_hand(leaves), atol=1e-12)
    change = leaves.actual.sum() / now.sum() - leaves.expected.sum() / before.sum()
    np.testing.assert_allclose(effects.sum(), change, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_sum_effects_are_the_differences(table: list[tuple[float, ...]]) -> None:
    frame = pd.DataFrame(table, columns=["actual", "expected", *RATIO])
    leaves = read_leaves(frame.assign(a=range(len(frame))), ["a"], "actual", "expected", None)
    assert isinstance(leaves, Leaves)
    np.testing.assert_allclose(measure_effects(leaves), frame["actual"] - frame["expected"])

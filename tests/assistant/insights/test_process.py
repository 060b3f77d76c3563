"""The triangular systems of the model of a value over time are solved as a library solves them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insights.process import BLOCK, forward


@given(st.integers(1, 3 * BLOCK), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_forward_substitution_solves_the_system(size: int, columns: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    lower = np.tril(random.normal(size=(size, size)), -1) / size + np.diag(
        random.uniform(1, 3, size)
    )
    wanted = random.normal(size=(size, columns))
    assert forward(lower, lower @ wanted) == pytest.approx(wanted, rel=1e-9, abs=1e-9)

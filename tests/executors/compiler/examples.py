"""How often a check is tried on random worlds and queries: quickly with all tests, else often."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Check = Callable[[st.DataObject], None]

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
THOROUGH = settings(QUICK, max_examples=500, derandomize=False)
HOW_OFTEN = pytest.mark.parametrize(
    "often",
    [pytest.param(QUICK, id="some"), pytest.param(THOROUGH, id="many", marks=pytest.mark.slow)],
)


def each_of(checks: Sequence[Check]) -> pytest.MarkDecorator:
    """Mark a test as one of every check."""
    return pytest.mark.parametrize("check", checks, ids=lambda check: check.__name__)


def try_out(check: Check, often: settings) -> None:
    """Run `check` on random examples; it draws them itself and fails by an assertion."""

    @often
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        check(data)

    holds()

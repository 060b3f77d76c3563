"""Whatever a metric's type and whatever the rows: each dimension's parts sum to the change."""

import math
import statistics
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.insights.detectors.drivers import DETECTOR
from tests.assistant.insights.engine import Engine, Measure, Row, count_of, rate_of, total_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation


def middle(rows: Sequence[Row]) -> tuple[float | None, ...]:
    """A median: no sum, no components."""
    return (statistics.median(row["amount"] for row in rows),)


def mean_of_buyers(rows: Sequence[Row]) -> tuple[float | None, ...]:
    """A share of distinct buyers: components that overlap between members."""
    everyone = {row["who"] for row in rows}
    often = [w for w in everyone if sum(row["who"] == w for row in rows) > 1]
    return (len(often) / len(everyone), float(len(often)), float(len(everyone)))


MEASURES: dict[str, Measure] = {
    "sum": total_of("amount"),
    "ratio": rate_of("amount", "size"),
    "distinct": count_of("who"),
    "median": middle,
    "entity_share": mean_of_buyers,
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.sampled_from([OCTOBER.start, SEPTEMBER.start]),
            "amount": st.floats(-1e6, 1e6),
            "size": st.floats(0.01, 1e4),
            "who": st.integers(0, 9),
            "city": st.sampled_from(["a", "b", "c", None]),
            "channel": st.sampled_from([f"c{place}" for place in range(9)]),
        }
    ),
    max_size=40,
)


@pytest.mark.parametrize("kind", MEASURES)
@settings(max_examples=200, deadline=None)
@given(rows=ROWS)
def test_parts_and_residual_are_the_change(kind: str, rows: list[Row]) -> None:
    measure = MEASURES[kind]
    engine = Engine(rows, {"sales": measure})
    found = engine.findings(DETECTOR, investigation(split_by=("city", "channel")))
    sides = [[row for row in rows if row["at"] == p.start] for p in (OCTOBER, SEPTEMBER)]
    if not all(sides):
        assert found == ()
        return
    now, before = (measure(side)[0] for side in sides)
    assert now is not None and before is not None
    assert [finding.kind for finding in found] == ["drivers", "drivers"]
    for finding in found:
        effects = [driver.effect for driver in finding.drivers]
        scale = max(map(abs, [*effects, now, before]))
        assert abs(math.fsum(effects) - (now - before)) <= 1e-9 * scale
        assert all(d.kind == "residual" for d in finding.drivers if d.member is None)

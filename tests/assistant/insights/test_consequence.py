"""A flag that spreads in one region is told after the region; an inflow is not."""

import itertools

import pytest

from assistant.insights.detectors.drivers import DETECTOR
from tests.assistant.insights.engine import Engine, Row, rate_of
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, investigation, months_back

REGIONS = ("north", "east", "south", "west")
KINDS = ("x", "y", "z")
COUNT = 1200.0


def rows(flagged_in: dict[str, float], inflow: float = 1.0) -> list[Row]:
    """Counts by region, flag and kind; `flagged_in`: the share of flagged rows of October by region.

    Flagged rows have a rate of 0.1, others of 0.4; in October flagged ones are `inflow` times more.
    """
    found: list[Row] = []
    for period in [*months_back(SEPTEMBER, 3), SEPTEMBER, OCTOBER]:
        for place, (region, kind) in enumerate(itertools.product(REGIONS, KINDS)):
            share = flagged_in.get(region, 0.05) if period == OCTOBER else 0.05
            grown = inflow if period == OCTOBER else 1.0
            for flag, size in (("yes", COUNT * share * grown), ("no", COUNT * (1 - share))):
                rate = (0.1 if flag == "yes" else 0.4) + 0.001 * place
                found.append({"at": period.start, "region": region, "flag": flag, "kind": kind,
                              "n": rate * size, "d": size})  # fmt: skip
    return found


def order(data: list[Row]) -> list[str]:
    engine = Engine(data, {"sales": rate_of("n", "d")})
    found = engine.findings(DETECTOR, investigation(split_by=("flag", "kind", "region")))
    return [finding.subject for finding in found if finding.kind == "drivers"]


@pytest.mark.parametrize("region", REGIONS)
def test_where_a_flag_spread_is_told_before_the_flag(region: str) -> None:
    assert order(rows({region: 0.6}))[:2] == ["region", "flag"]


def test_a_flag_that_spread_everywhere_comes_first() -> None:
    assert order(rows(dict.fromkeys(REGIONS, 0.3)))[0] == "flag"


def test_what_grew_in_all_members_alike_follows_from_none() -> None:
    assert order(rows({}, inflow=6.0))[0] == "flag"

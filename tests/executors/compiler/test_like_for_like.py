"""A running period stands against the first part of its base: what both queries alone give."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from executors.compiler.compile import compile_query
from metric_catalog.comparisons import Against, compared_alike, elapsed
from metric_catalog.errors import CatalogError
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import Comparison, GroupBy, MetricQuery, ShareOfTotal
from tests.executors.compiler.checked import DAYS, FIRST, answer, shop

AGAINST = st.sampled_from(("previous", "year", "holiday"))
METRICS = st.sampled_from(("amount", "orders", "buyers", "aov"))
BY = st.sampled_from(((), (GroupBy("channel"),)))
LAST = FIRST + dt.timedelta(days=DAYS)


def values(query: MetricQuery, as_of: dt.date, column: str) -> dict[object, object]:
    names, rows = answer(query, as_of)
    keys = [place for place, name in enumerate(names) if name == "channel"]
    found = {tuple(row[k] for k in keys): row[names.index(column)] for row in rows}
    return {key: value for key, value in found.items() if value is not None}


@settings(max_examples=60, deadline=None)
@given(
    st.dates(dt.date(2023, 6, 1), LAST.date()),
    st.integers(1, 120),
    st.integers(1, 150),
    AGAINST,
    METRICS,
    BY,
)
def test_both_sides_are_queries_of_their_own(
    first: dt.date,
    days: int,
    over: int,
    against: Against,
    metric: str,
    by: tuple[GroupBy, ...],
) -> None:
    asked = Period.of_days(first, first + dt.timedelta(days=days - 1))
    as_of = first + dt.timedelta(days=over)
    query = MetricQuery((metric,), by, periods=(asked,), comparison=Comparison(against))
    now, base = compared_alike(asked, against, shop().calendar, as_of)
    for column, period in ((metric, now), (f"{metric}__base", base)):
        alone = replace(query, periods=(period,), comparison=None)
        got = values(query, as_of, column)
        wanted = values(alone, as_of, metric)
        assert {k: v for k, v in got.items() if v} == {k: v for k, v in wanted.items() if v}


def applied(query: MetricQuery, as_of: dt.date | None, mark: bool = False) -> tuple[str, ...]:
    catalog = shop()
    if mark:
        metric = catalog.metric("amount").model_copy(update={"complete_period": "mark"})
        catalog = replace(catalog, metrics={**catalog.metrics, "amount": metric})
    statement = compile_query(query, catalog, EVERYTHING, as_of)
    return tuple(name for name in statement.rewrites if name.startswith("like_for_like"))


MONTHS = Period(dt.datetime(2023, 10, 1), dt.datetime(2023, 12, 1))
RUNNING = MetricQuery(("amount",), periods=(MONTHS,), comparison=Comparison("year"))


def test_the_explanation_names_both_cut_periods() -> None:
    line = "like_for_like [2023-10-01, 2023-11-01), [2022-10-01, 2022-11-01)"
    assert applied(RUNNING, dt.date(2023, 11, 1)) == (line,)
    assert applied(RUNNING, dt.date(2023, 12, 1)) == ()
    assert applied(RUNNING, dt.date(2023, 9, 1)) == ()
    assert applied(RUNNING, None) == ()
    assert applied(replace(RUNNING, comparison=None), dt.date(2023, 11, 1)) == ()


def test_a_named_base_and_metrics_that_are_only_marked_stay_whole() -> None:
    named = replace(RUNNING, comparison=Comparison("period", MONTHS))
    assert applied(named, dt.date(2023, 11, 1)) == ()
    assert applied(RUNNING, dt.date(2023, 11, 1), mark=True) == ()
    both = replace(RUNNING, metrics=("amount", "orders"))
    assert len(applied(both, dt.date(2023, 11, 1), mark=True)) == 1


def test_a_period_without_an_end_runs_to_the_day_asked() -> None:
    query = replace(RUNNING, periods=(Period(MONTHS.start, None),))
    assert applied(query, dt.date(2023, 10, 9)) == (
        "like_for_like [2023-10-01, 2023-10-09), [2022-10-01, 2022-10-09)",
    )
    for day in (None, dt.date(2023, 9, 1)):
        with pytest.raises(CatalogError):
            applied(query, day)


def test_the_shares_of_a_running_period_are_of_what_was_measured() -> None:
    as_of = dt.date(2023, 10, 20)
    by = replace(RUNNING, group_by=(GroupBy("channel"),), post=ShareOfTotal())
    names, rows = answer(by, as_of)
    (total,) = {row[names.index("amount__total")] for row in rows}
    alone = replace(RUNNING, periods=(elapsed(MONTHS, as_of),), comparison=None)
    assert values(alone, as_of, "amount") == {(): total}

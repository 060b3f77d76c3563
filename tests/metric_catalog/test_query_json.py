"""Every query is plain data: written as JSON and read again it is the same query."""

import datetime as dt
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metric_catalog.periods import Period
from metric_catalog.query import (
    And,
    AveragePer,
    Compare,
    Comparison,
    CountGroups,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Not,
    Or,
    Order,
    RankWithin,
    ShareOfTotal,
    filter_leaves,
)
from metric_catalog.query_json import from_json, having_to_json, to_json

NAMES = st.sampled_from(("gmv", "channel", "customer__city", "metric_time__month", "渠道", "a b"))
OPS = st.sampled_from(("=", "!=", "<", "<=", ">", ">=", "in", "contains", "prefix", "suffix"))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
VALUES = st.lists(SCALARS, min_size=1, max_size=3).map(tuple)
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2030, 1, 1))
PERIODS = st.one_of(
    st.builds(
        lambda start, days: Period(start, start + dt.timedelta(days=days)),
        MOMENTS,
        st.integers(1, 400),
    ),
    MOMENTS.map(lambda moment: Period(moment, None)),
    MOMENTS.map(lambda moment: Period(None, moment)),
)
LEAVES = st.one_of(
    st.builds(Compare, NAMES, OPS, VALUES),
    st.builds(Compare, NAMES, st.just("is_null"), st.just(())),
    st.builds(
        MetricCondition, NAMES, OPS, VALUES, st.lists(NAMES, min_size=1, max_size=2).map(tuple)
    ),
)


def trees(leaves: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    def larger(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, inner))

    return st.recursive(leaves, larger, max_leaves=6)


QUERIES = st.builds(
    MetricQuery,
    metrics=st.lists(NAMES, max_size=2).map(tuple),
    group_by=st.lists(
        st.one_of(
            st.builds(GroupBy, NAMES),
            st.builds(GroupBy, NAMES, st.sampled_from(("day", "fiscal_year"))),
            st.builds(GroupBy, NAMES, st.none(), st.sampled_from(("dow", "hour"))),
        ),
        max_size=3,
    ).map(tuple),
    filters=st.one_of(st.none(), trees(LEAVES)),
    having=st.one_of(st.none(), trees(st.builds(MetricCondition, NAMES, OPS, VALUES))),
    periods=st.lists(PERIODS, max_size=2).map(tuple),
    grain=st.sampled_from((None, "day", "month")),
    comparison=st.one_of(
        st.none(),
        st.builds(Comparison, st.sampled_from(("previous", "year", "holiday", "members"))),
        st.builds(Comparison, st.just("period"), PERIODS),
    ),
    post=st.one_of(
        st.none(),
        st.builds(AveragePer, st.sampled_from(("day", "month"))),
        st.builds(CountGroups),
        st.builds(ShareOfTotal),
        st.builds(RankWithin, NAMES),
    ),
    order=st.lists(st.builds(Order, NAMES, st.booleans()), max_size=2).map(tuple),
    limit=st.one_of(st.none(), st.integers(1, 100)),
    other=st.booleans(),
    distinct=st.booleans(),
    min_max_only=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_a_query_survives_json(query: MetricQuery) -> None:
    text = json.dumps(to_json(query), allow_nan=False)
    again = from_json(json.loads(text))
    assert again == query
    assert hash(again) == hash(query)
    assert json.dumps(to_json(again), allow_nan=False) == text


@given(trees(st.builds(Compare, NAMES, OPS, VALUES)))
def test_conditions_on_results_name_their_metric(having: Filter) -> None:
    def leaves(written: Any) -> list[Any]:
        inner = written.get("items")
        return [written] if inner is None else [leaf for item in inner for leaf in leaves(item)]

    found = leaves(having_to_json(having))
    assert [leaf["metric"] for leaf in found] == [leaf.dimension for leaf in filter_leaves(having)]  # type: ignore[union-attr]
    assert not any("dimension" in leaf for leaf in found)

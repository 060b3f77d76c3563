"""Splits answered by one statement: the rows of every metric are those of each split alone."""

import datetime as dt
from collections.abc import Mapping

import pytest

from assistant.pipeline import query
from assistant.wiring import Assistant
from executors.compiler.splits import alike, compile_splits
from executors.repeated_keys import UniqueKeys
from executors.result import ResultTable
from metric_catalog.errors import CatalogError
from metric_catalog.model.metrics import (
    Derived,
    EntityShare,
    Ratio,
    Retention,
    Simple,
)
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import Compare, Filter, GroupBy, MetricQuery, Not, Query
from tests.executors.rows import same_table

AS_OF = dt.date(2026, 11, 1)
MOST = 8
TIER_ONE = Compare("city_tier", "=", ("tier1",))
APP_ONLY = Policy("app", (RowFilter("orders", Compare("channel", "=", ("app",))),))


def _period(first: str, last: str) -> Period:
    return Period(dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last))


MONTHS = MetricQuery(periods=(_period("2026-08-01", "2026-11-01"),), grain="month")
APART = MetricQuery(
    periods=(_period("2026-10-01", "2026-10-20"), _period("2026-08-01", "2026-08-20"))
)
WHOLE = MetricQuery()


def _family(
    shop: Assistant, metric: str, over: MetricQuery, filters: Filter | None = None
) -> tuple[MetricQuery, ...]:
    paths = shop.catalog.dimensions_of(metric)
    names = list(dict.fromkeys(shop.catalog.canonical(path) for path in paths))
    found = alike(
        MetricQuery((metric,), (GroupBy(n),), filters, periods=over.periods, grain=over.grain)
        for n in names[:MOST]
    )
    return found[0] if found else ()


def _together(
    shop: Assistant, family: tuple[MetricQuery, ...], policy: Policy = EVERYTHING
) -> Mapping[Query, ResultTable] | None:
    made = compile_splits(family, shop.catalog, policy, AS_OF, _unique(shop))
    return made.tables(shop.executor.run(made.statement, made.query)) if made else None


def _unique(shop: Assistant) -> UniqueKeys:
    return shop.line.unique


def _check(
    shop: Assistant,
    family: tuple[MetricQuery, ...],
    tables: Mapping[Query, ResultTable],
    policy: Policy = EVERYTHING,
) -> None:
    assert set(tables) == set(family)
    for each in family:
        alone = query(each, shop.catalog, shop.executor, policy, AS_OF)[1]
        assert tables[each].query == each
        same_table(tables[each], alone)


@pytest.mark.parametrize("over", [MONTHS, APART], ids=["months", "apart"])
def test_every_metric_of_the_shop_splits_as_alone(
    shop_session: Assistant, over: MetricQuery
) -> None:
    answered = set()
    for metric in shop_session.catalog.metrics:
        family = _family(shop_session, metric, over)
        if family and (tables := _together(shop_session, family)) is not None:
            _check(shop_session, family, tables)
            answered.add(type(shop_session.catalog.metric(metric).of))
    assert {Simple, Ratio, EntityShare, Derived, Retention} <= answered


@pytest.mark.parametrize("filters", [TIER_ONE, Not(TIER_ONE)], ids=["in", "out"])
@pytest.mark.parametrize("policy", [EVERYTHING, APP_ONLY], ids=["all", "app"])
def test_filters_and_policies_hold_for_every_split(
    shop_session: Assistant, filters: Filter, policy: Policy
) -> None:
    for metric in ("gmv", "aov", "orders", "buyers", "repurchase_rate"):
        family = _family(shop_session, metric, MONTHS, filters)
        tables = _together(shop_session, family, policy)
        assert tables is not None
        _check(shop_session, family, tables, policy)


def test_a_missing_member_is_a_member_and_not_another_split(shop_session: Assistant) -> None:
    names = ("store", "store_format", "channel")
    family = tuple(MetricQuery(("orders",), (GroupBy(name),)) for name in names)
    tables = _together(shop_session, family)
    assert tables is not None
    assert None in tables[family[0]].values("store")
    assert None not in tables[family[2]].values("channel")
    _check(shop_session, family, tables)


def test_a_hidden_dimension_is_hidden_and_the_others_are_asked_alone(
    shop_session: Assistant,
) -> None:
    family = _family(shop_session, "gmv", WHOLE)
    hidden = Policy("some", hidden_dimensions=frozenset({family[0].group_by[0].name}))
    assert (
        compile_splits(family, shop_session.catalog, hidden, AS_OF, _unique(shop_session)) is None
    )
    with pytest.raises(CatalogError):
        query(family[0], shop_session.catalog, shop_session.executor, hidden, AS_OF)


def test_what_depends_on_the_groups_is_asked_alone(shop_session: Assistant) -> None:
    for metric in ("new_user_conversion", "paid_conversion", "repurchase_interval"):
        family = _family(shop_session, metric, MONTHS)
        assert len(family) > 1
        assert (
            compile_splits(family, shop_session.catalog, EVERYTHING, AS_OF, _unique(shop_session))
            is None
        )


def test_only_splits_that_ask_the_same_belong_together() -> None:
    one, two = (MetricQuery(("orders",), (GroupBy(n),)) for n in ("channel", "city"))
    others = (
        MetricQuery(("gmv",), (GroupBy("city"),)),
        MetricQuery(("orders",), (GroupBy("region"),), TIER_ONE),
        MetricQuery(("orders",), (GroupBy("region"),), limit=3),
        MetricQuery(("orders",), (GroupBy("region"), GroupBy("city"))),
        MetricQuery(("orders",)),
        MetricQuery(("orders",), (GroupBy("metric_time", "month"),)),
    )
    assert alike((one, *others, two)) == ((one, two),)

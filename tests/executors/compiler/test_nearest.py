"""What cannot be answered names what can: the query with it in place is compiled."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from executors.compiler.compile import compile_query
from executors.compiler.nearest import near_grains, near_period
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import Issue
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING, Policy
from metric_catalog.query import (
    AveragePer,
    Comparison,
    GroupBy,
    MetricCondition,
    MetricQuery,
)
from tests.executors.compiler.catalogs import shop_catalog

AS_OF = dt.date(2024, 6, 12)
MAY = Period(dt.datetime(2024, 5, 1), dt.datetime(2024, 6, 1))


def by(*names: str) -> tuple[GroupBy, ...]:
    return tuple(GroupBy(name) for name in names)


def catalog() -> Catalog:
    """The shop with running, shifted and converted metrics, and customers that are counted."""
    known = shop_catalog()
    customers = known.models["customers"]
    count = known.models["orders"].measures[1].model_copy(
        update={"name": "customers", "expr": "customer_id"}
    )  # fmt: skip
    counted = customers.model_copy(update={"measures": (count,)})
    product = known.models["orders"].entity("product")
    counted = counted.model_copy(update={"entities": (*customers.entities, product)})
    before = {"alias": "before", "metric": "amount"}
    more: dict[str, dict[str, Any]] = {
        "customers": {"type": "simple", "model": "customers", "measure": "customers"},
        "running": {"type": "cumulative", "metric": {"metric": "amount"}, "grain_to_date": "month"},
        "retail_running": {"type": "cumulative", "metric": {"metric": "amount"},
                           "window": {"count": 2, "grain": "retail_month"}},
        "a_month_ago": {"type": "derived", "expr": "before", "inputs": [
            {**before, "offset_window": {"count": 1, "grain": "month"}}]},
        "retail_ago": {"type": "derived", "expr": "before", "inputs": [
            {**before, "offset_window": {"count": 1, "grain": "retail_month"}}]},
        "aov_ago": {"type": "derived", "expr": "before", "inputs": [
            {**before, "metric": "aov", "offset_window": {"count": 1, "grain": "month"}}]},
        "start_of_month": {"type": "derived", "expr": "before", "inputs": [
            {**before, "offset_to_grain": "month"}]},
    }  # fmt: skip
    metrics = {
        name: Metric.model_validate({"id": name, "name": name, "of": of})
        for name, of in more.items()
    }
    return replace(
        known,
        models={**known.models, "customers": counted},
        metrics={**known.metrics, **metrics},
    )


CATALOG = catalog()
YEARS = Period(dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1))
GROUPED: dict[str, tuple[MetricQuery, str]] = {
    "a way that multiplies": (MetricQuery(("amount",), by("source")), "dimension_multiplies"),
    "a metric as a group": (MetricQuery(("amount",), by("orders")), "metric_for_dimension"),
    "dimensions apart": (MetricQuery((), by("channel", "source")), "dimensions_apart"),
    "three apart": (MetricQuery((), by("channel", "source", "tier")), "dimensions_apart"),
    "history without a time": (
        MetricQuery((), by("order__channel", "product__price_level")),
        "validity_without_time",
    ),
    "history of what has none": (
        MetricQuery(("customers",), by("product__price_level")),
        "validity_without_time",
    ),
    "no time": (MetricQuery(("customers",), by("metric_time__day")), "no_metric_time"),
    "running without an end": (MetricQuery(("running",)), "cumulative_needs_time_or_period"),
    "shifted without a time": (MetricQuery(("a_month_ago",)), "offset_needs_time_or_period"),
    "start without a time": (MetricQuery(("start_of_month",)), "offset_to_start_needs_time"),
    "coarser than the shift": (
        MetricQuery(("aov_ago",), by("metric_time__year"), periods=(MAY,)),
        "offset_finer_than_grain",
    ),
    "weeks by months": (
        MetricQuery(("a_month_ago",), by("metric_time__week")),
        "offset_between_units",
    ),
}


def refused(query: MetricQuery, known: Catalog = CATALOG, policy: Policy = EVERYTHING) -> Issue:
    with pytest.raises(CatalogError) as caught:
        compile_query(query, known, policy, AS_OF)
    (found,) = caught.value.issues
    return found


@pytest.mark.parametrize("case", GROUPED)
def test_the_nearest_group_by_can_be_had(case: str) -> None:
    query, code = GROUPED[case]
    found = refused(query)
    assert found.code == code and found.nearest
    for near in found.nearest:
        if near in CATALOG.metrics:
            compile_query(replace(query, metrics=(near,)), CATALOG, EVERYTHING, AS_OF)
        else:
            instead = replace(query, group_by=by(*near.split(",")))
            compile_query(instead, CATALOG, EVERYTHING, AS_OF)


def test_as_many_as_go_together_are_named() -> None:
    assert refused(GROUPED["three apart"][0]).nearest == ("channel,tier", "source,tier")


def test_what_is_hidden_is_not_near() -> None:
    hidden = Policy(
        "x", hidden_metrics=frozenset({"visits"}), hidden_dimensions=frozenset({"tier"})
    )
    for query, _ in GROUPED.values():
        try:
            compile_query(query, CATALOG, hidden, AS_OF)
        except CatalogError as error:
            near = [part for found in error.issues for part in found.nearest]
            assert not [name for name in near if "tier" in name.split(",")[0]], near
            assert "visits" not in near


@pytest.mark.parametrize(
    ("period", "near"),
    [
        (None, "--start 2024-05-01 --end 2024-06-01"),
        (Period(None, dt.datetime(2024, 3, 31)), "--start 2024-02-29 --end 2024-03-31"),
        (Period(dt.datetime(2024, 3, 1), None), "--start 2024-03-01 --end 2024-04-01"),
        (Period(None, dt.datetime(1, 1, 2)), None),
    ],
)
def test_a_comparison_names_a_period(period: Period | None, near: str | None) -> None:
    assert near_period(period, AS_OF) == ((near,) if near else ())
    periods = () if period is None else (period,)
    query = MetricQuery(("amount",), periods=periods, comparison=Comparison("period"))
    assert refused(query).nearest == ((near,) if near else ())
    assert near_period(None, None) == ()


def test_more_moments_than_can_be_laid_out_name_the_last_that_can() -> None:
    query = MetricQuery(("running",), by("metric_time__day"), periods=(YEARS,))
    found = refused(query)
    _, start, _, end = found.nearest[0].split()
    bounds = Period(*(dt.datetime.fromisoformat(each) for each in (start, end)))
    assert found.code == "too_many_moments" and bounds.end == YEARS.end
    compile_query(replace(query, periods=(bounds,)), CATALOG, EVERYTHING)


def test_windows_of_other_calendars_name_the_common_grain() -> None:
    for metric in ("retail_running", "retail_ago"):
        found = refused(MetricQuery((metric,), by("metric_time__day"), periods=(MAY,)))
        assert (found.code, found.nearest) == ("custom_window", ("month",))
    mean = MetricQuery(("amount",), periods=(MAY,), post=AveragePer("sprint"))
    assert refused(mean).nearest == near_grains("sprint") != ()
    assert near_grains("fiscal_quarter") == ("quarter",)


def test_a_condition_on_a_metric_names_its_keys() -> None:
    query = MetricQuery(("amount",), filters=MetricCondition("orders", ">", (1,)))
    near = refused(query).nearest
    assert near[:2] == ("metric(orders, order)", "metric(orders, customer)")
    for text in near:
        told = replace(query, filters=parse_condition(f"{text} > 1"))
        compile_query(told, CATALOG, EVERYTHING)


def test_a_condition_without_a_metric_names_one() -> None:
    having = MetricCondition("ordres", ">", (1,))
    assert "orders" in refused(MetricQuery((), by("channel"), having=having)).nearest
    compared = MetricQuery((), by("channel"), periods=(MAY,), comparison=Comparison("year"))
    for near in refused(compared).nearest:
        compile_query(replace(compared, metrics=(near,)), CATALOG, EVERYTHING)


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("channel =", "condition_unfinished", ()),
        ("(channel = 'a'", "condition_unfinished", ()),
        ("channel in ('a'", "condition_unfinished", ()),
        ("not", "condition_unfinished", ()),
        ("channel is", "condition_unfinished", ()),
        ("channel not", "condition_unfinished", ()),
        ("channel between 1", "condition_unfinished", ()),
        ("metric(", "condition_unfinished", ()),
        ("date_trunc('mnth', metric_time) = '2024-05-01'", "condition_grain", ("month", "minute")),
        ("date_trunc(5, metric_time) = '2024-05-01'", "condition_grain", ("day", "week")),
        (
            "date_trunc('day', metric_time__month) = '2024-05-01'",
            "condition_grain_apart",
            ("metric_time__month", "metric_time__day"),
        ),
        (
            "date_trunc('month', '2024-05-01') = '2024-05-01'",
            "condition_truncates_names",
            ("date_trunc('month', metric_time)",),
        ),
        ("datetrunc('month', metric_time) = '2024-05-01'", "condition_function", ("date_trunc",)),
        ("channel in (app)", "condition_value_expected", ("'app'",)),
    ],
)
def test_conditions_say_where_they_end_and_what_was_meant(
    text: str, code: str, near: tuple[str, ...]
) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_condition(text)
    (found,) = caught.value.issues
    assert found.code == code
    assert found.nearest[: len(near)] == near and bool(found.nearest) == bool(near)
    assert dict(found.arguments).get("at") != ""

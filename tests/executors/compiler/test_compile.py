"""The compiler's own rules: names, refusals, policy, traps, and the SQL it writes."""

import datetime as dt
from dataclasses import replace

import duckdb
import pytest
from sqlglot import exp

from executors.compiler.compile import compile_query
from executors.compiler.grains import check_named_grains
from executors.statement import Statement
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import (
    Compare,
    Comparison,
    CountGroups,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Order,
    ShareOfTotal,
)
from tests.executors.compiler.catalogs import shop_catalog

MAY = Period(dt.datetime(2024, 5, 1), dt.datetime(2024, 6, 1))


def compiled(query: MetricQuery, policy: Policy = EVERYTHING) -> Statement:
    return compile_query(query, shop_catalog(), policy)


def refusal(
    query: MetricQuery, policy: Policy = EVERYTHING
) -> tuple[str, dict[str, str], tuple[str, ...]]:
    with pytest.raises(CatalogError) as caught:
        compiled(query, policy)
    (issue,) = caught.value.issues
    return issue.code, dict(issue.arguments), issue.nearest


def test_sql_of_a_ratio_by_a_joined_dimension() -> None:
    query = MetricQuery(
        ("aov",),
        (GroupBy("tier"),),
        Compare("channel", "=", ("app",)),
        periods=(MAY,),
        order=(Order("aov", True),),
        limit=3,
    )
    assert compiled(query).sql("duckdb", pretty=True) == AOV_BY_TIER
    assert dict(compiled(query).parameters) == {"p0": "app", "p1": "2024-05-01", "p2": "2024-06-01"}


AOV_BY_TIER = """\
SELECT
  "customer__customers"."tier",
  CAST(SUM("orders"."amount") AS DOUBLE) / CAST(NULLIF(COUNT("orders"."order_id"), 0) AS DOUBLE) AS "aov",
  SUM("orders"."amount") AS "aov__numerator",
  COUNT("orders"."order_id") AS "aov__denominator"
FROM "shop"."orders" AS "orders"
LEFT JOIN "shop"."customers" AS "customer__customers"
  ON "orders"."customer_id" = "customer__customers"."customer_id"
WHERE
  "orders"."channel" = $p0
  AND "orders"."ordered_at" >= CAST($p1 AS DATE)
  AND "orders"."ordered_at" < CAST($p2 AS DATE)
GROUP BY
  1
ORDER BY
  "aov" DESC,
  "tier" ASC
LIMIT 3"""


def test_columns_and_their_roles() -> None:
    query = MetricQuery(("aov",), (GroupBy("channel"),), grain="month", periods=(MAY,))
    assert [(c.name, c.role, c.metric) for c in compiled(query).columns] == [
        ("metric_time__month", "time", None),
        ("channel", "dimension", None),
        ("aov", "metric", "aov"),
        ("aov__numerator", "component", "aov"),
        ("aov__denominator", "component", "aov"),
    ]


def test_values_are_bound_and_never_pasted() -> None:
    evil = "x'; DROP TABLE orders; --"
    query = MetricQuery(("amount",), filters=Compare("channel", "in", (evil, 7, None)))
    statement = compiled(query)
    assert evil not in statement.sql("duckdb") and (evil, 7) == tuple(
        v for _, v in statement.parameters
    )
    assert not list(statement.select.find_all(exp.Drop))


def test_unknown_names_come_with_the_nearest() -> None:
    code, arguments, nearest = refusal(MetricQuery(("amount",), (GroupBy("chanel"),)))
    assert code == "unknown_dimension" and nearest[0] == "channel"
    assert arguments == {"metric": "amount", "dimension": "chanel"}
    code, _, nearest = refusal(MetricQuery(("amuont",)))
    assert (code, nearest[0]) == ("unknown_metric", "amount")
    assert (
        refusal(MetricQuery(("amount",), (GroupBy("channel", "month"),)))[0]
        == "dimension_is_no_time"
    )
    assert refusal(MetricQuery(("amount",), grain="fortnight"))[0] == "unknown_grain"
    assert (
        refusal(MetricQuery(("amount",), having=Compare("visits2", ">", (1,))))[0]
        == "unknown_having"
    )
    assert refusal(MetricQuery(("amount",), order=(Order("city"),)))[0] == "unknown_order"


def test_a_shift_without_a_period_reaches_as_far_as_the_data() -> None:
    known = shop_catalog()
    inputs = [
        {"metric": "orders", "alias": "now"},
        {"metric": "orders", "alias": "before", "offset_window": {"count": 1, "grain": "month"}},
    ]
    of = {"type": "derived", "expr": "now - before", "inputs": inputs}
    growth = Metric.model_validate({"id": "growth", "name": "growth", "of": of})
    catalog = replace(known, metrics={**known.metrics, "growth": growth})
    statement = compile_query(
        MetricQuery(("growth",), (GroupBy("metric_time", "month"),)), catalog, EVERYTHING
    )
    with duckdb.connect() as connection:
        connection.execute("create schema shop")
        connection.execute(
            "create table shop.orders as select * from (values (1, date '2024-01-05'), "
            "(2, date '2024-02-01'), (3, date '2024-02-09'), (4, date '2024-04-01')) "
            "rows(order_id, ordered_at)"
        )
        rows = connection.execute(statement.sql("duckdb"), dict(statement.parameters)).fetchall()
    months = {row[0].month: row[1] for row in rows}
    assert months[2] == 1 and months[1] is None and months[4] is None
    assert set(months) <= {1, 2, 3, 4}


def test_a_short_name_that_means_two_paths_names_them() -> None:
    code, _, nearest = refusal(MetricQuery(("amount",), (GroupBy("country"),)))
    assert code == "ambiguous_dimension"
    assert nearest == (
        "buyer_region__country [billing (buyer_region)]",
        "ship_region__country [billing (ship_region)]",
    )
    statement = compiled(MetricQuery(("amount",), (GroupBy("ship_region__country"),)))
    assert statement.columns[0].name == "ship_region__country"


def test_a_dimension_of_one_input_alone_is_refused_for_the_ratio() -> None:
    code, arguments, _ = refusal(MetricQuery(("orders_per_visit",), (GroupBy("source"),)))
    assert (code, arguments["dimension"]) == ("dimension_multiplies", "source")
    assert arguments["path"] == "orders > customers (customer) < visits (customer)"


def test_a_way_that_multiplies_is_named_unless_it_is_hidden() -> None:
    query = MetricQuery(("amount",), (GroupBy("visit__source"),))
    code, arguments, _ = refusal(query)
    assert (code, arguments["metric"]) == ("dimension_multiplies", "amount")
    assert "< visits (customer)" in arguments["path"]
    hidden = Policy("clerk", hidden_dimensions=frozenset({"visit__source"}))
    assert refusal(query, hidden)[0] == "unknown_dimension"


def test_the_metric_that_lacks_a_dimension_is_the_one_named() -> None:
    query = MetricQuery(("amount", "visits"), (GroupBy("channel"),))
    assert refusal(query)[1]["metric"] == "visits"


def test_dimensions_that_no_table_brings_together_are_named() -> None:
    code, arguments, _ = refusal(MetricQuery((), (GroupBy("channel"), GroupBy("source"))))
    assert code == "dimensions_apart" and arguments["dimensions"] == "channel, source"
    code, _, nearest = refusal(MetricQuery((), (GroupBy("chanel"),)))
    assert code == "unknown_member_name" and nearest[0] == "channel"


def test_facts_are_aggregated_before_they_are_joined() -> None:
    sql = compiled(MetricQuery(("orders_per_visit",), (GroupBy("tier"),))).select
    for select in sql.find_all(exp.Select):
        tables = {
            table.name for table in select.find_all(exp.Table) if table.parent_select is select
        }
        assert not {"orders", "visits"} <= tables or not any(
            t.db for t in select.find_all(exp.Table)
        )


def test_a_stock_is_never_summed_over_its_time() -> None:
    sql = compiled(MetricQuery(("units",), (GroupBy("depot"),), periods=(MAY,))).sql("duckdb")
    assert 'MAX(CAST(DATE_TRUNC(\'DAY\', "stock"."counted_on") AS TIMESTAMP)) OVER ()' in sql


def test_a_validity_is_joined_at_the_moment_of_the_row() -> None:
    sql = compiled(MetricQuery(("amount",), (GroupBy("price_level"),))).sql("duckdb")
    assert '"product__prices"."valid_from"' in sql and '"product__prices"."valid_to"' in sql
    code, arguments, _ = refusal(
        MetricQuery((), (GroupBy("order__channel"), GroupBy("product__price_level")))
    )
    assert (code, arguments) == ("validity_without_time", {"model": "prices"})


def test_hidden_names_are_as_unknown_as_names_that_are_not() -> None:
    policy = Policy(
        "x", hidden_metrics=frozenset({"amount"}), hidden_dimensions=frozenset({"phone"})
    )
    assert refusal(MetricQuery(("amount",)), policy)[0] == "unknown_metric"
    for query in (
        MetricQuery(("orders",), (GroupBy("phone"),)),
        MetricQuery(("orders",), (GroupBy("customer__phone"),)),
        MetricQuery(("orders",), filters=Compare("phone", "prefix", ("1",))),
        MetricQuery((), (GroupBy("phone"),)),
    ):
        code, _, nearest = refusal(query, policy)
        expected = "unknown_dimension" if query.metrics else "unknown_member_name"
        assert code == expected and not any("phone" in name for name in nearest)
    condition = MetricCondition("amount", ">", (1,), ("customer",))
    assert refusal(MetricQuery(("orders",), filters=condition), policy)[0] == "unknown_metric"


def test_every_table_of_a_filtered_model_is_read_through_the_filter() -> None:
    policy = Policy("x", (RowFilter("customers", Compare("region", "=", ("north",))),))
    queries = (
        MetricQuery(("orders_per_visit",), (GroupBy("tier"),)),
        MetricQuery(
            ("aov",),
            filters=Compare("tier", "=", ("gold",)),
            comparison=Comparison("previous"),
            periods=(MAY,),
        ),
        MetricQuery((), (GroupBy("tier"),)),
        MetricQuery(("orders",), (GroupBy("tier"),), limit=1, other=True),
    )
    for query in queries:
        select = compiled(query, policy).select
        reads = [t for t in select.find_all(exp.Table) if t.name == "customers" and t.db == "shop"]
        assert len(reads) == 1
        cte = reads[0].find_ancestor(exp.CTE)
        assert cte is not None and cte.alias == "visible_customers"


def test_a_policy_that_needs_itself_is_refused() -> None:
    policy = Policy(
        "x",
        (
            RowFilter("orders", Compare("tier", "=", ("gold",))),
            RowFilter("customers", MetricCondition("orders", ">", (0,), ("customer",))),
        ),
    )
    with pytest.raises(UnsupportedQuery):
        compiled(MetricQuery(("orders",), (GroupBy("tier"),)), policy)


def test_what_has_no_base_period_is_refused() -> None:
    assert (
        refusal(MetricQuery(("amount",), comparison=Comparison("previous")))[0]
        == "comparison_needs_period"
    )


def test_the_same_query_gives_the_same_text() -> None:
    query = MetricQuery(
        ("aov", "buyers", "orders_per_visit"), (GroupBy("tier"),), grain="week", periods=(MAY,)
    )
    assert compiled(query).sql("duckdb") == compiled(query).sql("duckdb")


@pytest.mark.parametrize("metric", ["aov", "amount_p90"])
def test_the_share_of_what_makes_no_whole_is_refused(metric: str) -> None:
    asked = MetricQuery((metric,), (GroupBy("channel"),), post=ShareOfTotal())
    code, arguments, _ = refusal(asked)
    assert (code, arguments) == ("share_of_rate", {"metric": metric})
    assert compiled(replace(asked, metrics=("buyers",))).columns


def test_a_grain_finer_than_the_time_is_refused() -> None:
    by_time = GroupBy("metric_time", "hour")
    for group in (by_time, GroupBy("ordered_at", "hour"), GroupBy("metric_time", None, "hour")):
        code, arguments, _ = refusal(MetricQuery(("amount",), (group,)))
        assert code == "grain_finer_than_time"
        assert arguments == {"metric": "amount", "grain": "hour", "finest": "day"}
    assert refusal(MetricQuery(("amount",), grain="minute"))[0] == "grain_finer_than_time"


def test_only_the_grains_of_the_definition_are_told() -> None:
    catalog = shop_catalog()
    monthly = catalog.metric("amount").model_copy(update={"grains": ("month", "year")})
    catalog = replace(catalog, metrics={**catalog.metrics, "amount": monthly})
    asked = MetricQuery(("amount",))
    by_name = replace(asked, group_by=(GroupBy("metric_time__week"),))
    for wrong in (replace(asked, grain="day"), by_name):
        with pytest.raises(CatalogError) as caught:
            check_named_grains(catalog, wrong)
        found = caught.value.issues[0]
        assert found.code == "grain_not_of_metric"
        assert found.nearest == ("metric_time__month", "metric_time__year")
    for right in ("month", "year", "fiscal_month", "fiscal_year"):
        check_named_grains(catalog, replace(asked, grain=right))


def test_weeks_shifted_by_months_are_refused() -> None:
    catalog = shop_catalog()
    inputs = [{"metric": "orders", "offset_window": {"count": 1, "grain": "month"}}]
    of = {"type": "derived", "expr": "orders", "inputs": inputs}
    late = Metric.model_validate({"id": "late", "name": "late", "of": of})
    catalog = replace(catalog, metrics={**catalog.metrics, "late": late})
    with pytest.raises(UnsupportedQuery) as caught:
        compile_query(MetricQuery(("late",), grain="week"), catalog, EVERYTHING)
    assert caught.value.issues[0].code == "offset_between_units"
    for grain in ("day", "month"):
        assert compile_query(MetricQuery(("late",), grain=grain), catalog, EVERYTHING).columns


def test_a_base_before_the_first_year_is_refused() -> None:
    first = Period(dt.datetime(1, 1, 1), dt.datetime(1, 2, 1))
    asked = MetricQuery(("amount",), periods=(first,), comparison=Comparison("year"))
    assert refusal(asked)[0] == "beyond_the_calendar"


def _rows(query: MetricQuery) -> list[tuple[object, ...]]:
    statement = compiled(query)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute(
            "CREATE TABLE shop.orders AS SELECT i AS order_id, i % 4 AS customer_id, i AS amount,"
            " i % 3 AS channel, DATE '2026-05-01' + (i % 2)::INT AS ordered_at FROM range(12) t(i)"
        )
        return connection.execute(statement.sql("duckdb"), dict(statement.parameters)).fetchall()


@pytest.mark.parametrize("metric", ["amount", "buyers"])
def test_the_whole_is_its_own_total(metric: str) -> None:
    ((value, share, total),) = _rows(MetricQuery((metric,), post=ShareOfTotal()))
    assert (value, share) == (total, 1)
    for _, value, share, total in _rows(MetricQuery((metric,), grain="day", post=ShareOfTotal())):
        assert (value, share) == (total, 1)


def test_a_row_for_the_others_is_no_group_to_count() -> None:
    counted = MetricQuery(("amount",), (GroupBy("channel"),), post=CountGroups())
    assert _rows(counted) == [(3,)]
    assert _rows(replace(counted, limit=1, other=True)) == [(3,)]


def test_least_and_greatest_values_are_of_no_metric() -> None:
    asked = MetricQuery(("amount",), (GroupBy("channel"),), min_max_only=True)
    assert refusal(asked)[0] == "min_max_of_metric"


def test_a_condition_on_a_metric_is_sent_to_having() -> None:
    asked = MetricQuery(("amount",), filters=Compare("orders", ">", (3,)))
    assert refusal(asked)[:2] == ("metric_for_dimension", {"metric": "amount", "name": "orders"})
    hidden = Policy("x", hidden_metrics=frozenset({"orders"}))
    assert refusal(asked, hidden)[0] == "unknown_dimension"


def test_the_start_of_a_grain_needs_a_grouping_by_time() -> None:
    catalog = shop_catalog()
    inputs = [{"metric": "orders", "offset_to_grain": "month"}]
    of = {"type": "derived", "expr": "orders", "inputs": inputs}
    since = Metric.model_validate({"id": "since", "name": "since", "of": of})
    catalog = replace(catalog, metrics={**catalog.metrics, "since": since})
    with pytest.raises(UnsupportedQuery) as caught:
        compile_query(MetricQuery(("since",), periods=(MAY,)), catalog, EVERYTHING)
    assert caught.value.issues[0].code == "offset_to_start_needs_time"

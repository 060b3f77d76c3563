"""Queries beside SQL that was written by hand for them, without the compiler."""

import datetime as dt

import pytest

from metric_catalog.errors import CatalogError
from metric_catalog.periods import Period
from metric_catalog.query import (
    And,
    AveragePer,
    Compare,
    Comparison,
    CountGroups,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Order,
    RankWithin,
    ShareOfTotal,
)
from tests.executors.compiler.checked import agree, answer, by_hand


def test_a_metric_may_choose_the_entities_it_is_counted_for() -> None:
    few = MetricCondition("orders", "<=", (33,), ("buyer",))
    agree(
        MetricQuery(("orders",), (GroupBy("buyer"),), few),
        """
        SELECT buyer_id, count(*) FROM orders
        WHERE buyer_id IN (SELECT buyer_id FROM orders GROUP BY 1 HAVING count(*) <= 33)
        GROUP BY 1
        """,
        "buyer",
        "orders",
    )
    agree(
        MetricQuery(("orders",), (GroupBy("metric_time", "quarter"),), few),
        """
        SELECT date_trunc('quarter', ordered_at), count(*) FROM orders
        WHERE buyer_id IN (SELECT buyer_id FROM orders GROUP BY 1 HAVING count(*) <= 33)
        GROUP BY 1
        """,
        "metric_time__quarter",
        "orders",
    )


PAID_OUT = """
WITH base AS (SELECT *, date_trunc('month', seen_at) AS month FROM visits),
pairs AS (
    SELECT base.seen_at, payout_id,
        row_number() OVER (PARTITION BY payout_id ORDER BY seen_at DESC, visit_id) AS place
    FROM payouts JOIN base USING (buyer_id)
    WHERE month <= paid_month AND month > paid_month - INTERVAL 1 MONTH
)
SELECT {cell}, count(payout_id) AS paid_out FROM pairs WHERE place = 1 GROUP BY 1
"""


def test_events_by_month_and_by_day_are_compared_by_month() -> None:
    agree(
        MetricQuery(("paid_out_rate",)),
        f"""
        SELECT (SELECT paid_out FROM ({PAID_OUT.format(cell=1)})) / (SELECT count(*) FROM visits)
        """,
        "paid_out_rate",
    )


def test_the_fill_of_an_input_stays_inside_its_metric() -> None:
    """Cells that only the other metric has are null, cells that the metric has are filled."""
    agree(
        MetricQuery(("paid_out", "orders"), (GroupBy("metric_time", "day"),)),
        f"""
        WITH paid AS ({PAID_OUT.format(cell="seen_at")}),
        seen AS (SELECT DISTINCT seen_at FROM visits),
        days AS (SELECT seen.seen_at AS day, coalesce(paid_out, 0) AS paid_out
                 FROM seen LEFT JOIN paid ON seen.seen_at = paid.seen_at),
        bought AS (SELECT date_trunc('day', ordered_at) AS day, count(*) AS orders
                   FROM orders GROUP BY 1)
        SELECT coalesce(days.day, bought.day), paid_out, orders
        FROM days FULL JOIN bought ON days.day = bought.day
        """,
        "metric_time__day",
        "paid_out",
        "orders",
    )


def test_a_dimension_is_found_by_any_key_of_its_table() -> None:
    agree(
        MetricQuery((), (GroupBy("buyer__city"), GroupBy("buyer__level"))),
        "SELECT DISTINCT city, level FROM buyers",
        "buyer__city",
        "buyer__level",
    )


MAY = Period(dt.datetime(2023, 5, 1), dt.datetime(2023, 6, 1))
MAY_10 = Period(dt.datetime(2023, 5, 1), dt.datetime(2023, 5, 11))
SPRING = Period(dt.datetime(2024, 2, 5), dt.datetime(2024, 2, 20))


def _between(period: Period) -> str:
    return f"ordered_at >= '{period.start}' AND ordered_at < '{period.end}'"


def test_running_periods_and_moving_holidays_are_compared_like_for_like() -> None:
    """Spring Festival was on 22 January 2023 and on 10 February 2024."""
    april = "ordered_at >= '2023-04-01' AND ordered_at < '2023-04-11'"
    spring_before = "ordered_at >= '2023-01-17' AND ordered_at < '2023-02-01'"
    for kind, period, before in (
        ("previous", MAY_10, april),
        ("holiday", SPRING, spring_before),
    ):
        agree(
            MetricQuery(
                ("amount", "aov"),
                (GroupBy("channel"),),
                periods=(period,),
                comparison=Comparison(kind),  # type: ignore[arg-type]
            ),
            f"""
            WITH now AS (SELECT channel, sum(amount) AS a, count(*) AS n FROM orders
                         WHERE {_between(period)} GROUP BY 1),
            base AS (SELECT channel, sum(amount) AS a, count(*) AS n FROM orders
                     WHERE {before} GROUP BY 1)
            SELECT coalesce(now.channel, base.channel), now.a, base.a, now.a - base.a,
                now.a / now.n - base.a / base.n
            FROM now FULL JOIN base ON now.channel IS NOT DISTINCT FROM base.channel
            """,
            "channel",
            "amount",
            "amount__base",
            "amount__change",
            "aov__change",
        )


def test_a_member_against_the_rest() -> None:
    """Exactly for sums, ratios and distinct counts; missing members belong to the rest."""
    agree(
        MetricQuery(
            ("amount", "aov", "buyers"),
            (GroupBy("channel"),),
            And((Compare("channel", "=", ("app",)), Compare("paid", "=", (True,)))),
            other=True,
        ),
        """
        SELECT CASE WHEN channel = 'app' THEN 'app' ELSE '__other__' END, sum(amount),
            sum(amount) / count(*), count(DISTINCT buyer_id)
        FROM orders WHERE paid GROUP BY 1
        """,
        "channel",
        "amount",
        "aov",
        "buyers",
    )
    agree(
        MetricQuery(
            ("buyers",),
            (GroupBy("buyer__city"), GroupBy("metric_time", "quarter")),
            Compare("buyer__city", "in", ("ams",)),
            other=True,
        ),
        """
        SELECT CASE WHEN city = 'ams' THEN city ELSE '__other__' END,
            date_trunc('quarter', ordered_at), count(DISTINCT orders.buyer_id)
        FROM orders LEFT JOIN buyers USING (buyer_id) GROUP BY 1, 2
        """,
        "buyer__city",
        "metric_time__quarter",
        "buyers",
    )


def test_other_without_limit_needs_a_choice() -> None:
    with pytest.raises(CatalogError):
        answer(MetricQuery(("amount",), (GroupBy("channel"),), other=True))


def test_the_best_members_with_other_over_time() -> None:
    best = """
        WITH best AS (SELECT channel FROM orders GROUP BY 1
                      ORDER BY sum(amount) DESC NULLS LAST LIMIT 2)
        SELECT CASE WHEN best.channel IS NULL THEN '__other__' ELSE orders.channel END,
            date_trunc('month', ordered_at), {value}
        FROM orders LEFT JOIN best ON orders.channel = best.channel GROUP BY 1, 2
    """
    for metric, value in (
        ("amount", "sum(amount)"),
        ("buyers", "count(DISTINCT buyer_id)"),
        ("aov", "sum(amount) / count(*)"),
    ):
        _agree_unordered(metric, best.format(value=value))


def _agree_unordered(metric: str, sql: str) -> None:
    query = MetricQuery(
        (metric,),
        (GroupBy("channel"), GroupBy("metric_time", "month")),
        order=(Order("amount", True),),
        limit=2,
        other=True,
    )
    names, rows = answer(query)
    places = [names.index(n) for n in ("channel", "metric_time__month", metric)]
    got = sorted(str([str(row[p])[:12] for p in places]) for row in rows)
    assert got == sorted(str([str(cell)[:12] for cell in row]) for row in by_hand(sql))


def test_a_fiscal_and_a_4_5_4_calendar() -> None:
    for grain in ("fiscal_year", "period_28", "month_454"):
        agree(
            MetricQuery(("amount", "buyers"), (GroupBy("metric_time", grain),)),
            f"""
            SELECT calendar.{grain}, sum(amount), count(DISTINCT buyer_id) FROM orders
            JOIN calendar ON calendar.ds = date_trunc('day', ordered_at) GROUP BY 1
            """,
            f"metric_time__{grain}",
            "amount",
            "buyers",
        )


def test_hours_and_minutes() -> None:
    for grain in ("hour", "minute"):
        agree(
            MetricQuery(("orders",), (GroupBy("metric_time", grain),), periods=(MAY_10,)),
            f"""
            SELECT date_trunc('{grain}', ordered_at), count(*) FROM orders
            WHERE {_between(MAY_10)} GROUP BY 1
            """,
            f"metric_time__{grain}",
            "orders",
        )
    agree(
        MetricQuery(("orders",), (GroupBy("metric_time", None, "hour"),)),
        "SELECT hour(ordered_at), count(*) FROM orders GROUP BY 1",
        "metric_time__extract_hour",
        "orders",
    )


def test_a_store_is_where_it_was_at_the_time() -> None:
    agree(
        MetricQuery(("amount", "orders"), (GroupBy("store__region"),)),
        """
        SELECT (SELECT region FROM stores s WHERE s.store_id = o.store_id
                AND o.ordered_at >= valid_from AND (valid_to IS NULL OR o.ordered_at < valid_to)),
            sum(amount), count(*)
        FROM orders o GROUP BY 1
        """,
        "store__region",
        "amount",
        "orders",
    )


def test_partitions_meet_their_own() -> None:
    agree(
        MetricQuery(("pieces",), (GroupBy("part__kind"),)),
        """
        SELECT (SELECT kind FROM parts p WHERE p.part_id = u.part_id AND p.ds = u.ds),
            sum(pieces) FROM uses u GROUP BY 1
        """,
        "part__kind",
        "pieces",
    )


def test_means_per_day_and_per_month() -> None:
    quarter = Period(dt.datetime(2023, 4, 1), dt.datetime(2023, 7, 1))
    for grain, units in (("day", 91), ("month", 3)):
        agree(
            MetricQuery(
                ("amount", "orders"),
                (GroupBy("channel"),),
                periods=(quarter,),
                post=AveragePer(grain),
            ),
            f"""
            SELECT channel, sum(amount) / {units}, count(*) / {units} FROM orders
            WHERE {_between(quarter)} GROUP BY 1
            """,
            "channel",
            "amount",
            "orders",
        )


def test_how_many_groups_meet_a_condition() -> None:
    agree(
        MetricQuery(
            ("orders",),
            (GroupBy("buyer"), GroupBy("metric_time", "month")),
            having=MetricCondition("orders", ">=", (3,)),
            post=CountGroups(),
        ),
        """
        SELECT month, count(*) FROM (
            SELECT date_trunc('month', ordered_at) AS month, buyer_id FROM orders
            GROUP BY 1, 2 HAVING count(*) >= 3) GROUP BY 1
        """,
        "metric_time__month",
        "group_count",
    )


def test_shares_of_the_total_of_their_month() -> None:
    for metric, value, whole in (
        ("amount", "sum(amount)", "sum(sum(amount)) OVER (PARTITION BY month)"),
        ("buyers", "count(DISTINCT buyer_id)", "any_value(month_buyers)"),
    ):
        agree(
            MetricQuery(
                (metric,),
                (GroupBy("channel"), GroupBy("metric_time", "month")),
                post=ShareOfTotal(),
            ),
            f"""
            WITH dated AS (SELECT *, date_trunc('month', ordered_at) AS month FROM orders),
            months AS (SELECT month, count(DISTINCT buyer_id) AS month_buyers
                       FROM dated GROUP BY 1)
            SELECT channel, month, {value} / {whole} FROM dated JOIN months USING (month)
            GROUP BY 1, 2
            """,
            "channel",
            "metric_time__month",
            f"{metric}__share",
        )


def test_ranks_inside_each_city() -> None:
    agree(
        MetricQuery(
            ("amount",),
            (GroupBy("buyer__city"), GroupBy("channel")),
            post=RankWithin("buyer__city"),
        ),
        """
        SELECT city, channel, sum(amount),
            rank() OVER (PARTITION BY city ORDER BY sum(amount) DESC NULLS LAST)
        FROM orders LEFT JOIN buyers USING (buyer_id) GROUP BY 1, 2
        """,
        "buyer__city",
        "channel",
        "amount",
        "amount__rank",
    )


def test_several_periods() -> None:
    agree(
        MetricQuery(("buyers",), (GroupBy("channel"),), periods=(MAY, MAY_10)),
        "\nUNION ALL\n".join(
            f"""
            SELECT TIMESTAMP '{period.end}', channel, count(DISTINCT buyer_id) FROM orders
            WHERE {_between(period)} GROUP BY 2
            """
            for period in (MAY, MAY_10)
        ),
        "period__end",
        "channel",
        "buyers",
    )


def test_a_stock_is_that_of_its_first_or_last_day() -> None:
    for metric, edge in (("last_units", "max"), ("first_units", "min")):
        agree(
            MetricQuery((metric,), (GroupBy("depot"), GroupBy("metric_time", "month"))),
            f"""
            WITH dated AS (SELECT *, date_trunc('month', counted_on) AS month FROM stock),
            edges AS (SELECT month, {edge}(counted_on) AS day FROM dated GROUP BY 1)
            SELECT depot, month, sum(units) FROM dated JOIN edges USING (month)
            WHERE counted_on = day GROUP BY 1, 2
            """,
            "depot",
            "metric_time__month",
            metric,
        )
    agree(
        MetricQuery(("units_by_product",), periods=(MAY,)),
        """
        WITH may AS (SELECT * FROM stock
                     WHERE counted_on >= '2023-05-01' AND counted_on < '2023-06-01'),
        last AS (SELECT product_id, max(counted_on) AS day FROM may GROUP BY 1)
        SELECT sum(units) FROM may JOIN last USING (product_id) WHERE counted_on = day
        """,
        "units_by_product",
    )


def test_a_stock_is_counted_per_holder_behind_a_join() -> None:
    """The last count of a maker is that of the last day on which any product of it was counted."""
    may = "counted_on >= '2023-05-01' AND counted_on < '2023-06-01'"
    for cell, by in (("'all'", ()), ("depot", (GroupBy("depot"),))):
        agree(
            MetricQuery(("units_by_maker",), by, periods=(MAY,)),
            f"""
            WITH may AS (SELECT * FROM stock JOIN products USING (product_id) WHERE {may}),
            last AS (SELECT maker_id, max(counted_on) AS day FROM may GROUP BY 1)
            SELECT {"depot," if by else ""} sum(units) FROM may JOIN last USING (maker_id)
            WHERE counted_on = day GROUP BY {cell}
            """,
            *(item.column for item in by),
            "units_by_maker",
        )


def test_a_month_ago_keeps_the_days_of_a_cut_month() -> None:
    """The last day is moved, not the end: 30 March becomes 28 February."""
    cut = Period(dt.datetime(2023, 3, 5), dt.datetime(2023, 3, 31))
    agree(
        MetricQuery(("orders_a_month_ago",), periods=(cut,)),
        """
        SELECT count(*) FROM orders
        WHERE ordered_at >= '2023-02-05' AND ordered_at < '2023-03-01'
        """,
        "orders_a_month_ago",
    )


def test_the_mean_of_distinct_counts_is_over_all_touched_units() -> None:
    april = Period(dt.datetime(2023, 4, 1), dt.datetime(2023, 5, 1))
    agree(
        MetricQuery(("buyers",), periods=(april,), post=AveragePer("day")),
        f"""
        SELECT sum(n) / 30 FROM (
            SELECT count(DISTINCT buyer_id) AS n FROM orders WHERE {_between(april)}
            GROUP BY date_trunc('day', ordered_at))
        """,
        "buyers",
    )


def test_the_days_of_the_week_count_from_monday() -> None:
    agree(
        MetricQuery(("orders",), (GroupBy("metric_time", None, "dow"),)),
        "SELECT isodow(ordered_at), count(*) FROM orders GROUP BY 1",
        "metric_time__extract_dow",
        "orders",
    )

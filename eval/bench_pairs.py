"""Owns the queries of the execution benchmark, each beside SQL that a person would write for it."""

import datetime as dt
from dataclasses import dataclass

from metric_catalog.periods import Period
from metric_catalog.query import (
    Compare,
    Comparison,
    CubeQuery,
    GroupBy,
    MetricQuery,
    Order,
    Query,
    ShareOfTotal,
)

YEAR = Period(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1))
JUNE = Period(dt.datetime(2026, 6, 1), dt.datetime(2026, 7, 1))
JULY = Period(dt.datetime(2026, 7, 1), dt.datetime(2026, 8, 1))


@dataclass(frozen=True)
class Pair:
    """A query and hand-written SQL for the same rows; `columns` are those that are compared."""

    name: str
    query: Query
    columns: tuple[str, ...]
    sql: str


PAIRS = (
    Pair(
        "sum by channel, one month",
        MetricQuery(("gmv",), (GroupBy("channel"),), periods=(JUNE,)),
        ("channel", "gmv"),
        """SELECT channel, sum(amount) FROM orders
        WHERE ordered_on >= DATE '2026-06-01' AND ordered_on < DATE '2026-07-01' GROUP BY 1""",
    ),
    Pair(
        "ratio by channel, a filter, one year",
        MetricQuery(
            ("aov",), (GroupBy("channel"),), Compare("paid", "=", (True,)), periods=(YEAR,)
        ),
        ("channel", "aov", "aov__numerator", "aov__denominator"),
        """SELECT channel, sum(amount) / count(order_id), sum(amount), count(order_id) FROM orders
        WHERE paid AND ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01'
        GROUP BY 1""",
    ),
    Pair(
        "trend by day, one year",
        MetricQuery(("gmv",), (GroupBy("metric_time", "day"),), periods=(YEAR,)),
        ("metric_time__day", "gmv"),
        """SELECT ordered_on, sum(amount) FROM orders
        WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1""",
    ),
    Pair(
        "trend by month, two years",
        MetricQuery(("orders",), (GroupBy("metric_time", "month"),)),
        ("metric_time__month", "orders"),
        "SELECT date_trunc('month', ordered_on), count(order_id) FROM orders GROUP BY 1",
    ),
    Pair(
        "distinct count by month",
        MetricQuery(("buyers",), (GroupBy("metric_time", "month"),), periods=(YEAR,)),
        ("metric_time__month", "buyers"),
        """SELECT date_trunc('month', ordered_on), count(DISTINCT buyer_id) FROM orders
        WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1""",
    ),
    Pair(
        "joined dimension",
        MetricQuery(("gmv",), (GroupBy("buyer__level"),), periods=(YEAR,)),
        ("buyer__level", "gmv"),
        """SELECT level, sum(amount) FROM orders LEFT JOIN buyers USING (buyer_id)
        WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1""",
    ),
    Pair(
        "derived, by a joined dimension",
        MetricQuery(("gross_profit",), (GroupBy("product__category"),), periods=(YEAR,)),
        ("product__category", "gross_profit"),
        """SELECT category, sum(amount) - sum(cost)
        FROM orders LEFT JOIN products USING (product_id)
        WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1""",
    ),
    Pair(
        "two fact tables by a shared dimension",
        MetricQuery(("orders_per_visit",), (GroupBy("buyer__city"),), periods=(YEAR,)),
        ("buyer__city", "orders_per_visit"),
        """WITH o AS (SELECT city, count(order_id) AS n
            FROM orders LEFT JOIN buyers USING (buyer_id)
            WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1),
        v AS (SELECT city, count(visit_id) AS n FROM visits LEFT JOIN buyers USING (buyer_id)
            WHERE seen_on >= DATE '2026-01-01' AND seen_on < DATE '2027-01-01' GROUP BY 1)
        SELECT coalesce(o.city, v.city), o.n / v.n
        FROM o FULL JOIN v ON o.city IS NOT DISTINCT FROM v.city""",
    ),
    Pair(
        "compared with the period before",
        MetricQuery(
            ("gmv",), (GroupBy("channel"),), periods=(JULY,),
            comparison=Comparison("period", JUNE),
        ),
        ("channel", "gmv", "gmv__base", "gmv__change"),
        """WITH both_months AS (SELECT channel,
            sum(amount) FILTER (ordered_on >= DATE '2026-07-01') AS now,
            sum(amount) FILTER (ordered_on < DATE '2026-07-01') AS before
        FROM orders WHERE ordered_on >= DATE '2026-06-01' AND ordered_on < DATE '2026-08-01'
        GROUP BY 1) SELECT channel, now, before, now - before FROM both_months""",
    ),
    Pair(
        "share of entities under a condition",
        MetricQuery(("repurchase_rate",), (GroupBy("channel"),), periods=(JUNE,)),
        ("channel", "repurchase_rate"),
        """SELECT channel, count(*) FILTER (n >= 2) / count(*) FROM (
            SELECT channel, buyer_id, count(order_id) AS n FROM orders
            WHERE ordered_on >= DATE '2026-06-01' AND ordered_on < DATE '2026-07-01'
                AND buyer_id IS NOT NULL
            GROUP BY 1, 2) GROUP BY 1""",
    ),
    Pair(
        "month to date by day",
        MetricQuery(("gmv_to_date",), (GroupBy("metric_time", "day"),), periods=(YEAR,)),
        ("metric_time__day", "gmv_to_date"),
        """SELECT ordered_on, sum(gmv) OVER (
            PARTITION BY date_trunc('month', ordered_on) ORDER BY ordered_on)
        FROM (SELECT ordered_on, sum(amount) AS gmv FROM orders
            WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1)""",
    ),
    Pair(
        "top 10 with other",
        MetricQuery(
            ("gmv",), (GroupBy("product__category"),), periods=(YEAR,),
            order=(Order("gmv", True),), limit=10, other=True,
        ),
        ("product__category", "gmv"),
        """WITH by_category AS (SELECT category, sum(amount) AS gmv
            FROM orders LEFT JOIN products USING (product_id)
            WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1),
        ranked AS (SELECT *, row_number() OVER (ORDER BY gmv DESC) AS place FROM by_category)
        SELECT CASE WHEN place <= 10 THEN category ELSE '__other__' END, sum(gmv)
        FROM ranked GROUP BY 1""",
    ),
    Pair(
        "share of total",
        MetricQuery(("gmv",), (GroupBy("channel"),), periods=(YEAR,), post=ShareOfTotal()),
        ("channel", "gmv", "gmv__share"),
        """SELECT channel, sum(amount), sum(amount) / sum(sum(amount)) OVER () FROM orders
        WHERE ordered_on >= DATE '2026-01-01' AND ordered_on < DATE '2027-01-01' GROUP BY 1""",
    ),
    Pair(
        "several metrics, one with a filter",
        MetricQuery(
            ("gmv", "paid_gmv", "orders", "buyers"), (GroupBy("channel"),), periods=(JUNE,)
        ),
        ("channel", "gmv", "paid_gmv", "orders", "buyers"),
        """SELECT channel, sum(amount), sum(amount) FILTER (paid), count(order_id),
            count(DISTINCT buyer_id) FROM orders
        WHERE ordered_on >= DATE '2026-06-01' AND ordered_on < DATE '2026-07-01' GROUP BY 1""",
    ),
    Pair(
        "visits followed by an order",
        MetricQuery(("visit_conversion",), (GroupBy("source"),), periods=(JUNE,)),
        ("source", "visit_conversion"),
        """WITH pairs AS (SELECT order_id, max(seen_on) AS seen_on,
                max_by(source, (seen_on, -visit_id)) AS source
            FROM visits JOIN orders USING (buyer_id)
            WHERE seen_on <= ordered_on AND seen_on > ordered_on - 7
                AND seen_on >= DATE '2026-06-01' AND seen_on < DATE '2026-07-07'
                AND ordered_on >= DATE '2026-06-01' AND ordered_on < DATE '2026-07-07' GROUP BY 1),
        p AS (SELECT source, count(*) AS n FROM pairs
            WHERE seen_on >= DATE '2026-06-01' AND seen_on < DATE '2026-07-01' GROUP BY 1)
        SELECT visits.source, any_value(n) / count(*) FROM visits LEFT JOIN p USING (source)
        WHERE seen_on >= DATE '2026-06-01' AND seen_on < DATE '2026-07-01' GROUP BY 1""",
    ),
    Pair(
        "cohorts that come back",
        MetricQuery(("retention",), (GroupBy("metric_time", "month"),)),
        ("metric_time__month", "retention"),
        """WITH cohort AS (SELECT buyer_id, min(seen_on) AS day FROM visits
            WHERE buyer_id IS NOT NULL GROUP BY 1),
        back AS (SELECT DISTINCT c.buyer_id FROM cohort c JOIN visits v USING (buyer_id)
            WHERE v.seen_on >= c.day + 1 AND v.seen_on <= c.day + 30)
        SELECT date_trunc('month', day), count(back.buyer_id) / count(*)
        FROM cohort LEFT JOIN back USING (buyer_id) GROUP BY 1""",
    ),
    Pair(
        "days between two events",
        MetricQuery(("days_between_orders",), (GroupBy("metric_time", "month"),), periods=(YEAR,)),
        ("metric_time__month", "days_between_orders"),
        """WITH days AS (SELECT DISTINCT buyer_id, seen_on FROM visits WHERE buyer_id IS NOT NULL),
        gaps AS (SELECT seen_on, seen_on - lag(seen_on) OVER (
            PARTITION BY buyer_id ORDER BY seen_on) AS length FROM days)
        SELECT date_trunc('month', seen_on), avg(length) FROM gaps
        WHERE length IS NOT NULL AND seen_on >= DATE '2026-01-01' AND seen_on < DATE '2027-01-01'
        GROUP BY 1""",
    ),
)  # fmt: skip
CUBE = CubeQuery(
    "aov",
    ("channel", "paid", "product__category", "buyer__level", "buyer__city", "product"),
    3,
    Period(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)),
    Period(dt.datetime(2025, 1, 1), dt.datetime(2026, 1, 1)),
)

"""Queries beside SQL that was written by hand for them, without the compiler."""

from metric_catalog.query import GroupBy, MetricCondition, MetricQuery
from tests.executors.compiler.checked import agree


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
WITH base AS (SELECT row_number() OVER () AS n, *, date_trunc('month', seen_at) AS month
              FROM visits),
pairs AS (
    SELECT base.seen_at, payout_id,
        row_number() OVER (PARTITION BY payout_id ORDER BY month DESC, n) AS place
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

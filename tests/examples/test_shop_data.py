"""The shop's tables fit together: keys, references, sums, clocks."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[[str], list[tuple[Any, ...]]]

ORPHANS = [
    ("orders", "customer_id", "customers"),
    ("order_lines", "order_id", "orders"),
    ("order_lines", "product_id", "products"),
    ("products", "category", "categories"),
    ("payment_attempts", "order_id", "orders"),
    ("service_tickets", "order_id", "orders"),
    ("service_tickets", "customer_id", "customers"),
    ("customer_months", "customer_id", "customers"),
    ("customers", "city", "cities"),
    ("stores", "city", "cities"),
    ("orders", "store_id", "stores"),
    ("store_days", "store_id", "stores"),
    ("inventory_snapshots", "store_id", "stores"),
    ("inventory_snapshots", "category", "categories"),
    ("app_signups", "customer_id", "customers"),
    ("onboarding_steps", "user_id", "app_signups"),
    ("app_sessions", "user_id", "app_signups"),
    ("trials", "customer_id", "customers"),
    ("memberships", "customer_id", "customers"),
    ("marketing_spend", "campaign_id", "campaigns"),
]


@pytest.mark.parametrize(("table", "column", "parent"), ORPHANS)
def test_every_reference_is_found(run: Run, table: str, column: str, parent: str) -> None:
    ((rows, orphans),) = run(
        f"SELECT count(t.{column}), count(*) FILTER (t.{column} IS NOT NULL AND p.{column} IS NULL)"
        f" FROM {table} t LEFT JOIN (SELECT DISTINCT {column} FROM {parent}) p USING ({column})"
    )
    assert rows > 0 and orphans == 0


KEYS = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_lines": "order_line_id",
    "payment_attempts": "attempt_id",
    "service_tickets": "ticket_id",
    "customer_months": "month, customer_id",
    "store_days": "store_id, day",
    "inventory_snapshots": "snapshot_date, store_id, category",
    "app_signups": "user_id",
    "onboarding_steps": "user_id, step",
    "app_sessions": "session_id",
    "trials": "customer_id",
    "memberships": "membership_id",
    "marketing_spend": "day, marketing_channel",
    "targets": "metric, month",
}


@pytest.mark.parametrize("table", sorted(KEYS))
def test_keys_are_unique(run: Run, table: str) -> None:
    ((rows, keys),) = run(f"SELECT count(*), count(DISTINCT ({KEYS[table]})) FROM {table}")
    assert rows == keys > 0


RULES = {
    "an order's amounts are its lines'": """
        SELECT count(*) FROM orders o JOIN (SELECT order_id, sum(line_amount) AS amount,
          sum(refund_amount) AS refund FROM order_lines GROUP BY 1) USING (order_id)
        WHERE order_amount <> amount OR o.refund_amount <> refund
          OR order_amount <> list_amount - discount_amount""",
    "paid orders have one successful attempt, others none": """
        SELECT count(*) FROM orders JOIN (SELECT order_id, count(*) FILTER (succeeded) AS n
          FROM payment_attempts GROUP BY 1) USING (order_id) WHERE n <> is_paid::INTEGER""",
    "every order has an attempt": """
        SELECT count(*) FROM orders ANTI JOIN payment_attempts USING (order_id)""",
    "store sales are the paid orders of the store": """
        SELECT count(*) FROM store_days JOIN (SELECT store_id, ordered_at::DATE AS day,
          sum(paid_amount) AS paid FROM orders WHERE store_id IS NOT NULL GROUP BY ALL)
        USING (store_id, day) WHERE paid <> sales_amount OR traffic < orders""",
    "snapshots add up to the store's stock of the day": """
        SELECT count(*) FROM (SELECT snapshot_date AS day, store_id, sum(inventory_value) AS v,
          sum(inventory_units) AS n FROM inventory_snapshots GROUP BY ALL)
        JOIN store_days USING (store_id, day) WHERE v <> inventory_value OR n <> inventory_units""",
    "store orders and only they have a store, in the customer's city": """
        SELECT count(*) FROM orders o JOIN customers c USING (customer_id)
        LEFT JOIN stores s USING (store_id)
        WHERE (o.channel = 'store') <> (s.store_id IS NOT NULL) OR s.city <> c.city""",
    "nobody orders before registering": """
        SELECT count(*) FROM orders JOIN customers USING (customer_id)
        WHERE ordered_at <= registered_at""",
    "converted trials have their membership": """
        SELECT count(*) FROM trials t LEFT JOIN memberships m
          ON m.customer_id = t.customer_id AND m.term_no = 1 AND m.source = 'trial'
        WHERE t.converted_at IS DISTINCT FROM m.started_at""",
    "nothing happens at or after as-of": """
        SELECT count(*) FROM (
          SELECT max(ordered_at) AS t FROM orders UNION ALL SELECT max(delivered_at) FROM orders
          UNION ALL SELECT max(refunded_at) FROM order_lines
          UNION ALL SELECT max(registered_at) FROM customers
          UNION ALL SELECT max(greatest(created_at, first_reply_at, resolved_at)) FROM service_tickets
          UNION ALL SELECT max(started_at) FROM app_sessions
          UNION ALL SELECT max(signed_up_at) FROM app_signups
          UNION ALL SELECT max(greatest(started_at, converted_at)) FROM trials
          UNION ALL SELECT max(started_at) FROM memberships) WHERE t >= '2026-11-01'""",
    "every day has orders, sessions and trials": """
        SELECT 3 * 791 - count(*) FROM (
          SELECT DISTINCT 1, ordered_at::DATE FROM orders UNION ALL
          SELECT DISTINCT 2, started_at::DATE FROM app_sessions UNION ALL
          SELECT DISTINCT 3, started_at::DATE FROM trials)""",
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_has_no_exception(run: Run, rule: str) -> None:
    assert run(RULES[rule]) == [(0,)]


def test_size_is_that_of_the_scale(run: Run, shop_scale: float) -> None:
    ((lines,),) = run("SELECT count(*) FROM order_lines")
    assert lines == pytest.approx(1_040_000 * shop_scale, rel=0.05)

"""What truth.yml says is in the shop's data, measured with SQL written by hand."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import pytest
import yaml

TRUTH = Path(__file__).parents[2] / "examples" / "shop" / "truth.yml"
TRUTHS: dict[str, dict[str, Any]] = {
    truth["id"]: truth for truth in yaml.safe_load(TRUTH.read_text(encoding="utf-8"))["truths"]
}
RATE_TOLERANCE = 0.03  # about three standard errors at the default scale
AMOUNT_TOLERANCE = 0.15
CLEARLY = 1.4  # times the next member's effect
INTERVAL = 1.96
FIRST_WITH_TREND = 15  # months of history before a month can be expected

Run = Callable[[str], list[tuple[Any, ...]]]

# The hand-written SQL. {start}, {end} bound a period; every query gives (member, numerator,
# denominator), where `member` is the text put for {by}; the denominator of an amount is 1.
REPURCHASE = """
WITH buyers AS (
  SELECT customer_id, count(*) AS n FROM orders
  WHERE is_paid AND ordered_at >= '{start}' AND ordered_at < '{end}' GROUP BY customer_id)
SELECT {by}, count(*) FILTER (n >= 2), count(*) FROM buyers JOIN customers USING (customer_id) GROUP BY ALL"""
D7 = """
SELECT {by}, count(*) FILTER (EXISTS (
    SELECT 1 FROM app_sessions s WHERE s.user_id = a.user_id
      AND s.started_at::DATE - a.signed_up_at::DATE BETWEEN 1 AND 7)), count(*)
FROM app_signups a WHERE signed_up_at >= '{start}' AND signed_up_at < '{end}' GROUP BY ALL"""
PROFIT = """
SELECT {by}, sum(sales_amount - cost_amount - rent_cost - staff_cost - holding_cost), 1
FROM store_days JOIN stores USING (store_id) WHERE day >= '{start}' AND day < '{end}' GROUP BY ALL"""
GMV = """
SELECT {by}, sum(paid_amount), 1 FROM orders
WHERE ordered_at >= '{start}' AND ordered_at < '{end}' GROUP BY ALL"""
TRAFFIC = """
SELECT {by}, sum(traffic), 1 FROM store_days JOIN stores USING (store_id)
WHERE day >= '{start}' AND day < '{end}' GROUP BY ALL"""
CONVERSION = """
SELECT {by}, count(*) FILTER (converted_at <= started_at + INTERVAL 30 DAY), count(*)
FROM trials WHERE started_at >= '{start}' AND started_at < '{end}' GROUP BY ALL"""
RETURN = """
SELECT {by}, count(*) FILTER (returned), count(*) FROM customer_months JOIN customers USING (customer_id)
WHERE month >= '{start}' AND month < '{end}' GROUP BY ALL"""
QUERIES = {
    "repurchase_rate": REPURCHASE,
    "d7_retention": D7,
    "store_profit": PROFIT,
    "gmv": GMV,
    "store_traffic": TRAFFIC,
    "paid_conversion": CONVERSION,
    "old_customer_return_rate": RETURN,
}
AMOUNTS = {"store_profit", "gmv", "store_traffic"}
COLUMNS = {"store": "store_id"}  # dimension → column, where they differ


def _parts(run: Run, truth: dict[str, Any], which: str, by: str) -> dict[Any, tuple[float, float]]:
    """Member → (numerator, denominator) in the truth's `which` period."""
    period = truth[which]
    sql = QUERIES[truth["metric"]].format(by=by, start=period["start"], end=period["end_exclusive"])
    return {member: (float(top or 0), float(bottom)) for member, top, bottom in run(sql)}


def _value(run: Run, truth: dict[str, Any], which: str) -> float:
    """The metric over the truth's members where it is about named ones, else over everything."""
    members = next((d["members"] for d in truth.get("drivers", ()) if "members" in d), None)
    if members is None:
        ((top, bottom),) = _parts(run, truth, which, "'all'").values()
        return top / bottom
    parts = _parts(run, truth, which, COLUMNS[truth["dimensions"][0]])
    return sum(parts[member][0] for member in members)


def _effects(run: Run, truth: dict[str, Any], by: str) -> dict[Any, tuple[float, float]]:
    """Member → (mix, rate) of the change; (0, difference) for an amount."""
    old, new = (_parts(run, truth, which, by) for which in ("compare", "period"))
    if truth["metric"] in AMOUNTS:
        return {k: (0.0, new.get(k, (0, 1))[0] - old.get(k, (0, 1))[0]) for k in old | new}
    (old_top, old_total), (new_top, new_total) = (
        (sum(top for top, _ in side.values()), sum(bottom for _, bottom in side.values()))
        for side in (old, new)
    )
    middle = (old_top / old_total + new_top / new_total) / 2
    effects = {}
    for member in old | new:
        n0, d0 = old.get(member) or (new[member][0], 0.0)
        n1, d1 = new.get(member) or (old[member][0], 0.0)
        r0, r1 = n0 / (d0 or new[member][1]), n1 / (d1 or old[member][1])
        w0, w1 = d0 / old_total, d1 / new_total
        effects[member] = ((w1 - w0) * ((r1 + r0) / 2 - middle), (r1 - r0) * (w1 + w0) / 2)
    return effects


STATED = [(n, w) for n in sorted(TRUTHS) for w in ("period", "compare") if w in TRUTHS[n]]


@pytest.mark.parametrize(("name", "which"), STATED)
def test_truth_has_the_size_it_states(run: Run, shop_scale: float, name: str, which: str) -> None:
    truth = TRUTHS[name]
    stated = truth["measured"]["scale_1"]["current" if which == "period" else "previous"]
    value = _value(run, truth, which)
    if truth["metric"] in AMOUNTS:
        assert value / shop_scale == pytest.approx(stated, rel=AMOUNT_TOLERANCE)
    else:
        assert value == pytest.approx(stated, abs=RATE_TOLERANCE)


CHANGE_DRIVERS = [
    pytest.param(truth, driver, id=f"{truth['id']}-{driver['dimension']}")
    for truth in TRUTHS.values()
    for driver in truth["drivers"]
    if driver["kind"] in ("mix", "rate", "additive") and "member" in driver
]


@pytest.mark.parametrize(("truth", "driver"), CHANGE_DRIVERS)
def test_driver_is_clearly_first(run: Run, truth: dict[str, Any], driver: dict[str, Any]) -> None:
    effects = _effects(run, truth, COLUMNS.get(driver["dimension"], driver["dimension"]))
    falling = sorted(effects, key=lambda member: sum(effects[member]))
    assert falling[0] == driver["member"]
    first, second = (sum(effects[member]) for member in falling[:2])
    assert first < 0 and first < CLEARLY * second
    mix, rate = effects[falling[0]]
    assert (abs(mix) > abs(rate)) == (driver["kind"] == "mix")


def test_parts_add_up_to_the_change(run: Run) -> None:
    for truth in TRUTHS.values():
        if "compare" in truth:
            column = COLUMNS.get(truth["dimensions"][0], truth["dimensions"][0])
            everything = truth | {"drivers": []}
            change = _value(run, everything, "period") - _value(run, everything, "compare")
            total = sum(map(sum, _effects(run, truth, column).values()))
            assert total == pytest.approx(change)


def test_late_deliveries_stand_behind_tier3(run: Run) -> None:
    shares: dict[Any, float] = dict(
        run(
            "SELECT city_tier, avg(is_late::INTEGER) FROM orders JOIN customers USING (customer_id)"
            " WHERE ordered_at >= '2026-10-01' GROUP BY 1"
        )
    )
    assert shares.pop("tier3") > 0.6
    assert max(shares.values()) < 0.12


def test_phone_check_fails_on_android_520_alone(run: Run) -> None:
    rates = run(
        "SELECT platform, app_version, step, avg((completed_at IS NOT NULL)::INTEGER)"
        " FROM onboarding_steps GROUP BY ALL HAVING count(*) >= 50"
    )
    broken = [row[:3] for row in rates if row[3] < 0.7]
    assert broken == [("android", "5.2.0", "verify_phone")]


@pytest.mark.parametrize("which", ["period", "also_period"])
def test_exactly_the_planted_stores_lose_money(run: Run, which: str) -> None:
    truth = TRUTHS["stores_lose_money"]
    (driver,) = truth["drivers"]
    profits = _parts(run, truth, which, "store_id")
    assert {store for store, (profit, _) in profits.items() if profit < 0} == set(driver["members"])


def test_losing_stores_have_high_stock_and_few_visitors(run: Run) -> None:
    (driver,) = TRUTHS["stores_lose_money"]["drivers"]
    ratios = run(
        "SELECT store_id, avg(inventory_value) FILTER (day >= '2026-08-01')"
        " / avg(inventory_value) FILTER (day < '2026-07-01'),"
        " avg(traffic) FILTER (day >= '2026-08-01') / avg(traffic) FILTER (day < '2026-07-01')"
        " FROM store_days GROUP BY 1"
    )
    for store, stock, traffic in ratios:
        assert (stock > 2) == (traffic < 0.6) == (store in driver["members"])


def test_gateway_errors_stand_behind_the_gmv_fall(run: Run) -> None:
    rows = run(
        "SELECT channel, ordered_at::DATE BETWEEN '2026-10-20' AND '2026-10-23' AS down,"
        " avg(succeeded::INTEGER), count(*) FILTER (failure_reason = 'gateway_error') / count(*)"
        " FROM payment_attempts JOIN orders USING (order_id, channel) GROUP BY ALL"
    )
    for channel, down, success, gateway in rows:
        broken = channel == "mini_program" and down
        assert (success < 0.2) == (gateway > 0.5) == broken


def _monthly(run: Run, metric: str) -> list[float]:
    months = [date(2024 + (8 + i) // 12, (8 + i) % 12 + 1, 1) for i in range(27)]
    truth = {"metric": metric}
    values = []
    for start, end in pairwise(months):
        period = {"start": start, "end_exclusive": end}
        values.append(_value(run, truth | {"period": period}, "period"))
    return values


def _expected(values: Sequence[float], i: int) -> float:
    """The same month last year × how the last three months grew on theirs."""
    return values[i - 12] * fmean(values[k] / values[k - 12] for k in (i - 3, i - 2, i - 1))


def _residuals(values: Sequence[float]) -> list[float]:
    return [values[i] / _expected(values, i) - 1 for i in range(FIRST_WITH_TREND, len(values) - 1)]


@pytest.mark.parametrize("name", ["store_traffic_follows_its_season", "repurchase_falls"])
def test_october_against_its_season(run: Run, name: str) -> None:
    values = _monthly(run, TRUTHS[name]["metric"])
    residual = values[25] / _expected(values, 25) - 1
    assert (abs(residual) <= INTERVAL * pstdev(_residuals(values))) == TRUTHS[name]["normal"]


def test_traffic_falls_after_the_holiday_every_year(run: Run) -> None:
    values = _monthly(run, "store_traffic")
    falls = [values[september + 1] / values[september] - 1 for september in (0, 12, 24)]
    assert all(-0.12 < fall < -0.05 for fall in falls)


@pytest.mark.parametrize("metric", ["gmv", "store_traffic"])
def test_undisturbed_months_follow_season_and_trend(run: Run, metric: str) -> None:
    spring_festival = {16, 17}  # January and February 2026: the festival moved
    values = _monthly(run, metric)
    for i in range(FIRST_WITH_TREND, 23):
        if i not in spring_festival:
            assert values[i] == pytest.approx(_expected(values, i), rel=0.07)


def test_search_ads_convert_far_above_the_others(run: Run) -> None:
    parts = _parts(run, TRUTHS["trials_convert_by_search_ads"], "period", "marketing_channel")
    rates = {channel: top / bottom for channel, (top, bottom) in parts.items()}
    best = rates.pop("search_ads")
    assert best > 2 * max(rates.values())
    assert parts["search_ads"][0] > 0.55 * sum(top for top, _ in parts.values())


def test_search_ads_are_not_saturated(run: Run) -> None:
    slopes: dict[Any, float] = dict(
        run(
            "WITH spend AS (SELECT date_trunc('month', day) AS m, marketing_channel, sum(spend) AS s"
            " FROM marketing_spend GROUP BY ALL), started AS (SELECT date_trunc('month', started_at) AS m,"
            " marketing_channel, count(*) AS n FROM trials GROUP BY ALL)"
            " SELECT marketing_channel = 'search_ads', sum(n * s) / sum(s * s) FROM spend"
            " JOIN started USING (m, marketing_channel) GROUP BY 1"
        )
    )
    assert slopes[True] > 2 * slopes[False]


def test_unanswered_tickets_stand_behind_the_leavers(run: Run) -> None:
    shares: dict[Any, float] = dict(
        run(
            "SELECT region, avg(is_unanswered::INTEGER) FROM service_tickets"
            " JOIN customers USING (customer_id) WHERE created_at >= '2026-08-01' GROUP BY 1"
        )
    )
    assert shares.pop("central") > 0.65 and max(shares.values()) < 0.2
    rates: dict[Any, float] = dict(
        run(
            "SELECT had_unanswered_ticket, avg(returned::INTEGER) FROM customer_months"
            " WHERE month >= '2026-09-01' GROUP BY 1"
        )
    )
    assert rates[True] < 0.6 * rates[False]

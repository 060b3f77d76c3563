-- Targets: last year's month plus a tenth where a metric grows with the business, a fixed aim for a rate.
CREATE TABLE targets AS
WITH paid AS (
  SELECT date_trunc('month', ordered_at)::DATE AS month, sum(paid_amount)::DOUBLE AS gmv, count(*)::DOUBLE AS orders,
    count(DISTINCT customer_id)::DOUBLE AS buyers
  FROM orders WHERE is_paid GROUP BY ALL
), shops AS (
  SELECT date_trunc('month', day)::DATE AS month, sum(traffic)::DOUBLE AS store_traffic,
    sum(sales_amount - cost_amount - rent_cost - staff_cost - holding_cost)::DOUBLE AS store_profit
  FROM store_days GROUP BY ALL
), actual AS (
  UNPIVOT (SELECT * FROM paid JOIN shops USING (month)) ON gmv, orders, buyers, store_traffic, store_profit INTO NAME metric VALUE value)
SELECT metric, (month + INTERVAL 1 YEAR)::DATE AS month, round(value * 1.1) AS value FROM actual
WHERE month BETWEEN DATE '2024-09-01' AND DATE '2025-12-01'
UNION ALL
SELECT metric, month::DATE, value
FROM (VALUES ('repurchase_rate', 0.37), ('d7_retention', 0.52), ('paid_conversion', 0.20), ('old_customer_return_rate', 0.41)) t(metric, value),
  range(DATE '2025-09-01', DATE '2027-01-01', INTERVAL 1 MONTH) m(month);

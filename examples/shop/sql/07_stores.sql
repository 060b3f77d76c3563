-- Stores day by day: visitors, sales, costs, stock. Costs and stock follow the sales expected of an ordinary day.
CREATE OR REPLACE TEMP TABLE store_days_plan AS
SELECT store_no, store_id, loses, city_tier, day, day_no, moy, stock_factor,
  180 * 350 * getvariable('scale') * weight / 1000 / stores AS usual_sales,  -- orders × amount of an ordinary day
  -- visitors: what the losing stores lose goes to the store before them in their city, so totals keep their season
  180 * getvariable('scale') * weight / 1000 / stores / 0.07 * traffic_weight * exp(0.003 * months_from_middle)
    * (1 + 0.06 * bell(store_no * 100000 + day_no, 'visitors'))
    * (1 + CASE WHEN day < DATE '2026-07-01' THEN 0 WHEN loses THEN -0.7
                WHEN store_no + 1 IN (SELECT store_no FROM store_plan WHERE loses) THEN 0.7 ELSE 0 END) AS visitors,
  -- planted: their stock piles up within three weeks
  CASE WHEN loses AND day >= DATE '2026-07-01' THEN 1 + 3.2 * least(1, (day - DATE '2026-07-01') / 21) * stock_factor ELSE 1 END AS surplus
FROM store_plan, calendar
WHERE day >= DATE '2024-09-01' AND day < getvariable('as_of')::DATE;

CREATE OR REPLACE TEMP TABLE stock AS
WITH worth AS (
  SELECT p.*, category_no, category, price,
    usual_sales * 0.56 * 60 * weight * price / (SELECT sum(weight * price) FROM category_plan)
      * surplus * exp(0.005 * (day_no - 1079) / 30.4375) * (1 + 0.3 * winter * cos(2 * pi() * (moy - 2) / 12))
      * (1 + 0.05 * bell((store_no * 100 + category_no) * 100000 + day_no // 7, 'stock')) AS value
  FROM store_days_plan p, category_plan)
SELECT store_id, day, category, round(value / (0.49 * price))::BIGINT AS inventory_units, round(value, 2)::DECIMAL(14,2) AS inventory_value,
  CASE WHEN surplus > 1 THEN 0 ELSE floor(3.2 * pow(u((store_no * 100 + category_no) * 100000 + day_no // 3, 'sold out'), 3)) END::INTEGER AS stockout_skus
FROM worth;

CREATE TABLE inventory_snapshots AS
SELECT day AS snapshot_date, store_id, category, inventory_units, inventory_value, stockout_skus FROM stock WHERE isodow(day) = 7;

CREATE TABLE store_days AS
WITH sales AS (
  SELECT store_id, ordered_at::DATE AS day, count(*)::INTEGER AS orders, sum(paid_amount) AS sales_amount, sum(refund_amount) AS refund_amount,
    sum(cost_amount) AS cost_amount
  FROM orders WHERE is_paid AND store_id IS NOT NULL GROUP BY ALL
), stocked AS (
  SELECT store_id, day, sum(inventory_units)::BIGINT AS inventory_units, sum(inventory_value)::DECIMAL(14,2) AS inventory_value,
    sum(stockout_skus)::INTEGER AS stockout_skus
  FROM stock GROUP BY ALL)
SELECT p.store_id, p.day, greatest(rounded(visitors, u(store_no * 100000 + day_no, 'visitor')), coalesce(s.orders, 0))::INTEGER AS traffic,
  coalesce(s.orders, 0)::INTEGER AS orders, coalesce(s.sales_amount, 0)::DECIMAL(14,2) AS sales_amount,
  coalesce(s.refund_amount, 0)::DECIMAL(14,2) AS refund_amount, coalesce(s.cost_amount, 0)::DECIMAL(14,2) AS cost_amount,
  round(usual_sales * 0.06, 2)::DECIMAL(14,2) AS rent_cost, round(usual_sales * 0.06, 2)::DECIMAL(14,2) AS staff_cost,
  round(inventory_value::DOUBLE * 0.0014, 2)::DECIMAL(14,2) AS holding_cost, inventory_units, inventory_value, stockout_skus
FROM store_days_plan p JOIN stocked USING (store_id, day) LEFT JOIN sales s USING (store_id, day);

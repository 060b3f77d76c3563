-- Days with their weights (week, season, festivals), and what an effect changes from its start on.
CREATE OR REPLACE TEMP TABLE calendar AS
WITH days AS (
  SELECT day::DATE AS day, (day::DATE - DATE '2022-11-01')::BIGINT AS day_no, date_trunc('month', day)::DATE AS month,
    month(day)::INTEGER AS moy, day(day)::INTEGER AS dom, isodow(day)::INTEGER AS dow,
    (day::DATE - DATE '2025-10-15') / 30.4375 AS months_from_middle
  FROM range(TIMESTAMP '2022-11-01', date_trunc('month', getvariable('as_of')::TIMESTAMP) + INTERVAL 2 MONTH, INTERVAL 1 DAY) t(day)
), festivals AS (
  SELECT *, (SELECT min(day - eve) FROM (VALUES (DATE '2023-01-22'), (DATE '2024-02-10'), (DATE '2025-01-29'), (DATE '2026-02-17'),
      (DATE '2027-02-06'), (DATE '2028-01-26')) f(eve) WHERE day - eve BETWEEN -14 AND 6) AS from_spring_festival
  FROM days
), weights AS (
  SELECT *,
    exp(0.005 * months_from_middle) AS growth,
    [0.98, 0.92, 0.96, 0.97, 1.00, 0.99, 0.96, 0.97, 1.01, 0.98, 1.03, 1.04][moy]
      * [0.95, 0.94, 0.95, 0.96, 1.02, 1.10, 1.08][dow]
      * CASE WHEN moy = 6 AND dom BETWEEN 16 AND 18 THEN 1.9 WHEN moy = 6 AND dom < 16 THEN 1.12
             WHEN moy = 11 AND dom BETWEEN 10 AND 11 THEN 2.2 WHEN moy = 11 AND dom < 10 THEN 1.15
             WHEN moy = 12 AND dom BETWEEN 10 AND 12 THEN 1.4 WHEN moy = 10 AND dom < 8 THEN 1.10 ELSE 1 END
      * CASE WHEN from_spring_festival < 0 THEN 1.15 WHEN from_spring_festival >= 0 THEN 0.70 ELSE 1 END AS order_weight,
    [1.00, 0.93, 0.96, 0.98, 1.02, 1.00, 1.04, 1.06, 1.05, 0.87, 0.95, 1.00][moy]
      * [0.93, 0.92, 0.93, 0.95, 1.02, 1.14, 1.11][dow]
      * CASE WHEN moy = 10 AND dom < 8 THEN 1.30 WHEN moy = 5 AND dom < 4 THEN 1.20 ELSE 1 END
      * CASE WHEN from_spring_festival < 0 THEN 1.15 WHEN from_spring_festival >= 0 THEN 0.70 ELSE 1 END AS traffic_weight,
    [0.97, 0.95, 1.00, 1.00, 1.01, 1.03, 1.00, 1.00, 1.02, 0.99, 1.04, 1.01][moy]
      * [0.96, 0.96, 0.96, 0.97, 1.01, 1.08, 1.06][dow] AS signup_weight,
    CASE WHEN (moy = 6 AND dom < 19) OR (moy = 11 AND dom < 12) OR (moy = 12 AND dom BETWEEN 10 AND 12)
           OR from_spring_festival < 0 OR (moy = 10 AND dom < 8) THEN 0.12 ELSE 0 END AS festival_discount
  FROM festivals
)
SELECT *,
  -- size of the effects that have started, 1 = nothing changed
  coalesce((SELECT product(1 + e.size) FROM data_effects e WHERE e.action = 'late_delivery' AND e.start_day <= w.day), 1) AS late_factor,
  coalesce((SELECT sum(e.size) FROM data_effects e WHERE e.action = 'win_back_bargain_hunters' AND e.start_day <= w.day), 0) AS win_back,
  coalesce((SELECT product(1 - e.size) FROM data_effects e WHERE e.action = 'fix_verify_phone' AND e.start_day <= w.day), 1) AS verify_factor,
  coalesce((SELECT product(1 + e.size) FROM data_effects e WHERE e.action = 'cut_store_stock' AND e.start_day <= w.day), 1) AS stock_factor,
  coalesce((SELECT product(1 + e.size) FROM data_effects e WHERE e.action = 'repair_payments' AND e.start_day <= w.day), 1) AS payment_factor,
  coalesce((SELECT product(1 + e.size) FROM data_effects e WHERE e.action = 'shift_budget_to_search_ads' AND e.start_day <= w.day), 1) AS search_factor,
  coalesce((SELECT product(1 + e.size) FROM data_effects e WHERE e.action = 'answer_tickets' AND e.start_day <= w.day), 1) AS unanswered_factor
FROM weights w;

-- A month's level (1 = an ordinary month of 30 days) and, for drawing a day, 8192 slots per month in
-- proportion to the days' weights. Whole-number weights keep the sums exact.
CREATE OR REPLACE TEMP TABLE month_level AS
SELECT month, (year(month) * 100 + month(month))::BIGINT AS yyyymm, sum(round(order_weight * 100000)::BIGINT) / 3000000 AS level
FROM calendar GROUP BY month;

CREATE OR REPLACE TEMP TABLE day_slots AS
WITH cumulated AS (
  SELECT day, month, sum(round(order_weight * 100000)::BIGINT) OVER (PARTITION BY month ORDER BY day) AS upto,
    round(order_weight * 100000)::BIGINT AS own, sum(round(order_weight * 100000)::BIGINT) OVER (PARTITION BY month) AS total
  FROM calendar)
SELECT month, day, unnest(range(((upto - own) * 8192 // total)::BIGINT, (upto * 8192 // total)::BIGINT))::INTEGER AS slot FROM cumulated;

-- 1024 slots per month of the year for drawing a category.
CREATE OR REPLACE TEMP TABLE category_slots AS
WITH weighted AS (
  SELECT moy, category_no, round(10000 * weight * (1 + winter * cos(2 * pi() * (moy - 1) / 12)))::BIGINT AS own
  FROM category_plan, (SELECT unnest(range(1, 13))::INTEGER AS moy)
), cumulated AS (
  SELECT *, sum(own) OVER (PARTITION BY moy ORDER BY category_no) AS upto, sum(own) OVER (PARTITION BY moy) AS total FROM weighted)
SELECT moy, category_no, unnest(range(((upto - own) * 1024 // total)::BIGINT, (upto * 1024 // total)::BIGINT))::INTEGER AS slot FROM cumulated;

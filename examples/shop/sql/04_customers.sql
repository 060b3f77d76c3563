-- Customers; ids grow with the day of registration, so that later days only append.
CREATE TABLE customers (customer_id BIGINT, registered_at TIMESTAMP, acquisition_channel VARCHAR, city VARCHAR,
  city_tier VARCHAR, region VARCHAR, segment VARCHAR, member_level VARCHAR, age_group VARCHAR);
INSERT INTO customers
WITH days AS (
  SELECT day, day_no, rounded(60 * getvariable('scale') * growth * signup_weight, u(day_no, 'registrations')) AS usual,
    -- planted: the flash sale of October 2026 brings a flood of bargain hunters
    CASE WHEN day BETWEEN DATE '2026-10-01' AND DATE '2026-10-31'
      THEN rounded(100 * getvariable('scale'), u(day_no, 'flood')) ELSE 0 END AS flood
  FROM calendar WHERE day < getvariable('as_of')::DATE
), numbered AS (
  SELECT day, usual, flood, sum(usual + flood) OVER (ORDER BY day) - usual - flood AS before FROM days
), people AS (
  SELECT day, (before + i + 1)::BIGINT AS customer_id, i >= usual AS in_flood
  FROM (SELECT *, unnest(range((usual + flood)::BIGINT)) AS i FROM numbered)
), drawn AS (
  SELECT *, CASE WHEN in_flood THEN 'flash_sale' ELSE
      (CASE WHEN a < 0.24 THEN 'organic' WHEN a < 0.44 THEN 'wechat' WHEN a < 0.62 THEN 'douyin' WHEN a < 0.76 THEN 'search_ads'
            WHEN a < 0.86 THEN 'referral' WHEN a < 0.95 THEN 'offline_store' ELSE 'flash_sale' END) END AS acquisition_channel,
    floor(u(customer_id, 'city') * 1000)::INTEGER AS city_draw, u(customer_id, 'segment') AS s
  FROM (SELECT *, u(customer_id, 'acquisition') AS a FROM people)
), placed AS (
  SELECT d.*, c.city, c.city_tier, c.region,
    CASE WHEN acquisition_channel = 'flash_sale' AND s < 0.85 THEN 'bargain_hunter' WHEN acquisition_channel = 'flash_sale' THEN 'occasional'
         WHEN s < 0.15 THEN 'loyal' WHEN s < 0.60 THEN 'regular' ELSE 'occasional' END AS segment
  FROM drawn d JOIN city_plan c ON d.city_draw >= c.weight_before AND d.city_draw < c.weight_before + c.weight)
SELECT customer_id, moment(day, 8 + floor(u(customer_id, 'registered hour') * 14)::INTEGER, u(customer_id, 'registered second')),
  acquisition_channel, city, city_tier, region, segment,
  CASE segment WHEN 'loyal' THEN ['silver', 'gold', 'gold', 'platinum'][1 + floor(4 * u(customer_id, 'level'))::INTEGER]
       WHEN 'regular' THEN ['none', 'silver', 'silver', 'gold'][1 + floor(4 * u(customer_id, 'level'))::INTEGER]
       WHEN 'occasional' THEN ['none', 'none', 'none', 'silver'][1 + floor(4 * u(customer_id, 'level'))::INTEGER] ELSE 'none' END,
  ['18-24', '25-34', '25-34', '25-34', '35-44', '35-44', '45+'][1 + floor(7 * u(customer_id, 'age'))::INTEGER]
FROM placed ORDER BY customer_id;

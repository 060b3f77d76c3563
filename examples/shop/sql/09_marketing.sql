-- Spend, trials and memberships. Trials from search ads follow the spend in proportion; elsewhere more spend hardly brings more.
CREATE OR REPLACE TEMP TABLE spend_plan AS
SELECT day, day_no, no AS channel_no, marketing_channel, cost_per_click,
  usual * signup_weight * growth * (0.65 + 0.7 * u(no * 10000 + day_no // 7, 'budget')) * CASE WHEN marketing_channel = 'search_ads' THEN search_factor ELSE 1 END AS spend,
  conversion,
  -- trials per day at scale 1
  signup_weight * growth * trials * pow((0.65 + 0.7 * u(no * 10000 + day_no // 7, 'budget')) * CASE WHEN marketing_channel = 'search_ads' THEN search_factor ELSE 1 END,
    CASE WHEN marketing_channel = 'search_ads' THEN 1.0 ELSE 0.2 END) AS trials
FROM calendar, (VALUES (1, 'search_ads', 1800, 9.0, 3.2, 0.42), (2, 'douyin', 4500, 6.5, 1.4, 0.08), (3, 'wechat', 2500, 5.5, 1.1, 0.10),
  (4, 'kol', 3500, 3.5, 2.0, 0.06), (5, 'email', 300, 2.0, 0.3, 0.11), (6, 'app_store', 1500, 2.5, 1.8, 0.09)) t(no, marketing_channel, usual, trials, cost_per_click, conversion)
WHERE day >= DATE '2024-09-01' AND day < getvariable('as_of')::DATE;

CREATE TABLE marketing_spend AS
SELECT p.day, marketing_channel, coalesce((SELECT min(c.campaign_id) FROM campaigns c WHERE c.campaign_id > 1 AND p.day BETWEEN c.started_on AND c.ended_on), 1)::INTEGER AS campaign_id,
  round(spend * getvariable('scale'), 2)::DECIMAL(14,2) AS spend, round(spend * getvariable('scale') / cost_per_click * 45)::BIGINT AS impressions,
  round(spend * getvariable('scale') / cost_per_click * (0.9 + 0.2 * u(day_no * 10 + channel_no, 'clicks')))::BIGINT AS clicks
FROM spend_plan p;

CREATE OR REPLACE TEMP TABLE trial_plan AS
WITH chances AS (  -- cumulated chance that a customer registered on the day starts a trial through the channel
  SELECT day, marketing_channel, conversion,
    sum(trials) OVER (PARTITION BY day ORDER BY channel_no) / (57 * signup_weight * growth) AS upto,
    (sum(trials) OVER (PARTITION BY day ORDER BY channel_no) - trials) / (57 * signup_weight * growth) AS beyond
  FROM spend_plan JOIN calendar USING (day, day_no)
), started AS (
  SELECT customer_id, marketing_channel, conversion, registered_at + to_seconds((3600 + 10800 * u(customer_id, 'trial delay'))::INTEGER) AS started_at,
    CASE WHEN u(customer_id, 'plan') < 0.6 THEN 'monthly' ELSE 'annual' END AS plan
  FROM customers c JOIN chances h ON h.day = c.registered_at::DATE AND u(customer_id, 'trial') >= beyond AND u(customer_id, 'trial') < upto
  WHERE acquisition_channel <> 'flash_sale')
SELECT *, CASE WHEN u(customer_id, 'convert') < conversion THEN started_at + to_seconds(((10 + 19 * u(customer_id, 'convert days')) * 86400)::INTEGER)
    WHEN u(customer_id, 'convert late') < 0.01 THEN started_at + to_seconds(((32 + 30 * u(customer_id, 'convert days')) * 86400)::INTEGER) END AS converts_at
FROM started WHERE started_at < getvariable('as_of')::TIMESTAMP;

CREATE TABLE trials AS
SELECT customer_id AS trial_id, customer_id, started_at, marketing_channel, plan, started_at + INTERVAL 14 DAY AS ends_at,
  CASE WHEN converts_at < getvariable('as_of')::TIMESTAMP THEN converts_at END AS converted_at
FROM trial_plan;

CREATE TABLE memberships AS
WITH joined AS (
  SELECT customer_id, plan, 'trial' AS source, converts_at AS since FROM trial_plan WHERE converts_at < getvariable('as_of')::TIMESTAMP
  UNION ALL
  SELECT customer_id, CASE WHEN u(customer_id, 'plan') < 0.6 THEN 'monthly' ELSE 'annual' END, 'direct',
    registered_at + to_seconds(((30 + 240 * u(customer_id, 'direct days')) * 86400)::INTEGER)
  FROM customers WHERE registered_at >= TIMESTAMP '2024-09-01' AND acquisition_channel <> 'flash_sale' AND u(customer_id, 'direct') < 0.04
    AND customer_id NOT IN (SELECT customer_id FROM trial_plan)
), terms AS (  -- each term is renewed with the same chance: 80 % of the months, 60 % of the years
  SELECT *, CASE plan WHEN 'monthly' THEN 1 ELSE 12 END AS months,
    1 + floor(ln(1 - 0.999 * u(customer_id, 'terms')) / CASE plan WHEN 'monthly' THEN ln(0.8) ELSE ln(0.6) END)::INTEGER AS last_term
  FROM joined WHERE since < getvariable('as_of')::TIMESTAMP
), numbered AS (
  SELECT *, unnest(range(1, least(last_term, 40) + 1))::INTEGER AS term_no FROM terms)
SELECT customer_id * 100 + term_no AS membership_id, customer_id, plan, source, term_no, since + to_months((term_no - 1) * months) AS started_at,
  since + to_months(term_no * months) AS expires_at, CASE plan WHEN 'monthly' THEN 15.00 ELSE 128.00 END::DECIMAL(14,2) AS price,
  CASE WHEN since + to_months(term_no * months) < getvariable('as_of')::TIMESTAMP THEN term_no < least(last_term, 40) END AS renewed
FROM numbered WHERE since + to_months((term_no - 1) * months) < getvariable('as_of')::TIMESTAMP;

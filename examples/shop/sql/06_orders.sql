-- Orders of the customers chunk_from <= customer_id < chunk_to, with all that hangs on them.
-- Every order is first a wish; wishes fall away where the customer was disappointed before.
CREATE OR REPLACE TEMP TABLE buyers AS
SELECT customer_id, registered_at, acquisition_channel = 'flash_sale' AS from_flash_sale, segment, c.city_tier, c.region,
  p.stores_before, p.stores,
  -- orders per ordinary month while active
  CASE segment WHEN 'loyal' THEN 2.2 WHEN 'regular' THEN 0.7 WHEN 'occasional' THEN 0.2 ELSE 0.1 END
    * (0.6 + 0.8 * u(customer_id, 'zeal')) AS pace,
  registered_at + to_days((61 + 609 * u(customer_id, 'life'))::INTEGER) AS active_until
FROM customers c JOIN city_plan p USING (city)
WHERE customer_id >= getvariable('chunk_from') AND customer_id < getvariable('chunk_to');

CREATE OR REPLACE TEMP TABLE wishes AS
WITH repeated AS (
  SELECT customer_id, month, yyyymm, unnest(range(1, 1 + poisson(u(customer_id * 1000000 + yyyymm, 'orders'), pace * level))) AS nth
  FROM buyers JOIN month_level ON month >= date_trunc('month', registered_at) AND month <= active_until
    AND month >= DATE '2024-08-01'
), dated AS (
  SELECT r.yyyymm * 10000000000 + r.customer_id * 100 + nth AS order_id, r.customer_id, s.day
  FROM repeated r JOIN day_slots s ON s.month = r.month
    AND s.slot = floor(8192 * u(r.yyyymm * 10000000000 + r.customer_id * 100 + nth, 'day'))::INTEGER
  WHERE s.day < getvariable('as_of')::DATE
  UNION ALL  -- effect of win_back_bargain_hunters
  SELECT (year(day) * 100 + month(day)) * 10000000000 + customer_id * 100 + 50 + day(day), customer_id, day
  FROM buyers JOIN calendar ON win_back > 0 AND day > registered_at AND day < getvariable('as_of')::DATE
  WHERE from_flash_sale AND u(customer_id * 100000 + day_no, 'win back') < win_back / 30
), timed AS (
  SELECT order_id, customer_id, day, CASE WHEN from_flash_sale THEN 0.35 + 0.65 * u(order_id, 'channel') ELSE u(order_id, 'channel') END AS c
  FROM dated JOIN buyers USING (customer_id)
), placed AS (
  SELECT order_id, customer_id, day, CASE WHEN c < 0.35 THEN 'store' WHEN c < 0.63 THEN 'mini_program' WHEN c < 0.88 THEN 'app' ELSE 'web' END AS channel,
    moment(day, CASE WHEN c < 0.35 THEN store_hour(u(order_id, 'hour')) ELSE online_hour(u(order_id, 'hour')) END, u(order_id, 'second')) AS ordered_at
  FROM timed
  UNION ALL  -- the first order, right after registration
  SELECT (year(registered_at) * 100 + month(registered_at)) * 10000000000 + customer_id * 100, customer_id, registered_at::DATE,
    CASE WHEN from_flash_sale OR u(customer_id, 'first channel') < 0.65
      THEN ['mini_program', 'app', 'web', 'mini_program', 'app'][1 + floor(5 * u(customer_id, 'first online'))::INTEGER] ELSE 'store' END,
    registered_at + to_seconds((300 + 3000 * u(customer_id, 'first delay'))::INTEGER)
  FROM buyers WHERE registered_at >= TIMESTAMP '2024-08-01' AND (from_flash_sale OR u(customer_id, 'first') < 0.75)
)
SELECT p.*, b.registered_at, b.segment, b.city_tier, b.region,
  CASE WHEN channel = 'store' THEN stores_before + 1 + floor(stores * u(customer_id, 'home store'))::INTEGER END AS home_store,
  row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS rank
FROM placed p JOIN buyers b USING (customer_id)
WHERE p.ordered_at > b.registered_at;

-- Payment (planted: the mini program's gateway is down 2026-10-20 … 23) and delivery (planted: tier 3 late from 2026-10-01).
CREATE OR REPLACE TEMP TABLE paid_wishes AS
WITH chances AS (
  SELECT w.*, c.late_factor, c.unanswered_factor, c.festival_discount,
    channel = 'mini_program' AND w.day BETWEEN DATE '2026-10-20' AND DATE '2026-10-23' AS gateway_down,
    greatest(0, least(1, 1 - (CASE WHEN channel = 'mini_program' THEN c.payment_factor ELSE 1 END)
      * CASE WHEN channel = 'store' THEN 0.005 WHEN channel = 'mini_program' AND w.day BETWEEN DATE '2026-10-20' AND DATE '2026-10-23' THEN 0.95
             ELSE 0.07 END)) AS chance,
    CASE WHEN w.city_tier = 'tier3' AND w.day >= DATE '2026-10-01' THEN 0.70 * c.late_factor
         WHEN w.city_tier = 'tier3' THEN 0.07 * c.late_factor ELSE 0.07 END AS late_chance
  FROM wishes w JOIN calendar c USING (day)
), attempted AS (
  SELECT *, CASE WHEN u(order_id, 'pay1') < chance THEN 1
      WHEN u(order_id, 'retry1') < 0.7 AND u(order_id, 'pay2') < chance THEN 2
      WHEN u(order_id, 'retry1') < 0.7 AND u(order_id, 'retry2') < 0.5 AND u(order_id, 'pay3') < chance THEN 3 END AS success_no,
    CASE WHEN u(order_id, 'retry1') >= 0.7 THEN 1 WHEN u(order_id, 'retry2') >= 0.5 THEN 2 ELSE 3 END AS patience
  FROM chances
), delivered AS (
  SELECT * EXCLUDE (patience), success_no IS NOT NULL AS is_paid, coalesce(success_no, patience) AS attempts,
    success_no IS NOT NULL AND channel <> 'store' AND u(order_id, 'late') < late_chance AS comes_late,
    ordered_at + to_days(CASE WHEN city_tier IN ('tier1', 'tier2') THEN 2 ELSE 3 END) AS promised_at
  FROM attempted
)
SELECT *, max(CASE WHEN comes_late THEN ordered_at END) OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_late_at
FROM delivered;

-- A late delivery keeps most customers away for a month. What is left can lead to a service ticket
-- (planted: tickets of the central region stay unanswered from 2026-08-01).
CREATE OR REPLACE TEMP TABLE ticketed AS
WITH left_over AS (
  SELECT *, region = 'central' AND day >= DATE '2026-08-01' AS in_trouble FROM paid_wishes
  WHERE NOT coalesce(last_late_at >= ordered_at - INTERVAL 30 DAY AND u(order_id, 'put off') < 0.85, false)
), ticket AS (
  SELECT *, is_paid AND u(order_id, 'ticket') < CASE WHEN in_trouble THEN 0.45 WHEN comes_late THEN 0.20 ELSE 0.07 END AS has_ticket,
    u(order_id, 'unanswered') < CASE WHEN in_trouble THEN 0.80 ELSE 0.05 END
      * CASE WHEN region = 'central' THEN unanswered_factor ELSE 1 END AS stays_unanswered,
    ordered_at + to_seconds((7200 + 250000 * u(order_id, 'ticket delay'))::INTEGER) AS ticket_at
  FROM left_over
)
SELECT *, min(CASE WHEN has_ticket AND stays_unanswered THEN ticket_at END) OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS let_down_at
FROM ticket;

-- Whoever got no answer within two weeks leaves. The month before the first one only warmed up.
CREATE OR REPLACE TEMP TABLE kept AS
SELECT t.*, s.store_id, 1 + poisson(u(order_id, 'lines'), CASE WHEN segment = 'bargain_hunter' THEN 0.3 ELSE 1.55 END) AS lines
FROM (SELECT *,
        -- planted: the losing stores lose customers to the store before them in their city
        home_store - CASE WHEN home_store IN (SELECT store_no FROM store_plan WHERE loses) AND day >= DATE '2026-07-01'
          AND u(order_id, 'other store') < 0.7 THEN 1 ELSE 0 END AS store_no FROM ticketed) t
LEFT JOIN store_plan s USING (store_no)
WHERE day >= DATE '2024-09-01' AND NOT coalesce(let_down_at + INTERVAL 14 DAY < ordered_at AND u(order_id, 'gone') < 0.92, false);

CREATE OR REPLACE TEMP TABLE new_lines AS
WITH numbered AS (
  SELECT order_id, customer_id, ordered_at, day, channel, is_paid, festival_discount, segment, unnest(range(1, lines + 1))::INTEGER AS line_no FROM kept
), drawn AS (
  SELECT *, order_id * 10 + line_no AS order_line_id, month(day)::INTEGER AS moy,
    floor(1024 * u(order_id * 10 + line_no, 'category'))::INTEGER AS slot FROM numbered
), chosen AS (
  SELECT d.*, (category_no - 1) * 30 + 1 + floor(30 * pow(u(order_line_id, 'product'), 1.6))::INTEGER AS product_id,
    [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][1 + floor(10 * u(order_line_id, 'quantity'))::INTEGER] AS quantity,
    festival_discount + [0, 0, 0.05, 0.10][1 + floor(4 * u(order_line_id, 'discount'))::INTEGER]
      + CASE WHEN segment = 'bargain_hunter' THEN 0.30 ELSE 0 END AS discount
  FROM drawn d JOIN category_slots s USING (moy, slot)
), priced AS (
  SELECT c.*, list_price, unit_cost, round(quantity * list_price * discount::DECIMAL(4,2), 2)::DECIMAL(14,2) AS discount_amount,
    is_paid AND u(order_line_id, 'sent back') < p.sent_back AS sent_back,
    ordered_at + to_seconds(((3 + 9 * u(order_line_id, 'refund delay')) * 86400)::INTEGER) AS refunded_at
  FROM chosen c JOIN products USING (product_id) JOIN category_plan p USING (category))
SELECT order_line_id, order_id, line_no, customer_id, ordered_at, channel, is_paid, product_id, quantity, list_price AS unit_price, discount_amount,
  (quantity * list_price - discount_amount)::DECIMAL(14,2) AS line_amount,
  CASE WHEN sent_back AND refunded_at < getvariable('as_of')::TIMESTAMP THEN quantity * list_price - discount_amount ELSE 0 END::DECIMAL(14,2) AS refund_amount,
  CASE WHEN sent_back AND refunded_at < getvariable('as_of')::TIMESTAMP THEN refunded_at END AS refunded_at,
  (quantity * unit_cost)::DECIMAL(14,2) AS cost_amount
FROM priced;
INSERT INTO order_lines FROM new_lines;

CREATE OR REPLACE TEMP TABLE new_orders AS
WITH totals AS (
  SELECT order_id, sum(quantity)::INTEGER AS item_count, sum(quantity * unit_price)::DECIMAL(14,2) AS list_amount,
    sum(discount_amount)::DECIMAL(14,2) AS discount_amount, sum(line_amount)::DECIMAL(14,2) AS order_amount,
    sum(refund_amount)::DECIMAL(14,2) AS refund_amount, sum(cost_amount)::DECIMAL(14,2) AS cost_amount
  FROM new_lines GROUP BY order_id
), shipped AS (
  SELECT k.*, t.* EXCLUDE (order_id),
    CASE WHEN is_paid AND channel <> 'store' THEN promised_at END AS promised,
    CASE WHEN channel = 'store' OR NOT is_paid THEN NULL
      WHEN comes_late THEN promised_at + to_seconds((14400 + 240000 * u(order_id, 'lateness'))::INTEGER)
      ELSE ordered_at + to_seconds((epoch(promised_at - ordered_at) * (0.40 + 0.55 * u(order_id, 'speed')))::INTEGER) END AS arrives
  FROM kept k JOIN totals t USING (order_id))
SELECT order_id, customer_id, store_id, channel, ordered_at,
  CASE WHEN is_paid THEN ordered_at + to_seconds(20 * attempts + (100 * u(order_id, 'pay delay'))::INTEGER) END AS paid_at, is_paid,
  CASE WHEN NOT is_paid THEN 'unpaid' WHEN arrives >= getvariable('as_of')::TIMESTAMP THEN 'shipped'
       WHEN refund_amount = order_amount THEN 'refunded' ELSE 'completed' END AS status,
  rank = 1 AND registered_at >= TIMESTAMP '2024-09-01' AS is_first_order, item_count, list_amount, discount_amount, order_amount,
  CASE WHEN is_paid THEN order_amount ELSE 0 END::DECIMAL(14,2) AS paid_amount, refund_amount,
  CASE WHEN is_paid THEN cost_amount ELSE 0 END::DECIMAL(14,2) AS cost_amount, promised AS promised_at,
  CASE WHEN arrives < getvariable('as_of')::TIMESTAMP THEN arrives END AS delivered_at,
  CASE WHEN promised IS NULL THEN NULL WHEN arrives < getvariable('as_of')::TIMESTAMP THEN arrives > promised
       WHEN promised < getvariable('as_of')::TIMESTAMP THEN true END AS is_late,
  attempts, gateway_down
FROM shipped;
INSERT INTO orders SELECT * EXCLUDE (attempts, gateway_down) FROM new_orders;

INSERT INTO payment_attempts
SELECT order_id * 10 + attempt_no, order_id, attempt_no, channel,
  CASE WHEN m < 0.55 THEN 'wechat_pay' WHEN m < 0.85 THEN 'alipay' WHEN m < 0.93 THEN 'unionpay' ELSE 'bank_card' END,
  ordered_at + to_seconds(20 * attempt_no), is_paid AND attempt_no = attempts,
  CASE WHEN is_paid AND attempt_no = attempts THEN NULL WHEN gateway_down AND f < 0.93 THEN 'gateway_error' WHEN f < 0.15 THEN 'gateway_error'
       WHEN f < 0.40 THEN 'timeout' WHEN f < 0.65 THEN 'insufficient_funds' WHEN f < 0.75 THEN 'risk_rejected' ELSE 'user_cancelled' END,
  order_amount
FROM (SELECT *, u(order_id, 'method') AS m, u(order_id * 10 + attempt_no, 'failure') AS f
      FROM (SELECT *, unnest(range(1, attempts + 1))::INTEGER AS attempt_no FROM new_orders));

CREATE OR REPLACE TEMP TABLE new_tickets AS
SELECT order_id * 10 AS ticket_id, customer_id, order_id, ticket_at AS created_at,
  CASE WHEN comes_late AND u(order_id, 'late topic') < 0.8 THEN 'delivery'
       ELSE ['delivery', 'refund', 'refund', 'product_quality', 'product_quality', 'account', 'invoice'][1 + floor(7 * u(order_id, 'topic'))::INTEGER] END AS category,
  ['phone', 'chat', 'chat', 'app'][1 + floor(4 * u(order_id, 'contact'))::INTEGER] AS contact_channel,
  CASE WHEN stays_unanswered OR reply_at >= getvariable('as_of')::TIMESTAMP THEN NULL ELSE reply_at END AS first_reply_at,
  CASE WHEN NOT stays_unanswered AND reply_at < getvariable('as_of')::TIMESTAMP THEN false
       WHEN ticket_at + INTERVAL 1 DAY < getvariable('as_of')::TIMESTAMP THEN true END AS is_unanswered,
  CASE WHEN stays_unanswered OR resolve_at >= getvariable('as_of')::TIMESTAMP THEN NULL ELSE resolve_at END AS resolved_at,
  CASE WHEN resolve_at >= getvariable('as_of')::TIMESTAMP THEN NULL WHEN stays_unanswered AND score < 0.3 THEN 1
       WHEN NOT stays_unanswered AND score < 0.6 THEN [2, 3, 4, 4, 5, 5][1 + floor(score * 10)::INTEGER] END AS satisfaction_score
FROM (SELECT *, ticket_at + to_seconds((600 + 70000 * pow(u(order_id, 'reply'), 2))::INTEGER) AS reply_at,
        ticket_at + to_seconds((90000 + 200000 * u(order_id, 'resolve'))::INTEGER) AS resolve_at, u(order_id, 'score') AS score
      FROM kept WHERE has_ticket AND ticket_at < getvariable('as_of')::TIMESTAMP);
INSERT INTO service_tickets FROM new_tickets;

-- Old customers month by month: whoever paid in the 90 days before.
INSERT INTO customer_months
WITH months AS (
  SELECT DISTINCT month FROM calendar WHERE month >= DATE '2024-12-01' AND month < getvariable('as_of')::DATE
), old AS (
  SELECT DISTINCT month, customer_id FROM new_orders JOIN months ON ordered_at < month AND ordered_at >= month - INTERVAL 90 DAY WHERE is_paid
), came AS (
  SELECT date_trunc('month', ordered_at)::DATE AS month, customer_id, count(*)::INTEGER AS orders, sum(paid_amount)::DECIMAL(14,2) AS paid_amount
  FROM new_orders WHERE is_paid GROUP BY ALL
), let_down AS (
  SELECT DISTINCT month, customer_id FROM new_tickets JOIN months ON created_at < month AND created_at >= month - INTERVAL 90 DAY WHERE is_unanswered)
SELECT month, customer_id, came.orders IS NOT NULL, coalesce(came.orders, 0), coalesce(came.paid_amount, 0), let_down.customer_id IS NOT NULL
FROM old LEFT JOIN came USING (month, customer_id) LEFT JOIN let_down USING (month, customer_id);

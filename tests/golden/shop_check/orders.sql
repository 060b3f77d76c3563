-- What is counted per order and per payment attempt.

-- @metric orders | by channel, customer_type | filter city_tier = 'tier3'
SELECT {by}, count(*) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric buyers | by member_level, store | filter channel = 'app'
SELECT {by}, count(DISTINCT customer_id) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric orders_per_buyer | by acquisition_channel, channel | filter region in ('east', 'north')
SELECT {by}, count(*) / count(DISTINCT customer_id) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric repurchase_rate | by acquisition_channel, city_tier | filter member_level != 'none'
SELECT who, count(*) FILTER (n >= 2) / count(*) FROM (
  SELECT {by} AS who, customer_id, count(*) AS n FROM ordered
  WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1, 2) GROUP BY 1;

-- @metric weekly_repurchase_rate | by city_tier, segment | filter channel = 'app' | period 2026-09-07 2026-09-14
SELECT who, count(*) FILTER (n >= 2) / count(*) FROM (
  SELECT {by} AS who, customer_id, count(DISTINCT ordered_at::DATE) AS n FROM ordered
  WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1, 2) GROUP BY 1;

-- @metric repurchase_interval | by member_level, region | filter city_tier = 'tier1'
SELECT {by}, avg(epoch(ordered_at - before)) / 86400 FROM (
  SELECT *, lag(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at) AS before
  FROM (SELECT DISTINCT customer_id, ordered_at, member_level, region, city_tier FROM ordered WHERE is_paid))
WHERE before IS NOT NULL AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric new_buyers | by acquisition_channel, channel | filter age_group = '18-24'
SELECT {by}, count(DISTINCT customer_id) FROM ordered WHERE is_paid AND is_first_order AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric returning_buyers | by member_level, channel | filter region = 'west'
SELECT {by}, count(DISTINCT customer_id) FROM ordered WHERE is_paid AND NOT is_first_order AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric repeat_customer_share | by acquisition_channel, channel | filter city_tier in ('tier1', 'tier2')
SELECT {by}, count(DISTINCT customer_id) FILTER (NOT is_first_order) / count(DISTINCT customer_id) FROM ordered
WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric orders_placed | by channel, region | filter customer_type = 'new'
SELECT {by}, count(*) FROM ordered WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric orders_unpaid | by channel, member_level | filter region = 'south'
SELECT {by}, count(*) FROM ordered WHERE status = 'unpaid' AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric unpaid_order_rate | by channel, city_tier | filter segment != 'loyal'
SELECT {by}, avg((paid_at IS NULL)::INT) FROM ordered WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric late_orders | by city_tier, channel | filter region = 'central'
SELECT {by}, count(*) FILTER (is_late) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric late_delivery_rate | by city_tier, region | filter channel = 'app'
SELECT {by}, avg(is_late::INT) FROM ordered WHERE is_paid AND is_late IS NOT NULL AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric delivery_hours | by city_tier, channel | filter region = 'east'
SELECT {by}, median(date_diff('minute', paid_at, delivered_at) / 60) FROM ordered
WHERE delivered_at IS NOT NULL AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric payment_attempts | by payment_method, channel | filter city_tier = 'tier2'
SELECT {by}, count(*) FROM attempted WHERE {month attempted_at} AND {filter} GROUP BY 1;

-- @metric payments_succeeded | by payment_method, region | filter channel = 'mini_program'
SELECT {by}, count(*) FILTER (succeeded) FROM attempted WHERE {month attempted_at} AND {filter} GROUP BY 1;

-- @metric payment_success_rate | by channel, payment_method | filter region = 'north' | period 2026-10-01 2026-11-01
SELECT {by}, count(*) FILTER (failure_reason IS NULL) / count(*) FROM attempted WHERE {month attempted_at} AND {filter} GROUP BY 1;

-- @metric order_gmv | by channel, city_tier | filter region = 'east'
SELECT {by}, sum(list_amount - discount_amount) FROM ordered WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric due_orders | by city_tier, channel | filter region = 'central' | period 2026-10-01 2026-11-01
SELECT {by}, count(*) FROM ordered WHERE is_paid AND channel != 'store'
  AND (delivered_at IS NOT NULL OR promised_at < (SELECT as_of FROM data_status)) AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric buyer_months | by channel, customer_type | filter city_tier = 'tier2' | period 2026-07-01 2026-10-01
SELECT {by}, count(DISTINCT (customer_id, year(ordered_at), month(ordered_at))) FROM ordered
WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- Customer service.

-- @metric complaints | by ticket_category, region | filter contact_channel = 'phone'
SELECT {by}, count(*) FROM complained WHERE {month created_at} AND {filter} GROUP BY 1;

-- @metric complaint_rate | by region, member_level | filter city_tier = 'tier3'
WITH t AS (SELECT {by} AS who, count(*) AS n FROM complained WHERE {month created_at} AND {filter} GROUP BY 1),
  o AS (SELECT {by} AS who, count(*) AS n FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1)
SELECT who, t.n / o.n FROM t JOIN o USING (who);

-- @metric satisfaction | by contact_channel, region | filter ticket_category = 'delivery'
SELECT {by}, sum(satisfaction_score) / count(satisfaction_score) FROM complained WHERE {month created_at} AND {filter} GROUP BY 1;

-- @metric tickets_unanswered | by region, ticket_category | filter contact_channel = 'chat'
SELECT {by}, count(*) FILTER (is_unanswered) FROM complained WHERE {month created_at} AND {filter} GROUP BY 1;

-- @metric unanswered_ticket_rate | by region, contact_channel | filter segment = 'regular'
SELECT {by}, count(*) FILTER (is_unanswered) / count(is_unanswered) FROM complained WHERE {month created_at} AND {filter} GROUP BY 1;

-- @metric first_reply_hours | by contact_channel, ticket_category | filter region != 'central'
SELECT {by}, median(date_diff('minute', created_at, first_reply_at) / 60) FROM complained
WHERE first_reply_at IS NOT NULL AND {month created_at} AND {filter} GROUP BY 1;

-- @metric resolution_hours_p90 | by ticket_category, region | filter contact_channel in ('phone', 'app')
SELECT {by}, quantile_cont(date_diff('minute', created_at, resolved_at) / 60, 0.9) FROM complained
WHERE resolved_at IS NOT NULL AND {month created_at} AND {filter} GROUP BY 1;

-- @metric tickets_due | by contact_channel, region | filter ticket_category = 'refund' | period 2026-10-01 2026-11-01
SELECT {by}, count(*) FROM complained
WHERE (first_reply_at IS NOT NULL OR created_at + INTERVAL 1 DAY <= (SELECT as_of FROM data_status))
  AND {month created_at} AND {filter} GROUP BY 1;

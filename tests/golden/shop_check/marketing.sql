-- Marketing.

-- @metric marketing_spend | by spend_channel, campaign_kind | filter spend_channel != 'email' | period 2026-10-01 2026-11-01
SELECT {by}, sum(spend) FROM advertised WHERE {month day} AND {filter} GROUP BY 1;

-- @metric impressions | by spend_channel, campaign | filter spend_channel = 'email' | period 2026-09-01 2026-11-01
SELECT {by}, sum(impressions) FROM advertised WHERE {month day} AND {filter} GROUP BY 1;

-- @metric clicks | by spend_channel, campaign_kind | filter spend_channel in ('douyin', 'kol')
SELECT {by}, sum(clicks) FROM advertised WHERE {month day} AND {filter} GROUP BY 1;

-- @metric click_through_rate | by spend_channel, campaign_kind | filter spend_channel != 'kol' | period 2026-10-01 2026-11-01
SELECT {by}, sum(clicks) / sum(impressions) FROM advertised WHERE {month day} AND {filter} GROUP BY 1;

-- @metric cost_per_click | by spend_channel, campaign_kind | filter spend_channel != 'wechat'
SELECT {by}, sum(spend) / sum(clicks) FROM advertised WHERE {month day} AND {filter} GROUP BY 1;

-- The three below have no dimension in common but the time.

-- @metric cac | by metric_time__week, metric_time__day | filter metric_time__day >= '2026-09-11'
WITH s AS (SELECT {by day} AS who, sum(spend) AS spend FROM advertised WHERE {month day} AND {filter day} GROUP BY 1),
  n AS (SELECT {by ordered_at} AS who, count(DISTINCT customer_id) AS buyers FROM ordered
    WHERE is_paid AND is_first_order AND {month ordered_at} AND {filter ordered_at} GROUP BY 1)
SELECT who, spend / buyers FROM s JOIN n USING (who);

-- @metric cost_per_trial | by metric_time__week, metric_time__month | filter metric_time__day < '2026-09-20'
WITH s AS (SELECT {by day} AS who, sum(spend) AS spend FROM advertised WHERE {month day} AND {filter day} GROUP BY 1),
  n AS (SELECT {by started_at} AS who, count(*) AS trials FROM tried WHERE {month started_at} AND {filter started_at} GROUP BY 1)
SELECT who, spend / trials FROM s JOIN n USING (who);

-- @metric marketing_roi | by metric_time__week, metric_time__day | filter metric_time__month = '2026-09-01' | period 2026-08-01 2026-10-01
WITH s AS (SELECT {by day} AS who, sum(spend) AS spend FROM advertised WHERE {month day} AND {filter day} GROUP BY 1),
  n AS (SELECT {by ordered_at} AS who, sum(paid_amount) AS gmv FROM ordered WHERE is_paid AND {month ordered_at} AND {filter ordered_at} GROUP BY 1)
SELECT who, gmv / spend FROM s JOIN n USING (who);

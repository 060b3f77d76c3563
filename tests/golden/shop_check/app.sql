-- The app.

-- @metric signups | by platform, onboarding_stop | filter signup_channel = 'kol'
SELECT {by}, count(*) FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric onboarding_finished | by platform, signup_channel | filter app_version = '5.2.0'
SELECT {by}, count(*) FILTER (onboarding_stop = 'finished') FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric onboarding_completion_rate | by platform, app_version | filter signup_channel in ('wechat', 'douyin')
SELECT {by}, count(*) FILTER (onboarding_stop = 'finished') / count(*) FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric d1_retention | by platform, signup_channel | filter onboarding_stop = 'finished'
SELECT {by}, avg((user_id IN (SELECT b.user_id FROM app_sessions b JOIN app_signups a USING (user_id)
    WHERE b.started_at::DATE - a.signed_up_at::DATE = 1))::INT)
FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric d7_retention | by platform, onboarding_stop | filter signup_channel = 'search_ads'
SELECT {by}, avg((user_id IN (SELECT b.user_id FROM app_sessions b JOIN app_signups a USING (user_id)
    WHERE b.started_at::DATE - a.signed_up_at::DATE BETWEEN 1 AND 7))::INT)
FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric d30_retention | by platform, app_version | filter signup_channel = 'douyin'
SELECT {by}, avg((user_id IN (SELECT b.user_id FROM app_sessions b JOIN app_signups a USING (user_id)
    WHERE b.started_at::DATE - a.signed_up_at::DATE BETWEEN 22 AND 30))::INT)
FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric new_user_conversion | by platform, signup_channel | filter onboarding_stop = 'finished'
SELECT {by}, avg(EXISTS (SELECT 1 FROM orders o WHERE o.is_paid AND o.customer_id = signed_up.customer_id
    AND o.ordered_at >= signed_up_at AND o.ordered_at < signed_up_at + INTERVAL 30 DAY)::INT)
FROM signed_up WHERE {month signed_up_at} AND {filter} GROUP BY 1;

-- @metric total_users | by platform, signup_channel | filter app_version = '4.9.0'
SELECT {by}, count(*) FROM signed_up WHERE signed_up_at < {end} AND {filter} GROUP BY 1;

-- @metric active_users | by platform, signup_channel | filter region = 'east'
SELECT {by}, count(DISTINCT user_id) FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric dau | by platform, region | filter signup_channel = 'wechat'
SELECT who, avg(n) FROM (
  SELECT {by} AS who, started_at::DATE AS day, count(DISTINCT user_id) AS n FROM used
  WHERE {month started_at} AND {filter} GROUP BY 1, 2) GROUP BY 1;

-- @metric stickiness | by platform, signup_channel | filter onboarding_stop = 'finished'
SELECT {by}, count(DISTINCT (user_id, started_at::DATE)) / count(DISTINCT started_at::DATE) / count(DISTINCT user_id)
FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric active_user_share | by platform, app_version | filter signup_channel = 'kol'
SELECT who, count(*) FILTER (active) / count(*) FROM (
  SELECT {by} AS who, user_id IN (SELECT user_id FROM app_sessions WHERE {month started_at}) AS active
  FROM signed_up WHERE signed_up_at < {end} AND {filter}) GROUP BY 1;

-- @metric active_user_growth | by platform, signup_channel | filter city_tier = 'tier1'
SELECT {by}, count(DISTINCT user_id) FILTER (started_at >= {start})
  - count(DISTINCT user_id) FILTER (started_at < {start})
FROM used WHERE started_at >= {start} - INTERVAL 1 MONTH AND started_at < {end} AND {filter} GROUP BY 1;

-- @metric sessions | by platform, session_app_version | filter signup_channel = 'email'
SELECT {by}, count(*) FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric sessions_per_user | by platform, app_version | filter age_group = '25-34'
SELECT {by}, count(*) / count(DISTINCT user_id) FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric session_minutes | by platform, session_app_version | filter region = 'north'
SELECT {by}, avg(duration_seconds) / 60 FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric session_minutes_p90 | by platform, session_app_version | filter region = 'south'
SELECT {by}, quantile_cont(duration_seconds, 0.9) / 60 FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric steps_reached | by step, platform | filter signup_channel = 'app_store'
SELECT {by}, count(*) FROM stepped WHERE {month reached_at} AND {filter} GROUP BY 1;

-- @metric steps_completed | by step, app_version | filter platform = 'ios'
SELECT {by}, count(completed_at) FROM stepped WHERE {month reached_at} AND {filter} GROUP BY 1;

-- @metric step_completion_rate | by step, platform | filter app_version = '5.2.0'
SELECT {by}, count(completed_at) / count(*) FROM stepped WHERE {month reached_at} AND {filter} GROUP BY 1;

-- @metric user_days | by platform, region | filter signup_channel = 'wechat'
SELECT {by}, count(DISTINCT (user_id, started_at::DATE)) FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric session_days | by app_version, age_group | filter app_version = '5.2.0'
SELECT {by}, count(DISTINCT started_at::DATE) FROM used WHERE {month started_at} AND {filter} GROUP BY 1;

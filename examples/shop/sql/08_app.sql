-- App users, their onboarding and their sessions.
CREATE OR REPLACE TEMP MACRO version_at(day) AS
  CASE WHEN day >= DATE '2026-09-14' THEN '5.2.0' WHEN day >= DATE '2026-06-08' THEN '5.1.5' WHEN day >= DATE '2026-01-12' THEN '5.1.0'
       WHEN day >= DATE '2025-05-20' THEN '5.0.0' WHEN day >= DATE '2025-01-15' THEN '4.9.0' ELSE '4.8.0' END;

CREATE OR REPLACE TEMP TABLE app_users AS
WITH browsing AS (
  SELECT day, day_no, unnest(range(rounded(64 * getvariable('scale') * growth * signup_weight, u(day_no, 'sign-ups'))::BIGINT)) AS i
  FROM calendar WHERE day >= DATE '2024-09-01' AND day < getvariable('as_of')::DATE
), everyone AS (
  SELECT NULL::BIGINT AS customer_id, day_no * 10000000 + i AS tie,
    moment(day, online_hour(u(day_no * 10000000 + i, 'sign-up hour')), u(day_no * 10000000 + i, 'sign-up second')) AS signed_up_at
  FROM browsing
  UNION ALL
  SELECT customer_id, customer_id, registered_at + to_seconds((120 + 200000 * pow(u(customer_id, 'app delay'), 3))::INTEGER)
  FROM customers WHERE registered_at >= TIMESTAMP '2024-09-01' AND acquisition_channel <> 'flash_sale' AND u(customer_id, 'app') < 0.6
), numbered AS (
  SELECT row_number() OVER (ORDER BY signed_up_at, tie)::BIGINT AS user_id, customer_id, signed_up_at
  FROM everyone WHERE signed_up_at < getvariable('as_of')::TIMESTAMP
), equipped AS (
  SELECT *, CASE WHEN u(user_id, 'platform') < 0.58 THEN 'android' WHEN u(user_id, 'platform') < 0.88 THEN 'ios' ELSE 'harmony' END AS platform,
    version_at(signed_up_at::DATE) AS app_version FROM numbered
), onboarded AS (
  SELECT e.*, CASE
      WHEN u(user_id, 'create') >= 0.96 THEN 1
      -- planted: the phone check fails on Android from version 5.2.0 on
      WHEN u(user_id, 'verify') >= 0.92 - CASE WHEN platform = 'android' AND app_version = '5.2.0' THEN 0.50 * verify_factor ELSE 0 END THEN 2
      WHEN u(user_id, 'interests') >= 0.95 THEN 3 WHEN u(user_id, 'notifications') >= 0.93 THEN 4 WHEN u(user_id, 'browse') >= 0.96 THEN 5
      ELSE 6 END AS stop_no
  FROM equipped e JOIN calendar c ON c.day = e.signed_up_at::DATE)
SELECT *, u(user_id, 'stays') < CASE WHEN stop_no <= 2 THEN 0.04 ELSE 0.56 END AS stays, 2 + floor(-45 * ln(1 - 0.98 * u(user_id, 'days')))::INTEGER AS life_days
FROM onboarded;

CREATE TABLE app_signups AS
SELECT user_id, customer_id, signed_up_at, platform, app_version,
  ['search_ads', 'search_ads', 'douyin', 'douyin', 'douyin', 'wechat', 'wechat', 'kol', 'email', 'app_store', 'app_store', 'app_store']
    [1 + floor(12 * u(user_id, 'marketing'))::INTEGER] AS marketing_channel,
  ['create_account', 'verify_phone', 'choose_interests', 'allow_notifications', 'first_browse', 'finished'][stop_no] AS onboarding_stop
FROM app_users;

CREATE TABLE onboarding_steps AS
SELECT user_id, ['create_account', 'verify_phone', 'choose_interests', 'allow_notifications', 'first_browse'][step_no] AS step, step_no,
  platform, app_version, signed_up_at + to_seconds(40 * (step_no - 1)) AS reached_at,
  CASE WHEN step_no < stop_no THEN signed_up_at + to_seconds(40 * (step_no - 1) + 5 + (30 * u(user_id * 10 + step_no, 'step'))::INTEGER) END AS completed_at
FROM (SELECT *, unnest(range(1, least(stop_no, 5) + 1))::INTEGER AS step_no FROM app_users);

CREATE TABLE app_sessions AS
WITH days AS (
  SELECT user_id, signed_up_at, platform, app_version, stays, unnest(range(0, 1 + CASE WHEN stays THEN life_days + 8 ELSE 14 END))::INTEGER AS nth FROM app_users
), active AS (
  SELECT *, user_id * 10000 + nth * 10 AS session_id,
    CASE WHEN nth = 0 THEN signed_up_at
      ELSE moment(signed_up_at::DATE + nth, online_hour(u(user_id * 10000 + nth, 'session hour')), u(user_id * 10000 + nth, 'session second')) END AS started_at
  FROM days WHERE nth = 0 OR u(user_id * 10000 + nth, 'active') < CASE WHEN stays THEN 0.30 ELSE 0.012 END)
SELECT session_id, user_id, started_at, platform, version_at(started_at::DATE) AS app_version, (30 + 600 * pow(u(session_id, 'duration'), 2))::INTEGER AS duration_seconds
FROM active WHERE started_at < getvariable('as_of')::TIMESTAMP;

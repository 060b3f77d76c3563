-- The tables joined once, under the names that people use. Written from the description of the
-- tables (examples/shop/README.md), not from the metric files.
CREATE TEMP VIEW people AS
SELECT customer_id, registered_at, acquisition_channel, city, city_tier, region, segment, member_level, age_group
FROM customers;

CREATE TEMP VIEW places AS
SELECT store_id AS store, city AS store_city, city_tier AS store_city_tier, region AS store_region, format AS store_format
FROM stores;

CREATE TEMP VIEW ordered AS
SELECT o.*, people.* EXCLUDE (customer_id, registered_at), places.*,
  CASE WHEN o.is_first_order THEN 'new' ELSE 'returning' END AS customer_type
FROM orders o JOIN people USING (customer_id) LEFT JOIN places ON places.store = o.store_id;

CREATE TEMP VIEW sold AS
SELECT l.quantity, l.unit_price, l.discount_amount, l.line_amount, l.refund_amount, l.cost_amount, l.product_id,
  o.order_id, o.customer_id, o.ordered_at, o.channel, o.customer_type, o.acquisition_channel, o.city, o.city_tier,
  o.region, o.segment, o.member_level, o.age_group, o.store, o.store_format,
  p.brand, p.name_zh AS product_name, k.category, k.department
FROM order_lines l JOIN ordered o USING (order_id) JOIN products p USING (product_id) JOIN categories k USING (category)
WHERE o.is_paid;

CREATE TEMP VIEW attempted AS
SELECT a.attempted_at, a.succeeded, a.method AS payment_method, a.failure_reason, a.channel, o.city_tier, o.region, o.member_level
FROM payment_attempts a JOIN ordered o USING (order_id);

CREATE TEMP VIEW old_customer_months AS
SELECT cm.month, cm.returned, cm.had_unanswered_ticket, people.*
FROM customer_months cm JOIN people USING (customer_id);

CREATE TEMP VIEW signed_up AS
SELECT a.user_id, a.customer_id, a.signed_up_at, a.platform, a.app_version, a.marketing_channel AS signup_channel,
  a.onboarding_stop, people.* EXCLUDE (customer_id)
FROM app_signups a LEFT JOIN people USING (customer_id);

CREATE TEMP VIEW used AS
SELECT s.session_id, s.started_at, s.duration_seconds, s.app_version AS session_app_version, signed_up.*
FROM app_sessions s JOIN signed_up USING (user_id);

CREATE TEMP VIEW stepped AS
SELECT t.step, t.reached_at, t.completed_at, signed_up.*
FROM onboarding_steps t JOIN signed_up USING (user_id);

CREATE TEMP VIEW tried AS
SELECT t.trial_id, t.started_at, t.converted_at, t.marketing_channel, t.plan AS trial_plan, people.*
FROM trials t JOIN people USING (customer_id);

CREATE TEMP VIEW joined AS
SELECT m.membership_id, m.started_at, m.expires_at, m.price, m.term_no, m.renewed, m.plan AS membership_plan,
  m.source AS membership_source, people.*
FROM memberships m JOIN people USING (customer_id);

CREATE TEMP VIEW complained AS
SELECT t.ticket_id, t.created_at, t.first_reply_at, t.resolved_at, t.is_unanswered, t.satisfaction_score,
  t.category AS ticket_category, t.contact_channel, people.*
FROM service_tickets t JOIN people USING (customer_id);

CREATE TEMP VIEW opened AS
SELECT d.*, places.* FROM store_days d JOIN places ON places.store = d.store_id;

CREATE TEMP VIEW stocked AS
SELECT i.snapshot_date, i.inventory_value, i.category, k.department, places.*
FROM inventory_snapshots i JOIN categories k USING (category) JOIN places ON places.store = i.store_id;

CREATE TEMP VIEW advertised AS
SELECT w.day, w.marketing_channel AS spend_channel, w.spend, w.impressions, w.clicks, c.kind AS campaign_kind, c.name_zh AS campaign
FROM marketing_spend w LEFT JOIN campaigns c USING (campaign_id);

CREATE TABLE orders (order_id BIGINT, customer_id BIGINT, store_id VARCHAR, channel VARCHAR, ordered_at TIMESTAMP, paid_at TIMESTAMP,
  is_paid BOOLEAN, status VARCHAR, is_first_order BOOLEAN, item_count INTEGER, list_amount DECIMAL(14,2), discount_amount DECIMAL(14,2),
  order_amount DECIMAL(14,2), paid_amount DECIMAL(14,2), refund_amount DECIMAL(14,2), cost_amount DECIMAL(14,2),
  promised_at TIMESTAMP, delivered_at TIMESTAMP, is_late BOOLEAN);
CREATE TABLE order_lines (order_line_id BIGINT, order_id BIGINT, line_no INTEGER, customer_id BIGINT, ordered_at TIMESTAMP,
  channel VARCHAR, is_paid BOOLEAN, product_id INTEGER, quantity INTEGER, unit_price DECIMAL(14,2), discount_amount DECIMAL(14,2),
  line_amount DECIMAL(14,2), refund_amount DECIMAL(14,2), refunded_at TIMESTAMP, cost_amount DECIMAL(14,2));
CREATE TABLE payment_attempts (attempt_id BIGINT, order_id BIGINT, attempt_no INTEGER, channel VARCHAR, method VARCHAR,
  attempted_at TIMESTAMP, succeeded BOOLEAN, failure_reason VARCHAR, amount DECIMAL(14,2));
CREATE TABLE service_tickets (ticket_id BIGINT, customer_id BIGINT, order_id BIGINT, created_at TIMESTAMP, category VARCHAR,
  contact_channel VARCHAR, first_reply_at TIMESTAMP, is_unanswered BOOLEAN, resolved_at TIMESTAMP, satisfaction_score INTEGER);
CREATE TABLE customer_months (month DATE, customer_id BIGINT, returned BOOLEAN, orders INTEGER, paid_amount DECIMAL(14,2),
  had_unanswered_ticket BOOLEAN);

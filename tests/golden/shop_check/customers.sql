-- Customers.

-- @metric new_customers | by acquisition_channel, city | filter region = 'east'
SELECT {by}, count(*) FROM people WHERE {month registered_at} AND {filter} GROUP BY 1;

-- @metric old_customers | by region, had_unanswered_ticket | filter city_tier = 'tier2'
SELECT {by}, count(*) FROM old_customer_months WHERE {month month} AND {filter} GROUP BY 1;

-- @metric old_customers_returned | by region, segment | filter member_level = 'none'
SELECT {by}, count(*) FILTER (returned) FROM old_customer_months WHERE {month month} AND {filter} GROUP BY 1;

-- @metric old_customer_return_rate | by region, had_unanswered_ticket | filter city_tier != 'tier3' | period 2026-10-01 2026-11-01
SELECT {by}, avg(returned::INT) FROM old_customer_months WHERE {month month} AND {filter} GROUP BY 1;

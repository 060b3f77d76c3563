-- Money and pieces. The amounts of orders and of their lines agree, so totals use the orders where
-- no product is asked for.

-- @metric gmv | by channel, category | filter city_tier = 'tier3'
SELECT {by}, sum(quantity * unit_price - discount_amount) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric gmv | by acquisition_channel, store | filter channel = 'store'
SELECT {by}, sum(paid_amount) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric aov | by channel, member_level | filter region = 'west'
SELECT {by}, sum(paid_amount) / count(*) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric refund_amount | by category, channel | filter brand = 'import'
SELECT {by}, sum(refund_amount) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric refund_rate | by category, region | filter channel in ('app', 'web')
SELECT {by}, sum(refund_amount) / sum(line_amount) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric net_sales | by channel, customer_type | filter segment = 'regular'
SELECT {by}, sum(paid_amount - refund_amount) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric list_amount | by department, channel | filter member_level = 'gold'
SELECT {by}, sum(quantity * unit_price) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric discount_amount | by channel, region | filter customer_type = 'new'
SELECT {by}, sum(discount_amount) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric discount_rate | by category, brand | filter channel = 'store'
SELECT {by}, sum(discount_amount) / sum(quantity * unit_price) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric goods_cost | by channel, city_tier | filter acquisition_channel = 'douyin'
SELECT {by}, sum(cost_amount) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric gross_profit | by category, channel | filter region = 'north'
SELECT {by}, sum(line_amount - cost_amount) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric gross_margin | by brand, member_level | filter department = 'food'
SELECT {by}, 1 - sum(cost_amount) / sum(line_amount) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric gmv_month_to_date | by channel, region | filter city_tier = 'tier1' | period 2026-09-01 2026-09-16
SELECT {by}, sum(paid_amount) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric gmv_year_to_date | by channel, city_tier | filter region = 'south'
SELECT {by}, sum(paid_amount) FROM ordered
WHERE is_paid AND ordered_at >= date_trunc('year', {start}) AND ordered_at < {end} AND {filter} GROUP BY 1;

-- @metric monthly_spend_per_user | by member_level, acquisition_channel | filter region = 'east' | period 2026-07-01 2026-10-01
SELECT {by}, sum(paid_amount) / count(DISTINCT (customer_id, year(ordered_at), month(ordered_at))) FROM ordered
WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric units_sold | by product_name, channel | filter category = 'snacks'
SELECT {by}, sum(quantity) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric unit_price | by category, city_tier | filter brand = 'own_brand'
SELECT {by}, sum(line_amount) / sum(quantity) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric items_per_order | by channel, customer_type | filter city_tier = 'tier4'
SELECT {by}, sum(item_count) / count(*) FROM ordered WHERE is_paid AND {month ordered_at} AND {filter} GROUP BY 1;

-- @metric active_products | by category, channel | filter region = 'central'
SELECT {by}, count(DISTINCT product_id) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric category_buyers | by category, brand | filter channel = 'app'
SELECT {by}, count(DISTINCT customer_id) FROM sold WHERE {month ordered_at} AND {filter} GROUP BY 1;

-- @metric own_brand_share | by category, region | filter channel = 'mini_program'
SELECT {by}, coalesce(sum(line_amount) FILTER (brand = 'own_brand'), 0) / sum(line_amount) FROM sold
WHERE {month ordered_at} AND {filter} GROUP BY 1;

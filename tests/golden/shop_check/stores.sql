-- Stores.

-- @metric store_traffic | by store_region, store | filter store_format = 'mall'
SELECT {by}, sum(traffic) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_orders | by store_city_tier, store_format | filter store_region = 'east'
SELECT {by}, sum(orders) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_sales | by store, store_city | filter store_region = 'north'
SELECT {by}, sum(sales_amount) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_goods_cost | by store_format, store_region | filter store_city_tier = 'tier1'
SELECT {by}, sum(cost_amount) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_rent | by store, store_format | filter store_city = '上海'
SELECT {by}, sum(rent_cost) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_staff_cost | by store_region, store_city | filter store_format = 'community'
SELECT {by}, sum(staff_cost) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_holding_cost | by store, store_region | filter store_city_tier in ('tier1', 'tier2')
SELECT {by}, sum(holding_cost) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_profit | by store, store_format | filter store_region = 'east'
SELECT {by}, sum(sales_amount - cost_amount - rent_cost - staff_cost - holding_cost) FROM opened
WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_profit_margin | by store_format, store_city_tier | filter store_region != 'west'
SELECT {by}, sum(sales_amount - cost_amount - rent_cost - staff_cost - holding_cost) / sum(sales_amount) FROM opened
WHERE {month day} AND {filter} GROUP BY 1;

-- @metric losing_store_share | by store_format, store_region | filter store_city_tier = 'tier1'
SELECT who, avg((profit < 0)::INT) FROM (
  SELECT {by} AS who, store_id, sum(sales_amount - cost_amount - rent_cost - staff_cost - holding_cost) AS profit
  FROM opened WHERE {month day} AND {filter} GROUP BY 1, 2) GROUP BY 1;

-- @metric store_conversion | by store_format, store | filter store_region = 'south'
SELECT {by}, sum(orders) / sum(traffic) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric store_sales_per_visitor | by store_city_tier, store_region | filter store_format = 'flagship'
SELECT {by}, sum(sales_amount) / sum(traffic) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric inventory | by store, store_region | filter store_format = 'flagship'
SELECT {by}, sum(inventory_value) FROM opened WHERE day = ({end} - INTERVAL 1 DAY)::DATE AND {filter} GROUP BY 1;

-- @metric inventory_units | by store_city, store_format | filter store_region = 'west'
SELECT {by}, sum(inventory_units) FROM opened WHERE day = ({end} - INTERVAL 1 DAY)::DATE AND {filter} GROUP BY 1;

-- @metric category_inventory | by category, store_region | filter department = 'home'
SELECT {by}, sum(inventory_value) FROM stocked
WHERE snapshot_date = (SELECT max(snapshot_date) FROM inventory_snapshots WHERE {month snapshot_date}) AND {filter} GROUP BY 1;

-- @metric stock_sales_ratio | by store, store_format | filter store_region = 'north'
SELECT {by}, sum(inventory_value) FILTER (day = ({end} - INTERVAL 1 DAY)::DATE) / nullif(sum(sales_amount), 0)
FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric stockout_rate | by store, store_region | filter store_format = 'community'
SELECT {by}, avg(stockout_skus / (SELECT count(*) FROM products)) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric stockout_sku_days | by store, store_format | filter store_region = 'south'
SELECT {by}, sum(stockout_skus) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

-- @metric sku_days | by store_city_tier, store_format | filter store_region = 'west'
SELECT {by}, count(*) * (SELECT count(*) FROM products) FROM opened WHERE {month day} AND {filter} GROUP BY 1;

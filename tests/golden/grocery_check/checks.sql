-- @metric sales | by department, goods_kind | filter brand = 'Private'
SELECT {by}, sum(sales_value) FROM sold WHERE {month local} AND {filter} GROUP BY 1;

-- @metric grocery_sales | by department, daypart | filter income = '50-74K'
SELECT {by}, sum(sales_value) FROM sold WHERE goods_kind = 'groceries' AND {month local} AND {filter} GROUP BY 1;

-- @metric fuel_sales | by daypart, household_size | filter income = '100-124K'
SELECT {by}, sum(sales_value) FROM sold WHERE goods_kind = 'fuel' AND {month local} AND {filter} GROUP BY 1;

-- @metric baskets | by daypart, age | filter household_comp = '2 Adults Kids'
SELECT {by}, count(*) FROM visited WHERE {month local} AND {filter} GROUP BY 1;

-- @metric households | by age, daypart | filter kids_count = '0'
SELECT {by}, count(DISTINCT household_id) FROM visited WHERE {month local} AND {filter} GROUP BY 1;

-- @metric baskets_per_household | by income, daypart | filter age = '65+'
SELECT {by}, count(*) / count(DISTINCT household_id) FROM visited WHERE {month local} AND {filter} GROUP BY 1;

-- @metric repurchase_rate | by age, income | filter household_size in ('1', '2')
SELECT who, count(*) FILTER (n >= 2) / count(*) FROM (
  SELECT {by} AS who, household_id, count(DISTINCT basket_id) AS n FROM sold
  WHERE {month local} AND {filter} GROUP BY 1, 2) GROUP BY 1;

-- @metric days_between_baskets | by age, kids_count | filter income = '35-49K'
SELECT {by}, avg(epoch(local - before)) / 86400 FROM (
  SELECT *, lag(local) OVER (PARTITION BY household_id ORDER BY local) AS before
  FROM (SELECT DISTINCT household_id, local, age, kids_count, income FROM visited))
WHERE before IS NOT NULL AND {month local} AND {filter} GROUP BY 1;

-- @metric basket_value | by daypart, income | filter age = '35-44'
SELECT {by}, sum(spent) / count(*) FROM visited WHERE {month local} AND {filter} GROUP BY 1;

-- @metric units_sold | by department, brand | filter daypart = 'morning'
SELECT {by}, sum(quantity) FROM sold WHERE goods_kind != 'fuel' AND {month local} AND {filter} GROUP BY 1;

-- @metric grocery_baskets | by department, daypart | filter brand = 'National'
SELECT {by}, count(DISTINCT basket_id) FROM sold WHERE goods_kind != 'fuel' AND {month local} AND {filter} GROUP BY 1;

-- @metric items_per_basket | by department, daypart | filter household_size = '5+'
SELECT {by}, sum(quantity) / count(DISTINCT basket_id) FROM sold WHERE goods_kind != 'fuel' AND {month local} AND {filter} GROUP BY 1;

-- @metric discount_amount | by department, brand | filter goods_kind = 'groceries'
SELECT {by}, sum(retail_disc) + sum(coupon_match_disc) FROM sold WHERE {month local} AND {filter} GROUP BY 1;

-- @metric shelf_value | by department, daypart | filter brand = 'Private'
SELECT {by}, sum(sales_value) + sum(retail_disc) + sum(coupon_match_disc) FROM sold WHERE {month local} AND {filter} GROUP BY 1;

-- @metric discount_rate | by department, income | filter goods_kind = 'groceries'
SELECT {by}, 1 - sum(sales_value) / nullif(sum(sales_value + retail_disc + coupon_match_disc), 0) FROM sold
WHERE {month local} AND {filter} GROUP BY 1;

-- @metric coupon_share | by daypart, income | filter age = '45-54'
SELECT {by}, avg((coupon > 0)::INT) FROM visited WHERE {month local} AND {filter} GROUP BY 1;

-- @metric private_label_share | by department, daypart | filter income = 'Under 15K'
SELECT {by}, coalesce(sum(sales_value) FILTER (brand = 'Private'), 0) / nullif(sum(sales_value), 0) FROM sold
WHERE goods_kind = 'groceries' AND {month local} AND {filter} GROUP BY 1;

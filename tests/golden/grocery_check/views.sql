-- Straight from the package's frames (transactions with `local` = New York time, products,
-- demographics), not from the tables that the example builds.
CREATE TEMP VIEW sold AS
SELECT t.basket_id, t.household_id, t.store_id AS store, t.quantity, t.sales_value, t.retail_disc, t.coupon_disc,
  t.coupon_match_disc, t.local, p.department, p.product_category, p.brand, d.* EXCLUDE (household_id),
  CASE WHEN p.department = 'FUEL' OR p.product_type LIKE 'GASOLINE%' THEN 'fuel' ELSE 'groceries' END AS goods_kind,
  CASE WHEN hour(t.local) < 12 THEN 'morning' WHEN hour(t.local) < 17 THEN 'afternoon' ELSE 'evening' END AS daypart
FROM transactions t LEFT JOIN products p USING (product_id) LEFT JOIN demographics d USING (household_id);

CREATE TEMP TABLE visited AS
SELECT basket_id, household_id, store, local, daypart, age, income, household_size, kids_count, household_comp,
  sum(sales_value) AS spent, max(coupon_disc) AS coupon
FROM sold GROUP BY ALL;

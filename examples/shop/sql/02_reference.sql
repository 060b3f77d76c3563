-- Places, goods, campaigns: the same at every seed and scale.
CREATE TABLE cities (city VARCHAR PRIMARY KEY, name_en VARCHAR, city_tier VARCHAR, region VARCHAR);
-- weight: share of the customers in permille / 1000; stores: number of stores.
CREATE OR REPLACE TEMP TABLE city_plan AS
SELECT row_number() OVER (ORDER BY no)::INTEGER AS city_no, * EXCLUDE (no),
  sum(weight) OVER (ORDER BY no) - weight AS weight_before,
  (sum(stores) OVER (ORDER BY no) - stores)::INTEGER AS stores_before
FROM (VALUES
  (1, '上海', 'Shanghai', 'tier1', 'east', 90, 4), (2, '北京', 'Beijing', 'tier1', 'north', 80, 4),
  (3, '广州', 'Guangzhou', 'tier1', 'south', 60, 3), (4, '深圳', 'Shenzhen', 'tier1', 'south', 50, 3),
  (5, '杭州', 'Hangzhou', 'tier2', 'east', 50, 2), (6, '南京', 'Nanjing', 'tier2', 'east', 40, 2),
  (7, '成都', 'Chengdu', 'tier2', 'west', 50, 3), (8, '重庆', 'Chongqing', 'tier2', 'west', 40, 2),
  (9, '武汉', 'Wuhan', 'tier2', 'central', 45, 2), (10, '西安', 'Xi''an', 'tier2', 'west', 30, 2),
  (11, '长沙', 'Changsha', 'tier2', 'central', 25, 1), (12, '扬州', 'Yangzhou', 'tier3', 'east', 60, 2),
  (13, '洛阳', 'Luoyang', 'tier3', 'central', 45, 1), (14, '保定', 'Baoding', 'tier3', 'north', 60, 2),
  (15, '惠州', 'Huizhou', 'tier3', 'south', 55, 2), (16, '绵阳', 'Mianyang', 'tier3', 'west', 50, 1),
  (17, '衢州', 'Quzhou', 'tier4', 'east', 45, 1), (18, '荆门', 'Jingmen', 'tier4', 'central', 35, 1),
  (19, '承德', 'Chengde', 'tier4', 'north', 45, 1), (20, '清远', 'Qingyuan', 'tier4', 'south', 45, 1)
) AS t(no, city, name_en, city_tier, region, weight, stores);
INSERT INTO cities SELECT city, name_en, city_tier, region FROM city_plan ORDER BY city_no;

CREATE TABLE stores (store_id VARCHAR PRIMARY KEY, name VARCHAR, name_en VARCHAR, city VARCHAR, city_tier VARCHAR,
  region VARCHAR, format VARCHAR, area_sqm INTEGER, opened_on DATE);
-- place: position within the city, from 0. loses: one of the stores that lose their visitors (planted fact).
CREATE OR REPLACE TEMP TABLE store_plan AS
SELECT stores_before + place + 1 AS store_no, 'S' || lpad((stores_before + place + 1)::VARCHAR, 3, '0') AS store_id,
  c.*, place, city || ['中心店', '东城店', '南湖店', '北苑店'][place + 1] AS name_zh,
  c.name_en || [' Central', ' East Town', ' South Lake', ' North Garden'][place + 1] AS store_name_en,
  CASE WHEN place = 0 AND city_tier IN ('tier1', 'tier2') THEN 'flagship'
       WHEN place % 2 = 1 THEN 'mall' ELSE 'community' END AS format,
  city || place IN ('上海3', '北京1', '广州2', '成都2') AS loses
FROM city_plan c, (SELECT unnest(range(4))::INTEGER AS place) WHERE place < c.stores;
INSERT INTO stores SELECT store_id, name_zh, store_name_en, city, city_tier, region, format,
  CASE format WHEN 'flagship' THEN 1800 WHEN 'mall' THEN 700 ELSE 350 END + (store_no * 37 % 11) * 20,
  DATE '2017-03-01' + (store_no * 53 % 84)::INTEGER * 30
FROM store_plan ORDER BY store_no;

CREATE TABLE categories (category VARCHAR PRIMARY KEY, name_en VARCHAR, name_zh VARCHAR, department VARCHAR);
-- weight: share of the order lines; winter: amplitude of its season (positive = sells in the cold);
-- price: typical list price; sent_back: share of lines sent back.
CREATE OR REPLACE TEMP TABLE category_plan AS
FROM (VALUES
  (1, 'snacks', 'Snacks', '零食', 'food', 16, 0.10, 26, 0.01),
  (2, 'beverages', 'Beverages', '饮料', 'food', 11, -0.25, 32, 0.01),
  (3, 'fresh', 'Fresh food', '生鲜', 'food', 12, 0.00, 45, 0.02),
  (4, 'kitchen', 'Kitchenware', '厨具', 'home', 7, 0.00, 110, 0.03),
  (5, 'bedding', 'Bedding', '家纺', 'home', 6, 0.25, 240, 0.04),
  (6, 'cleaning', 'Cleaning', '清洁用品', 'home', 9, 0.00, 38, 0.01),
  (7, 'womenswear', 'Womenswear', '女装', 'fashion', 10, 0.10, 190, 0.09),
  (8, 'menswear', 'Menswear', '男装', 'fashion', 7, 0.10, 180, 0.07),
  (9, 'kids', 'Kidswear', '童装', 'fashion', 6, 0.05, 120, 0.05),
  (10, 'beauty', 'Beauty', '美妆', 'fashion', 7, 0.00, 150, 0.03),
  (11, 'small_appliances', 'Small appliances', '小家电', 'tech', 4, -0.10, 320, 0.04),
  (12, 'accessories', 'Phone accessories', '数码配件', 'tech', 5, 0.00, 85, 0.03)
) AS t(category_no, category, name_en, name_zh, department, weight, winter, price, sent_back);
INSERT INTO categories SELECT category, name_en, name_zh, department FROM category_plan ORDER BY category_no;

CREATE TABLE products (product_id INTEGER PRIMARY KEY, name VARCHAR, name_zh VARCHAR, category VARCHAR, brand VARCHAR,
  list_price DECIMAL(14,2), unit_cost DECIMAL(14,2), launched_on DATE);
INSERT INTO products
SELECT product_id, name_en || ' ' || lpad(item::VARCHAR, 2, '0'), name_zh || lpad(item::VARCHAR, 2, '0'), category,
  ['own_brand', 'partner', 'partner', 'import'][1 + item % 4], list_price,
  round(list_price::DOUBLE * (0.44 + 0.10 * u(product_id, 'unit cost')), 2), DATE '2021-01-01' + (product_id * 37 % 1200)::INTEGER
FROM (SELECT *, (category_no - 1) * 30 + item AS product_id,
        round(price * exp(0.35 * bell((category_no - 1) * 30 + item, 'price')), 1)::DECIMAL(14,2) AS list_price
      FROM category_plan, (SELECT unnest(range(1, 31))::INTEGER AS item))
ORDER BY product_id;

CREATE TABLE campaigns (campaign_id INTEGER PRIMARY KEY, name VARCHAR, name_zh VARCHAR, kind VARCHAR, started_on DATE, ended_on DATE);
INSERT INTO campaigns VALUES (1, 'Always on', '日常投放', 'always_on', DATE '2024-09-01', DATE '2027-12-31');
INSERT INTO campaigns
SELECT 1 + row_number() OVER (ORDER BY started_on, name), name, name_zh, kind, started_on, ended_on FROM (
  SELECT 'National Day ' || y AS name, y || '国庆' AS name_zh, 'festival' AS kind, make_date(y, 10, 1) AS started_on,
    make_date(y, 10, 7) AS ended_on FROM range(2024, 2028) t(y)
  UNION ALL SELECT 'Double 11 ' || y, y || '双11', 'festival', make_date(y, 11, 1), make_date(y, 11, 11) FROM range(2024, 2028) t(y)
  UNION ALL SELECT 'Double 12 ' || y, y || '双12', 'festival', make_date(y, 12, 10), make_date(y, 12, 12) FROM range(2024, 2028) t(y)
  UNION ALL SELECT '618 ' || y, y || '年618', 'festival', make_date(y, 6, 1), make_date(y, 6, 18) FROM range(2025, 2028) t(y)
  UNION ALL SELECT 'Spring Festival ' || year(d), year(d) || '年货节', 'festival', d - 14, d - 1
    FROM (VALUES (DATE '2025-01-29'), (DATE '2026-02-17'), (DATE '2027-02-06')) t(d)
  UNION ALL SELECT 'Flash sale October 2026', '2026年10月限时抢购', 'flash_sale', DATE '2026-10-01', DATE '2026-10-31')
WHERE started_on < getvariable('as_of')::DATE;

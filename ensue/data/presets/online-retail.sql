-- summary: Online Retail II (UCI): invoice lines with cancellations
-- header: invoice,stock_code,description,quantity,invoice_time,unit_price,customer_id,country
-- columns.default_action: purchase
-- clean.cancel_action: cancel
-- clean.cancelled_action: purchase
-- split.kind: time
-- items: events
SELECT customer_id AS "user", upper(stock_code) AS item,
       invoice_time AS "time",
       CASE WHEN invoice LIKE 'C%' THEN 'cancel' ELSE 'purchase' END AS action,
       TRY_CAST(quantity AS DOUBLE) * TRY_CAST(unit_price AS DOUBLE) AS value,
       invoice AS session, TRY_CAST(quantity AS INTEGER) AS quantity,
       TRY_CAST(unit_price AS DOUBLE) AS price, country, description,
       CASE WHEN TRY_CAST(unit_price AS DOUBLE) <= 0 THEN 'price'
            WHEN NOT regexp_full_match(upper(stock_code), '\d{5}[A-Z]*')
              THEN 'not_a_product'
            WHEN invoice NOT LIKE 'C%' AND TRY_CAST(quantity AS DOUBLE) <= 0
              THEN 'impossible_value' END AS rule
FROM $table
-- [items]
WITH names AS (
  SELECT item AS name, trim(description) AS title, count(*) AS n
  FROM raw WHERE item IS NOT NULL AND trim(description) <> '' GROUP BY ALL
)
SELECT name, first(title ORDER BY n DESC, title) AS title, any_value(price) AS price
FROM names LEFT JOIN (
  SELECT item AS name, median(price) AS price FROM raw
  WHERE price > 0 GROUP BY item) USING (name)
GROUP BY name

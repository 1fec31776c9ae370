-- summary: e-shop clothing 2008 (UCI): clicks numbered within a session
-- header: year,month,day,order,country,session ID,page 1 (main category),page 2 (clothing model),colour,location,model photography,price,price 2,page
-- columns.order_within_instant: true
-- columns.default_action: view
-- clean.duplicates: false
-- split.kind: time
-- items: events
SELECT "session ID" AS "user", "page 2 (clothing model)" AS item,
       make_date(TRY_CAST(year AS INTEGER), TRY_CAST(month AS INTEGER),
                 TRY_CAST(day AS INTEGER)) AS "time",
       TRY_CAST(price AS DOUBLE) AS value,
       "page 1 (main category)" AS category, colour, country,
       TRY_CAST(page AS INTEGER) AS page
FROM $table
-- [items]
SELECT item AS name, any_value(category) AS category, any_value(colour) AS colour,
       median(value) AS price
FROM raw WHERE item IS NOT NULL GROUP BY item

-- summary: Taobao UserBehavior: user,item,category,behaviour,unix time
-- header: none
-- delimiter: ,
-- fields: 5
-- values: column3 = pv, buy, cart, fav
-- split.kind: time
-- items: events
SELECT column0 AS "user", column1 AS item, column4 AS "time",
       CASE column3 WHEN 'pv' THEN 'view' WHEN 'buy' THEN 'purchase'
                    WHEN 'fav' THEN 'favourite' ELSE column3 END AS action,
       column2 AS category
FROM $table
-- [items]
SELECT item AS name, any_value(category) AS category
FROM raw WHERE item IS NOT NULL GROUP BY item

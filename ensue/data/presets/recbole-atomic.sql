-- summary: RecBole atomic files (.inter with .item and .user beside it)
-- header: user_id:token,item_id:token,rating:float,timestamp:float
-- columns.default_action: rate
-- clean.bot_actions_per_hour: 0
-- split.kind: time
-- items: *.item
-- users: *.user
SELECT "user_id:token" AS "user", "item_id:token" AS item,
       "timestamp:float" AS "time", "rating:float" AS value
FROM $table
-- [items]
SELECT * EXCLUDE ("item_id:token"), "item_id:token" AS name
FROM read_csv($items, auto_detect = false, header = true, delim = '\t',
              quote = '', escape = '', all_varchar = true, $columns)
-- [users]
SELECT * EXCLUDE ("user_id:token"), "user_id:token" AS name
FROM read_csv($users, auto_detect = false, header = true, delim = '\t',
              quote = '', escape = '', all_varchar = true, $columns)

-- summary: user_id,item_id,timestamp in days; rows of a day stand in order
-- header: user_id,item_id,timestamp
-- days: timestamp
-- columns.order_within_instant: true
-- columns.default_action: review
-- split.kind: leave-one-out
SELECT user_id AS "user", item_id AS item, timestamp AS "time" FROM $table

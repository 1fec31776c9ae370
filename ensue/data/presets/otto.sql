-- summary: OTTO JSON lines: {"session", "events": [{"aid", "ts", "type"}]}
-- header: session,events
-- format: json
-- split.kind: time
WITH events AS (
  SELECT session, unnest(events) AS event
  FROM read_json($files, format = 'newline_delimited', columns = {
    'session': 'VARCHAR',
    'events': 'STRUCT(aid VARCHAR, ts BIGINT, "type" VARCHAR)[]'})
)
SELECT session AS "user", event.aid AS item, make_timestamp_ms(event.ts) AS "time",
       CASE event."type" WHEN 'clicks' THEN 'view' WHEN 'carts' THEN 'cart'
                         WHEN 'orders' THEN 'purchase' ELSE event."type" END
         AS action
FROM events

-- summary: one session per line, item ids in click order; train, then test
-- header: none
-- lines: ids
-- last: test
-- columns.default_action: view
-- split.kind: by-user
-- split.users: last
WITH lines AS (
  SELECT row_number() OVER () AS session, line FROM $lines
)
SELECT CAST(session AS VARCHAR) AS "user",
       unnest(string_split(trim(line), ' ')) AS item
FROM lines WHERE line IS NOT NULL

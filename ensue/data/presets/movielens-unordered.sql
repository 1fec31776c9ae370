-- summary: MovieLens ratings without any order: one basket per user
-- header: user_id,movie_id,rating
-- columns.time_format: order
-- columns.default_action: rate
-- clean.bot_actions_per_hour: 0
-- split.kind: by-user
-- items: movies.dat
-- users: users.dat
SELECT user_id AS "user", movie_id AS item, 0 AS "time", rating AS value
FROM $table
-- [items]
SELECT column0 AS name, regexp_replace(column1, ' \(\d{4}\)$', '') AS title,
       TRY_CAST(regexp_extract(column1, '\((\d{4})\)$', 1) AS INTEGER) AS year,
       column2 AS category
FROM read_csv($items, auto_detect = false, header = false, delim = '::',
              quote = '', escape = '', encoding = 'latin-1',
              columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR',
                         'column2': 'VARCHAR'})
-- [users]
SELECT column0 AS name, column1 AS gender, TRY_CAST(column2 AS INTEGER) AS age,
       column3 AS occupation, column4 AS zip_code
FROM read_csv($users, auto_detect = false, header = false, delim = '::',
              quote = '', escape = '', encoding = 'latin-1',
              columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR',
                         'column2': 'VARCHAR', 'column3': 'VARCHAR',
                         'column4': 'VARCHAR'})

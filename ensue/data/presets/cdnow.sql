-- summary: CDNOW purchases: customer_id,date,cds,dollars
-- header: customer_id,date,cds,dollars
-- columns.default_action: purchase
-- clean.duplicates: false
-- split.kind: time
SELECT customer_id AS "user", date AS "time", dollars AS value,
       TRY_CAST(cds AS INTEGER) AS quantity
FROM $table

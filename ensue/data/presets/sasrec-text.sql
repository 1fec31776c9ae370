-- summary: "user item" per line in time order, as SASRec and BERT4Rec publish
-- header: none
-- delimiter: space
-- fields: 2
-- split.kind: leave-one-out
SELECT column0 AS "user", column1 AS item FROM $table

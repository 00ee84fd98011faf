-- operator_key_records: how many sealed records anywhere name the key.
-- $1 uuid key id
-- columns: records int8
-- role: operator
select app.operator_key_records($1) as records

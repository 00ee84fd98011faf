-- operator_rewrap_left: how many records of the workspace are to be sealed under its newest key.
-- $1 uuid workspace, $2 uuid its newest key
-- columns: records int8
-- role: operator
select app.operator_rewrap_left($1, $2) as records

-- list_sealed_columns: for each sealed column, its records and how many are not of the sealed form.
-- columns: name text, records int8, malformed int8
-- role: operator
select name, records, malformed from app.operator_sealed_columns()

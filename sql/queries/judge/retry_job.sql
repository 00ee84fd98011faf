-- retry_job: again after a while.
-- $1 uuid workspace, $2 int8 day since 1970, $3 uuid conversation, $4 int8 ms
-- role: judge
select app.retry_job($1, '1970-01-01'::date + $2::int8::int4, $3, $4::int8::int4)

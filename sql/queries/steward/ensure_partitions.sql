-- ensure_partitions: from yesterday to so many days ahead.
-- $1 int8 days ahead
-- columns: made int4
-- role: steward
select app.ensure_partitions(current_date - 1, current_date + $1::int8::int4) as made

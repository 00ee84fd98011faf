-- drop_partitions: forgets the days that are older than the retention.
-- $1 int8 days kept
-- columns: dropped int4
-- role: steward
select app.drop_partitions_before(current_date - $1::int8::int4) as dropped

-- audit_drop_months: forgets the events of whole months; their hashes stay.
-- $1 int8 months kept
-- columns: dropped int4
-- role: steward
select audit.drop_months_before((date_trunc('month', now() at time zone 'UTC')
	- make_interval(months => $1::int8::int4))::date) as dropped

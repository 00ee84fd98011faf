-- audit_ensure_months: the months that events of the next days need.
-- columns: made int4
-- role: steward
select audit.ensure_months((now() at time zone 'UTC')::date - 1, (now() at time zone 'UTC')::date + 62) as made

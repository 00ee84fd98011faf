-- record_openings: an event for each sealed record that is about to be opened; in its workspace's context.
-- $1 uuid[] event ids, $2 uuid[] rows, $3 text kind of object, $4 text the process, $5 text why,
-- $6 int8 event
-- columns: recorded int8
-- role: judge
-- the outcome 1 is success (lib/audit/event.h)
select count(*) as recorded
from unnest($1::uuid[], $2::uuid[]) as o (event_id, row_id)
cross join lateral (select audit.add_event((select app.ws()), o.event_id, $6::int8::int4, 1, 'process', $4, '\x', '', $3,
	o.row_id::text, $5)) added

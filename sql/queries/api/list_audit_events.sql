-- list_audit_events: one page of the workspace's audit log, newest first.  In a context.
-- $1 int8 event or null, $2 int8 outcome or null, $3 text actor or null, $4 text object id or null,
-- $5 int8 time of the cursor as Unix us or null, $6 uuid of the cursor or null, $7 int8 limit
-- columns: event_id uuid, at_us int8, event int4, outcome int4, actor_kind text, actor text, source bytea,
--   request_id text, object_kind text, object_id text, detail text, ws_seq int8 or null, leaf_index int8 or null,
--   leaf_hash bytea or null, email text or null
-- role: api
with page as (
	select *
	from audit.events e
	where e.workspace_id = (select app.ws())
		and ($1::int8 is null or e.event = $1::int4)
		and ($2::int8 is null or e.outcome = $2::int4)
		and ($3::text is null or e.actor = $3)
		and ($4::text is null or e.object_id = $4)
		-- The first bound is where the index begins to be read; the other events of that instant are the second's.
		and e.at_us <= case when $5::int8 is null then 9223372036854775807 else $5::int8 end
		and ($5::int8 is null or (e.at_us, e.event_id) < ($5, $6::uuid))
	order by e.at_us desc, e.event_id desc
	limit $7
)
select e.event_id, e.at_us, e.event, e.outcome, e.actor_kind, e.actor, e.source, e.request_id, e.object_kind,
	e.object_id, e.detail, l.ws_seq, l.leaf_index, l.leaf_hash, m.email
from page e
left join audit.leaves l on l.workspace_id = e.workspace_id and l.event_id = e.event_id
left join lateral identity.find_member(
	case when e.actor_kind = 'user' and e.actor ~ '^[0-9a-f-]{36}$' then e.actor::uuid end, e.workspace_id) m on true
order by e.at_us desc, e.event_id desc

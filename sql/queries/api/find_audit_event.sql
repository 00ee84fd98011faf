-- find_audit_event: one event of the workspace, with its leaf.  In a context.  By its key in the month that its
-- leaf names; one that has no leaf yet is at most minutes old.
-- $1 uuid event
-- columns: those of list_audit_events
-- role: api
select e.event_id, e.at_us, e.event, e.outcome, e.actor_kind, e.actor, e.source, e.request_id, e.object_kind,
	e.object_id, e.detail, l.ws_seq, l.leaf_index, l.leaf_hash, m.email
from unnest(coalesce(
	(select array[p.month] from audit.leaves p where p.workspace_id = (select app.ws()) and p.event_id = $1 limit 1),
	array[date_trunc('month', now() at time zone 'UTC')::date,
		date_trunc('month', now() at time zone 'UTC' - interval '1 day')::date])) as may (month)
cross join lateral (
	select * from audit.events o
	where o.workspace_id = (select app.ws()) and o.month = may.month and o.event_id = $1
	limit 1
) e
left join audit.leaves l on l.workspace_id = e.workspace_id and l.event_id = e.event_id
left join lateral identity.find_member(
	case when e.actor_kind = 'user' and e.actor ~ '^[0-9a-f-]{36}$' then e.actor::uuid end, e.workspace_id) m on true
limit 1

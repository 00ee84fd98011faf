-- list_audit_leaves: the workspace's leaves that have their event, in order, for an export.  In a context.
-- $1 int8 number after which, $2 int8 size of the checkpoint, $3 int8 limit
-- columns: those of list_audit_events without the last
-- role: api
select e.event_id, e.at_us, e.event, e.outcome, e.actor_kind, e.actor, e.source, e.request_id, e.object_kind,
	e.object_id, e.detail, l.ws_seq, l.leaf_index, l.leaf_hash
from audit.leaves l
join audit.events e on e.workspace_id = l.workspace_id and e.month = l.month and e.event_id = l.event_id
where l.workspace_id = (select app.ws()) and l.ws_seq > $1 and l.leaf_index < $2
order by l.ws_seq
limit $3

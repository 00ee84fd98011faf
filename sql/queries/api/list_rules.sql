-- list_rules: the rules of the project's newest system message that has any, in its order.
-- In a context.
-- $1 uuid project
-- rule_id uuid, category text, has_check bool, is_enabled bool, version int4, sealed bytea
-- role: api
select r.rule_id, r.category, r.has_check, r.is_enabled, m.version, r.sealed
from app.rules r
join app.system_messages m using (workspace_id, system_message_id)
where r.workspace_id = (select app.ws()) and m.project_id = $1
	and m.version = (
		select max(n.version)
		from app.system_messages n
		where n.workspace_id = (select app.ws()) and n.project_id = $1
			and exists (
				select from app.rules s
				where s.workspace_id = n.workspace_id
					and s.system_message_id = n.system_message_id))
order by r.position

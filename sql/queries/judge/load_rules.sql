-- load_rules: the enabled rules of a system message, sealed.
-- $1 uuid system message
-- columns: rule_id uuid, sealed bytea
-- role: judge
select r.rule_id, r.sealed
from app.rules r
where r.workspace_id = (select app.ws()) and r.system_message_id = $1 and r.is_enabled
order by r.position

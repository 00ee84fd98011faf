-- load_rules: the enabled rules of a conversation's system message, sealed; none without one.
-- $1 int8 day since 1970, $2 uuid conversation
-- columns: rule_id uuid, sealed bytea
-- role: judge
select r.rule_id, r.sealed
from app.rules r
where r.is_enabled and r.system_message_id = (
	select c.system_message_id
	from app.conversations c
	where c.day = '1970-01-01'::date + $1::int8::int4 and c.conversation_id = $2)
order by r.position

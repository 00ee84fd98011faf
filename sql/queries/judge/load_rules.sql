-- load_rules: the enabled rules of the system messages of conversations, sealed, in their order.
-- One entry a conversation: $1 int8[] days since 1970, $2 uuid[] conversations
-- columns: system_message_id uuid, rule_id uuid, sealed bytea
-- role: judge
select r.system_message_id, r.rule_id, r.sealed
from app.rules r
where r.is_enabled and r.system_message_id in (
	select c.system_message_id
	from (
		select '1970-01-01'::date + g.days::int4 as day, g.conversation_id
		from unnest($1::int8[], $2::uuid[]) as g (days, conversation_id)
		offset 0
	) given
	cross join lateral (
		select f.system_message_id
		from app.conversations f
		where f.day = given.day and f.conversation_id = given.conversation_id
		offset 0
	) c)
order by r.system_message_id, r.position

-- load_conversations: what the judge needs to know before the messages; none for one that is gone.
-- One entry a conversation: $1 int8[] days since 1970, $2 uuid[] conversations
-- columns: n int8, project_id uuid, system_message_id uuid, message_count int4
-- role: judge
select given.n, c.project_id, c.system_message_id, c.message_count
from (
	-- Computed apart: a condition that may fail on a value is not used before a policy's own.
	select '1970-01-01'::date + g.days::int4 as day, g.conversation_id, g.n
	from unnest($1::int8[], $2::uuid[]) with ordinality as g (days, conversation_id, n)
	offset 0
) given
cross join lateral (
	-- One by one, by the key: a young day has no statistics that speak for it.
	select f.project_id, f.system_message_id, f.message_count
	from app.conversations f
	where f.day = given.day and f.conversation_id = given.conversation_id
	offset 0
) c

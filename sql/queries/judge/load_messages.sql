-- load_messages: the redacted messages of conversations, in their order, as far as they are within a
-- number of bytes together; those of the first conversation within a larger one.
-- One entry a conversation: $1 int8[] days since 1970, $2 uuid[] conversations; $3 int8 bytes, $4 int8 bytes of the
-- first
-- columns: n int8, role text, content text, tool_calls text, tool_call_id text, name text
-- role: judge
select m.n, m.role, m.content, m.tool_calls, m.tool_call_id, m.name
from (
	select given.n, m.position, m.role, m.content, m.tool_calls, m.tool_call_id, m.name,
		sum(octet_length(m.content) + octet_length(m.tool_calls)) over (order by given.n, m.position)
			as bytes
	from (
		-- Computed apart: a condition that may fail on a value is not used before a policy's own.
		select '1970-01-01'::date + g.days::int4 as day, g.conversation_id, g.n
		from unnest($1::int8[], $2::uuid[]) with ordinality as g (days, conversation_id, n)
		offset 0
	) given
	cross join lateral (
		-- One conversation after the other, by the key: a young day has no statistics that speak for it.
		select f.*
		from app.messages f
		where f.day = given.day and f.conversation_id = given.conversation_id
		offset 0
	) m
) m
where m.bytes <= case when m.n = 1 then $4::int8 else $3::int8 end
order by m.n, m.position

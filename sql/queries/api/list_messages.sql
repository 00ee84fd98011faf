-- list_messages: a conversation's messages, in order, as far as they are within a number of bytes.  In a context.
-- $1 int8 day as days since 1970-01-01, $2 uuid conversation, $3 int8 bytes
-- position int4, role text, content text, tool_calls text, tool_call_id text, name text,
-- created_at timestamptz
-- role: api
select position, role, content, tool_calls, tool_call_id, name, created_at
from (
	select position, role, content, tool_calls, tool_call_id, name, created_at,
		sum(octet_length(content) + octet_length(tool_calls)) over (order by position) as bytes
	from app.messages
	where workspace_id = (select app.ws()) and day = date '1970-01-01' + $1::int
		and conversation_id = $2
) m
where bytes <= $3::int8
order by position

-- load_messages: the redacted messages in their order.
-- $1 int8 day since 1970, $2 uuid conversation
-- columns: role text, content text, tool_calls text, tool_call_id text, name text
-- role: judge
select m.role, m.content, m.tool_calls, m.tool_call_id, m.name
from app.messages m
where m.day = '1970-01-01'::date + $1::int8::int4 and m.conversation_id = $2
order by m.position

-- load_conversation: what the judge needs to know before the messages.
-- $1 int8 day since 1970, $2 uuid conversation
-- columns: project_id uuid, system_message_id uuid, message_count int4
-- role: judge
select c.project_id, c.system_message_id, c.message_count
from app.conversations c
where c.day = '1970-01-01'::date + $1::int8::int4 and c.conversation_id = $2

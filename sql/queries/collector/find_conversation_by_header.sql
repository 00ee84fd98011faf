-- find_conversation_by_header: the conversation that the agent named.
-- $1 uuid project, $2 bytea digest of the name
-- columns: conversation_id uuid, day date, message_count int4, exchange_count int4, system_message_id uuid, tip_digest bytea
-- role: collector
select c.conversation_id, c.day, c.message_count, c.exchange_count, c.system_message_id, c.tip_digest
from app.conversations c
where c.workspace_id = (select app.ws()) and c.project_id = $1 and c.header_digest = $2
	and c.day >= current_date - 7
order by c.updated_at desc
limit 1
for update of c

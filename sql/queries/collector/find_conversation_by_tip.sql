-- find_conversation_by_tip: the conversation that stands exactly at the latest of these points of a chain.
-- $1 uuid project, $2 bytea[] digests of the request's chain, $3 int8[] the position of each in the chain
-- columns: conversation_id uuid, day date, message_count int4, exchange_count int4, system_message_id uuid, chain_position int8
-- role: collector
select c.conversation_id, c.day, c.message_count, c.exchange_count, c.system_message_id, t.chain_position
from unnest($2::bytea[], $3::int8[]) as t (digest, chain_position)
join app.conversations c
	on c.workspace_id = (select app.ws()) and c.project_id = $1 and c.tip_digest = t.digest
	and c.header_digest is null and c.day >= current_date - 7
order by t.chain_position desc, c.updated_at desc
limit 1
for update of c

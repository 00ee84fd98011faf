-- find_conversation: one conversation, in the columns of list_conversations.
-- In a context.
-- $1 int8 day as days since 1970-01-01, $2 uuid conversation
-- role: api
select c.day, c.conversation_id, c.project_id, c.provider, c.model, c.started_at, c.updated_at,
	c.message_count, c.exchange_count,
	count(v.rule_id) filter (where v.verdict = 'pass'),
	count(v.rule_id) filter (where v.verdict = 'fail'),
	count(v.rule_id) filter (where v.verdict = 'not_applicable'),
	count(v.rule_id) filter (where v.verdict = 'indeterminate'),
	coalesce((
		select left(content, 200)
		from app.messages m
		where m.workspace_id = c.workspace_id and m.day = c.day
			and m.conversation_id = c.conversation_id and content <> ''
		order by position
		limit 1), '')
from app.conversations c
left join app.verdicts v using (workspace_id, day, conversation_id)
where c.workspace_id = (select app.ws()) and c.day = date '1970-01-01' + $1::int
	and c.conversation_id = $2
group by c.workspace_id, c.day, c.conversation_id

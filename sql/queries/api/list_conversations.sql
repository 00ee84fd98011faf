-- list_conversations: one page, newest first, with the verdicts counted and the first message's
-- beginning.  In a context.
-- $1 uuid project or null, $2 text verdict or null, $3 uuid rule or null,
-- $4 int8 day of the cursor as days since 1970-01-01 or null, $5 uuid of the cursor or null,
-- $6 int8 limit
-- day date, conversation_id uuid, project_id uuid, provider text, model text,
-- started_at timestamptz, updated_at timestamptz, message_count int4, exchange_count int4,
-- pass, fail, not_applicable, indeterminate int8, preview text
-- role: api
with page as (
	select workspace_id, day, conversation_id, project_id, provider, model, started_at, updated_at,
		message_count, exchange_count
	from app.conversations c
	where workspace_id = (select app.ws())
		and ($1::uuid is null or project_id = $1)
		and ($4::int8 is null
			or (day, conversation_id) < (date '1970-01-01' + $4::int, $5::uuid))
		and (($2::text is null and $3::uuid is null) or exists (
			select from app.verdicts v
			where v.workspace_id = c.workspace_id and v.day = c.day
				and v.conversation_id = c.conversation_id
				and ($2::text is null or v.verdict = $2)
				and ($3::uuid is null or v.rule_id = $3)))
	order by day desc, conversation_id desc
	limit $6)
select p.day, p.conversation_id, p.project_id, p.provider, p.model, p.started_at, p.updated_at,
	p.message_count, p.exchange_count, coalesce(v.pass, 0), coalesce(v.fail, 0),
	coalesce(v.not_applicable, 0), coalesce(v.indeterminate, 0), coalesce(m.preview, '')
from page p
left join lateral (
	select
		count(*) filter (where verdict = 'pass') as pass,
		count(*) filter (where verdict = 'fail') as fail,
		count(*) filter (where verdict = 'not_applicable') as not_applicable,
		count(*) filter (where verdict = 'indeterminate') as indeterminate
	from app.verdicts w
	where w.workspace_id = p.workspace_id and w.day = p.day
		and w.conversation_id = p.conversation_id) v on true
left join lateral (
	select left(content, 200) as preview
	from app.messages n
	where n.workspace_id = p.workspace_id and n.day = p.day
		and n.conversation_id = p.conversation_id and content <> ''
	order by position
	limit 1) m on true
order by p.day desc, p.conversation_id desc

-- store_exchange: one captured exchange, with its new messages, its conversation and the judging job, in one statement.
-- $1 uuid conversation, $2 int8 day as days since 1970, $3 bool is a new conversation, $4 uuid project,
-- $5 uuid system message or null, $6 bytea header digest or null, $7 bytea tip digest after this exchange,
-- $8 text provider, $9 text model, $10 int8 started (Unix us),
-- $11 uuid exchange, $12 text response model, $13 int8 status, $14 bool is a stream, $15 text end reason,
-- $16 text finish reason, $17 text error type, $18 text fingerprint, $19 int8 prompt tokens or null,
-- $20 int8 completion tokens or null, $21 int8 latency us, $22 int8 first byte us,
-- $23 int8 messages that the conversation had, $24 text[] roles, $25 text[] contents, $26 text[] tool calls (JSON or ''),
-- $27 text[] tool call ids, $28 text[] names, $29 int8 quiet time before judging, ms,
-- $30 int8 version of the redactor, $31 int8 version of the redaction policy
-- columns: stored int4
-- role: collector
with at as (
	select '1970-01-01'::date + $2::int8::int4 as day,
		'epoch'::timestamptz + $10::int8 * interval '1 microsecond' as started,
		cardinality($24::text[]) as added
), fresh as (
	insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id,
		header_digest, tip_digest, message_count, exchange_count, provider, model, started_at, updated_at)
	select (select app.ws()), at.day, $1, $4, $5, $6, $7, at.added, 1, $8, $9, at.started, at.started
	from at
	where $3::bool
), grown as (
	update app.conversations c
	set tip_digest = $7, message_count = c.message_count + at.added,
		exchange_count = c.exchange_count + 1, model = $9,
		updated_at = greatest(c.updated_at, at.started),
		system_message_id = coalesce($5, c.system_message_id)
	from at
	where not $3::bool and c.workspace_id = (select app.ws()) and c.day = at.day and c.conversation_id = $1
), exchange as (
	insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model,
		response_model, status, is_stream, end_reason, finish_reason, error_type, fingerprint,
		prompt_tokens, completion_tokens, latency_us, first_byte_us, started_at,
		redactor_version, policy_version)
	select (select app.ws()), at.day, $1, $11, coalesce((
			select c.exchange_count from app.conversations c
			where c.workspace_id = (select app.ws()) and c.day = at.day and c.conversation_id = $1), 0),
		$8, $9, $12, $13::int8::int4, $14::bool, $15, $16, $17, $18, $19::int8, $20::int8, $21::int8,
		$22::int8, at.started, $30::int8::int4, $31::int8::int4
	from at
), added as (
	insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content,
		tool_calls, tool_call_id, name, created_at)
	select (select app.ws()), at.day, $1, ($23::int8 + m.n - 1)::int4, $11, m.role, m.content,
		m.tool_calls, m.tool_call_id, m.name, at.started
	from at, unnest($24::text[], $25::text[], $26::text[], $27::text[], $28::text[]) with ordinality
		as m (role, content, tool_calls, tool_call_id, name, n)
), job as (
	insert into app.jobs (workspace_id, day, conversation_id, kind, not_before)
	select (select app.ws()), at.day, $1, 'judge', clock_timestamp() + $29::int8 * interval '1 millisecond'
	from at
	on conflict (workspace_id, day, conversation_id, kind) do update
	set not_before = excluded.not_before, generation = jobs.generation + 1, attempts = 0
)
select 1 as stored

-- start_conversation: a conversation with its first exchange, the messages and the judging job.
-- $1 uuid conversation, $2 int8 its day as days since 1970, $3 uuid project, $4 uuid system message or null,
-- $5 bytea header digest or null, $6 bytea tip digest after this exchange, $7 bytea digest of what was asked,
-- $8 bool ends with a cut answer, $9 text provider, $10 text model, $11 int8 started (Unix us),
-- $12 uuid exchange, $13 text response model, $14 int8 status, $15 bool is a stream, $16 text end reason,
-- $17 text finish reason, $18 text error type, $19 text fingerprint, $20 int8 prompt tokens or null,
-- $21 int8 completion tokens or null, $22 int8 latency us, $23 int8 first byte us,
-- $24 text[] roles, $25 text[] contents, $26 text[] tool calls (JSON or ''), $27 text[] tool call ids,
-- $28 text[] names, $29 int8 quiet time before judging, ms,
-- $30 int8 redactor's version, $31 int8 version of the redaction policy
-- columns: stored int4
-- role: collector
with at as (
	select app.ws() as ws, '1970-01-01'::date + $2::int8::int4 as day,
		'epoch'::timestamptz + $11::int8 * interval '1 microsecond' as started
), fresh as (
	insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id,
		header_digest, tip_digest, asked_digest, ends_cut, message_count, exchange_count, provider, model,
		started_at, updated_at)
	select at.ws, at.day, $1, $3, $4, $5, $6, $7, $8::bool, cardinality($24::text[]), 1, $9, $10, at.started,
		at.started
	from at
), exchange as (
	insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model,
		response_model, status, is_stream, end_reason, finish_reason, error_type, fingerprint,
		prompt_tokens, completion_tokens, latency_us, first_byte_us, started_at,
		redactor_version, policy_version)
	select at.ws, at.day, $1, $12, 0, $9, $10, $13, $14::int8::int4, $15::bool, $16, $17, $18, $19,
		$20::int8, $21::int8, $22::int8, $23::int8, at.started, $30::int8::int4, $31::int8::int4
	from at
), added as (
	insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content,
		tool_calls, tool_call_id, name, created_at)
	select at.ws, at.day, $1, (m.n - 1)::int4, $12, m.role, m.content, m.tool_calls, m.tool_call_id,
		m.name, at.started
	from at, unnest($24::text[], $25::text[], $26::text[], $27::text[], $28::text[]) with ordinality
		as m (role, content, tool_calls, tool_call_id, name, n)
), job as (
	insert into app.jobs (workspace_id, day, conversation_id, kind, not_before)
	select at.ws, at.day, $1, 'judge', clock_timestamp() + $29::int8 * interval '1 millisecond'
	from at
)
select 1 as stored

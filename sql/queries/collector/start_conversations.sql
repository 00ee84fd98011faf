-- start_conversations: conversations with their first exchanges, the messages and the judging jobs; the numbers
-- of those that were written: all.
-- One entry an exchange: $1 uuid[] conversations, $2 int8[] their days as days since 1970, $3 uuid[] projects,
-- $4 uuid[] system messages (all zeros: none), $5 bytea[] header digests or null, $6 bytea[] tip digests after this
-- exchange, $7 bytea[] digests of what was asked, $8 int8[] ends with a cut answer (0, 1), $9 text[] providers,
-- $10 text[] models, $11 int8[] started (Unix us), $12 uuid[] exchanges, $13 text[] response models,
-- $14 int8[] statuses, $15 int8[] is a stream (0, 1), $16 text[] end reasons, $17 text[] finish reasons,
-- $18 text[] error types, $19 text[] fingerprints, $20 int8[] prompt tokens (-1: unknown), $21 int8[] completion
-- tokens (-1: unknown), $22 int8[] latency us, $23 int8[] first byte us, $24 int8[] numbers of new messages;
-- one entry a message: $25 int8[] its exchange (from 1 on), $26 int8[] its number among the new ones of the exchange
-- (from 0 on), $27 text[] roles, $28 text[] contents, $29 text[] tool calls (JSON or an empty text),
-- $30 text[] tool call ids, $31 text[] names;
-- for all: $32 int8 quiet time before judging, ms, $33 int8 redactor's version, $34 int8 version of the redaction
-- policy
-- columns: n int8
-- role: collector
with given as (
	select g.*, (select app.ws()) as workspace_id, '1970-01-01'::date + g.days::int4 as day,
		'epoch'::timestamptz + g.started_us * interval '1 microsecond' as started_at,
		nullif(g.system_message_id, '00000000-0000-0000-0000-000000000000') as under
	from unnest($1::uuid[], $2::int8[], $3::uuid[], $4::uuid[], $5::bytea[], $6::bytea[], $7::bytea[], $8::int8[],
		$9::text[], $10::text[], $11::int8[], $12::uuid[], $13::text[], $14::int8[], $15::int8[], $16::text[],
		$17::text[], $18::text[], $19::text[], $20::int8[], $21::int8[], $22::int8[], $23::int8[], $24::int8[]) with ordinality
		as g (conversation_id, days, project_id, system_message_id, header_digest, tip_digest, asked_digest,
			ends_cut, provider, model, started_us, exchange_id, response_model, status, is_stream, end_reason,
			finish_reason, error_type, fingerprint, prompt_tokens, completion_tokens, latency_us, first_byte_us,
			n_messages, n)
), fresh as (
	insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id,
		header_digest, tip_digest, asked_digest, ends_cut, message_count, exchange_count, provider, model,
		started_at, updated_at)
	select g.workspace_id, g.day, g.conversation_id, g.project_id, g.under, g.header_digest, g.tip_digest,
		g.asked_digest, g.ends_cut <> 0, g.n_messages::int4, 1, g.provider, g.model, g.started_at, g.started_at
	from given g
), exchange as (
	insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model,
		response_model, status, is_stream, end_reason, finish_reason, error_type, fingerprint,
		prompt_tokens, completion_tokens, latency_us, first_byte_us, started_at,
		redactor_version, policy_version)
	select g.workspace_id, g.day, g.conversation_id, g.exchange_id, 0, g.provider, g.model, g.response_model,
		g.status::int4, g.is_stream <> 0, g.end_reason, g.finish_reason, g.error_type, g.fingerprint,
		nullif(g.prompt_tokens, -1), nullif(g.completion_tokens, -1), g.latency_us, g.first_byte_us,
		g.started_at, $33::int8::int4, $34::int8::int4
	from given g
), added as (
	insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content,
		tool_calls, tool_call_id, name, created_at)
	select g.workspace_id, g.day, g.conversation_id, m.position::int4, g.exchange_id, m.role, m.content,
		m.tool_calls, m.tool_call_id, m.name, g.started_at
	from unnest($25::int8[], $26::int8[], $27::text[], $28::text[], $29::text[], $30::text[], $31::text[])
		as m (exchange, position, role, content, tool_calls, tool_call_id, name)
	join given g on g.n = m.exchange
), job as (
	insert into app.jobs (workspace_id, day, conversation_id, kind, not_before)
	select g.workspace_id, g.day, g.conversation_id, 'judge',
		clock_timestamp() + $32::int8 * interval '1 millisecond'
	from given g
)
select n from given

-- list_exchanges: the requests behind a conversation, in order.  In a context.
-- $1 int8 day as days since 1970-01-01, $2 uuid conversation, $3 int8 how many at most
-- exchange_id uuid, position int4, provider text, model text, response_model text, status int4,
-- is_stream bool, end_reason text, finish_reason text, error_type text, fingerprint text,
-- prompt_tokens int8, completion_tokens int8, latency_us int8, first_byte_us int8,
-- started_at timestamptz
-- role: api
select exchange_id, position, provider, model, response_model, status, is_stream, end_reason,
	finish_reason, error_type, fingerprint, prompt_tokens, completion_tokens, latency_us,
	first_byte_us, started_at
from app.exchanges
where workspace_id = (select app.ws()) and day = date '1970-01-01' + $1::int
	and conversation_id = $2
order by position
limit $3::int8

-- find_by_tip: was this capture stored already, and the conversation that stands at the latest of
-- these points of a chain; of several the one under the same system message, then the latest.
-- $1 uuid exchange (the capture's id), $2 int8 its day as days since 1970, $3 uuid project,
-- $4 uuid system message or null, $5 bytea[] digests of the chain, the latest first
-- columns: is_stored int4, conversation_id uuid, day date, message_count int4, exchange_count int4, tip_digest bytea, asked_digest bytea, ends_cut int4
-- role: collector
select (exists (
		select from app.exchanges e
		where e.exchange_id = $1 and e.day between '1970-01-01'::date + $2::int8::int4 - 1
			and '1970-01-01'::date + $2::int8::int4 + 1))::int4 as is_stored,
	c.conversation_id, c.day, c.message_count, c.exchange_count, c.tip_digest, c.asked_digest,
	c.ends_cut::int4 as ends_cut
from (select) one
left join lateral (
	-- For each point its conversation, by the whole key of its index.
	select f.*
	from unnest($5::bytea[]) with ordinality as d (digest, n)
	cross join lateral (
		select g.*
		from app.conversations g
		where g.project_id = $3 and g.tip_digest = d.digest and g.header_digest is null
			and g.day between current_date - 7 and current_date + 1
		order by g.system_message_id is not distinct from $4 desc, g.updated_at desc
		limit 1
	) f
	order by d.n
	limit 1
) c on true

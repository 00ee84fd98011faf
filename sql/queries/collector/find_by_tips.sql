-- find_by_tips: for each of these captures: was it stored already, and the conversation that stands at the
-- latest of its points of a chain; of several the one under the same system message, then the latest.
-- One entry a capture: $1 uuid[] exchanges (the captures' ids), $2 int8[] their days as days since 1970,
-- $3 uuid[] projects, $4 uuid[] system messages (all zeros: none);
-- one entry a point, the latest of a capture first: $5 int8[] the capture's number from 1 on, $6 bytea[] digests
-- columns: is_stored int4, conversation_id uuid, day date, message_count int4, exchange_count int4, tip_digest bytea, asked_digest bytea, ends_cut int4
-- role: collector
select (exists (
		select from app.exchanges e
		where e.exchange_id = given.exchange_id and e.day between given.day_before and given.day_after))::int4 as is_stored,
	c.conversation_id, c.day, c.message_count, c.exchange_count, c.tip_digest, c.asked_digest,
	c.ends_cut::int4 as ends_cut
from (
	-- Computed apart: a condition that may fail on a value is not used before a policy's own.
	-- An exchange stands in the day of its conversation, which began up to 7 days before it went on.
	select g.exchange_id, '1970-01-01'::date + g.days::int4 - 8 as day_before,
		'1970-01-01'::date + g.days::int4 + 1 as day_after, g.project_id, g.system_message_id, g.n
	from unnest($1::uuid[], $2::int8[], $3::uuid[], $4::uuid[]) with ordinality
		as g (exchange_id, days, project_id, system_message_id, n)
	offset 0
) given
left join lateral (
	-- For each point its conversation, by the whole key of its index.
	select f.*
	from unnest($5::int8[], $6::bytea[]) with ordinality as d (capture, digest, n)
	cross join lateral (
		select g.*
		from app.conversations g
		where g.project_id = given.project_id and g.tip_digest = d.digest and g.header_digest is null
			and g.day between current_date - 7 and current_date + 1
		order by g.system_message_id is not distinct from
			nullif(given.system_message_id, '00000000-0000-0000-0000-000000000000') desc, g.updated_at desc
		limit 1
	) f
	where d.capture = given.n
	order by d.n
	limit 1
) c on true
order by given.n

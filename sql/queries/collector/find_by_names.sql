-- find_by_names: for each of these captures: was it stored already, and the conversation that the agent named.
-- One entry a capture: $1 uuid[] exchanges (the captures' ids), $2 int8[] their days as days since 1970,
-- $3 uuid[] projects, $4 bytea[] digests of the names
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
		'1970-01-01'::date + g.days::int4 + 1 as day_after, g.project_id, g.header_digest, g.n
	from unnest($1::uuid[], $2::int8[], $3::uuid[], $4::bytea[]) with ordinality
		as g (exchange_id, days, project_id, header_digest, n)
	offset 0
) given
left join lateral (
	-- Two steps, or the newest of the project would be gone through until one has the name.
	select g.*
	from (
		select f.*
		from app.conversations f
		where f.project_id = given.project_id and f.header_digest = given.header_digest
			and f.day between current_date - 7 and current_date + 1
		offset 0
	) g
	order by g.updated_at desc
	limit 1
) c on true
order by given.n

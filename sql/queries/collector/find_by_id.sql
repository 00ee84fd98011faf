-- find_by_id: was this capture stored already, and a conversation that was found before.
-- $1 uuid exchange (the capture's id), $2 int8 its day as days since 1970,
-- $3 uuid conversation, $4 int8 its day as days since 1970
-- columns: is_stored int4, conversation_id uuid, day date, message_count int4, exchange_count int4, tip_digest bytea, asked_digest bytea, ends_cut int4
-- role: collector
select (exists (
		select from app.exchanges e
		where e.exchange_id = $1 and e.day between '1970-01-01'::date + $2::int8::int4 - 8
			and '1970-01-01'::date + $2::int8::int4 + 1))::int4 as is_stored,
	c.conversation_id, c.day, c.message_count, c.exchange_count, c.tip_digest, c.asked_digest,
	c.ends_cut::int4 as ends_cut
from (select) one
left join lateral (
	select f.*
	from app.conversations f
	where f.day = '1970-01-01'::date + $4::int8::int4 and f.conversation_id = $3
) c on true

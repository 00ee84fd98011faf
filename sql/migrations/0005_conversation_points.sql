-- 0005: what a conversation knows of its end, and cheaper checks of the context.

-- A question that is asked again, and the client's own version of an answer that was cut, are
-- recognised by these (src/collector/place.h).
alter table app.conversations add column asked_digest bytea check (length(asked_digest) = 32);
alter table app.conversations add column ends_cut boolean not null default false;
comment on column app.conversations.asked_digest is 'class=pseudonym; purpose=putting conversations together; basis=contract; retention=retention_days';
comment on column app.conversations.ends_cut is 'class=none; purpose=putting conversations together; basis=contract; retention=retention_days';

-- Made anew, after conversations_recent: while a day is young its parts have no statistics, all indexes
-- that begin alike cost the same, and the planner then takes the one that was made last.
drop index app.conversations_tip;
drop index app.conversations_header;
create index conversations_header on app.conversations (workspace_id, project_id, header_digest)
	where header_digest is not null;
create index conversations_tip on app.conversations (workspace_id, project_id, tip_digest);

-- As before, but it runs for every table of every statement, and did so for four times the time:
-- no function between it and the HMAC, no arrays, and the texts of failure are found last.
create or replace function app.ws() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
	context text := current_setting('app.context', true);
	secret bytea;
begin
	select k.key into secret from private.context_key k where k.id = 1;
	if encode(extensions.hmac(convert_to(left(context, -65), 'UTF8'), secret, 'sha256'), 'hex') = right(context, 64)
		and split_part(context, '|', 2) = session_user
		and split_part(context, '|', 3) = pg_backend_pid()::text
		and to_timestamp(split_part(context, '|', 4)::float8) >= clock_timestamp() then
		return split_part(context, '|', 1)::uuid;
	end if;
	if context is null or context = '' then
		raise exception 'no workspace context' using errcode = '42501';
	end if;
	raise exception 'workspace context refused' using errcode = '42501';
end
$$;

-- As before, in a language whose plans are kept between calls.
create or replace function app.claim_jobs(n integer, lease_ms integer)
returns table (workspace_id uuid, day date, conversation_id uuid, generation bigint, attempts integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
	return query
	update app.jobs j
	set claimed_until = clock_timestamp() + make_interval(secs => lease_ms / 1000.0),
		attempts = j.attempts + 1
	from (
		select d.workspace_id, d.day, d.conversation_id, d.kind
		from app.jobs d
		where d.not_before <= clock_timestamp()
			and (d.claimed_until is null or d.claimed_until < clock_timestamp())
		order by d.not_before
		limit n
		for update skip locked
	) due
	where j.workspace_id = due.workspace_id and j.day = due.day
		and j.conversation_id = due.conversation_id and j.kind = due.kind
	returning j.workspace_id, j.day, j.conversation_id, j.generation, j.attempts;
end
$$;

create or replace function app.finish_jobs(workspace_ids uuid[], days date[], conversation_ids uuid[],
	generations bigint[])
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	finished bigint;
begin
	delete from app.jobs j
	using unnest(workspace_ids, days, conversation_ids, generations)
		as d (workspace_id, day, conversation_id, generation)
	where j.workspace_id = d.workspace_id and j.day = d.day
		and j.conversation_id = d.conversation_id and j.generation = d.generation;
	get diagnostics finished = row_count;
	if finished < cardinality(workspace_ids) then
		update app.jobs j set claimed_until = null
		from unnest(workspace_ids, days, conversation_ids, generations)
			as d (workspace_id, day, conversation_id, generation)
		where j.workspace_id = d.workspace_id and j.day = d.day
			and j.conversation_id = d.conversation_id and j.generation <> d.generation;
	end if;
	return finished;
end
$$;

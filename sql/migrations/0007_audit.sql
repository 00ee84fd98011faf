-- 0007: the audit log.  Events are only ever added; closing a batch gives each event its place in the
-- Merkle tree (audit.leaves) and in its workspace's own count (ws_seq).  What the leaf's bytes are
-- stands in lib/audit/event.h; a leaf holds the hash only, so that a month of events can be dropped
-- and the tree still verifies.

create schema audit;
revoke all on schema audit from public;

create table audit.events (
	workspace_id uuid not null,
	month date not null,
	event_id uuid not null,
	at_us bigint not null,
	event integer not null check (event between 1 and 65535),
	outcome integer not null check (outcome between 1 and 3),
	actor_kind text not null check (octet_length(actor_kind) <= 64),
	actor text not null check (octet_length(actor) <= 128),
	source bytea not null check (length(source) <= 1024),
	request_id text not null check (octet_length(request_id) <= 64),
	object_kind text not null check (octet_length(object_kind) <= 64),
	object_id text not null check (octet_length(object_id) <= 128),
	detail text not null check (octet_length(detail) <= 512),
	primary key (workspace_id, month, event_id)
) partition by range (month);
create index events_recent on audit.events (workspace_id, at_us desc);

-- Which events have no leaf yet: a queue, not a record.
create table audit.pending (
	workspace_id uuid not null,
	month date not null,
	event_id uuid not null,
	primary key (workspace_id, month, event_id)
);

create table audit.leaves (
	workspace_id uuid not null,
	ws_seq bigint not null check (ws_seq > 0),
	leaf_index bigint not null unique check (leaf_index >= 0),
	month date not null,
	event_id uuid not null,
	leaf_hash bytea not null check (length(leaf_hash) = 32),
	primary key (workspace_id, ws_seq)
);
create index leaves_by_event on audit.leaves (workspace_id, event_id);

-- Complete subtrees of 2^level leaves, level 1 and up.
create table audit.nodes (
	level integer not null check (level between 1 and 63),
	node_index bigint not null check (node_index >= 0),
	hash bytea not null check (length(hash) = 32),
	primary key (level, node_index)
);

create table audit.checkpoints (
	size bigint primary key check (size >= 0),
	root bytea not null check (length(root) = 32),
	note text not null check (length(note) < 8192),
	signed_at timestamptz not null default clock_timestamp()
);

-- ---------------------------------------------------------------- only ever added

create function audit.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
	raise exception 'the audit log is append-only' using errcode = '42501';
end
$$;

do $$
declare
	t text;
begin
	foreach t in array array['events', 'leaves', 'nodes', 'checkpoints'] loop
		execute format('create trigger no_change before update or delete on audit.%I '
			'for each row execute function audit.refuse_change()', t);
		execute format('create trigger no_truncate before truncate on audit.%I '
			'for each statement execute function audit.refuse_change()', t);
	end loop;
	foreach t in array array['events', 'leaves'] loop
		execute format('alter table audit.%I enable row level security', t);
		execute format('alter table audit.%I force row level security', t);
		execute format('create policy in_workspace on audit.%I to rendfly_api '
			'using (workspace_id = (select app.ws())) with check (workspace_id = (select app.ws()))', t);
		execute format('create policy definer_reads on audit.%I for select to rendfly_definer using (true)', t);
		execute format('create policy definer_adds on audit.%I for insert to rendfly_definer with check (true)', t);
	end loop;
end
$$;

grant usage on schema audit to rendfly_collector, rendfly_api, rendfly_judge, rendfly_steward, rendfly_setup,
	rendfly_operator, rendfly_definer;
grant select, insert on audit.events, audit.leaves, audit.nodes, audit.checkpoints to rendfly_definer;
grant select, insert, delete on audit.pending to rendfly_definer;
grant select on audit.events, audit.leaves, audit.checkpoints to rendfly_api;
grant execute on function app.ws() to rendfly_definer;

-- ---------------------------------------------------------------- months

create function audit.ensure_months(from_day date, to_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	d date;
	t text;
	made integer := 0;
begin
	if to_day - from_day > 800 then
		raise exception 'too many days';
	end if;
	for d in select generate_series(date_trunc('month', from_day), to_day, interval '1 month')::date loop
		t := 'events_' || to_char(d, 'YYYYMM');
		if to_regclass(format('audit.%I', t)) is null then
			execute format('create table audit.%I partition of audit.events for values from (%L) to (%L)',
				t, d, (d + interval '1 month')::date);
			execute format('alter table audit.%I enable row level security', t);
			execute format('alter table audit.%I force row level security', t);
			execute format('create trigger no_truncate before truncate on audit.%I '
				'for each statement execute function audit.refuse_change()', t);
			made := made + 1;
		end if;
	end loop;
	return made;
end
$$;

-- The events' bodies; their leaves and the tree stay.  Never a month with an event that has no leaf.
create function audit.drop_months_before(first_day_kept date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	p record;
	dropped integer := 0;
begin
	if first_day_kept > current_date - 365 then
		raise exception 'the audit log is kept for twelve months';
	end if;
	for p in
		select c.relname, to_date(right(c.relname, 6), 'YYYYMM') as first
		from pg_catalog.pg_class c
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit'
		where c.relispartition and c.relkind = 'r' and c.relname ~ '^events_[0-9]{6}$'
			and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= first_day_kept
		order by c.relname
	loop
		continue when exists (select from audit.pending q where q.month = p.first);
		execute format('alter table audit.events detach partition audit.%I', p.relname);
		execute format('drop table audit.%I', p.relname);
		dropped := dropped + 1;
	end loop;
	return dropped;
end
$$;

select audit.ensure_months((now() at time zone 'UTC')::date - 1, (now() at time zone 'UTC')::date + 62);

-- ---------------------------------------------------------------- adding an event

-- In the transaction of the act that it tells of: fails, and the act with it, when it cannot be
-- written.  A serving role adds to the workspace of its own context, or to the installation's (zero).
create function audit.add_event(ws uuid, id uuid, event integer, outcome integer, actor_kind text, actor text,
	source bytea, request_id text, object_kind text, object_id text, detail text)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	at timestamptz := clock_timestamp();
	of_month date := date_trunc('month', at at time zone 'UTC')::date;
begin
	if ws <> '00000000-0000-0000-0000-000000000000' and session_user not in ('rendfly_setup', 'rendfly_steward')
		and ws is distinct from app.ws() then
		raise exception 'an event of another workspace' using errcode = '42501';
	end if;
	insert into audit.events values (ws, of_month, id, (extract(epoch from at) * 1000000)::bigint, event,
		outcome, actor_kind, actor, source, request_id, object_kind, object_id, detail);
	insert into audit.pending values (ws, of_month, id);
end
$$;

-- ---------------------------------------------------------------- the leaf's bytes

create function audit.field(value bytea) returns bytea
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select int2send(length(value)::int2) || value $$;

create function audit.leaf(e audit.events, seq bigint) returns bytea
language sql immutable set search_path = pg_catalog, pg_temp
as $$
	select '\x01'::bytea || uuid_send(e.workspace_id) || int8send(seq) || uuid_send(e.event_id)
		|| int8send(e.at_us) || substring(int4send(e.event) from 3) || substring(int4send(e.outcome) from 4)
		|| audit.field(convert_to(e.actor_kind, 'UTF8')) || audit.field(convert_to(e.actor, 'UTF8'))
		|| audit.field(e.source) || audit.field(convert_to(e.request_id, 'UTF8'))
		|| audit.field(convert_to(e.object_kind, 'UTF8')) || audit.field(convert_to(e.object_id, 'UTF8'))
		|| audit.field(convert_to(e.detail, 'UTF8'))
$$;

-- ---------------------------------------------------------------- closing a batch: hashes only

-- Gives up to n waiting events their places, and tells the new leaves in order.  One at a time.
create function audit.close_batch(n integer) returns table (leaf_index bigint, leaf_hash bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
	size bigint;
begin
	perform pg_advisory_xact_lock(7224661);
	select coalesce(max(l.leaf_index) + 1, 0) into size from audit.leaves l;
	return query
	with taken as (
		delete from audit.pending q
		using (select p.workspace_id, p.month, p.event_id from audit.pending p limit n) waiting
		where q.workspace_id = waiting.workspace_id and q.month = waiting.month and q.event_id = waiting.event_id
		returning q.workspace_id, q.month, q.event_id
	), placed as (
		select e.workspace_id, e.month, e.event_id, e as whole,
			size + row_number() over (order by e.at_us, e.workspace_id, e.event_id) - 1 as leaf_index,
			coalesce((select max(l.ws_seq) from audit.leaves l where l.workspace_id = e.workspace_id), 0)
				+ row_number() over (partition by e.workspace_id order by e.at_us, e.event_id) as ws_seq
		from taken t
		join audit.events e on e.workspace_id = t.workspace_id and e.month = t.month and e.event_id = t.event_id
	), added as (
		insert into audit.leaves (workspace_id, ws_seq, leaf_index, month, event_id, leaf_hash)
		select p.workspace_id, p.ws_seq, p.leaf_index, p.month, p.event_id,
			sha256('\x00'::bytea || audit.leaf(p.whole, p.ws_seq))
		from placed p
		returning leaf_index, leaf_hash
	)
	select a.leaf_index, a.leaf_hash from added a order by a.leaf_index;
end
$$;

create function audit.add_nodes(levels bigint[], indexes bigint[], hashes bytea[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
	insert into audit.nodes (level, node_index, hash)
	select u.level::integer, u.node_index, u.hash from unnest(levels, indexes, hashes) as u (level, node_index, hash)
	on conflict (level, node_index) do nothing
$$;

create function audit.add_checkpoint(of_size bigint, of_root bytea, signed_note text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
	insert into audit.checkpoints (size, root, note) values (of_size, of_root, signed_note)
	on conflict (size) do nothing
$$;

create function audit.tree_size() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(max(leaf_index) + 1, 0) from audit.leaves $$;

-- The hashes of subtrees, in the order asked for; level 0 are the leaves'.  A missing one is null.
create function audit.tree_hashes(levels bigint[], indexes bigint[]) returns table (hash bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select case when u.level = 0 then (select l.leaf_hash from audit.leaves l where l.leaf_index = u.node_index)
		else (select n.hash from audit.nodes n where n.level = u.level and n.node_index = u.node_index) end
	from unnest(levels, indexes) with ordinality as u (level, node_index, place)
	order by u.place
$$;

create function audit.last_checkpoint() returns table (size bigint, root bytea, note text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select size, root, note from audit.checkpoints order by checkpoints.size desc limit 1 $$;

create function audit.checkpoint_at(of_size bigint) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select note from audit.checkpoints where size = of_size $$;

-- For `rendfly audit export`: the next n leaves from an index on; leaf is null where the event was pruned.
-- Events hold ids and sealed records, no contents.
create function audit.operator_leaves(from_index bigint, n integer, of_workspace uuid)
returns table (leaf_index bigint, ws_seq bigint, leaf_hash bytea, leaf bytea, note text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select l.leaf_index, l.ws_seq, l.leaf_hash,
		(select audit.leaf(e, l.ws_seq) from audit.events e
			where e.workspace_id = l.workspace_id and e.month = l.month and e.event_id = l.event_id),
		(select c.note from audit.checkpoints c where c.size = l.leaf_index + 1)
	from audit.leaves l
	where l.leaf_index >= from_index and (of_workspace is null or l.workspace_id = of_workspace)
	order by l.leaf_index
	limit n
$$;

-- ---------------------------------------------------------------- owners and grants of functions

grant create on schema audit to rendfly_definer;
do $$
declare
	f record;
begin
	for f in
		select p.oid::regprocedure as signature, p.proname
		from pg_catalog.pg_proc p
		join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname = 'audit'
	loop
		execute format('revoke all on function %s from public', f.signature);
		if f.proname not in ('ensure_months', 'drop_months_before', 'refuse_change') then
			execute format('alter function %s owner to rendfly_definer', f.signature);
		end if;
	end loop;
end
$$;
revoke create on schema audit from rendfly_definer;

grant execute on function audit.add_event(uuid, uuid, integer, integer, text, text, bytea, text, text, text, text)
	to rendfly_collector, rendfly_api, rendfly_judge, rendfly_steward, rendfly_setup, rendfly_operator;
grant execute on function audit.ensure_months(date, date) to rendfly_steward, rendfly_setup;
grant execute on function audit.drop_months_before(date), audit.close_batch(integer),
	audit.add_nodes(bigint[], bigint[], bytea[]), audit.add_checkpoint(bigint, bytea, text) to rendfly_steward;
grant execute on function audit.tree_size(), audit.tree_hashes(bigint[], bigint[]), audit.last_checkpoint()
	to rendfly_steward, rendfly_api, rendfly_operator;
grant execute on function audit.checkpoint_at(bigint) to rendfly_api, rendfly_operator;
grant execute on function audit.operator_leaves(bigint, integer, uuid) to rendfly_operator;

comment on column audit.events.workspace_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.month is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.event_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.at_us is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.event is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.outcome is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.actor_kind is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.actor is 'class=pseudonym; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.source is 'class=sealed; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.request_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.object_kind is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.object_id is 'class=pseudonym; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.events.detail is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';
comment on column audit.pending.workspace_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=until its batch is closed';
comment on column audit.pending.month is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=until its batch is closed';
comment on column audit.pending.event_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=until its batch is closed';
comment on column audit.leaves.workspace_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.leaves.ws_seq is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.leaves.leaf_index is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.leaves.month is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.leaves.event_id is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.leaves.leaf_hash is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.nodes.level is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.nodes.node_index is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.nodes.hash is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.checkpoints.size is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.checkpoints.root is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.checkpoints.note is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.checkpoints.signed_at is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';

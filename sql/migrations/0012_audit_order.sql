-- 0012: an event is one row.  The events that wait for their leaf are no longer a table of their own: each
-- row knows its transaction, and the log remembers up to which transaction all have their place.  Limits that
-- were constraints (compiled anew for each row) are asked in add_event(), the only way in; a leaf's bytes are
-- made without a function for each field.

alter table audit.events add column xid xid8 not null default '0';
alter table audit.events alter column xid set default pg_current_xact_id();
create index events_by_xid on audit.events (xid);
comment on column audit.events.xid is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=12 months';

do $$
declare
	c record;
begin
	for c in select conname from pg_catalog.pg_constraint where conrelid = 'audit.events'::regclass and contype = 'c' loop
		execute format('alter table audit.events drop constraint %I', c.conname);
	end loop;
end
$$;

drop table audit.pending;

-- One row: the events of all transactions before from_xid have their leaf.
create table audit.progress (
	from_xid xid8 not null,
	only_row boolean primary key default true check (only_row)
);
insert into audit.progress (from_xid) values ('0');
comment on column audit.progress.from_xid is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
comment on column audit.progress.only_row is 'class=none; purpose=accounting for what was done; basis=legal obligation; retention=life of the installation';
grant select, update on audit.progress to rendfly_definer;

create or replace function audit.add_event(ws uuid, id uuid, event integer, outcome integer, actor_kind text,
	actor text, source bytea, request_id text, object_kind text, object_id text, detail text)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	at timestamptz := clock_timestamp();
	of_month date := date_trunc('month', at at time zone 'UTC')::date;
begin
	if ws <> '00000000-0000-0000-0000-000000000000'
		and session_user not in ('rendfly_setup', 'rendfly_steward', 'rendfly_operator')
		and ws is distinct from app.ws() then
		raise exception 'an event of another workspace' using errcode = '42501';
	end if;
	if audit.emitters(event) & audit.emitter_bits(session_user) = 0 then
		raise exception 'an event of another process' using errcode = '42501';
	end if;
	if coalesce(outcome not between 1 and 3 or octet_length(actor_kind) > 64 or octet_length(actor) > 128
		or length(source) > 1024 or octet_length(request_id) > 64 or octet_length(object_kind) > 64
		or octet_length(object_id) > 128 or octet_length(detail) > 512, true) then
		raise exception 'an event that is none' using errcode = '23514';
	end if;
	insert into audit.events values (ws, of_month, id, (extract(epoch from at) * 1000000)::bigint, event,
		outcome, actor_kind, actor, source, request_id, object_kind, object_id, detail);
end
$$;

-- ---------------------------------------------------------------- the leaf's bytes

create or replace function audit.leaf(e audit.events, seq bigint) returns bytea
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
declare
	fields bytea[] := array[convert_to(e.actor_kind, 'UTF8'), convert_to(e.actor, 'UTF8'), e.source,
		convert_to(e.request_id, 'UTF8'), convert_to(e.object_kind, 'UTF8'), convert_to(e.object_id, 'UTF8'),
		convert_to(e.detail, 'UTF8')];
begin
	return '\x01'::bytea || uuid_send(e.workspace_id) || int8send(seq) || uuid_send(e.event_id) || int8send(e.at_us)
		|| substring(int4send(e.event) from 3) || substring(int4send(e.outcome) from 4)
		|| int2send(length(fields[1])::int2) || fields[1] || int2send(length(fields[2])::int2) || fields[2]
		|| int2send(length(fields[3])::int2) || fields[3] || int2send(length(fields[4])::int2) || fields[4]
		|| int2send(length(fields[5])::int2) || fields[5] || int2send(length(fields[6])::int2) || fields[6]
		|| int2send(length(fields[7])::int2) || fields[7];
end
$$;
drop function audit.field(bytea);

-- ---------------------------------------------------------------- closing a batch: hashes only

-- Gives up to n waiting events their places, and tells the new leaves in order.  One at a time.
--
-- Who was still running when we looked has a transaction's number of at least the snapshot's xmin, so that is
-- where to look from next time.  A log that came from another cluster has numbers that this one has not reached:
-- then it is looked through as a whole.  The plans are by index whatever the statistics say: they are made once,
-- perhaps while the tables are empty.
create or replace function audit.close_batch(n integer) returns table (leaf_index bigint, leaf_hash bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set jit = off
as $$
#variable_conflict use_column
declare
	size bigint;
	from_xid xid8;
	running_xid xid8 := pg_snapshot_xmin(pg_current_snapshot());
	last_xid xid8;
	indexes bigint[];
	hashes bytea[];
begin
	perform pg_advisory_xact_lock(7224661);
	select coalesce(max(l.leaf_index) + 1, 0) into size from audit.leaves l;
	select case when p.from_xid > pg_snapshot_xmax(pg_current_snapshot()) then '0'::xid8 else p.from_xid end
		into from_xid from audit.progress p where p.only_row;
	with waiting as materialized (
		select e as whole, e.workspace_id, e.month, e.event_id, e.at_us, e.xid
		from audit.events e
		where e.xid >= from_xid and not exists (select from audit.leaves l
			where l.workspace_id = e.workspace_id and l.event_id = e.event_id)
		order by e.xid
		limit n
	), counted as materialized (
		select w.workspace_id, coalesce((select l.ws_seq from audit.leaves l where l.workspace_id = w.workspace_id
			order by l.ws_seq desc limit 1), 0) as before
		from (select distinct workspace_id from waiting) w
	), ordered as (
		select w.*, size + row_number() over (order by w.at_us, w.workspace_id, w.event_id) - 1 as leaf_index,
			c.before + row_number() over (partition by w.workspace_id order by w.at_us, w.event_id) as ws_seq
		from waiting w
		join counted c using (workspace_id)
	), added as (
		insert into audit.leaves (workspace_id, ws_seq, leaf_index, month, event_id, leaf_hash)
		select o.workspace_id, o.ws_seq, o.leaf_index, o.month, o.event_id,
			sha256('\x00'::bytea || audit.leaf(o.whole, o.ws_seq))
		from ordered o
		returning leaf_index, leaf_hash
	)
	select array_agg(a.leaf_index order by a.leaf_index), array_agg(a.leaf_hash order by a.leaf_index),
			(select max(w.xid) from waiting w)
		into indexes, hashes, last_xid from added a;
	if cardinality(indexes) = n then
		running_xid := least(running_xid, last_xid);
	end if;
	update audit.progress p set from_xid = running_xid where p.only_row and p.from_xid <> running_xid
		and (last_xid is not null or p.from_xid > running_xid);
	return query select * from unnest(indexes, hashes);
end
$$;

-- ---------------------------------------------------------------- months

-- Days are those of UTC, whatever the database's own time zone is.
create or replace function audit.ensure_months(from_day date, to_day date) returns integer
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
	for d in select generate_series(date_trunc('month', from_day::timestamp), to_day::timestamp, interval '1 month')::date
	loop
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

create function audit.month_waits(of_month date) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select exists (select from audit.events e where e.month = of_month and not exists (select from audit.leaves l
		where l.workspace_id = e.workspace_id and l.event_id = e.event_id))
$$;

create or replace function audit.drop_months_before(first_day_kept date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
	p record;
	dropped integer := 0;
begin
	if first_day_kept > (now() at time zone 'UTC')::date - 365 then
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
		continue when audit.month_waits(p.first);
		execute format('alter table audit.events detach partition audit.%I', p.relname);
		execute format('drop table audit.%I', p.relname);
		dropped := dropped + 1;
	end loop;
	return dropped;
end
$$;

revoke all on function audit.month_waits(date) from public;
grant create on schema audit to rendfly_definer;
alter function audit.month_waits(date) owner to rendfly_definer;
revoke create on schema audit from rendfly_definer;
grant execute on function audit.month_waits(date) to rendfly_owner;

-- 0009: the database itself holds each role to the events that its process may emit, as the rows of
-- lib/audit/event.h name them; an operator's event may be of the workspace that it is about; dropping a
-- month never makes those wait who add events.

-- The emitters' bits by the event's number: 1 edge, 2 collector, 4 api, 8 judge, 16 steward, 32 keyd, 64 setup,
-- 128 operator.  The steward brings what keyd reports.
create function audit.emitters(event integer) returns integer
language sql immutable set search_path = pg_catalog, pg_temp
as $$
	select coalesce((array[
		4,0,4,0,4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4,
		0,0,0,0,0,0,0,0,0,0,0,192,128,16,128,128,0,0,0,0,
		0,0,0,0,0,0,0,0,0,0,0,4,4,0,0,0,0,0,0,0,
		4,0,0,0,0,0,0,0,0,2,14,0,0,8,0,16,0,0,0,0,
		0,0,0,4,0,0,0,0,0,80,0,0,64,0,0,0,4,132,16,64,
		0,0,0,64,0,64,0,0,0,68,4,16,2
	])[event], 0)
$$;

create function audit.emitter_bits(login name) returns integer
language sql immutable set search_path = pg_catalog, pg_temp
as $$
	select case login when 'rendfly_collector' then 2 when 'rendfly_api' then 4 when 'rendfly_judge' then 8
		when 'rendfly_steward' then 16 | 32 when 'rendfly_setup' then 64 when 'rendfly_operator' then 128 else 0 end
$$;

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
	insert into audit.events values (ws, of_month, id, (extract(epoch from at) * 1000000)::bigint, event,
		outcome, actor_kind, actor, source, request_id, object_kind, object_id, detail);
	insert into audit.pending values (ws, of_month, id);
end
$$;

alter function audit.drop_months_before(date) set lock_timeout = '1s';

revoke all on function audit.emitters(integer), audit.emitter_bits(name) from public;
grant execute on function audit.emitters(integer), audit.emitter_bits(name) to rendfly_definer;

-- 0016: sessions that were logged out, for as long as a token of theirs could still be sent: also when
-- the api was started anew meanwhile, and for as many of them as there are.

create table identity.ended_sessions (
	workspace_id uuid not null references app.workspaces,
	session_id uuid not null,
	forget_at timestamptz not null,
	primary key (workspace_id, session_id)
);

comment on column identity.ended_sessions.workspace_id is 'class=none; purpose=running the service; basis=contract; retention=an hour';
comment on column identity.ended_sessions.session_id is 'class=pseudonym; purpose=log-in; basis=contract; retention=an hour';
comment on column identity.ended_sessions.forget_at is 'class=none; purpose=log-in; basis=contract; retention=an hour';

grant select, insert, delete on identity.ended_sessions to rendfly_definer;

-- Of the context's workspace; what is past its time goes with it.
create function identity.end_session(of_session uuid, for_seconds bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	own uuid := app.ws();
begin
	if for_seconds not between 1 and 3600 then
		raise exception 'a session is remembered for an hour at most' using errcode = '22023';
	end if;
	delete from identity.ended_sessions where workspace_id = own and forget_at < now();
	insert into identity.ended_sessions values (own, of_session, now() + make_interval(secs => for_seconds))
	on conflict do nothing;
end
$$;

create function identity.session_has_ended(of_session uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
	own uuid := app.ws();
begin
	return exists (select from identity.ended_sessions where workspace_id = own and session_id = of_session);
end
$$;

revoke all on function identity.end_session(uuid, bigint), identity.session_has_ended(uuid) from public;
grant execute on function identity.end_session(uuid, bigint), identity.session_has_ended(uuid) to rendfly_api;
grant create on schema identity to rendfly_definer;
alter function identity.end_session(uuid, bigint) owner to rendfly_definer;
alter function identity.session_has_ended(uuid) owner to rendfly_definer;
revoke create on schema identity from rendfly_definer;

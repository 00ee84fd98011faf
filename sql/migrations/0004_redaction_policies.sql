-- 0004: what a workspace sets about redaction, in versions that are only ever added, and under which
-- of them an exchange was redacted.

create table app.redaction_policies (
	workspace_id uuid not null references app.workspaces,
	policy_id uuid not null,
	version integer not null check (version > 0),
	sealed bytea not null,
	sealed_reason bytea not null,
	types_off text not null default '',
	changed_by uuid not null,
	changed_at timestamptz not null default now(),
	primary key (workspace_id, policy_id),
	unique (workspace_id, version)
);

alter table app.redaction_policies enable row level security;
alter table app.redaction_policies force row level security;
create policy in_workspace on app.redaction_policies to rendfly_collector, rendfly_api
	using (workspace_id = (select app.ws())) with check (workspace_id = (select app.ws()));
create policy definer_reads on app.redaction_policies for select to rendfly_definer using (true);

-- Nobody may change or take back a version.
grant select (workspace_id, policy_id, version, sealed) on app.redaction_policies to rendfly_collector;
grant select, insert on app.redaction_policies to rendfly_api;
grant select on app.redaction_policies to rendfly_definer;

comment on column app.redaction_policies.workspace_id is 'class=none; purpose=running the service; basis=contract; retention=life of the workspace';
comment on column app.redaction_policies.policy_id is 'class=none; purpose=running the service; basis=contract; retention=life of the workspace';
comment on column app.redaction_policies.version is 'class=none; purpose=running the service; basis=contract; retention=life of the workspace';
comment on column app.redaction_policies.sealed is 'class=sealed; purpose=redaction before storage; basis=contract; retention=life of the workspace';
comment on column app.redaction_policies.sealed_reason is 'class=sealed; purpose=accounting for changes of redaction; basis=legal obligation; retention=life of the workspace';
comment on column app.redaction_policies.types_off is 'class=none; purpose=accounting for changes of redaction; basis=legal obligation; retention=life of the workspace';
comment on column app.redaction_policies.changed_by is 'class=pseudonym; purpose=accounting for changes of redaction; basis=legal obligation; retention=life of the workspace';
comment on column app.redaction_policies.changed_at is 'class=none; purpose=accounting for changes of redaction; basis=legal obligation; retention=life of the workspace';

-- 0: from before this was kept; policy 0: the default one.
alter table app.exchanges add column redactor_version integer not null default 0;
alter table app.exchanges add column policy_version integer not null default 0;
comment on column app.exchanges.redactor_version is 'class=none; purpose=redaction before storage; basis=contract; retention=retention_days';
comment on column app.exchanges.policy_version is 'class=none; purpose=redaction before storage; basis=contract; retention=retention_days';

-- ---------------------------------------------------------------- the operator: which is in force, no contents

create function app.operator_redaction()
returns table (workspace_name text, version integer, changed_at timestamptz, types_off text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select w.name, coalesce(p.version, 0), p.changed_at, coalesce(p.types_off, '')
	from app.workspaces w
	left join lateral (
		select r.version, r.changed_at, r.types_off
		from app.redaction_policies r
		where r.workspace_id = w.workspace_id
		order by r.version desc
		limit 1
	) p on true
	order by w.name, w.workspace_id
$$;

create or replace function app.operator_sealed_columns()
returns table (name text, records bigint, malformed bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select 'system_messages.sealed', count(*),
		count(*) filter (where get_byte(sealed, 0) <> 1 or length(sealed) < 89)
	from app.system_messages
	union all
	select 'rules.sealed', count(*),
		count(*) filter (where get_byte(sealed, 0) <> 1 or length(sealed) < 89)
	from app.rules
	union all
	select 'redaction_policies.sealed', count(*),
		count(*) filter (where get_byte(sealed, 0) <> 1 or length(sealed) < 89)
	from app.redaction_policies
	union all
	select 'redaction_policies.sealed_reason', count(*),
		count(*) filter (where get_byte(sealed_reason, 0) <> 1 or length(sealed_reason) < 89)
	from app.redaction_policies
$$;

revoke all on function app.operator_redaction() from public;
grant execute on function app.operator_redaction() to rendfly_operator;
grant create on schema app to rendfly_definer;
alter function app.operator_redaction() owner to rendfly_definer;
revoke create on schema app from rendfly_definer;

-- 0002: who may do what.  Row-level security on every tenant table, grants per role, and the few
-- functions that see more than one workspace, each owned by rendfly_definer, whose policies below
-- are its only way to rows.

-- ---------------------------------------------------------------- row-level security

do $$
declare
	t text;
begin
	foreach t in array array['workspaces', 'projects', 'ingest_keys', 'system_messages', 'rules',
		'conversations', 'exchanges', 'messages', 'jobs', 'verdicts'] loop
		execute format('alter table app.%I enable row level security', t);
		execute format('alter table app.%I force row level security', t);
		execute format('create policy in_workspace on app.%I to rendfly_collector, rendfly_api, '
			'rendfly_judge using (workspace_id = (select app.ws())) '
			'with check (workspace_id = (select app.ws()))', t);
	end loop;
end
$$;

grant usage on schema app to rendfly_collector, rendfly_api, rendfly_judge, rendfly_steward,
	rendfly_operator, rendfly_setup, rendfly_definer;
grant usage on schema identity to rendfly_api, rendfly_setup, rendfly_definer;
grant usage on schema private to rendfly_definer;
grant execute on function app.ws() to rendfly_collector, rendfly_api, rendfly_judge;

grant select (workspace_id, project_id, name, created_at) on app.projects to rendfly_collector;
grant select, insert on app.system_messages, app.rules to rendfly_collector;
grant select, insert, update on app.conversations to rendfly_collector;
grant select, insert on app.exchanges to rendfly_collector;
grant insert on app.messages to rendfly_collector;
grant select, insert, update on app.jobs to rendfly_collector;

grant select on app.conversations, app.messages, app.rules to rendfly_judge;
grant select, insert, update on app.verdicts to rendfly_judge;

grant select on app.workspaces, app.projects, app.ingest_keys, app.system_messages, app.rules,
	app.conversations, app.exchanges, app.messages, app.verdicts to rendfly_api;
grant insert on app.ingest_keys to rendfly_api;
grant update (revoked_at) on app.ingest_keys to rendfly_api;

-- ---------------------------------------------------------------- the definer's own sight

grant select on app.workspaces, app.projects, app.ingest_keys, app.system_messages, app.rules,
	app.conversations, app.exchanges, app.messages, app.verdicts, app.jobs to rendfly_definer;
grant insert on app.workspaces, app.projects, app.ingest_keys to rendfly_definer;
grant update, delete on app.jobs to rendfly_definer;
grant select, insert on identity.users, identity.memberships to rendfly_definer;
grant insert, update on private.context_key to rendfly_definer;
grant select on private.context_key to rendfly_definer;

do $$
declare
	t text;
begin
	foreach t in array array['workspaces', 'projects', 'ingest_keys'] loop
		execute format('create policy definer_reads on app.%I for select to rendfly_definer using (true)', t);
		execute format('create policy definer_adds on app.%I for insert to rendfly_definer with check (true)', t);
	end loop;
	foreach t in array array['system_messages', 'rules', 'conversations', 'exchanges', 'messages',
		'verdicts'] loop
		execute format('create policy definer_reads on app.%I for select to rendfly_definer using (true)', t);
	end loop;
	create policy definer_works on app.jobs to rendfly_definer using (true) with check (true);
end
$$;

-- ---------------------------------------------------------------- the judge's jobs: ids only

create function app.claim_jobs(n integer, lease_ms integer)
returns table (workspace_id uuid, day date, conversation_id uuid, generation bigint, attempts integer)
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
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
	returning j.workspace_id, j.day, j.conversation_id, j.generation, j.attempts
$$;

-- Done, unless the conversation went on meanwhile: then the job stays for another round.
create function app.finish_jobs(workspace_ids uuid[], days date[], conversation_ids uuid[], generations bigint[])
returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
	with done as (
		select * from unnest(workspace_ids, days, conversation_ids, generations)
			as d (workspace_id, day, conversation_id, generation)
	), deleted as (
		delete from app.jobs j using done d
		where j.workspace_id = d.workspace_id and j.day = d.day
			and j.conversation_id = d.conversation_id and j.generation = d.generation
		returning 1
	), released as (
		update app.jobs j set claimed_until = null
		from done d
		where j.workspace_id = d.workspace_id and j.day = d.day
			and j.conversation_id = d.conversation_id and j.generation <> d.generation
		returning 1
	)
	select count(*) from deleted
$$;

create function app.retry_job(ws uuid, on_day date, conversation uuid, after_ms integer)
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
	update app.jobs
	set claimed_until = null, not_before = clock_timestamp() + make_interval(secs => after_ms / 1000.0)
	where workspace_id = ws and day = on_day and conversation_id = conversation
$$;

-- ---------------------------------------------------------------- the steward

create function app.published_keys()
returns table (workspace_id uuid, project_id uuid, key_id uuid, key_hash bytea, rate_per_minute integer,
	rate_burst integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select k.workspace_id, k.project_id, k.key_id, k.key_hash, w.rate_per_minute, w.rate_burst
	from app.ingest_keys k
	join app.workspaces w on w.workspace_id = k.workspace_id
	where k.revoked_at is null
$$;

-- Something that differs whenever published_keys() would: cheap to ask several times a second.
create table private.keys_version (
	id smallint primary key check (id = 1),
	version bigint not null
);
insert into private.keys_version values (1, 1);

create function private.bump_keys_version() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
	update private.keys_version set version = version + 1 where id = 1;
	return null;
end
$$;
create trigger keys_changed after insert or update or delete on app.ingest_keys
	for each statement execute function private.bump_keys_version();
create trigger limits_changed after update on app.workspaces
	for each statement execute function private.bump_keys_version();

grant select on private.keys_version to rendfly_definer;

create function app.keys_version() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select version from private.keys_version where id = 1 $$;

-- Day partitions, from the owner's hand since only an owner can make them.
create function app.ensure_partitions(from_day date, to_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	d date;
	t text;
	made integer := 0;
begin
	if to_day - from_day > 400 then
		raise exception 'too many days';
	end if;
	for d in select generate_series(from_day, to_day, interval '1 day')::date loop
		foreach t in array array['conversations', 'exchanges', 'messages', 'verdicts'] loop
			if to_regclass(format('app.%I', t || '_' || to_char(d, 'YYYYMMDD'))) is null then
				execute format('create table app.%I partition of app.%I for values from (%L) to (%L)',
					t || '_' || to_char(d, 'YYYYMMDD'), t, d, d + 1);
				execute format('alter table app.%I enable row level security',
					t || '_' || to_char(d, 'YYYYMMDD'));
				execute format('alter table app.%I force row level security',
					t || '_' || to_char(d, 'YYYYMMDD'));
				made := made + 1;
			end if;
		end loop;
	end loop;
	return made;
end
$$;

create function app.drop_partitions_before(first_day_kept date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	p record;
	dropped integer := 0;
begin
	-- Children first: the foreign keys point at conversations.
	for p in
		select c.relname, i.inhparent::regclass as parent
		from pg_catalog.pg_class c
		join pg_catalog.pg_inherits i on i.inhrelid = c.oid
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
		where c.relispartition and c.relkind = 'r' and c.relname ~ '_[0-9]{8}$'
			and to_date(right(c.relname, 8), 'YYYYMMDD') < first_day_kept
		order by c.relname like 'conversations%', c.relname
	loop
		execute format('alter table %s detach partition app.%I', p.parent, p.relname);
		execute format('drop table app.%I', p.relname);
		dropped := dropped + 1;
	end loop;
	delete from app.jobs where day < first_day_kept;
	return dropped;
end
$$;
create policy owner_forgets on app.jobs for delete to rendfly_owner using (true);
create policy owner_sees on app.jobs for select to rendfly_owner using (true);

-- ---------------------------------------------------------------- log-in

create function identity.find_login(of_email text)
returns table (user_id uuid, email text, password_hash text, workspace_id uuid, workspace_name text, role text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select u.user_id, u.email, u.password_hash, m.workspace_id, w.name, m.role
	from identity.users u
	join identity.memberships m on m.user_id = u.user_id
	join app.workspaces w on w.workspace_id = m.workspace_id
	where lower(u.email) = lower(of_email) and u.disabled_at is null
	order by m.created_at
	limit 1
$$;

-- Still a member, and as what: asked for each session, so that a change of role works at once.
create function identity.find_member(of_user uuid, of_workspace uuid)
returns table (email text, workspace_name text, role text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select u.email, w.name, m.role
	from identity.users u
	join identity.memberships m on m.user_id = u.user_id and m.workspace_id = of_workspace
	join app.workspaces w on w.workspace_id = m.workspace_id
	where u.user_id = of_user and u.disabled_at is null
$$;

-- ---------------------------------------------------------------- the first start

create function app.install_context_key(new_key bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
	insert into private.context_key values (1, new_key)
	on conflict (id) do update set key = excluded.key where context_key.key <> excluded.key
$$;

create function app.workspace_count() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select count(*) from app.workspaces $$;

create function app.create_workspace(ws uuid, ws_name text, rate integer, burst integer, project uuid,
	project_name text, key uuid, hash bytea, last_four text, member uuid, email text, password_hash text)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
	insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values (ws, ws_name, rate, burst);
	insert into app.projects (workspace_id, project_id, name) values (ws, project, project_name);
	insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four, name)
		values (ws, key, project, hash, last_four, 'first key');
	insert into identity.users (user_id, email, password_hash) values (member, email, password_hash);
	insert into identity.memberships (user_id, workspace_id, role) values (member, ws, 'owner');
end
$$;

-- ---------------------------------------------------------------- the operator: counts, no contents

create function app.operator_summary()
returns table (workspaces bigint, projects bigint, conversations bigint, exchanges bigint, messages bigint,
	verdicts_pass bigint, verdicts_fail bigint, verdicts_not_applicable bigint,
	verdicts_indeterminate bigint, jobs bigint, last_activity timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select (select count(*) from app.workspaces), (select count(*) from app.projects),
		c.n, (select count(*) from app.exchanges), (select count(*) from app.messages),
		v.pass, v.fail, v.not_applicable, v.indeterminate, (select count(*) from app.jobs), c.last
	from (select count(*) as n, max(updated_at) as last from app.conversations) c,
		(select count(*) filter (where verdict = 'pass') as pass,
			count(*) filter (where verdict = 'fail') as fail,
			count(*) filter (where verdict = 'not_applicable') as not_applicable,
			count(*) filter (where verdict = 'indeterminate') as indeterminate
		from app.verdicts) v
$$;

create function app.operator_scores()
returns table (project_name text, project_id uuid, rule_id uuid, category text, pass bigint, fail bigint,
	not_applicable bigint, indeterminate bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select p.name, p.project_id, r.rule_id, r.category,
		count(*) filter (where v.verdict = 'pass'), count(*) filter (where v.verdict = 'fail'),
		count(*) filter (where v.verdict = 'not_applicable'),
		count(*) filter (where v.verdict = 'indeterminate')
	from app.verdicts v
	join app.rules r on r.workspace_id = v.workspace_id and r.rule_id = v.rule_id
	join app.projects p on p.workspace_id = v.workspace_id and p.project_id = v.project_id
	group by p.name, p.project_id, r.rule_id, r.category, r.position
	order by p.name, r.position
$$;

create function app.operator_sealed_columns()
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
$$;

create function app.operator_oldest_day() returns date
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select min(day) from app.conversations $$;

-- ---------------------------------------------------------------- owners and grants of functions

do $$
declare
	f text;
begin
	foreach f in array array['app.claim_jobs(integer, integer)',
		'app.finish_jobs(uuid[], date[], uuid[], bigint[])',
		'app.retry_job(uuid, date, uuid, integer)', 'app.published_keys()', 'app.keys_version()',
		'identity.find_login(text)', 'identity.find_member(uuid, uuid)',
		'app.install_context_key(bytea)', 'app.workspace_count()',
		'app.create_workspace(uuid, text, integer, integer, uuid, text, uuid, bytea, text, uuid, text, text)',
		'app.operator_summary()', 'app.operator_scores()', 'app.operator_sealed_columns()',
		'app.operator_oldest_day()'] loop
		execute format('revoke all on function %s from public', f);
	end loop;
	foreach f in array array['app.ensure_partitions(date, date)', 'app.drop_partitions_before(date)',
		'private.bump_keys_version()'] loop
		execute format('revoke all on function %s from public', f);
	end loop;
end
$$;

grant execute on function app.claim_jobs(integer, integer) to rendfly_judge;
grant execute on function app.finish_jobs(uuid[], date[], uuid[], bigint[]) to rendfly_judge;
grant execute on function app.retry_job(uuid, date, uuid, integer) to rendfly_judge;
grant execute on function app.published_keys(), app.keys_version() to rendfly_steward;
grant execute on function app.ensure_partitions(date, date), app.drop_partitions_before(date)
	to rendfly_steward, rendfly_setup;
grant execute on function identity.find_login(text), identity.find_member(uuid, uuid) to rendfly_api;
grant execute on function app.install_context_key(bytea), app.workspace_count() to rendfly_setup;
grant execute on function app.create_workspace(uuid, text, integer, integer, uuid, text, uuid, bytea, text,
	uuid, text, text) to rendfly_setup;
grant execute on function app.operator_summary(), app.operator_scores(), app.operator_sealed_columns(),
	app.operator_oldest_day() to rendfly_operator;

-- CREATE is needed for the moment of the change of owner only.
grant create on schema app, identity to rendfly_definer;
do $$
declare
	f text;
begin
	foreach f in array array['app.claim_jobs(integer, integer)',
		'app.finish_jobs(uuid[], date[], uuid[], bigint[])',
		'app.retry_job(uuid, date, uuid, integer)', 'app.published_keys()', 'app.keys_version()',
		'identity.find_login(text)', 'identity.find_member(uuid, uuid)',
		'app.install_context_key(bytea)', 'app.workspace_count()',
		'app.create_workspace(uuid, text, integer, integer, uuid, text, uuid, bytea, text, uuid, text, text)',
		'app.operator_summary()', 'app.operator_scores()', 'app.operator_sealed_columns()',
		'app.operator_oldest_day()'] loop
		execute format('alter function %s owner to rendfly_definer', f);
	end loop;
end
$$;
revoke create on schema app, identity from rendfly_definer;

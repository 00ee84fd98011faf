-- 0010: the functions that see more than one workspace see less.  Whoever could run SQL as the api's
-- role could ask them for anybody's account; now they ask for a context themselves.

-- The account of an address, with its first workspace.  Nobody is logged in yet, so the context is the
-- installation's own (zero): the api asks keyd for it when somebody logs in, and never else.
create or replace function identity.find_login(of_email text)
returns table (user_id uuid, email text, password_hash text, workspace_id uuid, workspace_name text, role text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
	if app.ws() <> '00000000-0000-0000-0000-000000000000' then
		raise exception 'an account is looked up in the installation''s context' using errcode = '42501';
	end if;
	return query
	select u.user_id, u.email, u.password_hash, m.workspace_id, w.name, m.role
	from identity.users u
	join identity.memberships m on m.user_id = u.user_id
	join app.workspaces w on w.workspace_id = m.workspace_id
	where lower(u.email) = lower(of_email) and u.disabled_at is null
	order by m.created_at
	limit 1;
end
$$;

-- Still a member, and as what: of the workspace of the context.
create or replace function identity.find_member(of_user uuid, of_workspace uuid)
returns table (email text, workspace_name text, role text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
	if app.ws() <> of_workspace then
		raise exception 'a member of another workspace' using errcode = '42501';
	end if;
	return query
	select u.email, w.name, m.role
	from identity.users u
	join identity.memberships m on m.user_id = u.user_id and m.workspace_id = of_workspace
	join app.workspaces w on w.workspace_id = m.workspace_id
	where u.user_id = of_user and u.disabled_at is null;
end
$$;

-- A steward that was taken over forgets nothing of today or yesterday.
create or replace function app.drop_partitions_before(first_day_kept date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
	p record;
	dropped integer := 0;
begin
	if first_day_kept > current_date - 1 then
		raise exception 'a day is kept for a day at least' using errcode = '42501';
	end if;
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

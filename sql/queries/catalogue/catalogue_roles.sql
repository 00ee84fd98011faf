-- catalogue_roles: roles that could step over row-level security, memberships that nobody allowed, and
-- what a role that logs in owns.
-- columns: fault text
-- role: operator
select format('role %s is a superuser or bypasses row-level security', rolname) as fault
from pg_roles
where rolname like 'rendfly\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
union all
-- The cluster's first user is the one that made it; it comes over the unix socket only.
select format('%s may log in and is a superuser or bypasses row-level security', rolname)
from pg_roles
where rolname not like 'rendfly\_%' and oid <> 10 and rolcanlogin and (rolsuper or rolbypassrls or rolreplication)
union all
select format('role %s may become %s', m.rolname, g.rolname)
from pg_auth_members a
join pg_roles m on m.oid = a.member
join pg_roles g on g.oid = a.roleid
where m.rolname !~ '^pg_'
	and (m.rolname, g.rolname) not in (('rendfly_setup', 'rendfly_owner'), ('rendfly_setup', 'rendfly_definer'),
		('rendfly_owner', 'rendfly_definer'), ('rendfly_operator', 'pg_read_all_stats'))
union all
select format('login role %s owns %s %s', r.rolname, o.kind, o.name)
from (select 'table' as kind, oid::regclass::text as name, relowner as owner from pg_class
	union all select 'function', oid::regprocedure::text, proowner from pg_proc
	union all select 'schema', nspname, nspowner from pg_namespace
	union all select 'type', oid::regtype::text, typowner from pg_type where typrelid = 0
	union all select 'database', datname, datdba from pg_database) o
join pg_roles r on r.oid = o.owner and r.rolcanlogin and r.oid <> 10
union all
select format('%s sets %s for itself', r.rolname, c.setting)
from pg_db_role_setting s
join pg_roles r on r.oid = s.setrole
cross join lateral unnest(s.setconfig) c (setting)
where c.setting !~ '^(statement_timeout|idle_in_transaction_session_timeout)='
order by 1

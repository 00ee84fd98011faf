-- catalogue_roles: roles of the service that could step over row-level security, and memberships that
-- nobody allowed.
-- columns: fault text
-- role: operator
select format('role %s is a superuser or bypasses row-level security', rolname) as fault
from pg_roles
where rolname like 'rendfly\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
union all
select format('role %s may become %s', m.rolname, g.rolname)
from pg_auth_members a
join pg_roles m on m.oid = a.member
join pg_roles g on g.oid = a.roleid
where m.rolname like 'rendfly\_%'
	and (m.rolname, g.rolname) not in (('rendfly_setup', 'rendfly_owner'), ('rendfly_setup', 'rendfly_definer'),
		('rendfly_owner', 'rendfly_definer'), ('rendfly_operator', 'pg_read_all_stats'))
union all
select format('login role %s owns %s.%s', r.rolname, n.nspname, c.relname)
from pg_class c
join pg_roles r on r.oid = c.relowner and r.rolcanlogin and r.rolname like 'rendfly\_%'
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'identity', 'private', 'migrations')
order by 1

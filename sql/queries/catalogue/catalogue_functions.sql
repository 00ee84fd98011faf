-- catalogue_functions: functions with the rights of their owner that anybody may call or whose search
-- path a caller could choose; and functions of the server that reach into other sessions.
-- columns: fault text
-- role: operator
select format('%s.%s runs with its owner''s rights without a fixed search_path', n.nspname, p.proname) as fault
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('app', 'audit', 'identity', 'private', 'migrations')
where p.prosecdef
	and not coalesce((select bool_or(c like 'search_path=pg_catalog, pg_temp') from unnest(p.proconfig) c), false)
union all
select format('%s.%s may be called by everybody', n.nspname, p.proname)
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('app', 'audit', 'identity', 'private', 'migrations')
where p.proacl is null
	or exists (select from aclexplode(p.proacl) g where g.grantee = 0 and g.privilege_type = 'EXECUTE')
union all
select format('%s may call %s, which reaches into other sessions', r.rolname, p.oid::regprocedure)
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'pg_catalog'
join pg_roles r on r.rolname in ('rendfly_collector', 'rendfly_api', 'rendfly_judge', 'rendfly_steward',
	'rendfly_operator')
where (p.proname in ('pg_prepared_statement', 'pg_cursor', 'pg_cancel_backend', 'pg_terminate_backend', 'lo_create',
		'lo_creat', 'lo_from_bytea', 'lo_put', 'lo_get', 'lowrite', 'pg_read_file', 'pg_ls_dir')
		or p.proname ~ '^pg_(try_)?advisory_')
	and has_function_privilege(r.oid, p.oid, 'EXECUTE')
order by 1

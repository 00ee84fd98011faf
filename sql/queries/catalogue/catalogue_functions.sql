-- catalogue_functions: functions with the rights of their owner that anybody may call or whose search
-- path a caller could choose.
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
order by 1

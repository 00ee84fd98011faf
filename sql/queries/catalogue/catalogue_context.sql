-- catalogue_context: whether app.ws(), which every policy asks, is the function of this build, and the
-- server one whose row-level security is known to hold.
-- columns: fault text
-- role: operator
select 'app.ws() is not the function of this program' as fault
where not exists (
	select from pg_proc p
	join pg_roles o on o.oid = p.proowner and o.rolname = 'rendfly_owner'
	join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
	where p.oid = to_regprocedure('app.ws()') and p.prosecdef and p.provolatile = 's' and p.proretset = false
		and md5(p.prosrc) = '708e0481bc82ba725c92e37de35d76c0')
union all
select format('there is another function %s of that name', p.oid::regprocedure)
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.proname = 'ws' and p.oid is distinct from to_regprocedure('app.ws()')
	and n.nspname not in ('pg_catalog', 'information_schema')
union all
-- CVE-2025-8713: before these the planner's statistics tell of hidden rows.
select format('PostgreSQL %s is older than 15.14, 16.10 or 17.6', current_setting('server_version'))
where current_setting('server_version_num')::int4 < case current_setting('server_version_num')::int4 / 10000
	when 15 then 150014 when 16 then 160010 when 17 then 170006 else 150014 end
order by 1

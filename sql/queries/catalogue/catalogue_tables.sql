-- catalogue_tables: tables and partitions that are not under forced row-level security, or have no policy.
-- columns: fault text
-- role: operator
select format('app.%s is not under forced row-level security', c.relname) as fault
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select format('app.%s has no policy in_workspace', c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
where c.relkind in ('r', 'p') and not c.relispartition
	and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'in_workspace')
union all
select format('app.%s has no workspace_id', c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
where c.relkind in ('r', 'p')
	and not exists (select from pg_attribute a
		where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped)
order by 1

-- catalogue_strangers: tables outside the tenants' schema that nobody allowed, and objects of kinds that
-- row-level security does not cover.
-- columns: fault text
-- role: operator
select format('%s.%s is a table without a tenant that is not on the list', n.nspname, c.relname) as fault
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not in ('app', 'pg_catalog', 'information_schema', 'extensions')
	and n.nspname !~ '^pg_(toast|temp)'
	and not (n.nspname = 'audit' and c.relispartition)
	and n.nspname || '.' || c.relname not in ('audit.events', 'audit.progress', 'audit.leaves', 'audit.nodes',
		'audit.checkpoints', 'identity.users', 'identity.memberships', 'identity.ended_sessions',
		'private.context_key', 'private.keys_version', 'migrations.done')
union all
select format('%s.%s is a materialized view, a foreign table or a view without security_invoker', n.nspname, c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname not in ('pg_catalog', 'information_schema', 'extensions')
	and (c.relkind in ('m', 'f')
		or c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false))
order by 1

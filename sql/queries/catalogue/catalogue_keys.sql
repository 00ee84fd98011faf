-- catalogue_keys: keys of tenant tables that do not begin with the workspace, so that they would tell one
-- tenant of another's rows.
-- columns: fault text
-- role: operator
select format('key %s of app.%s does not begin with workspace_id', k.conname, c.relname) as fault
from pg_constraint k
join pg_class c on c.oid = k.conrelid and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
where k.contype in ('p', 'u', 'f') and a.attname <> 'workspace_id'
union all
select format('unique index %s of app.%s does not begin with workspace_id', i.relname, c.relname)
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
left join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
where x.indisunique and a.attname is distinct from 'workspace_id'
order by 1

-- attack_partition: asks for the name of a partition that this role could read directly.
-- columns: name text
-- role: api
select c.oid::regclass::text as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
where c.relispartition and c.relkind = 'r' and has_table_privilege(c.oid, 'select')
limit 1

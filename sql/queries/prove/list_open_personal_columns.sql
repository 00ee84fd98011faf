-- list_open_personal_columns: columns of tenant tables that hold personal data neither redacted,
-- pseudonymous nor sealed, by their class in the schema.
-- columns: name text
-- role: operator
select n.nspname || '.' || c.relname || '.' || a.attname as name
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
left join pg_description d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
where a.attnum > 0 and not a.attisdropped
	and (d.description is null or d.description ~ 'class=(personal|sensitive);')
order by 1

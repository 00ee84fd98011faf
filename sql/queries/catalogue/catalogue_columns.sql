-- catalogue_columns: columns whose class, purpose, basis and retention the schema does not say.
-- columns: fault text
-- role: operator
select format('column %s.%s.%s is not classified', n.nspname, c.relname, a.attname) as fault
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'identity', 'private')
left join pg_description d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
where a.attnum > 0 and not a.attisdropped
	and coalesce(d.description, '') !~
		'^class=(none|pseudonym|personal|sensitive|secret|sealed|redacted); purpose=[^;]+; basis=[^;]+; retention=[^;]+$'
order by 1

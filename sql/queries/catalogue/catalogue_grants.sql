-- catalogue_grants: rights that no serving role may have: on partitions (which no policy of the parent
-- covers), TRUNCATE, REFERENCES and TRIGGER anywhere; and any right of everybody or of a role that is not
-- one of ours.
-- columns: fault text
-- role: operator
with ours as (
	select oid, nspname from pg_namespace
	where nspname in ('app', 'audit', 'identity', 'private', 'migrations')
), rights as (
	select c.oid, n.nspname || '.' || c.relname as name, c.relispartition, g.grantee, g.privilege_type, g.is_grantable
	from pg_class c
	join ours n on n.oid = c.relnamespace
	cross join lateral aclexplode(c.relacl) g
	where g.grantee <> c.relowner
	union all
	select c.oid, n.nspname || '.' || c.relname || '.' || a.attname, c.relispartition, g.grantee, g.privilege_type,
		g.is_grantable
	from pg_attribute a
	join pg_class c on c.oid = a.attrelid
	join ours n on n.oid = c.relnamespace
	cross join lateral aclexplode(a.attacl) g
	where g.grantee <> c.relowner
)
select format('%s has %s on %s', coalesce(r.rolname, 'public'), x.privilege_type, x.name) as fault
from rights x
left join pg_roles r on r.oid = x.grantee
where x.relispartition or x.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') or x.grantee = 0 or x.is_grantable
	or r.rolname not like 'rendfly\_%'
union all
select format('%s reads %s directly', r.rolname, x.name)
from rights x
join pg_roles r on r.oid = x.grantee and r.rolcanlogin
where x.name ~ '^(identity|private|migrations)\.'
union all
select format('%s may use or fill schema %s', coalesce(r.rolname, 'public'), n.nspname)
from pg_namespace n
cross join lateral aclexplode(n.nspacl) g
left join pg_roles r on r.oid = g.grantee
where n.nspname in ('app', 'audit', 'identity', 'private', 'migrations', 'extensions', 'public')
	and g.grantee <> n.nspowner
	and (g.grantee = 0 or g.privilege_type = 'CREATE' or g.is_grantable or r.rolname not like 'rendfly\_%'
		or n.nspname in ('private', 'extensions', 'migrations') and r.rolcanlogin)
union all
select format('%s has %s on the database', coalesce(r.rolname, 'public'), g.privilege_type)
from pg_database d
cross join lateral aclexplode(d.datacl) g
left join pg_roles r on r.oid = g.grantee
where d.datname = current_database() and g.grantee <> d.datdba
	and (g.grantee = 0 or g.is_grantable or r.rolname not like 'rendfly\_%'
		or g.privilege_type <> 'CONNECT' and r.rolcanlogin)
order by 1

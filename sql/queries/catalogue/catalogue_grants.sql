-- catalogue_grants: rights that no serving role may have: on partitions (which no policy of the parent
-- covers), and TRUNCATE, REFERENCES and TRIGGER anywhere.
-- columns: fault text
-- role: operator
select format('%s has %s on %s.%s', coalesce(r.rolname, 'public'), g.privilege_type, n.nspname, c.relname) as fault
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'identity', 'private', 'migrations')
cross join lateral aclexplode(c.relacl) g
left join pg_roles r on r.oid = g.grantee
where g.grantee <> c.relowner
	and (c.relispartition or g.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') or g.grantee = 0
		or g.is_grantable)
union all
select format('%s reads identity tables directly', r.rolname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('identity', 'private') and c.relkind = 'r'
cross join lateral aclexplode(c.relacl) g
join pg_roles r on r.oid = g.grantee and r.rolcanlogin
order by 1

-- catalogue_audit: ways to change or read past the audit log: rights to update, delete or truncate, tables
-- without the triggers that refuse it, tables of workspaces that are not under forced row-level security.
-- columns: fault text
-- role: operator
select format('%s may %s audit.%s', coalesce(r.rolname, 'public'), lower(g.privilege_type), c.relname) as fault
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit' and c.relkind in ('r', 'p')
cross join lateral aclexplode(c.relacl) g
left join pg_roles r on r.oid = g.grantee
where g.grantee <> c.relowner and c.relname <> 'progress' and g.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
union all
select format('%s may %s a column of audit.%s', coalesce(r.rolname, 'public'), lower(g.privilege_type), c.relname)
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit'
cross join lateral aclexplode(a.attacl) g
left join pg_roles r on r.oid = g.grantee
where g.grantee <> c.relowner and g.privilege_type = 'UPDATE'
union all
-- tgtype: 1 row, 2 before, 8 delete, 16 update, 32 truncate; tgenabled O: in every ordinary session
select format('audit.%s has no trigger that refuses %s', c.relname, t.what)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit' and c.relkind in ('r', 'p')
cross join (values ('changes', 1 | 2 | 8 | 16), ('truncation', 2 | 32)) t (what, kind)
where c.relname <> 'progress'
	and not exists (select from pg_trigger g
		join pg_proc p on p.oid = g.tgfoid and p.proname = 'refuse_change'
			and p.prosrc ~ '^\s*begin\s+raise exception [^;]+;\s+end\s*$'
		where g.tgrelid = c.oid and g.tgtype = t.kind and g.tgenabled in ('O', 'A') and g.tgqual is null)
union all
select format('audit.%s is not under forced row-level security', c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit' and c.relkind in ('r', 'p')
where c.relname not in ('progress', 'nodes', 'checkpoints') and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select format('%s reads audit.progress or audit.nodes directly', r.rolname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit' and c.relname in ('progress', 'nodes')
cross join lateral aclexplode(c.relacl) g
join pg_roles r on r.oid = g.grantee and r.rolcanlogin
order by 1

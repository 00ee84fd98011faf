-- catalogue_lints: what else opens a database to tenants by the back door: functions whose search path a
-- caller chooses, policies that would be asked for each row or add up, rewrite rules, replication, foreign
-- servers, privileges of objects yet to be made, extensions that nobody listed.
-- columns: fault text
-- role: operator
with ours as (
	select oid, nspname from pg_namespace
	where nspname in ('app', 'audit', 'identity', 'private', 'migrations')
)
select format('%s.%s has no fixed search_path', n.nspname, p.proname) as fault
from pg_proc p
join ours n on n.oid = p.pronamespace
where not p.prosecdef
	and not coalesce((select bool_or(c like 'search_path=%') from unnest(p.proconfig) c), false)
union all
select format('%s.%s is written in %s', n.nspname, p.proname, l.lanname)
from pg_proc p
join ours n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where l.lanname not in ('sql', 'plpgsql')
union all
select format('policy %s on %s asks more than the workspace', p.polname, p.polrelid::regclass)
from pg_policy p
where pg_get_expr(p.polqual, p.polrelid) not in ('true', '(workspace_id = ( SELECT app.ws() AS ws))')
	or pg_get_expr(p.polwithcheck, p.polrelid) not in ('true', '(workspace_id = ( SELECT app.ws() AS ws))')
union all
select distinct format('policies %s on %s add up for %s', string_agg(p.polname, ', ' order by p.polname),
	p.polrelid::regclass, r.oid::regrole)
from pg_policy p
cross join unnest(p.polroles) r (oid)
cross join (values ('r'), ('a'), ('w'), ('d')) c (cmd)
where p.polpermissive and p.polcmd in ('*', c.cmd::"char")
group by p.polrelid, r.oid, c.cmd
having count(*) > 1
union all
select format('%s has policies but no row-level security', c.oid::regclass)
from pg_class c
where not c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)
union all
select format('%s.%s has no primary key', n.nspname, c.relname)
from pg_class c
join ours n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
union all
select format('%s has a rule that rewrites what is asked', r.ev_class::regclass)
from pg_rewrite r
join pg_class c on c.oid = r.ev_class and c.relkind in ('r', 'p')
join ours n on n.oid = c.relnamespace
union all
select format('%s.%s is a sequence, which counts for all tenants', n.nspname, c.relname)
from pg_class c
join ours n on n.oid = c.relnamespace
where c.relkind = 'S'
union all
select format('indexes %s of %s are the same', string_agg(i.indexrelid::regclass::text, ', ' order by i.indexrelid),
	i.indrelid::regclass)
from pg_index i
join pg_class c on c.oid = i.indrelid and not c.relispartition
join ours n on n.oid = c.relnamespace
group by i.indrelid, i.indkey::text, i.indclass::text, coalesce(i.indpred::text, ''), coalesce(i.indexprs::text, '')
having count(*) > 1
union all
select format('extension %s in schema %s is not on the list', e.extname, n.nspname)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where (e.extname, n.nspname) not in (('plpgsql', 'pg_catalog'), ('pgcrypto', 'extensions'))
union all
select format('schema %s is not on the list', n.nspname)
from pg_namespace n
where n.nspname not in ('app', 'audit', 'identity', 'private', 'migrations', 'extensions', 'public', 'pg_catalog',
	'information_schema', 'pg_toast') and n.nspname !~ '^pg_(toast_)?temp_'
union all
select format('there is the %s %s', o.kind, o.name)
from (select 'publication' as kind, pubname::text as name from pg_publication
	union all select 'event trigger', evtname from pg_event_trigger
	union all select 'foreign server', srvname from pg_foreign_server
	union all select 'large object', oid::text from pg_largeobject_metadata
	union all select 'default privilege of', defaclrole::regrole::text from pg_default_acl) o
order by 1

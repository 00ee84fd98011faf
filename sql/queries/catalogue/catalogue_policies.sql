-- catalogue_policies: policies that open rows of other workspaces to a serving role.
-- columns: fault text
-- role: operator
select format('policy %s on app.%s does not ask app.ws()', p.polname, c.relname) as fault
from pg_policy p
join pg_class c on c.oid = p.polrelid
where exists (
		select from unnest(p.polroles) r (oid)
		left join pg_roles role on role.oid = r.oid
		where coalesce(role.rolname, 'public') not in ('rendfly_definer', 'rendfly_owner'))
	and (pg_get_expr(p.polqual, p.polrelid) is distinct from '(workspace_id = ( SELECT app.ws() AS ws))'
		or pg_get_expr(p.polwithcheck, p.polrelid) is distinct from '(workspace_id = ( SELECT app.ws() AS ws))')
order by 1

-- 0015: root may ask whether there is such a workspace, before it gets a key.

create function app.operator_has_workspace(id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select exists (select from app.workspaces where workspace_id = id) $$;

revoke all on function app.operator_has_workspace(uuid) from public;
grant execute on function app.operator_has_workspace(uuid) to rendfly_operator;
grant create on schema app to rendfly_definer;
alter function app.operator_has_workspace(uuid) owner to rendfly_definer;
revoke create on schema app from rendfly_definer;

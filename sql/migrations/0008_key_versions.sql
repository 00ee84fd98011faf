-- 0008: sealed records under several versions of a key.  The steward seals old ones anew, in each
-- workspace's own context; the operator counts which key is still named, and sees no record.

-- The key that a record names; null for what is none.
create function app.sealed_under(record bytea) returns uuid
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
	select case when length(record) >= 17 then encode(substring(record from 2 for 16), 'hex')::uuid end
$$;

do $$
declare
	t text;
begin
	foreach t in array array['system_messages', 'rules', 'redaction_policies'] loop
		execute format('create policy in_workspace_rewrapped on app.%I to rendfly_steward '
			'using (workspace_id = (select app.ws())) with check (workspace_id = (select app.ws()))', t);
	end loop;
end
$$;
grant execute on function app.ws() to rendfly_steward;
grant select (workspace_id, system_message_id, sealed), update (sealed) on app.system_messages to rendfly_steward;
grant select (workspace_id, rule_id, sealed), update (sealed) on app.rules to rendfly_steward;
-- The text of a version stays as it is: what changes is the key that it is sealed under.
grant select (workspace_id, policy_id, sealed, sealed_reason), update (sealed, sealed_reason)
	on app.redaction_policies to rendfly_steward;

-- The audit log is append-only, so its records keep the key that they were sealed under.
create function app.operator_key_records(of_key uuid) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select (select count(*) from app.system_messages where app.sealed_under(sealed) = of_key)
		+ (select count(*) from app.rules where app.sealed_under(sealed) = of_key)
		+ (select count(*) from app.redaction_policies
			where app.sealed_under(sealed) = of_key or app.sealed_under(sealed_reason) = of_key)
		+ (select count(*) from audit.events where length(source) > 0 and app.sealed_under(source) = of_key)
$$;

create function app.operator_rewrap_left(ws uuid, newest_key uuid) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
	select (select count(*) from app.system_messages
			where workspace_id = ws and app.sealed_under(sealed) <> newest_key)
		+ (select count(*) from app.rules where workspace_id = ws and app.sealed_under(sealed) <> newest_key)
		+ (select count(*) from app.redaction_policies where workspace_id = ws
			and (app.sealed_under(sealed) <> newest_key or app.sealed_under(sealed_reason) <> newest_key))
$$;

revoke all on function app.sealed_under(bytea), app.operator_key_records(uuid),
	app.operator_rewrap_left(uuid, uuid) from public;
grant execute on function app.sealed_under(bytea) to rendfly_steward, rendfly_definer;
grant execute on function app.operator_key_records(uuid), app.operator_rewrap_left(uuid, uuid)
	to rendfly_operator;
grant create on schema app to rendfly_definer;
alter function app.operator_key_records(uuid) owner to rendfly_definer;
alter function app.operator_rewrap_left(uuid, uuid) owner to rendfly_definer;
revoke create on schema app from rendfly_definer;

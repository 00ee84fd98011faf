-- insert_redaction_policy: the next version, if the one before is still in force.  In a context.
-- $1 uuid policy, $2 int8 the version that was changed, $3 bytea policy, $4 bytea reason,
-- $5 text types that are off, $6 uuid who
-- changed_at timestamptz
-- role: api
insert into app.redaction_policies (workspace_id, policy_id, version, sealed, sealed_reason, types_off,
	changed_by)
select (select app.ws()), $1, ($2::int8 + 1)::int4, $3, $4, $5, $6
where $2::int8 = (
	select coalesce(max(p.version), 0)
	from app.redaction_policies p
	where p.workspace_id = (select app.ws()))
returning changed_at

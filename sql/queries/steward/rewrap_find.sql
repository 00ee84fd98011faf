-- rewrap_find: the next records of a column that are not sealed under the newest key; in a context.
-- $1 int8 the column (enum sealed_column), $2 uuid after this row, $3 uuid newest key, $4 int8 how many
-- columns: row_id uuid, record bytea
-- role: steward
(select m.system_message_id as row_id, m.sealed as record
	from app.system_messages m
	where $1::int8 = 0 and m.workspace_id = (select app.ws()) and m.system_message_id > $2
		and app.sealed_under(m.sealed) <> $3
	order by m.system_message_id limit $4::int8)
union all
(select r.rule_id, r.sealed
	from app.rules r
	where $1::int8 = 1 and r.workspace_id = (select app.ws()) and r.rule_id > $2
		and app.sealed_under(r.sealed) <> $3
	order by r.rule_id limit $4::int8)
union all
(select p.policy_id, p.sealed
	from app.redaction_policies p
	where $1::int8 = 2 and p.workspace_id = (select app.ws()) and p.policy_id > $2
		and app.sealed_under(p.sealed) <> $3
	order by p.policy_id limit $4::int8)
union all
(select p.policy_id, p.sealed_reason
	from app.redaction_policies p
	where $1::int8 = 3 and p.workspace_id = (select app.ws()) and p.policy_id > $2
		and app.sealed_under(p.sealed_reason) <> $3
	order by p.policy_id limit $4::int8)

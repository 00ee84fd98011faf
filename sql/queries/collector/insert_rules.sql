-- insert_rules: the rules of a new system message.
-- $1 uuid project, $2 uuid system message, $3 uuid[] rules, $4 text[] categories, $5 int8[] has a check (0, 1), $6 bytea[] sealed definitions
-- role: collector
insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
select (select app.ws()), r.rule_id, $1, $2, (r.n - 1)::int4, r.category, r.has_check <> 0, r.sealed
from unnest($3::uuid[], $4::text[], $5::int8[], $6::bytea[]) with ordinality
	as r (rule_id, category, has_check, sealed, n)

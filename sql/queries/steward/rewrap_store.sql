-- rewrap_store: puts records of a column in the place of those that they were made from; a row that changed
-- meanwhile keeps what it has.  In a context.
-- $1 int8 the column (enum sealed_column), $2 uuid[] rows, $3 bytea[] old records, $4 bytea[] new records
-- columns: stored int8
-- role: steward
with given as (
	select g.row_id, g.old, g.new from unnest($2::uuid[], $3::bytea[], $4::bytea[]) as g (row_id, old, new)
), messages as (
	update app.system_messages m set sealed = g.new from given g
	where $1::int8 = 0 and m.workspace_id = (select app.ws()) and m.system_message_id = g.row_id
		and m.sealed = g.old
	returning 1
), rules as (
	update app.rules r set sealed = g.new from given g
	where $1::int8 = 1 and r.workspace_id = (select app.ws()) and r.rule_id = g.row_id and r.sealed = g.old
	returning 1
), policies as (
	update app.redaction_policies p set sealed = g.new from given g
	where $1::int8 = 2 and p.workspace_id = (select app.ws()) and p.policy_id = g.row_id and p.sealed = g.old
	returning 1
), reasons as (
	update app.redaction_policies p set sealed_reason = g.new from given g
	where $1::int8 = 3 and p.workspace_id = (select app.ws()) and p.policy_id = g.row_id
		and p.sealed_reason = g.old
	returning 1
)
select (select count(*) from messages) + (select count(*) from rules) + (select count(*) from policies)
	+ (select count(*) from reasons) as stored

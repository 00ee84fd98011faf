-- list_verdicts: how a conversation was judged: failed, indeterminate, passed, not applicable, each
-- in the order of the rules.  In a context.
-- $1 int8 day as days since 1970-01-01, $2 uuid conversation
-- rule_id uuid, category text, sealed bytea, verdict text, evidence text, why text, judge text,
-- judged_at timestamptz
-- role: api
select v.rule_id, r.category, r.sealed, v.verdict, v.evidence, v.why, v.judge, v.judged_at
from app.verdicts v
join app.rules r using (workspace_id, rule_id)
where v.workspace_id = (select app.ws()) and v.day = date '1970-01-01' + $1::int
	and v.conversation_id = $2
order by array_position(array['fail', 'indeterminate', 'pass', 'not_applicable'], v.verdict),
	r.position, v.rule_id

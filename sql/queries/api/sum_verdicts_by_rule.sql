-- sum_verdicts_by_rule: how each rule of a project was judged since a day, the most broken first.
-- In a context.
-- $1 uuid project, $2 int8 first day as days since 1970-01-01
-- rule_id uuid, category text, has_check bool, sealed bytea, pass, fail, not_applicable,
-- indeterminate int8
-- role: api
select r.rule_id, r.category, r.has_check, r.sealed, v.pass, v.fail, v.not_applicable,
	v.indeterminate
from (
	select workspace_id, rule_id,
		count(*) filter (where verdict = 'pass') as pass,
		count(*) filter (where verdict = 'fail') as fail,
		count(*) filter (where verdict = 'not_applicable') as not_applicable,
		count(*) filter (where verdict = 'indeterminate') as indeterminate
	from app.verdicts
	where workspace_id = (select app.ws()) and project_id = $1
		and day >= date '1970-01-01' + $2::int
	group by workspace_id, rule_id) v
join app.rules r using (workspace_id, rule_id)
order by v.fail::numeric / nullif(v.pass + v.fail, 0) desc nulls last, v.fail desc,
	v.indeterminate desc, v.pass desc, r.position

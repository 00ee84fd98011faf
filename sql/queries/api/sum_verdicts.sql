-- sum_verdicts: how a project was judged since a day: on each day, oldest first (no rule), then by each rule, the most
-- broken first (no day).  In a context.
-- $1 uuid project, $2 int8 first day as days since 1970-01-01
-- day date or null, rule_id uuid or null, category text, has_check bool, sealed bytea,
-- pass, fail, not_applicable, indeterminate int8, judged int8 (conversations, the same in each row)
-- role: api
with sums as materialized (
	-- All three in one pass, which needs nothing sorted.
	select v.day, v.rule_id, v.conversation_id,
		count(*) filter (where v.verdict = 'pass') as pass,
		count(*) filter (where v.verdict = 'fail') as fail,
		count(*) filter (where v.verdict = 'not_applicable') as not_applicable,
		count(*) filter (where v.verdict = 'indeterminate') as indeterminate
	from app.verdicts v
	where v.workspace_id = (select app.ws()) and v.project_id = $1
		and v.day >= date '1970-01-01' + $2::int
	group by grouping sets ((v.day), (v.rule_id), (v.conversation_id))
)
select s.day, s.rule_id, r.category, r.has_check, r.sealed, s.pass, s.fail, s.not_applicable, s.indeterminate,
	(select count(*) from sums where conversation_id is not null) as judged
from sums s
left join app.rules r on r.rule_id = s.rule_id
where s.conversation_id is null
order by s.day nulls last, s.fail::numeric / nullif(s.pass + s.fail, 0) desc nulls last, s.fail desc,
	s.indeterminate desc, s.pass desc, r.position

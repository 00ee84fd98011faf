-- sum_verdicts_by_day: how a project was judged on each day since one, oldest first.
-- In a context.
-- $1 uuid project, $2 int8 first day as days since 1970-01-01
-- day date, pass, fail, not_applicable, indeterminate int8
-- role: api
select day,
	count(*) filter (where verdict = 'pass') as pass,
	count(*) filter (where verdict = 'fail') as fail,
	count(*) filter (where verdict = 'not_applicable') as not_applicable,
	count(*) filter (where verdict = 'indeterminate') as indeterminate
from app.verdicts
where workspace_id = (select app.ws()) and project_id = $1
	and day >= date '1970-01-01' + $2::int
group by day
order by day

-- operator_summary: how much there is of everything.
-- columns: workspaces, projects, conversations, exchanges, messages, verdicts_pass, verdicts_fail,
--   verdicts_not_applicable, verdicts_indeterminate, jobs int8; last_activity timestamptz
-- role: operator
select workspaces, projects, conversations, exchanges, messages, verdicts_pass, verdicts_fail,
	verdicts_not_applicable, verdicts_indeterminate, jobs, last_activity
from app.operator_summary()

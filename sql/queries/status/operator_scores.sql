-- operator_scores: verdicts by project and rule; the rules' names are sealed.
-- columns: project_name text, project_id uuid, rule_id uuid, category text, pass, fail, not_applicable, indeterminate int8
-- role: operator
select project_name, project_id, rule_id, category, pass, fail, not_applicable, indeterminate
from app.operator_scores()

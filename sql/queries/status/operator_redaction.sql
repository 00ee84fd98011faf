-- operator_redaction: which redaction policy is in force in each workspace.
-- columns: workspace_name text, version int4, changed_at timestamptz or null, types_off text
-- role: operator
select workspace_name, version, changed_at, types_off
from app.operator_redaction()

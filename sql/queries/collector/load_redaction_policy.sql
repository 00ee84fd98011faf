-- load_redaction_policy: one version of the redaction policy.
-- $1 int8 version
-- columns: policy_id uuid, sealed bytea
-- role: collector
select policy_id, sealed
from app.redaction_policies
where workspace_id = (select app.ws()) and version = $1::int8

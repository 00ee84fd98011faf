-- newest_redaction_version: the version of the redaction policy in force; 0: the default one.
-- columns: version int4
-- role: collector
select coalesce(max(version), 0) as version
from app.redaction_policies
where workspace_id = (select app.ws())

-- list_ingest_keys: a project's keys, newest first.  In a context.
-- $1 uuid project
-- key_id uuid, name text, last_four text, created_at timestamptz, revoked_at timestamptz or null
-- role: api
select key_id, name, last_four, created_at, revoked_at
from app.ingest_keys
where workspace_id = (select app.ws()) and project_id = $1
order by key_id desc

-- insert_ingest_key: a new key, if the project is there.  In a context.
-- $1 uuid key, $2 uuid project, $3 bytea hash, $4 text last four characters, $5 text name
-- key_id uuid, name text, last_four text, created_at timestamptz, revoked_at timestamptz or null
-- role: api
insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four, name)
select p.workspace_id, $1, p.project_id, $3, $4, $5
from app.projects p
where p.workspace_id = (select app.ws()) and p.project_id = $2
returning key_id, name, last_four, created_at, revoked_at

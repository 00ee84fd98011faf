-- list_projects: the workspace's projects, by name.  In a context.
-- project_id uuid, name text, created_at timestamptz
-- role: api
select project_id, name, created_at
from app.projects
where workspace_id = (select app.ws())
order by lower(name), project_id

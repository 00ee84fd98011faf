-- find_project: whether the project is there.  In a context.
-- $1 uuid project
-- project_id uuid
-- role: api
select project_id
from app.projects
where workspace_id = (select app.ws()) and project_id = $1

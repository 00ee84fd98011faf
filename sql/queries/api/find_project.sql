-- find_project: whether the project is there.  Role rendfly_api, in a context.
-- $1 uuid project
-- project_id uuid
select project_id
from app.projects
where workspace_id = (select app.ws()) and project_id = $1

-- find_system_message: the version of a project's system message with this digest.
-- $1 uuid project, $2 bytea digest
-- columns: system_message_id uuid
-- role: collector
select m.system_message_id
from app.system_messages m
where m.workspace_id = (select app.ws()) and m.project_id = $1 and m.digest = $2

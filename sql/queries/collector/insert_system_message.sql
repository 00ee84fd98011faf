-- insert_system_message: the next version; no row when another collector was first.
-- $1 uuid system message, $2 uuid project, $3 bytea digest, $4 bytea sealed text
-- columns: version int4
-- role: collector
insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
select (select app.ws()), $1, $2, coalesce(max(m.version), 0) + 1, $3, $4
from app.system_messages m
where m.workspace_id = (select app.ws()) and m.project_id = $2
on conflict do nothing
returning version

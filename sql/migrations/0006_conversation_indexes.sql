-- 0006: indexes that begin with what tells rows apart.

-- While a day is young its parts have no statistics: every index whose first column a statement names
-- is then thought to lead to one row, and the last made is taken.  Those that began with workspace_id
-- were taken for the primary key's look-ups and went through the workspace's whole day.
drop index app.conversations_tip;
drop index app.conversations_header;
drop index app.conversations_recent; -- which no statement orders by
create index conversations_header on app.conversations (header_digest, workspace_id, project_id)
	where header_digest is not null;
create index conversations_tip on app.conversations (tip_digest, workspace_id, project_id);
drop index app.exchanges_by_id;
create index exchanges_by_id on app.exchanges (exchange_id, workspace_id);

-- count_conversations: a project's conversations since a day.  In a context.
-- $1 uuid project, $2 int8 first day as days since 1970-01-01
-- conversations int8
-- role: api
select count(*) as conversations
from app.conversations
where workspace_id = (select app.ws()) and project_id = $1
	and day >= date '1970-01-01' + $2::int

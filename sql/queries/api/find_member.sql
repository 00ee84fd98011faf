-- find_member: a person's membership as it is now; none when it ended or the person is disabled.
-- In that workspace's context.
-- $1 uuid user, $2 uuid workspace
-- email text, workspace_name text, role text
-- role: api
select email, workspace_name, role
from identity.find_member($1, $2)

-- find_member: a person's membership as it is now, and whether the session was ended; none when the
-- membership ended or the person is disabled.  In that workspace's context.
-- $1 uuid user, $2 uuid workspace, $3 uuid session
-- email text, workspace_name text, role text, has_ended int4
-- role: api
select email, workspace_name, role, identity.session_has_ended($3)::int4
from identity.find_member($1, $2)

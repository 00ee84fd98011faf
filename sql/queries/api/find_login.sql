-- find_login: the account of an e-mail address, with its first workspace; none when it is disabled.
-- In the installation's context (zero).
-- $1 text address
-- user_id uuid, password_hash text, workspace_id uuid, workspace_name text, role text
-- role: api
select user_id, password_hash, workspace_id, workspace_name, role
from identity.find_login($1)

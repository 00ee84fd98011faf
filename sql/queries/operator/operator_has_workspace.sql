-- operator_has_workspace: whether there is such a workspace.
-- $1 uuid workspace
-- columns: has bool
-- role: operator
select app.operator_has_workspace($1) as has

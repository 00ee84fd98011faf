-- workspace_count: is this a first start?
-- columns: workspaces int8
-- role: setup
select app.workspace_count() as workspaces

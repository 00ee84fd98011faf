-- attack_plain_setting: the setting that naive row-level security believes.
-- columns: workspace_id uuid
-- role: api
select workspace_id from app.conversations
where (select set_config('app.workspace_id', workspace_id::text, true)) is not null
limit 1

-- attack_malformed_context: a context of another shape.
-- columns: workspace_id uuid
-- role: api
select workspace_id from app.conversations
where (select set_config('app.context', '|||||', true)) is not null
limit 1

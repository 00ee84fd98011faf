-- attack_no_context: reads conversations without saying whose.
-- columns: workspace_id uuid
-- role: api
select workspace_id from app.conversations limit 1

-- published_keys: every ingest key in force, with its workspace's limits.
-- columns: workspace_id uuid, project_id uuid, key_id uuid, key_hash bytea, rate_per_minute int4, rate_burst int4
-- role: steward
select workspace_id, project_id, key_id, key_hash, rate_per_minute, rate_burst from app.published_keys()

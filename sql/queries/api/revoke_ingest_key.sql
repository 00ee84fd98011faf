-- revoke_ingest_key: from now on; a revoked one keeps its time.  In a context.
-- $1 uuid project, $2 uuid key
-- key_id uuid
-- role: api
update app.ingest_keys
set revoked_at = coalesce(revoked_at, now())
where workspace_id = (select app.ws()) and project_id = $1 and key_id = $2
returning key_id

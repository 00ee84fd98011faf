-- attack_forged_context: an injected predicate sets a context with an invented MAC.
-- columns: workspace_id uuid
-- role: api
select workspace_id from app.conversations
where (select set_config('app.context',
	'00000000-0000-7000-8000-000000000000|rendfly_api|' || pg_backend_pid() || '|4102444800|'
	|| repeat('0', 64), true)) is not null
limit 1

-- attack_context_key: reads the key that contexts are made with.
-- columns: key bytea
-- role: api
select key from private.context_key

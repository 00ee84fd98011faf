-- install_context_key: the key that app.ws() checks contexts with.
-- $1 bytea key
-- role: setup
select app.install_context_key($1)

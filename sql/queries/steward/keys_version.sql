-- keys_version: differs whenever the published keys would.
-- columns: version int8
-- role: steward
select app.keys_version() as version

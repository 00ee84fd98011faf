-- create_workspace: a workspace with its first project, ingest key and owner.
-- $1 uuid workspace, $2 text name, $3 int8 requests a minute, $4 int8 burst, $5 uuid project, $6 text project name,
-- $7 uuid key, $8 bytea key hash, $9 text last four, $10 uuid user, $11 text e-mail, $12 text password hash
-- role: setup
select app.create_workspace($1, $2, $3::int8::int4, $4::int8::int4, $5, $6, $7, $8, $9, $10, $11, $12)

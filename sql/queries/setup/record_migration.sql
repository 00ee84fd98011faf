-- record_migration: this step is done.
-- $1 int8 number, $2 text name, $3 text checksum
-- role: owner
insert into migrations.done (number, name, checksum) values ($1::int8::int4, $2, $3)

-- list_migrations: the steps that were done, in order.
-- columns: number int4, checksum text
-- role: owner
select number, checksum from migrations.done order by number

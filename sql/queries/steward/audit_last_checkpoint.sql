-- audit_last_checkpoint: the newest that was signed.
-- columns: size int8, root bytea, note text
-- role: steward
select size, root, note from audit.last_checkpoint()

-- audit_add_checkpoint: one that was signed.
-- $1 int8 size, $2 bytea root, $3 text note
-- columns: added text
-- role: steward
select audit.add_checkpoint($1, $2, $3)::text as added

-- audit_export_leaves: the next leaves from an index on; leaf is null where the event was pruned, note where no
-- checkpoint is of this size.
-- $1 int8 first index, $2 int8 how many, $3 uuid workspace or null for all
-- columns: leaf_index int8, ws_seq int8, leaf_hash bytea, leaf bytea, note text
-- role: operator
select leaf_index, ws_seq, leaf_hash, leaf, note from audit.operator_leaves($1, $2::int4, $3)

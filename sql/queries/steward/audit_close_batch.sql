-- audit_close_batch: gives up to n waiting events their places in the tree.
-- $1 int8 n
-- columns: leaf_index int8, leaf_hash bytea
-- role: steward
select leaf_index, leaf_hash from audit.close_batch($1::int8::int4)

-- audit_add_nodes: complete subtrees.
-- $1 int8[] levels, $2 int8[] indexes, $3 bytea[] hashes
-- columns: added text
-- role: steward
select audit.add_nodes($1, $2, $3)::text as added

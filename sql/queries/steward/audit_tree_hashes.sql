-- audit_tree_hashes: of subtrees, in the order asked for; level 0 are leaves.
-- $1 int8[] levels, $2 int8[] indexes
-- columns: hash bytea
-- role: steward, api, operator
select hash from audit.tree_hashes($1, $2)

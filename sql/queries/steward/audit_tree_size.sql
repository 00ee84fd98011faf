-- audit_tree_size: how many leaves there are.
-- columns: size int8
-- role: steward
select audit.tree_size() as size

-- attack_audit_leaves: takes a leaf away.
-- columns: none
-- role: any of ours; must be refused
delete from audit.leaves where false

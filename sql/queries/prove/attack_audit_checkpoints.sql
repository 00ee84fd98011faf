-- attack_audit_checkpoints: takes a checkpoint away.
-- columns: none
-- role: any of ours; must be refused
delete from audit.checkpoints where false

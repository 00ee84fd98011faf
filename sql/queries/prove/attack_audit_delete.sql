-- attack_audit_delete: takes an event away.
-- columns: none
-- role: any of ours; must be refused
delete from audit.events where false

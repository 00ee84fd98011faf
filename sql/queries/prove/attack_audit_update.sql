-- attack_audit_update: changes what was recorded.
-- columns: none
-- role: any of ours; must be refused
update audit.events set outcome = 1 where false

-- attack_audit_insert: adds an event past the function that stamps it.
-- columns: none
-- role: any of ours; must be refused
insert into audit.events select * from audit.events where false

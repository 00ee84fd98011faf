-- attack_audit_truncate: takes all events away; the caller rolls back.
-- columns: none
-- role: any of ours; must be refused
truncate audit.events

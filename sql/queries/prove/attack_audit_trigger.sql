-- attack_audit_trigger: opens the log for changes.
-- columns: none
-- role: any of ours; must be refused
alter table audit.events disable trigger no_change

-- attack_no_policy: takes row-level security away.
-- columns: none
-- role: any of ours; must be refused
alter table app.messages disable row level security

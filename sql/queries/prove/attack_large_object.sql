-- attack_large_object: leaves something where another session finds it.
-- columns: none
-- role: any of ours; must be refused
select lo_create(0)

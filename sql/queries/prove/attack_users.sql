-- attack_users: reads people's accounts.
-- columns: none
-- role: any of ours; must be refused
select email, password_hash from identity.users limit 1

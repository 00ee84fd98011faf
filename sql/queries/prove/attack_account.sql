-- attack_account: has an account looked up without being the log-in.
-- columns: none
-- role: any of ours; must be refused
select user_id, password_hash from identity.find_login('somebody@example.com')

-- attack_signal: ends the sessions of others.
-- columns: none
-- role: any of ours; must be refused
select pg_terminate_backend(pid, 0) from pg_stat_activity where pid = pg_backend_pid() + 1000000

-- attack_other_sessions: lists the statements that the connection has prepared, to exchange them.
-- columns: none
-- role: any of ours; must be refused
select name from pg_prepared_statements

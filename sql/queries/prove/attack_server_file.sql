-- attack_server_file: reads a file of the server.
-- columns: none
-- role: any of ours; must be refused
select pg_read_file('PG_VERSION')

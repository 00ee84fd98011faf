-- The roles, the database's settings and the extension.  Run once by the cluster's superuser, in the
-- database rendfly; running it again changes nothing.  Passwords are tools/setup/passwords'.

\set ON_ERROR_STOP on

select format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', name)
from unnest(array['rendfly_owner', 'rendfly_definer']) name
where not exists (select from pg_roles where rolname = name)
\gexec

select format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole noinherit', name)
from unnest(array['rendfly_setup', 'rendfly_collector', 'rendfly_api', 'rendfly_judge',
	'rendfly_steward', 'rendfly_operator']) name
where not exists (select from pg_roles where rolname = name)
\gexec

alter role rendfly_setup connection limit 4;
alter role rendfly_collector connection limit 16;
alter role rendfly_api connection limit 32;
alter role rendfly_judge connection limit 16;
alter role rendfly_steward connection limit 8;
alter role rendfly_operator connection limit 8;

-- The setup may become the owner of everything and the definer; nobody else may become anybody.
grant rendfly_owner, rendfly_definer to rendfly_setup;
grant rendfly_definer to rendfly_owner;
-- Sessions, their protocols and the authentication rules: what `rendfly prove` looks at.
grant pg_read_all_stats to rendfly_operator;
alter role rendfly_operator inherit;

alter role rendfly_collector set statement_timeout = '10s';
alter role rendfly_api set statement_timeout = '10s';
alter role rendfly_judge set statement_timeout = '10s';
alter role rendfly_steward set statement_timeout = '60s';
alter role rendfly_operator set statement_timeout = '60s';
alter role rendfly_collector set idle_in_transaction_session_timeout = '20s';
alter role rendfly_api set idle_in_transaction_session_timeout = '20s';
alter role rendfly_judge set idle_in_transaction_session_timeout = '20s';

revoke all on database rendfly from public;
grant connect on database rendfly to rendfly_setup, rendfly_collector, rendfly_api, rendfly_judge,
	rendfly_steward, rendfly_operator;
grant create on database rendfly to rendfly_owner;
alter database rendfly set search_path = pg_catalog, pg_temp;
alter database rendfly set row_security = on;

create schema if not exists extensions;
create extension if not exists pgcrypto schema extensions;
revoke all on schema extensions from public;
revoke all on schema public from public;
-- hmac() is all that is used of it, by the owner's functions only.
grant usage on schema extensions to rendfly_owner;

-- Sessions of one role serve many workspaces: none may look into, end, hold up or leave things for
-- another.  The names of prepared statements and cursors, signals, advisory locks, large objects.
select format('revoke execute on function %s from public', p.oid::regprocedure)
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'pg_catalog'
where p.proname ~ '^(pg_prepared_statement|pg_cursor|pg_cancel_backend|pg_terminate_backend|lo_.*|lowrite|loread)$'
	or p.proname ~ '^pg_(try_)?advisory_'
\gexec
select format('grant execute on function %s to rendfly_owner, rendfly_definer, rendfly_setup', p.oid::regprocedure)
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'pg_catalog'
where p.proname ~ '^pg_(try_)?advisory_'
\gexec

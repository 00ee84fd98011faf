-- 0017: the operator may say that the key of log-ins was exchanged (39), the judge that a record was not
-- opened (30) or has not its form (45).  And whose event it is costs less to ask: a function in SQL with a
-- search path of its own is planned anew in each transaction, which was a third of what an event cost; in
-- PL/pgSQL its plan is kept.  Whoever writes the table anew keeps the language.

create or replace function audit.emitters(event integer) returns integer
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
	return coalesce((array[
		4,0,4,0,4,0,0,0,0,0,0,0,4,0,0,0,0,0,0,4,
		0,0,0,0,0,0,0,0,0,12,0,192,128,16,128,128,128,0,128,0,
		0,0,0,0,8,0,0,0,0,0,0,4,4,0,0,0,0,0,0,0,
		4,0,0,0,0,0,0,0,0,2,14,0,0,8,128,16,0,0,0,0,
		0,0,0,4,0,0,0,0,0,80,0,0,64,0,0,0,4,132,16,64,
		0,0,0,64,0,64,0,0,0,68,4,16,2
	])[event], 0);
end
$$;

create or replace function audit.emitter_bits(login name) returns integer
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
	return case login when 'rendfly_collector' then 2 when 'rendfly_api' then 4 when 'rendfly_judge' then 8
		when 'rendfly_steward' then 16 | 32 when 'rendfly_setup' then 64 when 'rendfly_operator' then 128 else 0 end;
end
$$;

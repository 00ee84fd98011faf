-- 0016: the judge may say that a record was not opened (30) or has not its form (45).

create or replace function audit.emitters(event integer) returns integer
language sql immutable set search_path = pg_catalog, pg_temp
as $$
	select coalesce((array[
		4,0,4,0,4,0,0,0,0,0,0,0,4,0,0,0,0,0,0,4,
		0,0,0,0,0,0,0,0,0,12,0,192,128,16,128,128,128,0,128,0,
		0,0,0,0,8,0,0,0,0,0,0,4,4,0,0,0,0,0,0,0,
		4,0,0,0,0,0,0,0,0,2,14,0,0,8,128,16,0,0,0,0,
		0,0,0,4,0,0,0,0,0,80,0,0,64,0,0,0,4,132,16,64,
		0,0,0,64,0,64,0,0,0,68,4,16,2
	])[event], 0)
$$;
